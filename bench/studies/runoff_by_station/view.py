"""What a runoff at polling stations shows: facts of its sentences, and its figures."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from bench.core.settings import Experiment
from bench.report.charts import PERCENT
from bench.report.context import election_title, names_of, sources_of, title_of
from bench.report.figure import Axis, DrawnBy, Figure, Mark
from bench.report.formatting import format_fixed
from bench.report.plotting import layout as canvas
from bench.report.plotting import style
from bench.report.report import Report
from bench.report.text import Text
from bench.report.view import view_report
from bench.runner.results import Results
from bench.studies.base import settings_of
from bench.studies.runoff_by_station.analysis import Settings
from bench.studies.runoff_by_station.ranking import BEST, FIRST, LAST_RESULT, SIZE
from bench.studies.runoff_by_station.runoff import HINDSIGHT

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Drawing

BASELINES = "baselines"  # the family of methods that everybody must beat
POINTS = ["mae", "mae_areas", "rmse", "bias", "spread", "low", "high", "se"]
POINTS += ["gain", "gain_low", "gain_high"]
UNITS = dict.fromkeys(POINTS, "pp")
UNITS |= dict.fromkeys(
    ("first_right", "forecast", "outcome", "explained", "votes_share"), "percent"
)
SCORES = ["method", "kind", "mae_pp", "low_pp", "high_pp", "mae_areas_pp", "rmse_pp", "bias_pp"]
SCORES += ["spread_pp", "correlation", "explained_percent", "first_right_percent"]
SCORES += ["forecast_percent", "gain_pp", "gain_low_pp", "gain_high_pp", "n", "votes", "se_pp"]
SCORES += ["outcome_percent", "data_until"]
BY_GROUP = ["partition", "group", "method", "n", "votes_percent", "mae_pp", "low_pp", "high_pp"]
BY_GROUP += ["bias_pp", "first_right_percent"]
SHADES = ("#f4f6f8", "#c3dcef", "#4a92c8", "#0b4275", "#061d36")
MAX_PANELS = 6
TICKS = (0, 0.25, 0.5, 0.75, 1)
text = Text("runoff_by_station")


def report(experiment: Experiment, results: Results) -> Report:
    """What was right at the stations."""
    tables = results.tables
    facts = {
        "title": title_of(experiment),
        "source": sources_of(experiment.elections),
        "level": settings_of(Settings, experiment).level,
        **facts_of(tables, results.facts, experiment.baseline),
    }
    scores = ranked(tables["scores"])
    rivals = scores[scores["family"].ne(BASELINES)]
    methods = list((scores if rivals.empty else rivals)["method"])
    drawn = {"joint": tables["joint"], "scores": scores, "facts": facts}
    drawn["claim"] = text("claim", **facts)
    figures: dict[str, Figure | Callable[[str], Drawing]] = {
        "stations": DrawnBy(station_density, drawn),
        "groups": station_groups(tables["by_group"], methods, facts),
    }
    names = names_of(experiment.elections) | text.words("nobody")
    return view_report("runoff_by_station", facts, frames_of(tables), figures, names=names)


def ranked(scores: pd.DataFrame) -> pd.DataFrame:
    """Forecasts from the least mean absolute error on, then what was computed in hindsight."""
    late = scores["family"].eq(HINDSIGHT)
    return scores.assign(late=late).sort_values(["late", "mae"], kind="stable").drop(columns="late")


def facts_of(
    tables: Mapping[str, pd.DataFrame], known: Mapping[str, Any], baseline: str
) -> dict[str, Any]:
    """The numbers of the findings: the best forecast, the others, what hindsight would give.

    Parameters
    ----------
    tables
        scores and pairs of the study, in fractions.
    known
        Facts of the study.
    baseline
        Method from which differences are counted.
    """
    scores = ranked(tables["scores"])
    late = scores["family"].eq(HINDSIGHT)
    forecasts = scores[~late].to_dict("records")
    best, *rest = forecasts
    others = [one["method"] for one in rest if one["method"] != baseline]
    pairs = tables["pairs"]
    near = pairs[pairs["against"].eq(best["method"]) & pairs["gain_low"].le(0)]
    area = str(known["areas"]).removesuffix("s")
    facts = {
        **known,
        "election": election_title(known["election"]),
        "as_of": pd.Timestamp(known["as_of"]),
        "left_out": {reason: n for reason, n in known["left_out"].items() if n},
        "area": area,
        "methods": list(tables["methods"].query("family != @HINDSIGHT")["method"]),
        "n": int(scores["n"].iloc[0]),
        "n_forecasts": len(forecasts),
        "best": best["method"],
        "error": PERCENT * best["mae"],
        "low": None if pd.isna(best["low"]) else PERCENT * best["low"],
        "high": PERCENT * best["high"],
        "right": best["first_right"],
        "baseline": baseline,
        "baseline_error": PERCENT * float(scores.set_index("method")["mae"][baseline]),
        "others": [
            {"method": one["method"], "error": PERCENT * one["mae"]}
            for one in rest
            if one["method"] in others
        ],
        "same": [name for name in near["method"] if name in others],
        "width": PERCENT / known["n_bins"],
    }
    names = text.words("methods", **facts)
    facts |= ranking_facts(tables, [one["method"] for one in forecasts])
    facts["hindsight"] = [
        {"name": names[one["method"]], "error": PERCENT * one["mae"]}
        for one in scores[late].to_dict("records")
    ]
    return facts


def ranking_facts(tables: Mapping[str, pd.DataFrame], forecasts: Sequence[str]) -> dict[str, Any]:
    """How much of the swing the best list of stations by a forecast finds, beside other lists.

    Parameters
    ----------
    tables
        ranking of the study, in fractions.
    forecasts
        Methods that are no hindsight.
    """
    listed = tables["ranking"].set_index("method", drop=False).to_dict("index")
    rivals = [row for name, row in listed.items() if name in forecasts]
    if not rivals:
        return {"listed": None}
    others = {name: listed[name]["found"] for name in (LAST_RESULT, SIZE, BEST)}
    return {"listed": rivals[0], "first": FIRST, "other_lists": others}


def frames_of(tables: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """The tables in points and percent, under names that say so.

    Parameters
    ----------
    tables
        scores, by_group, pairs, methods and rates of the study, in fractions.
    """
    scores = ranked(tables["scores"])
    kinds = scores["family"].replace({BASELINES: "baseline"})
    groups = tables["by_group"]
    votes = groups["votes"] / groups.groupby(["partition", "method"])["votes"].transform("sum")
    family = scores.set_index("method")["family"]
    asked = [m for m in family.index if m in tables["rates"] and family[m] != BASELINES]
    rates = tables["rates"][["origin", "votes", *asked]].rename(columns={"votes": "votes_percent"})
    numbers = ["votes_percent", *asked]
    by_group = _in_points(groups.assign(votes_share=votes))[BY_GROUP]
    methods = tables["methods"]
    return {
        "stations": _in_points(scores.assign(kind=kinds, data_until=scores["until"]))[SCORES],
        "by_group": by_group,
        "by_group_shown": by_group.assign(group=by_group["group"].str.replace("_", " ")),
        "pairs": _in_points(
            tables["pairs"][["method", "against", "gain", "gain_low", "gain_high"]]
        ),
        "ranking": _in_percent(tables["ranking"]),
        "rates": rates.assign(**{key: PERCENT * rates[key] for key in numbers}),
        "transfers": tables.get("transfers", pd.DataFrame()),
        "silent": methods.loc[methods["message"].ne(""), ["method", "message"]],
        "audit": tables.get("audit", pd.DataFrame()),
    }


def _in_percent(ranking: pd.DataFrame) -> pd.DataFrame:
    numbers = PERCENT * ranking.select_dtypes("number")
    units = {key: f"{key}_{'pp' if str(key).startswith('more') else 'percent'}" for key in numbers}
    return ranking.assign(**numbers).rename(columns=units)


def _in_points(rows: pd.DataFrame) -> pd.DataFrame:
    known = {name: f"{name.removesuffix('_share')}_{UNITS[name]}" for name in rows if name in UNITS}
    return rows.assign(**{name: PERCENT * rows[name] for name in known}).rename(columns=known)


@canvas.styled
def station_density(
    joint: pd.DataFrame,
    scores: pd.DataFrame,
    facts: Mapping[str, Any],
    claim: str,
    *,
    size: str = "double",
) -> Drawing:
    """Draw how many votes were cast where a forecast said one share and another came out.

    Parameters
    ----------
    joint
        method, forecast, outcome (numbers of the bands, from 0), votes.
    scores
        method, mae (fraction); panels in this order.
    facts
        Of the texts.
    claim
        Below the title.
    size
        Size preset.
    """
    methods = [str(name) for name in scores["method"]][:MAX_PANELS]
    names = text.words("methods", **facts)
    per_line = 2 if size == "single" else min(3, len(methods))
    lines = -(-len(methods) // per_line)
    figure, axes, _top = canvas.sheet(
        size,
        lines * 1.95,
        title=text("stations_figure_title", **facts),
        claim=claim,
        caption=text("stations_figure_caption", n_more=max(len(scores) - MAX_PANELS, 0), **facts),
        rows=lines,
        columns=per_line,
        panels=len(methods),
        sharex=True,
        sharey=True,
        subtitle=text("stations_y"),
        x_label=text("stations_x"),
    )
    most = float(np.log10(joint["votes"].max()))
    for axis, name, mae in zip(axes.flat, methods, scores["mae"], strict=False):
        mine = joint[joint["method"].eq(name)]
        words = f"{canvas.cut(names[name], 32)} ({format_fixed(PERCENT * mae, 1)})"
        axis.set_title(textwrap.fill(words, 18 if size == "single" else 26))
        _density(axis, mine, facts["n_bins"], most)
    ticks = [f"{PERCENT * tick:.0f}" for tick in TICKS]
    axes[0, 0].set(xticks=TICKS, xticklabels=ticks, yticks=TICKS, yticklabels=ticks)
    return figure


def _density(axis: Axes, joint: pd.DataFrame, n_bins: int, most: float) -> None:
    from matplotlib.colors import LinearSegmentedColormap

    table = np.full((n_bins, n_bins), np.nan)  # [outcome, forecast]
    table[joint["outcome"], joint["forecast"]] = np.log10(joint["votes"])
    shades = LinearSegmentedColormap.from_list("votes", SHADES)
    axis.imshow(
        table,
        origin="lower",
        extent=(0, 1, 0, 1),
        cmap=shades,
        vmin=0,
        vmax=most,
        aspect="auto",
        interpolation="nearest",
    )
    axis.plot([0, 1], [0, 1], color=style.INK, linewidth=0.6)


def station_groups(
    groups: pd.DataFrame, methods: Sequence[str], facts: Mapping[str, Any]
) -> Figure:
    """The mean signed error of every method in every group of stations.

    Parameters
    ----------
    groups
        partition, group, method, bias (fraction), n.
    methods
        Which to draw, in order.
    facts
        Of the texts.
    """
    names = text.words("methods", **facts)
    rows = groups[groups["method"].isin(methods)]
    rows = rows.assign(
        group=rows["group"].astype(str).str.replace("_", " "),
        method=rows["method"].map(names),
        error=PERCENT * rows["bias"],
    )
    looks = canvas.series_looks([names[name] for name in methods], alpha=0.9)
    x = Axis(label=text("groups_x"))
    partitions = rows.groupby("partition", sort=False)["group"]
    worst = rows.iloc[int(rows["error"].abs().to_numpy().argmax())]
    return Figure(
        **text.figure("groups", worst=worst.to_dict(), points=abs(worst["error"]), **facts),
        panel="partition",
        panels={str(key): str(key) for key, _names in partitions},
        x=x,
        axes={key: (x, Axis(names=list(kinds.unique()))) for key, kinds in partitions},
        per_line=1,
        height=0.2,
        per_row=0.19,
        looks=looks,
        legend=looks,
        legend_columns=3,
        marks=(
            Mark("at", x=0, look={"color": style.SOFT}),
            Mark("dot", rows, "error", "group", by="method"),
        ),
    )

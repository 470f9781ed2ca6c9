"""What a runoff at polling stations shows: facts of its sentences, and its figures."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple, TypedDict

import numpy as np
import pandas as pd

from bench.core.arrays import PERCENT
from bench.core.settings import Experiment
from bench.report.context import election_title, names_of, sources_of, title_of
from bench.report.document import AnyFigure, Document, MakeFigure, MakeTable, Words, table_of
from bench.report.figure import Axis, DrawnBy, Figure, Mark
from bench.report.formatting import format_fixed
from bench.report.plotting import layout as canvas
from bench.report.plotting import style
from bench.report.report import Report
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
VOTELESS = ("abstention", "blank_null", "not_expressed", "no_candidate")
IN_STATIONS = [*SCORES[: SCORES.index("n")]]
IN_RANKING = ["method", "found_percent", "low_percent", "high_percent"]
IN_RANKING += ["more_pp", "more_low_pp", "more_high_pp"]
FORMS = {"*_pp": "2", "*_percent": "1", "forecast_percent": "2", "votes_percent": "2"}
FORMS |= {"correlation": "3"}


class MethodError(NamedTuple):
    """A method and its mean absolute error, points."""

    method: str
    error: float


class BestForecast(NamedTuple):
    """The forecast with the least mean absolute error, points, and the interval of that, if any.

    `first_right` is the share of the stations whose first place it has right.
    """

    method: str
    error: float
    low: float | None
    high: float | None
    first_right: float


class BestList(NamedTuple):
    """What share of the swing is found in the first `part` of the stations, a fraction.

    In the order of the best forecast for that, `method`; of the last result, of size, and at best.
    """

    method: str
    part: float
    swing: float
    swing_by_last_result: float
    swing_by_size: float
    possible_swing: float


class Farthest(NamedTuple):
    """The method and the kind of station with the largest mean signed error, points."""

    method: str
    partition: str
    group: str
    error: float


class Facts(TypedDict):
    """What the document knows.

    `methods` are all that a table may name. `rivals` are forecasts but for the best and the
    baseline; `as_good` are those of them that resampling cannot tell from the best. `left_out`
    counts stations by reason, `valid_left_out` their valid votes. `band_points` is the width of
    the bands of the figure, `n_not_drawn` how many methods it has no room for.
    """

    title: str
    source: str
    election: str
    as_of: pd.Timestamp
    candidate: str
    area: str
    areas: str
    level: float
    methods: list[str]
    n_stations: int
    n_forecasts: int
    best: BestForecast
    baseline: MethodError
    rivals: list[MethodError]
    as_good: list[str]
    hindsight: list[MethodError]
    best_list: BestList | None
    farthest: Farthest
    left_out: dict[str, int]
    valid_left_out: int
    band_points: float
    n_not_drawn: int


PAGE = Document(
    "runoff_by_station",
    Facts,
    tables=("stations", "by_group", "pairs", "ranking", "rates", "transfers", "silent", "audit"),
    figures=("stations", "groups"),
)


def report(experiment: Experiment, results: Results) -> Report:
    """What was right at the stations."""
    scores = ranked(results.tables["scores"])
    groups = drawn_groups(results.tables["by_group"], scores)
    facts = facts_of(experiment, results, groups)
    figures: dict[str, AnyFigure | MakeFigure] = {
        "stations": partial(
            stations_figure, results.tables["joint"], scores, results.facts["n_bins"]
        ),
        "groups": partial(station_groups, groups),
    }
    names = dict(names_of(experiment.elections))
    names |= {key: PAGE.text("name_of_voteless", key=key) for key in VOTELESS}
    tables = tables_of(results.tables, facts["best"].method, names)
    return PAGE.report(facts, tables, figures)


def ranked(scores: pd.DataFrame) -> pd.DataFrame:
    """Forecasts from the least mean absolute error on, then what was computed in hindsight."""
    late = scores["family"].eq(HINDSIGHT)
    return scores.assign(late=late).sort_values(["late", "mae"], kind="stable").drop(columns="late")


def facts_of(experiment: Experiment, results: Results, groups: pd.DataFrame) -> Facts:
    """The numbers of the sentences: the best forecast, its rivals, what hindsight would give.

    Parameters
    ----------
    experiment
        With the baseline from which differences are counted.
    results
        Tables of the study, in fractions, and its facts.
    groups
        From `drawn_groups`.
    """
    tables, facts = results.tables, results.facts
    scores = ranked(tables["scores"])
    is_late = scores["family"].eq(HINDSIGHT)
    forecasts, late = scores[~is_late], scores[is_late]
    best = forecasts.iloc[0]
    baseline = scores[scores["method"].eq(experiment.baseline)]
    rivals = forecasts.iloc[1:]
    rivals = rivals[rivals["method"].ne(experiment.baseline)]
    pairs = tables["pairs"]
    is_near = pairs["against"].eq(best["method"]) & pairs["gain_low"].le(0)
    near = pairs.loc[is_near, "method"]
    return Facts(
        title=title_of(experiment),
        source=sources_of(experiment.elections),
        election=election_title(facts["election"]),
        as_of=pd.Timestamp(facts["as_of"]),
        candidate=facts["candidate"],
        area=str(facts["areas"]).removesuffix("s"),
        areas=facts["areas"],
        level=settings_of(Settings, experiment).level,
        methods=[*tables["methods"]["method"], LAST_RESULT, SIZE, BEST],
        n_stations=int(scores["n"].iloc[0]),
        n_forecasts=len(forecasts),
        best=BestForecast(
            method=best["method"],
            error=PERCENT * best["mae"],
            low=None if pd.isna(best["low"]) else PERCENT * best["low"],
            high=None if pd.isna(best["high"]) else PERCENT * best["high"],
            first_right=best["first_right"],
        ),
        baseline=_errors(baseline)[0],
        rivals=_errors(rivals),
        as_good=list(near[near.isin(rivals["method"])]),
        hindsight=_errors(late),
        best_list=best_list(tables["ranking"], list(forecasts["method"])),
        farthest=farthest_of(groups),
        left_out={reason: n for reason, n in facts["left_out"].items() if n},
        valid_left_out=facts["valid_left_out"],
        band_points=PERCENT / facts["n_bins"],
        n_not_drawn=max(len(scores) - MAX_PANELS, 0),
    )


def _errors(scores: pd.DataFrame) -> list[MethodError]:
    errors = PERCENT * scores["mae"]
    return [MethodError(*pair) for pair in zip(scores["method"], errors, strict=True)]


def best_list(ranking: pd.DataFrame, forecasts: Sequence[str]) -> BestList | None:
    """How much of the swing the best list of stations by a forecast finds, and by other lists.

    Parameters
    ----------
    ranking
        method, found (fraction); the most found first.
    forecasts
        Methods that are no hindsight.
    """
    swing = ranking.set_index("method")["found"]
    forecast_lists = swing[swing.index.isin(forecasts)]
    if forecast_lists.empty:
        return None
    return BestList(
        method=str(forecast_lists.index[0]),
        part=FIRST,
        swing=forecast_lists.iloc[0],
        swing_by_last_result=swing[LAST_RESULT],
        swing_by_size=swing[SIZE],
        possible_swing=swing[BEST],
    )


def farthest_of(groups: pd.DataFrame) -> Farthest:
    """The largest error of all kinds of stations that are drawn."""
    row = groups.iloc[int(groups["error"].abs().to_numpy().argmax())]
    return Farthest(row["method"], row["partition"], row["group"], row["error"])


def tables_of(
    tables: Mapping[str, pd.DataFrame], best: str, names: Mapping[str, str]
) -> dict[str, MakeTable]:
    """The tables in points and percent, under names that say so; those without rows are left out.

    Parameters
    ----------
    tables
        scores, by_group, pairs, methods and rates of the study, in fractions.
    best
        The forecast that is shown at first.
    names
        Of candidates, and of votes for none.
    """
    methods = tables["methods"]
    silent = methods.loc[methods["message"].ne(""), ["method", "message"]]
    by_group = by_group_in_points(tables["by_group"])
    pairs = _in_points(tables["pairs"][["method", "against", "gain", "gain_low", "gain_high"]])
    rows = {
        "stations": scores_in_points(tables["scores"]),
        "by_group": by_group,
        "pairs": pairs,
        "ranking": _in_percent(tables["ranking"]),
        "rates": rates_in_percent(tables["rates"], tables["scores"]),
        "transfers": tables.get("transfers", pd.DataFrame()),
        "silent": silent,
        "audit": tables.get("audit", pd.DataFrame()),
    }
    options: dict[str, dict[str, Any]] = {
        "stations": {"show": IN_STATIONS, "columns": FORMS},
        "by_group": {
            "shown": by_group.assign(group=_in_words(by_group["group"])),
            "columns": {**FORMS, "n": "0"},
            "first": {"partition": str(by_group["partition"].iloc[0]), "method": best},
            "terminal": None,
        },
        "pairs": {"columns": FORMS, "first": {"against": best}},
        "ranking": {"show": IN_RANKING, "form": "1"},
        "rates": {"form": "1"},
        "transfers": {"form": "1"},
    }
    shared: dict[str, Any] = {"names": names, "terminal": True}
    return {
        name: table_of(data, **(shared | options.get(name, {})))
        for name, data in rows.items()
        if not data.empty
    }


def scores_in_points(scores: pd.DataFrame) -> pd.DataFrame:
    """The scores of every method, in order."""
    in_order = ranked(scores)
    kinds = in_order["family"].replace({BASELINES: "baseline"})
    return _in_points(in_order.assign(kind=kinds, data_until=in_order["until"]))[SCORES]


def by_group_in_points(groups: pd.DataFrame) -> pd.DataFrame:
    """The errors in every kind of station, and the share of the votes that it holds."""
    votes = groups["votes"] / groups.groupby(["partition", "method"])["votes"].transform("sum")
    return _in_points(groups.assign(votes_share=votes))[BY_GROUP]


def rates_in_percent(rates: pd.DataFrame, scores: pd.DataFrame) -> pd.DataFrame:
    """The rates of the methods that are no baseline, in their order."""
    family = ranked(scores).set_index("method")["family"]
    methods = [name for name in family.index if name in rates and family[name] != BASELINES]
    percent = rates[["origin", "votes", *methods]].rename(columns={"votes": "votes_percent"})
    numbers = ["votes_percent", *methods]
    return percent.assign(**{key: PERCENT * percent[key] for key in numbers})


def _in_words(keys: pd.Series) -> pd.Series:
    return keys.astype(str).str.replace("_", " ")


def _in_percent(ranking: pd.DataFrame) -> pd.DataFrame:
    numbers = PERCENT * ranking.select_dtypes("number")
    units = {key: f"{key}_{'pp' if str(key).startswith('more') else 'percent'}" for key in numbers}
    return ranking.assign(**numbers).rename(columns=units)


def _in_points(rows: pd.DataFrame) -> pd.DataFrame:
    labels = {key: f"{key.removesuffix('_share')}_{UNITS[key]}" for key in rows if key in UNITS}
    return rows.assign(**{key: PERCENT * rows[key] for key in labels}).rename(columns=labels)


def stations_figure(
    joint: pd.DataFrame, scores: pd.DataFrame, n_bins: int, words: Words
) -> DrawnBy:
    """What forecasts said of stations, and what came, with the words of the section."""
    settings = {
        "joint": joint,
        "scores": scores,
        "n_bins": n_bins,
        "texts": dict(words.texts),
        "names": dict(words.labels),
    }
    return DrawnBy(station_density, settings)


@canvas.styled
def station_density(
    joint: pd.DataFrame,
    scores: pd.DataFrame,
    n_bins: int,
    texts: Mapping[str, str],
    names: Mapping[str, str],
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
    n_bins
        How many bands there are.
    texts
        title, claim, caption, subtitle, x.
    names
        What methods are called.
    size
        Size preset.
    """
    methods = [str(name) for name in scores["method"]][:MAX_PANELS]
    per_line = 2 if size == "single" else min(3, len(methods))
    lines = -(-len(methods) // per_line)
    figure, axes, _top = canvas.sheet(
        size,
        lines * 1.95,
        title=texts["title"],
        claim=texts["claim"],
        caption=texts["caption"],
        rows=lines,
        columns=per_line,
        panels=len(methods),
        sharex=True,
        sharey=True,
        subtitle=texts["subtitle"],
        x_label=texts["x"],
    )
    darkest = float(np.log10(joint["votes"].max()))
    for axis, name, mae in zip(axes.flat, methods, scores["mae"], strict=False):
        title = f"{canvas.cut(names[name], 32)} ({format_fixed(PERCENT * mae, 1)})"
        axis.set_title(textwrap.fill(title, 18 if size == "single" else 26))
        _density(axis, joint[joint["method"].eq(name)], n_bins, darkest)
    ticks = [f"{PERCENT * tick:.0f}" for tick in TICKS]
    axes[0, 0].set(xticks=TICKS, xticklabels=ticks, yticks=TICKS, yticklabels=ticks)
    return figure


def _density(axis: Axes, joint: pd.DataFrame, n_bins: int, darkest: float) -> None:
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
        vmax=darkest,
        aspect="auto",
        interpolation="nearest",
    )
    axis.plot([0, 1], [0, 1], color=style.INK, linewidth=0.6)


def drawn_groups(groups: pd.DataFrame, scores: pd.DataFrame) -> pd.DataFrame:
    """The errors in points in every kind of station, of methods that are no baseline if there are.

    Parameters
    ----------
    groups
        partition, group, method, bias (fraction), n.
    scores
        method, family: in the order in which methods are drawn.
    """
    rivals = scores[scores["family"].ne(BASELINES)]
    methods = list((scores if rivals.empty else rivals)["method"])
    rows = groups[groups["method"].isin(methods)]
    place = {method: number for number, method in enumerate(methods)}
    return rows.assign(
        group=_in_words(rows["group"]),
        error=PERCENT * rows["bias"],
        place=rows["method"].map(place),
    )


def station_groups(groups: pd.DataFrame, words: Words) -> Figure:
    """The mean signed error of every method in every group of stations.

    Parameters
    ----------
    groups
        From `drawn_groups`.
    words
        Of the section, with what methods are called.
    """
    rows = groups.assign(method=groups["method"].map(dict(words.labels)))
    methods = rows.sort_values("place", kind="stable")["method"].unique()
    looks = canvas.series_looks(list(methods), alpha=0.9)
    x = Axis()
    partitions = rows.groupby("partition", sort=False)["group"]
    return Figure(
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

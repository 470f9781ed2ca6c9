"""What an election night shows: the facts of its sentences, and its figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pandas as pd

from bench.core.settings import Experiment
from bench.report.charts import PERCENT
from bench.report.context import sources_of, title_of
from bench.report.figure import Axis, Figure, Look, Mark
from bench.report.formatting import in_words
from bench.report.plotting import style
from bench.report.report import Report
from bench.report.text import Text
from bench.report.view import view_report
from bench.runner.results import Results
from bench.studies.base import settings_of
from bench.studies.election_night.analysis import Settings

MAX_ORDERS = 3  # of reporting, that are drawn
COUNTED = (0.5, 1, 2, 5, 10, 20, 50, 100)  # percent of the stations, that are named
# colour and marker of the estimates that are drawn
ESTIMATES = {
    "counted": ("#8a9099", "o"),
    "extrapolation": ("#6fa3d8", "D"),
    "calibrated": ("#0b4f96", "s"),
    "calibrated_and_polls": ("#d99000", "^"),
}
SAMPLES = {"expansion": ("#8a9099", "o"), "regression": ("#0b4f96", "s")}
ABOVE, COVERED = ("mae_leading", "half_width"), "covered_leading"
DOTTED = {"color": style.INK, "linewidth": 0.6, "linestyle": ":"}
DASHED = {"linestyle": "--", "marker": ""}
OF_SAMPLES = ("round", "allowed", "estimator", "n_stations", "mae_leading", "half_width", "covered")
SHOWN = [*OF_SAMPLES, COVERED, "leaders_right"]
text = Text("election_night")


def report(experiment: Experiment, results: Results) -> Report:
    """How the evening went."""
    settings, facts = settings_of(Settings, experiment), results.facts
    rows = results.tables["samples"][SHOWN]
    in_points = {key: PERCENT * rows[key] for key in ABOVE}
    frames = {**results.tables, "samples": rows.assign(**in_points)}
    said = {
        "title": title_of(experiment, facts["elections"][:1]),
        "source": sources_of(facts["elections"]),
        "level": settings.level,
        "closed_at": facts["closed_at"],
        **facts_of(frames, settings),
    }
    first = frames["moments"]["round"].iloc[0]
    moments, samples = (
        rows[rows["round"].eq(first)] for rows in (frames["moments"], frames["samples"])
    )
    figures = {"night": night_figure(moments, said), "samples": sample_figure(samples, said)}
    return view_report("election_night", said, frames, figures)


def facts_of(tables: Mapping[str, pd.DataFrame], settings: Settings) -> dict[str, Any]:
    """The numbers of the findings: with few stations counted, and at the first call.

    Parameters
    ----------
    tables
        moments, called, rule.
    settings
        Of the study.
    """
    moments, calls, rule = (tables[name] for name in ("moments", "called", "rule"))
    number, order = moments["round"].iloc[0], str(moments["order"].iloc[0])
    first = moments[moments["round"].eq(number)]
    nearest = float(first["counted"].iloc[(first["counted"] - settings.headline_at).abs().argmin()])
    here = first[first["order"].eq(order) & first["counted"].eq(nearest)].set_index("estimator")
    ours = "calibrated" if "calibrated" in here.index else "extrapolation"
    mine = calls["round"].eq(number) & calls["order"].eq(order) & calls["estimator"].eq(ours)
    call = calls[mine].iloc[0]
    if len(rule):
        same = rule["round"].eq(number) & rule["estimator"].eq(ours)
        rule = rule[same & rule["chance"].eq(settings.call_at)]
    return {
        "counted": nearest,
        "order": in_words(order, "order", {}),
        "error": here.loc[ours, "mae_leading"],
        "raw_error": here.loc["counted", "mae_leading"],
        "half_width": here.loc[ours, "half_width"],
        "covered": here.loc[ours, "covered_leading"],
        "n": int(call["n"]),
        "n_called": round(call["ever_called"] * call["n"]),
        "counted_at_call": call["counted_at_call"],
        "n_wrong": round(call["wrong_first_call"] * call["n"]),
        "call_at": settings.call_at,
        "rule": rule.to_dict("records"),
        "n_orders": moments["order"].nunique(),
        "n_evenings": int(calls.drop_duplicates(["round", "order"])["n"].sum()),
        "n_moments": moments["counted"].nunique(),
    }


def night_figure(moments: pd.DataFrame, facts: Mapping[str, Any]) -> Figure:
    """One column per order: error and interval above, coverage and rightness below.

    At most three orders: the first, and of the others those in which the estimates err most.

    Parameters
    ----------
    moments
        Of one round: order, estimator, counted, mae_leading, half_width (percentage points),
        covered_leading, leaders_right.
    facts
        Of the texts; `level` of the intervals.
    """
    every = [str(order) for order in moments["order"].unique()]
    estimates = moments[moments["estimator"].ne("counted") & moments["order"].ne(every[0])]
    hardest = estimates.groupby("order")["mae_leading"].mean().nlargest(MAX_ORDERS - 1)
    orders = [order for order in every if order == every[0] or order in hardest.index]
    x = Axis(label=text("night_counted"), scale="log", low=COUNTED[0], high=100, ticks=COUNTED)
    lines = {
        text(f"line_{key}"): {"color": style.SOFT, "linestyle": dash, "linewidth": 1.2}
        for key, dash in (("error", "-"), ("width", "--"))
    }
    return Figure(
        **text.figure("night", n_left_out=len(every) - len(orders), **facts),
        claim=text.lines("findings", **facts)[0],
        legend=_legend(ESTIMATES) | lines,
        legend_columns=3,
        **_above_and_below(
            moments.assign(across=PERCENT * moments["counted"], of=moments["order"]),
            {order: in_words(order, "order", {}) for order in orders},
            ("leaders_right", COVERED),
            ESTIMATES,
            facts["level"],
            x,
            Axis(label=text("points"), low=0, high=8.2, ticks=[0, 2, 4, 6, 8]),
            text("night_share"),
        ),
    )


def sample_figure(samples: pd.DataFrame, facts: Mapping[str, Any]) -> Figure:
    """Error, interval and coverage of samples by their size, one column per frame.

    Parameters
    ----------
    samples
        Of one round: allowed, estimator, n_stations, mae_leading, half_width, covered_leading.
    facts
        Of the texts; `level` of the intervals.
    """
    top = 1.05 * float(samples[["mae_leading", "half_width"]].max().max())
    every = samples[samples["allowed"].eq(samples["allowed"].iloc[0])]
    last = every[every["n_stations"].eq(every["n_stations"].max())]
    error = dict(zip(last["estimator"].astype(str), last["mae_leading"], strict=True))
    words = text.words("allowed", **facts)
    return Figure(
        **text.figure("samples", **{**facts, **error, "n": int(last["n_stations"].max())}),
        legend=_legend(SAMPLES),
        **_above_and_below(
            samples.assign(across=samples["n_stations"], of=samples["allowed"]),
            {key: words.get(key, key) for key in map(str, samples["allowed"].unique())},
            (COVERED,),
            SAMPLES,
            facts["level"],
            Axis(label=text("samples_size")),
            Axis(label=text("points"), low=0, high=top, ticks=4),
            text("samples_share"),
        ),
    )


def _legend(looks: Mapping[str, tuple[str, str]]) -> dict[str, Look]:
    names = text.words("estimators")
    return {
        names[key]: {"color": colour, "marker": mark, "linestyle": "-", "size": 0.4}
        for key, (colour, mark) in looks.items()
    }


def _above_and_below(
    rows: pd.DataFrame,
    heads: Mapping[str, str],
    below: Sequence[str],
    looks: Mapping[str, tuple[str, str]],
    level: float,
    x: Axis,
    points: Axis,
    shares: str,
) -> dict[str, Any]:
    """Two panels for each value of a column: points above, shares below, a look per estimator.

    Parameters
    ----------
    rows
        of, across, estimator, and the columns that are drawn.
    heads
        Values of `of` with their headings.
    below
        Columns of the lower panels: as lines, and as dashes.
    looks
        Colour and marker of the estimators that are drawn.
    level
        Share that is dotted below.
    x, points
        Axes.
    shares
        What the lower panels measure.
    """
    rows = rows[rows["estimator"].isin(looks)]
    dotted = pd.DataFrame({"panel": [f"below {key}" for key in heads], "level": level})
    axes, marks = {}, [Mark("at", dotted, y="level", look=DOTTED)]
    share = Axis(label=shares, low=-0.03, high=1.05, ticks=[0, 0.5, 1])
    for place, keys, y in (("above", ABOVE, points), ("below", below, share)):
        mine = rows.assign(panel=place + " " + rows["of"].astype(str))
        for key, look in zip(keys, ({}, DASHED), strict=False):
            of_those = mine[mine["estimator"].ne("counted")] if look else mine
            marks.append(Mark("line", of_those, "across", key, by="estimator", look=look))
        for head in heads:
            axes[f"{place} {head}"] = (x, y)
            y = replace(y, label="")
    return {
        "panels": {
            key: heads[key.removeprefix("above ")] if key.startswith("above ") else ""
            for key in axes
        },
        "axes": axes,
        "x": x,
        "per_line": len(heads),
        "height": 1.65,
        "looks": {
            key: {"color": colour, "marker": mark, "size": 0.33}
            for key, (colour, mark) in looks.items()
        },
        "marks": marks,
    }

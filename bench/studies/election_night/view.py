"""What an election night shows: the facts of its sentences, and its figures."""

from __future__ import annotations

from collections.abc import Mapping
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
COVERED = "covered_leading"
OF_SAMPLES = ("round", "allowed", "estimator", "n_stations", "mae_leading", "half_width", "covered")
SHOWN = [*OF_SAMPLES, COVERED, "leaders_right"]
text = Text("election_night")


def night_report(experiment: Experiment, results: Results) -> Report:
    """How the evening went."""
    settings, facts = settings_of(Settings, experiment), results.facts
    title, source = title_of(experiment, facts["elections"][:1]), sources_of(facts["elections"])
    frames = dict(results.tables)
    rows = frames["samples"]
    in_points = {key: 100 * rows[key] for key in ("mae_leading", "half_width")}
    frames["samples"] = rows[SHOWN].assign(**in_points)
    first = frames["moments"]["round"].iloc[0]
    moments, samples = (
        rows[rows["round"].eq(first)] for rows in (frames["moments"], frames["samples"])
    )
    said = {"title": title, "source": source, "level": settings.level}
    said["closed_at"] = facts["closed_at"]
    said |= facts_of(frames, settings)
    return view_report(
        "election_night",
        said,
        frames,
        {"night": night_figure(moments, said), "samples": sample_figure(samples, said)},
        title=title,
        source=source,
    )


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
    lines = {
        text(f"line_{key}"): {"color": style.SOFT, "linestyle": dash, "linewidth": 1.2}
        for key, dash in (("error", "-"), ("width", "--"))
    }
    return Figure(
        title=text("night_title", **facts),
        claim=text.lines("findings", **facts)[0],
        caption=text("night_caption", n_left_out=len(every) - len(orders), **facts),
        legend=_legend(ESTIMATES) | lines,
        legend_columns=3,
        **_above_and_below(
            moments.assign(across=PERCENT * moments["counted"], of=moments["order"]),
            {order: in_words(order, "order", {}) for order in orders},
            {"above": ("mae_leading", "half_width"), "below": ("leaders_right", COVERED)},
            ESTIMATES,
            facts["level"],
            x=Axis(
                label=text("night_counted"),
                scale="log",
                low=COUNTED[0],
                high=COUNTED[-1],
                ticks=COUNTED,
            ),
            above=Axis(label=text("points"), low=0, high=8.2, ticks=[0, 2, 4, 6, 8]),
            below=text("night_share"),
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
    n = int(last["n_stations"].max())
    words = text.words("allowed", **facts)
    return Figure(
        title=text("samples_figure_title"),
        claim=text("samples_claim", n=n, **error) if error.keys() >= SAMPLES.keys() else "",
        caption=text("samples_caption", **facts),
        legend=_legend(SAMPLES),
        **_above_and_below(
            samples.assign(across=samples["n_stations"], of=samples["allowed"]),
            {key: words.get(key, key) for key in map(str, samples["allowed"].unique())},
            {"above": ("mae_leading", "half_width"), "below": (COVERED,)},
            SAMPLES,
            facts["level"],
            x=Axis(label=text("samples_size")),
            above=Axis(label=text("points"), low=0, high=top, ticks=4),
            below=text("samples_share"),
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
    measures: Mapping[str, tuple[str, ...]],
    looks: Mapping[str, tuple[str, str]],
    level: float,
    *,
    x: Axis,
    above: Axis,
    below: str,
) -> dict[str, Any]:
    """Two panels for each value of a column: points above, shares below, a look per estimator.

    Parameters
    ----------
    rows
        of, across, estimator, and the columns of `measures`.
    heads
        Values of `of` with their headings.
    measures
        Of the panels above and below: as lines, and as dashes of estimators with intervals.
    looks
        Colour and marker of the estimators that are drawn.
    level
        Share that is dotted below.
    x, above, below
        Axes; of shares what they measure.
    """
    shares = Axis(label=below, low=-0.03, high=1.05, ticks=[0, 0.5, 1])
    sides = {"above": above, "below": shares}
    rows = rows[rows["estimator"].isin(looks)]
    marks = [
        Mark(
            "at",
            pd.DataFrame({"panel": [f"below {key}" for key in heads], "level": level}),
            y="level",
            look={"color": style.INK, "linewidth": 0.6, "linestyle": ":"},
        )
    ]
    for place, keys in measures.items():
        mine = rows.assign(panel=place + " " + rows["of"].astype(str))
        for key, look in zip(keys, ({}, {"linestyle": "--", "marker": ""}), strict=False):
            of_those = mine[mine["estimator"].ne("counted")] if look else mine
            marks.append(Mark("line", of_those, "across", key, by="estimator", look=look))
    panels = {(place, key): head for place in sides for key, head in heads.items()}
    first = next(iter(heads))
    return {
        "panels": {
            f"{place} {key}": head if place == "above" else ""
            for (place, key), head in panels.items()
        },
        "axes": {
            f"{place} {key}": (x, sides[place] if key == first else replace(sides[place], label=""))
            for place, key in panels
        },
        "x": x,
        "per_line": len(heads),
        "height": 1.65,
        "looks": {
            key: {"color": colour, "marker": mark, "size": 0.33}
            for key, (colour, mark) in looks.items()
        },
        "marks": marks,
    }

"""Error and interval of a count against the share of the stations, and of samples."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pandas as pd

from bench.core.language import N_, _, in_form, ngettext, retold
from bench.report.charts import PERCENT
from bench.report.figure import Axis, Figure, Look, Mark
from bench.report.formatting import in_words
from bench.report.plotting import style

MOST_ORDERS = 3  # of reporting, that are drawn
COUNTED = (0.5, 1, 2, 5, 10, 20, 50, 100)  # percent of the stations, that are named
# colour, marker and name of the estimates that are drawn
ESTIMATES = {
    "counted": ("#8a9099", "o", N_("votes counted, as they are")),
    "extrapolation": ("#6fa3d8", "D", N_("extrapolation")),
    "calibrated": ("#0b4f96", "s", N_("calibrated")),
    "calibrated_and_polls": ("#d99000", "^", N_("calibrated, with polls")),
}
SAMPLES = {
    "expansion": ("#8a9099", "o", N_("expansion")),
    "regression": ("#0b4f96", "s", N_("regression on past votes")),
}
NOT_DRAWN = {"extrapolation_and_polls": N_("extrapolation, with polls")}
COVERED = "covered_leading"


def estimator_words() -> dict[str, str]:
    """What people call every estimator, by its key."""
    drawn = {key: words for key, (_colour, _mark, words) in (ESTIMATES | SAMPLES).items()}
    return {key: _(words) for key, words in (drawn | NOT_DRAWN).items()}


def frame_words(allowed: str, frames: Mapping[str, str]) -> str:
    """From which stations a sample was drawn."""
    if allowed not in frames:
        return _("sampled from all")
    return retold(frames[allowed], N_("from those closed at {hour}"))


def night_figure(
    moments: pd.DataFrame, *, title: str, level: float, source: str, claim: str = ""
) -> Figure:
    """One column per order: error and interval above, coverage and rightness below.

    At most three orders: the first, and of the others those in which the estimates err most.

    Parameters
    ----------
    moments
        Of one round: order, estimator, counted, mae_leading, half_width (percentage points),
        covered_leading, leaders_right.
    title
        Heading.
    level
        Of the intervals.
    source
        Where the votes stand.
    claim
        What the figure shows.
    """
    every = [str(order) for order in moments["order"].unique()]
    estimates = moments[moments["estimator"].ne("counted") & moments["order"].ne(every[0])]
    hardest = estimates.groupby("order")["mae_leading"].mean().nlargest(MOST_ORDERS - 1)
    orders = [order for order in every if order == every[0] or order in hardest.index]
    lines = {
        words: {"color": style.SOFT, "linestyle": dash, "linewidth": 1.2}
        for words, dash in ((_("error; right leaders"), "-"), (_("half width; inside"), "--"))
    }
    return Figure(
        title=_("How good is the estimate while stations report? {title}", title=title),
        claim=claim,
        caption=_(
            "Upper rows: mean absolute error of candidates with 5% or more (lines) and "
            "mean half width of their {level:.0%} intervals (dashes), percentage points up "
            "to 8. Lower rows: share of these candidates within their intervals "
            "(dashes) and share of orders with the right leaders (lines); dotted: "
            "{level:.0%}. Means over made-up orders of one election. {source}",
            level=level,
            source=_left_out(len(every) - len(orders)) + source,
        ),
        legend=_legend(ESTIMATES) | lines,
        legend_columns=3,
        **_above_and_below(
            moments.assign(across=PERCENT * moments["counted"], of=moments["order"]),
            {order: in_words(order, "order", {}) for order in orders},
            {"above": ("mae_leading", "half_width"), "below": ("leaders_right", COVERED)},
            ESTIMATES,
            level,
            x=Axis(
                label=_("stations counted, percent (logarithmic)"),
                scale="log",
                low=COUNTED[0],
                high=COUNTED[-1],
                ticks=COUNTED,
            ),
            above=Axis(label=_("points"), low=0, high=8.2, ticks=[0, 2, 4, 6, 8]),
            below=_("share"),
        ),
    )


def _legend(looks: Mapping[str, tuple[str, str, str]]) -> dict[str, Look]:
    return {
        _(words): {"color": colour, "marker": mark, "linestyle": "-", "size": 0.4}
        for colour, mark, words in looks.values()
    }


def _above_and_below(
    rows: pd.DataFrame,
    heads: Mapping[str, str],
    measures: Mapping[str, tuple[str, ...]],
    looks: Mapping[str, tuple[str, str, str]],
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
        Colour, marker and words of the estimators that are drawn.
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
            for key, (colour, mark, _words) in looks.items()
        },
        "marks": marks,
    }


def _left_out(n: int) -> str:
    if not n:
        return ""
    words = ngettext(
        "{n} more order, in which the estimates err less, is in the table.",
        "{n} more orders, in which the estimates err less, are in the table.",
        n,
    )
    return f"{words} "


def sample_figure(
    samples: pd.DataFrame, *, level: float, frames: Mapping[str, str], source: str
) -> Figure:
    """Error, interval and coverage of samples by their size, one column per frame.

    Parameters
    ----------
    samples
        Of one round: allowed, estimator, n_stations, mae_leading, half_width, covered_leading.
    level
        Of the intervals.
    frames
        Words for the values of `allowed`.
    source
        Where the votes stand.
    """
    top = 1.05 * float(samples[["mae_leading", "half_width"]].max().max())
    return Figure(
        title=_("The estimate from a sample of polling stations"),
        claim=_best_sample(samples),
        caption=_(
            "Above: mean absolute error of candidates with 5% or more (lines) and mean "
            "half width of their {level:.0%} intervals (dashes), percentage points. Below: "
            "share of them within their intervals; dotted: {level:.0%}. Means over "
            "stratified samples. {source}",
            level=level,
            source=source,
        ),
        legend=_legend(SAMPLES),
        **_above_and_below(
            samples.assign(across=samples["n_stations"], of=samples["allowed"]),
            {str(name): frame_words(str(name), frames) for name in samples["allowed"].unique()},
            {"above": ("mae_leading", "half_width"), "below": (COVERED,)},
            SAMPLES,
            level,
            x=Axis(label=_("stations in the sample")),
            above=Axis(label=_("points"), low=0, high=top, ticks=4),
            below=_("share inside"),
        ),
    )


def _best_sample(samples: pd.DataFrame) -> str:
    """The error of the estimate from the largest sample of all stations."""
    every = samples[samples["allowed"].eq(samples["allowed"].iloc[0])]
    last = every[every["n_stations"].eq(every["n_stations"].max())]
    error = last.set_index("estimator")["mae_leading"]
    if not {"expansion", "regression"} <= set(error.index):
        return ""
    return _(
        "{n} stations tell the vote to {regression} points with past votes, to {expansion} without",
        n=int(every["n_stations"].max()),
        regression=in_form(f"{error['regression']:.2f}"),
        expansion=in_form(f"{error['expansion']:.2f}"),
    )

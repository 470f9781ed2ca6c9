"""Error and interval of a count against the share of the stations, and of samples."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from bench.core.language import N_, _, in_form, ngettext, retold
from bench.report.charts import PERCENT, Chart, Panels, curves, promised, quantity, shown_of
from bench.report.formatting import in_words
from bench.report.plotting import layout as canvas
from bench.report.plotting import style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

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
MEASURES = {
    "mae_leading": (N_("Error, points"), 1),
    "half_width": (N_("Half width of the {level:.0%} intervals, points"), 1),
    COVERED: (N_("Inside the {level:.0%} intervals, %"), PERCENT),
    "leaders_right": (N_("Leaders right, % of the orders"), PERCENT),
}


def estimator_words() -> dict[str, str]:
    """What people call every estimator, by its key."""
    drawn = {key: words for key, (_colour, _mark, words) in (ESTIMATES | SAMPLES).items()}
    return {key: _(words) for key, words in (drawn | NOT_DRAWN).items()}


def frame_words(allowed: str, frames: Mapping[str, str]) -> str:
    """From which stations a sample was drawn."""
    if allowed not in frames:
        return _("sampled from all")
    return retold(frames[allowed], N_("from those closed at {hour}"))


@canvas.styled
def night_figure(
    moments: pd.DataFrame,
    *,
    title: str,
    level: float,
    source: str,
    claim: str = "",
    size: str = "double",
) -> Figure:
    """Draw one column per order: error and interval above, coverage and rightness below.

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
    size
        Size preset.
    """
    every = [str(order) for order in moments["order"].unique()]
    estimates = moments[moments["estimator"].ne("counted") & moments["order"].ne(every[0])]
    hardest = estimates.groupby("order")["mae_leading"].mean().nlargest(MOST_ORDERS - 1)
    orders = [order for order in every if order == every[0] or order in hardest.index]
    per_line = min(len(orders), 2 if size == "single" else MOST_ORDERS)
    lines = -(-len(orders) // per_line)
    figure, axes, top = canvas.sheet(
        size,
        3.3 * lines,
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
        rows=2 * lines,
        columns=per_line,
        sharex=True,
        legend_lines=3 if size == "single" else 2,
        x_label=_("stations counted, percent (logarithmic)"),
        grid="x",
    )
    # one above the other: errors and rightness of an order
    pairs = axes.reshape(lines, 2, per_line).swapaxes(1, 2).reshape(-1, 2)
    for (upper, lower), order in zip(pairs, orders, strict=False):
        mine = moments[moments["order"].eq(order)]
        upper.set_title(in_words(order, "order", {}))
        _follow(upper, mine, "mae_leading", "half_width")
        upper.set_ylim(0, 8.2)
        upper.set_yticks([0, 2, 4, 6, 8])
        _follow(lower, mine, "leaders_right", COVERED)
        _promise(lower, level)
    for upper, lower in pairs[::per_line]:
        upper.set_ylabel(_("points"))
        lower.set_ylabel(_("share"))
    for axis in pairs[len(orders) :].flat:
        axis.set_visible(False)
    handles: list[dict[str, Any]] = [
        {"color": colour, "marker": mark, "markersize": 2.4}
        for colour, mark, _words in ESTIMATES.values()
    ]
    handles += [{"color": style.SOFT, "linestyle": dash} for dash in ("-", "--")]
    names = [_(words) for _colour, _mark, words in ESTIMATES.values()]
    names += [_("error; right leaders"), _("half width; inside")]
    canvas.legend(figure, handles, names, top, 2 if size == "single" else 3)
    return figure


def _follow(axis: Axes, moments: pd.DataFrame, line: str, dashes: str) -> None:
    """One measure of every estimate as a line, and one of those with intervals as dashes."""
    for name, (colour, mark, _words) in ESTIMATES.items():
        mine = moments[moments["estimator"].eq(name)]
        across = PERCENT * mine["counted"]
        axis.plot(across, mine[line], color=colour, marker=mark, markersize=2.4)
        if name != "counted":
            axis.plot(across, mine[dashes], "--", color=colour)
    axis.set_xscale("log")
    axis.set_xlim(COUNTED[0], COUNTED[-1])
    axis.set_xticks(COUNTED, [in_form(f"{percent:g}") for percent in COUNTED])
    axis.set_xticks([], minor=True)
    axis.tick_params(labelbottom=True)


def _promise(axis: Axes, level: float) -> None:
    """Shares from nothing to everything, and what intervals promise."""
    axis.axhline(level, color=style.INK, linewidth=0.6, linestyle=":")
    axis.set_ylim(-0.03, 1.05)
    axis.set_yticks([0, 0.5, 1])


def _left_out(n: int) -> str:
    if not n:
        return ""
    words = ngettext(
        "{n} more order, in which the estimates err less, is in the table.",
        "{n} more orders, in which the estimates err less, are in the table.",
        n,
    )
    return f"{words} "


@canvas.styled
def sample_figure(
    samples: pd.DataFrame,
    *,
    level: float,
    frames: Mapping[str, str],
    source: str,
    size: str = "double",
) -> Figure:
    """Draw error, interval and coverage of samples by their size, one column per frame.

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
    size
        Size preset.
    """
    from matplotlib.ticker import MaxNLocator

    allowed = [str(name) for name in samples["allowed"].unique()]
    figure, axes, top = canvas.sheet(
        size,
        3.4,
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
        rows=2,
        columns=len(allowed),
        sharex=True,
        sharey="row",
        legend_lines=1,
        x_label=_("stations in the sample"),
        grid="x",
    )
    for (upper, lower), frame in zip(axes.T, allowed, strict=True):
        for estimator, (colour, mark, _words) in SAMPLES.items():
            mine = samples[samples["allowed"].eq(frame) & samples["estimator"].eq(estimator)]
            n = mine["n_stations"]
            upper.plot(n, mine["mae_leading"], f"{mark}-", color=colour, markersize=3)
            upper.plot(n, mine["half_width"], "--", color=colour)
            lower.plot(n, mine[COVERED], f"{mark}-", color=colour, markersize=3)
        upper.set_title(frame_words(frame, frames))
        upper.set_ylim(bottom=0)
        upper.yaxis.set_major_locator(MaxNLocator(4))
        upper.yaxis.set_major_formatter(lambda value, _place: in_form(f"{value:.1f}"))
        _promise(lower, level)
    axes[0, 0].set_ylabel(_("points"))
    axes[1, 0].set_ylabel(_("share inside"))
    handles = [
        {"color": colour, "marker": mark, "markersize": 3}
        for colour, mark, _words in SAMPLES.values()
    ]
    names = [_(words) for _colour, _mark, words in SAMPLES.values()]
    canvas.legend(figure, handles, names, top, 2)
    return figure


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


def night_chart(moments: pd.DataFrame, level: float) -> Chart:
    """Every estimate while stations report, one order of reporting at a time.

    Parameters
    ----------
    moments : pandas.DataFrame
        As of `night_figure`.
    level : float
        Of the intervals.
    """
    rows = moments.assign(
        across=(PERCENT * moments["counted"]).round(2),
        scenario=[in_words(str(order), "order", {}) for order in moments["order"]],
    )
    return _measured(
        rows,
        ESTIMATES,
        level,
        _("Stations counted, %"),
        scale={"type": "log", "domain": [COUNTED[0], COUNTED[-1]]},
        axis={"values": [*COUNTED], "grid": False, "titleAnchor": "middle"},
    )


def sample_chart(samples: pd.DataFrame, level: float, frames: Mapping[str, str]) -> Chart:
    """The estimate from samples by their size, one frame at a time.

    Parameters
    ----------
    samples, frames
        As of `sample_figure`.
    level : float
        Of the intervals.
    """
    rows = samples.assign(
        across=samples["n_stations"],
        scenario=[frame_words(str(one), frames) for one in samples["allowed"]],
    )
    axis = {"grid": False, "tickCount": 6, "titleAnchor": "middle"}
    return _measured(rows, SAMPLES, level, _("Stations in the sample"), axis=axis)


def _measured(
    rows: pd.DataFrame,
    looks: Mapping[str, tuple[str, str, str]],
    level: float,
    title: str,
    **of_axis: Any,
) -> Chart:
    """A panel for each measure, a line for each estimator."""
    known = rows[rows["estimator"].isin(looks)]
    names = {key: _(words) for key, (_colour, _mark, words) in looks.items()}
    measures = {key: _(words, level=level) for key, (words, _scale) in MEASURES.items()}
    parts = [
        pd.DataFrame(
            {
                "measure": words,
                "method": known["estimator"].map(names),
                "scenario": known["scenario"],
                "across": known["across"],
                "value": (MEASURES[key][1] * known[key]).round(2),
            }
        )
        for key, words in measures.items()
        if key in known
    ]
    rows = pd.concat(parts, ignore_index=True).dropna(subset="value")
    orders = [str(one) for one in rows["scenario"].unique()]
    columns = {
        "measure": _("Measure"),
        "method": _("Estimate"),
        "scenario": _("Scenario"),
        "across": title,
        "value": _("Value"),
    }
    return curves(
        rows,
        columns,
        across=quantity("across", title=title, **of_axis),
        title=None,
        colours={names[key]: colour for key, (colour, _mark, _words) in looks.items()},
        behind=[promised([measures[COVERED]], level)],
        one={"scenario": orders},
        heading={"text": {"expr": shown_of("scenario", orders)}},
        panels=Panels(
            field="measure",
            order=[words for key, words in measures.items() if key in known],
            most=2,
            ratio=0.42,
            room=40,
            own_scale=True,
        ),
    )

"""Error and interval of a count against the share of the stations, and of samples."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from bench.core.language import N_, _, in_form, ngettext, retold
from bench.report.formatting import in_words
from bench.report.plotting import layout as canvas
from bench.report.plotting import style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST_ORDERS = 3  # of reporting, that are drawn
COLOURS = {
    "counted": "#8a9099",
    "extrapolation": "#6fa3d8",
    "calibrated": "#0b4f96",
    "calibrated_and_polls": "#d99000",
}
WORDS = (
    N_("votes counted, as they are"),
    N_("extrapolation"),
    N_("calibrated"),
    N_("calibrated, with polls"),
)
SAMPLED = {"expansion": "#8a9099", "regression": "#0b4f96"}
SAMPLED_WORDS = (N_("expansion"), N_("regression on past votes"))


@canvas.styled
def night_figure(
    moments: pd.DataFrame,
    *,
    title: str,
    level: float,
    source: str,
    claim: str = "",
    size: str = "double",
) -> "Figure":
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
    every = [str(order) for order in moments["order"].drop_duplicates()]
    estimates = moments[moments["estimator"].ne("counted") & moments["order"].ne(every[0])]
    hardest = estimates.groupby("order")["mae_leading"].mean().nlargest(MOST_ORDERS - 1)
    orders = [order for order in every if order == every[0] or order in hardest.index]
    left = len(every) - len(orders)
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
            source=_left_out(left) + source,
        ),
        rows=2 * lines,
        columns=per_line,
        sharex=True,
        legend_lines=3 if size == "single" else 2,
        x_label=_("stations counted, percent (logarithmic)"),
    )
    for place, order in enumerate(orders):
        line, column = divmod(place, per_line)
        mine = moments[moments["order"].eq(order)]
        _errors(axes[2 * line, column], mine, order)
        _rightness(axes[2 * line + 1, column], mine, level)
        if column == 0:
            axes[2 * line, 0].set_ylabel(_("points"))
            axes[2 * line + 1, 0].set_ylabel(_("share"))
    for place in range(len(orders), lines * per_line):
        line, column = divmod(place, per_line)
        axes[2 * line, column].set_visible(False)
        axes[2 * line + 1, column].set_visible(False)
    _legend(figure, top, size)
    return figure


def _errors(axis: "Axes", moments: pd.DataFrame, order: str) -> None:
    canvas.tidy(axis)
    axis.set_title(in_words(order, "order", {}))
    for name, colour in COLOURS.items():
        mine = moments[moments["estimator"].eq(name)]
        axis.plot(100 * mine["counted"], mine["mae_leading"], color=colour, **_mark(name))
        if name != "counted":
            axis.plot(100 * mine["counted"], mine["half_width"], "--", color=colour)
    axis.set_ylim(0, 8.2)
    axis.set_yticks([0, 2, 4, 6, 8])
    _counted(axis)


def _rightness(axis: "Axes", moments: pd.DataFrame, level: float) -> None:
    canvas.tidy(axis)
    for name, colour in COLOURS.items():
        mine = moments[moments["estimator"].eq(name)]
        axis.plot(100 * mine["counted"], mine["leaders_right"], color=colour, **_mark(name))
        if name != "counted":
            axis.plot(100 * mine["counted"], mine["covered_leading"], "--", color=colour)
    axis.axhline(level, color=style.INK, linewidth=0.6, linestyle=":")
    axis.set_ylim(-0.03, 1.05)
    axis.set_yticks([0, 0.5, 1])
    _counted(axis)


def _left_out(n: int) -> str:
    if not n:
        return ""
    words = ngettext(
        "{n} more order, in which the estimates err less, is in the table.",
        "{n} more orders, in which the estimates err less, are in the table.",
        n,
    )
    return f"{words} "


def _mark(estimator: str) -> dict[str, Any]:
    """Marks by which curves are told apart without colour."""
    return {"marker": style.MARKERS[list(COLOURS).index(estimator)], "markersize": 2.4}


def _counted(axis: "Axes") -> None:
    from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

    axis.set_xscale("log")
    axis.set_xlim(0.5, 100)
    axis.xaxis.set_major_locator(FixedLocator([0.5, 1, 2, 5, 10, 20, 50, 100]))
    axis.xaxis.set_minor_locator(NullLocator())
    axis.xaxis.set_major_formatter(FuncFormatter(lambda v, _place: in_form(f"{v:g}")))
    axis.tick_params(labelbottom=True)


def _legend(figure: "Figure", top: float, size: str) -> None:

    handles = [{"color": colour, **_mark(name)} for name, colour in COLOURS.items()]
    handles += [{"color": style.SOFT, "linestyle": dash} for dash in ("-", "--")]
    words = [*map(_, WORDS), _("error; right leaders"), _("half width; inside")]
    canvas.legend(figure, handles, words, top, 2 if size == "single" else 3)


@canvas.styled
def sample_figure(
    samples: pd.DataFrame,
    *,
    level: float,
    frames: Mapping[str, str],
    source: str,
    size: str = "double",
) -> "Figure":
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

    columns = [str(name) for name in samples["allowed"].drop_duplicates()]
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
        columns=len(columns),
        sharex=True,
        sharey="row",
        legend_lines=1,
        x_label=_("stations in the sample"),
    )
    for column, allowed in enumerate(columns):
        for (estimator, colour), mark in zip(SAMPLED.items(), ("o-", "s-"), strict=True):
            mine = samples[samples["allowed"].eq(allowed) & samples["estimator"].eq(estimator)]
            n = mine["n_stations"]
            axes[0, column].plot(n, mine["mae_leading"], mark, color=colour, markersize=3)
            axes[0, column].plot(n, mine["half_width"], "--", color=colour)
            axes[1, column].plot(n, mine["covered_leading"], mark, color=colour, markersize=3)
        axes[0, column].set_title(
            retold(frames[allowed], N_("from those closed at {hour}"))
            if allowed in frames
            else _("sampled from all")
        )
        axes[0, column].set_ylim(bottom=0)
        axes[0, column].yaxis.set_major_locator(MaxNLocator(4))
        axes[0, column].yaxis.set_major_formatter(lambda value, _place: in_form(f"{value:.1f}"))
        axes[1, column].axhline(level, color=style.INK, linewidth=0.6, linestyle=":")
        axes[1, column].set_ylim(-0.03, 1.05)
        axes[1, column].set_yticks([0, 0.5, 1])
        for axis in axes[:, column]:
            canvas.tidy(axis)
    axes[0, 0].set_ylabel(_("points"))
    axes[1, 0].set_ylabel(_("share inside"))

    handles = [
        {"color": colour, "marker": mark, "markersize": 3}
        for colour, mark in zip(SAMPLED.values(), "os", strict=True)
    ]
    canvas.legend(figure, handles, [*map(_, SAMPLED_WORDS)], top, 2)
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

"""Error and coverage of ecological inference by dose of confounding."""

from typing import TYPE_CHECKING, Any

import pandas as pd

from bench.core.language import _, in_form
from bench.report.plotting import layout as canvas
from bench.report.plotting import style

if TYPE_CHECKING:
    from matplotlib.figure import Figure

COLOURS = ("#0b4f96", "#d99000", "#2a7f62", "#a6266e", "#9a7fe0", "#4b5563")
DASHES: tuple[Any, ...] = ("-", "--", ":", "-.")


@canvas.styled
def confounding(
    table: pd.DataFrame,
    *,
    default: str,
    level: float,
    unit: str,
    title: str,
    claim: str = "",
    size: str = "double",
) -> "Figure":
    """Draw the error index of every method by dose, and what the default's intervals hold.

    Parameters
    ----------
    table
        dose, method, replicates, error_index, low, high, covered, covered_votes.
    default
        The method whose intervals were measured.
    level
        Their nominal coverage, 0 to 1.
    unit
        Of the dose.
    title
        Of the experiment.
    claim
        What the figure shows.
    size
        Size preset.
    """

    methods = in_order(table)
    looks = {
        name: (COLOURS[i % len(COLOURS)], DASHES[i % len(DASHES)], style.MARKERS[i % 6])
        for i, name in enumerate(methods)
    }
    figure, axes, top = canvas.sheet(
        size,
        2.5,
        title=_("Error and coverage when voters follow their neighbours: {title}", title=title),
        claim=claim,
        caption=_(
            "Mean of {replicates} made-up elections at the composition of real areas; "
            "bands: 95% interval (bootstrap over elections). Left: percent of the votes in "
            "the wrong cell, logarithmic. Right: cells within the {level:.0%} intervals of "
            "{default}, each cell alike and weighted by its votes; grey: what they promise.",
            replicates=canvas.span(table["replicates"]),
            level=level,
            default=default,
        ),
        columns=2,
        legend_lines=2,
        x_label=_("confounding, {unit}", unit=_(unit)),
    )
    left, right = axes[0]
    for name, (colour, dash, mark) in looks.items():
        curve = table[table["method"].eq(name)].sort_values("dose")
        left.fill_between(
            curve["dose"], curve["low"], curve["high"], color=colour, alpha=0.15, linewidth=0
        )
        left.plot(
            curve["dose"],
            curve["error_index"],
            color=colour,
            linestyle=dash,
            marker=mark,
            markersize=2.6,
        )
    left.set_yscale("log")
    low, high = table["error_index"].min(), table["error_index"].max()
    ticks = [t for t in (0.5, 1, 2, 5, 10, 20, 50) if low / 1.5 <= t <= high * 1.5]
    left.set_yticks(ticks, [in_form(f"{t:g}") for t in ticks])
    left.set_yticks([], minor=True)
    left.set_title(_("error index, %"))
    curve = table[table["method"].eq(default)].sort_values("dose")
    right.axhline(level, color=style.SOFT, linewidth=0.8)
    for name, words, at in (("covered", _("cells"), 1), ("covered_votes", _("cells by votes"), 3)):
        right.plot(
            curve["dose"],
            curve[name],
            color=looks[default][0],
            linestyle=DASHES[at - 1],
            marker=style.MARKERS[at],
            markersize=2.6,
            label=words,
        )
    right.legend(loc="lower left", frameon=False)
    right.set_ylim(0, 1.02)
    right.set_title(_("coverage of {default}", default=default))
    for axis in (left, right):
        canvas.tidy(axis, grid="y")
    handles = [
        {"color": colour, "linestyle": dash, "marker": mark, "markersize": 3}
        for colour, dash, mark in looks.values()
    ]
    canvas.legend(figure, handles, [name.replace("_", " ") for name in methods], top, 3)
    return figure


def in_order(table: pd.DataFrame) -> list[str]:
    """The methods, the least error first."""
    means = table.groupby("method")["error_index"].mean().sort_values(kind="stable")
    return [str(name) for name in means.index]

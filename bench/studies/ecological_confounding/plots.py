"""Error and coverage of ecological inference by dose of confounding."""

from __future__ import annotations

from itertools import cycle
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from bench.core.language import _, in_form
from bench.report.charts import PERCENT, Chart, Panels, curves, labelled, promised, quantity
from bench.report.plotting import layout as canvas
from bench.report.plotting import style

if TYPE_CHECKING:
    from matplotlib.figure import Figure

TICKS = (0.5, 1, 2, 5, 10, 20, 50)  # percent


def looks_of(table: pd.DataFrame) -> dict[str, dict[str, Any]]:
    """Colour, dashes and marker of every method, the least error first."""
    means = table.groupby("method")["error_index"].mean().sort_values(kind="stable")
    looks = zip(means.index, cycle(style.SERIES), cycle(style.DASHES[:4]), cycle(style.MARKERS))
    return {
        str(name): {"color": colour, "linestyle": dash, "marker": marker}
        for name, colour, dash, marker in looks
    }


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
) -> Figure:
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
    looks = looks_of(table)
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
        x_label=_("confounding, {unit}", unit=unit),
        grid="y",
    )
    left, right = axes[0]
    for name, look in looks.items():
        curve = table[table["method"].eq(name)].sort_values("dose")
        shade = {"color": look["color"], "alpha": 0.15, "linewidth": 0}
        left.fill_between(curve["dose"], curve["low"], curve["high"], **shade)
        left.plot(curve["dose"], curve["error_index"], **look, markersize=2.6)
    left.set_yscale("log")
    low, high = table["error_index"].min(), table["error_index"].max()
    ticks = [t for t in TICKS if low / 1.5 <= t <= high * 1.5]
    left.set_yticks(ticks, [in_form(f"{t:g}") for t in ticks])
    left.set_yticks([], minor=True)
    left.set_title(_("error index, %"))
    curve = table[table["method"].eq(default)].sort_values("dose")
    colour = looks[default]["color"]
    right.axhline(level, color=style.SOFT, linewidth=0.8)
    for name, words, form in (
        ("covered", _("cells"), "D-"),
        ("covered_votes", _("cells by votes"), "^:"),
    ):
        right.plot(curve["dose"], curve[name], form, color=colour, markersize=2.6, label=words)
    right.legend(loc="lower left", frameon=False)
    right.set_ylim(0, 1.02)
    right.set_title(_("coverage of {default}", default=default))
    handles = [{**look, "markersize": 3} for look in looks.values()]
    canvas.legend(figure, handles, [name.replace("_", " ") for name in looks], top, 3)
    return figure


def confounding_chart(table: pd.DataFrame, *, default: str, level: float, unit: str) -> Chart:
    """The error index of every method, and what the intervals of the default hold.

    Parameters
    ----------
    table, default, level, unit
        As of `confounding`.
    """
    looks = looks_of(table)
    held = table[table["method"].eq(default)].assign(low=np.nan, high=np.nan)
    inside = {
        _("Cells inside the {level:.0%} intervals, %", level=level): held["covered"],
        _("The same, cells by their votes, %"): held["covered_votes"],
    }
    measures = {_("Votes in the wrong cell, %"): table.assign(value=table["error_index"])}
    measures |= {words: held.assign(value=PERCENT * share) for words, share in inside.items()}
    known = pd.concat([rows.assign(measure=words) for words, rows in measures.items()])
    known = known[known["value"].notna()].sort_values(["measure", "method", "dose"])
    known = known.reset_index(drop=True)
    rows, columns = labelled(
        measure=(_("Measure"), known["measure"]),
        method=(_("Method"), known["method"].str.replace("_", " ")),
        dose=(_("Dose"), known["dose"]),
        value=(_("Value"), known["value"].round(2)),
        low=(_("95% interval from"), known["low"].round(2)),
        high=(_("95% interval to"), known["high"].round(2)),
        n=(_("Replicates"), known["replicates"]),
    )
    axis = {"grid": False, "tickCount": 6, "titleAnchor": "middle"}
    return curves(
        rows,
        columns,
        across=quantity("dose", title=_("confounding, {unit}", unit=unit), axis=axis),
        title=None,
        colours={name.replace("_", " "): look["color"] for name, look in looks.items()},
        behind=[promised([*inside], level)],
        panels=Panels(
            field="measure", order=list(measures), most=3, ratio=0.7, room=40, own_scale=True
        ),
    )

"""The chart of error and coverage by dose of confounding."""

from __future__ import annotations

import pandas as pd

from bench.core.language import _
from bench.report.charts import PERCENT, Chart, Panels, curves, promised
from bench.studies.ecological_confounding.plots import COLOURS, in_order


def confounding_chart(table: pd.DataFrame, *, default: str, level: float, unit: str) -> Chart:
    """The error index of every method, and what the intervals of the default hold.

    Parameters
    ----------
    table, default, level, unit
        As of `bench.studies.ecological_confounding.plots.confounding`.
    """
    names = {name: name.replace("_", " ") for name in in_order(table)}
    held = table[table["method"].eq(default)]
    measures = {
        _("Votes in the wrong cell, %"): table.assign(value=table["error_index"]),
        _("Cells inside the {level:.0%} intervals, %", level=level): held.assign(
            value=PERCENT * held["covered"], low=float("nan"), high=float("nan")
        ),
        _("The same, cells by their votes, %"): held.assign(
            value=PERCENT * held["covered_votes"], low=float("nan"), high=float("nan")
        ),
    }
    known = pd.concat([rows.assign(measure=words) for words, rows in measures.items()])
    known = known[known["value"].notna()].sort_values(["measure", "method", "dose"])
    rows = pd.DataFrame(
        {
            "measure": known["measure"],
            "method": known["method"].map(names),
            "dose": known["dose"],
            **{key: known[key].round(2) for key in ("value", "low", "high")},
            "n": known["replicates"],
        }
    ).reset_index(drop=True)
    columns = {
        "measure": _("Measure"),
        "method": _("Method"),
        "dose": _("Dose"),
        "value": _("Value"),
        "low": _("95% interval from"),
        "high": _("95% interval to"),
        "n": _("Replicates"),
    }
    across = {
        "field": "dose",
        "type": "quantitative",
        "title": _("confounding, {unit}", unit=unit),
        "axis": {"grid": False, "tickCount": 6, "titleAnchor": "middle"},
    }
    return curves(
        rows,
        columns,
        across=across,
        title=None,
        colours={name: COLOURS[i % len(COLOURS)] for i, name in enumerate(names.values())},
        behind=[promised(list(measures)[1:], level)],
        panels=Panels(
            field="measure", order=list(measures), most=3, ratio=0.7, room=40, own_scale=True
        ),
    )

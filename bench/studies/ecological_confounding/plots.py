"""Error and coverage of ecological inference by dose of confounding."""

from __future__ import annotations

from itertools import cycle
from typing import Any

import pandas as pd

from bench.core.language import _
from bench.report.figure import Axis, Figure, Mark
from bench.report.plotting import layout as canvas
from bench.report.plotting import style

TICKS = (0.5, 1, 2, 5, 10, 20, 50)  # percent


def looks_of(table: pd.DataFrame) -> dict[str, dict[str, Any]]:
    """Colour, dashes and marker of every method, the least error first."""
    means = table.groupby("method")["error_index"].mean().sort_values(kind="stable")
    looks = zip(means.index, cycle(style.SERIES), cycle(style.DASHES[:4]), cycle(style.MARKERS))
    return {
        str(name): {"color": colour, "linestyle": dash, "marker": marker}
        for name, colour, dash, marker in looks
    }


def confounding(
    table: pd.DataFrame, *, default: str, level: float, unit: str, title: str, claim: str = ""
) -> Figure:
    """The error index of every method by dose, and what the default's intervals hold.

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
    """
    looks = looks_of(table)
    errors = table.sort_values("dose").assign(panel="error")
    mine = errors[errors["method"].eq(default)].assign(panel="coverage")
    held: dict[str, dict[str, Any]] = {
        name: {"color": looks[default]["color"], **look}
        for name, look in (
            (_("cells"), {"marker": "D", "linestyle": "-"}),
            (_("cells by votes"), {"marker": "^", "linestyle": ":"}),
        )
    }
    x, small = Axis(label=_("confounding, {unit}", unit=unit)), {"size": 0.36}
    promised = pd.DataFrame({"panel": ["coverage"], "level": [level]})
    return Figure(
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
        panels={
            "error": _("error index, %"),
            "coverage": _("coverage of {default}", default=default),
        },
        x=x,
        axes={
            "error": (x, Axis(scale="log", ticks=TICKS)),
            "coverage": (x, Axis(low=0, high=1.02)),
        },
        per_line=2,
        height=2.5,
        grid="y",
        looks=looks,
        legend={name.replace("_", " "): look for name, look in (looks | held).items()},
        marks=(
            Mark("at", promised, y="level", look={"color": style.SOFT}),
            Mark("band", errors, "dose", "low", "high", by="method"),
            Mark("line", errors, "dose", "error_index", by="method", look=small),
            *(
                Mark("line", mine, "dose", key, look={**look, **small})
                for key, look in zip(("covered", "covered_votes"), held.values(), strict=True)
            ),
        ),
    )

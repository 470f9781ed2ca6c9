"""Dots: error of every predictor over many electorates of several elections."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import cycle

import pandas as pd

from bench.core.language import _
from bench.core.options import labels
from bench.report.figure import Axis, Figure, Mark
from bench.report.formatting import format_significant
from bench.report.plotting import style

SHADES = ("#7fb3d5", "#2f8f4e", "#d99000", "#0b4f96", "#a6266e", "#4b5563")
TICKS = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50)  # percentage points


def drawn_rows(table: pd.DataFrame) -> pd.DataFrame:
    """The rows with a dot: a random sample has none where it changes nothing.

    It changes nothing for methods that do not draw their evidence from volunteers.
    """
    keys = ["election", "predictor"]
    is_first = table["volunteers"].eq(table["volunteers"].iloc[0])
    first = table.loc[is_first, [*keys, "rmse_pp"]].rename(columns={"rmse_pp": "twin"})
    twin = table[keys].merge(first, on=keys, how="left")["twin"].set_axis(table.index)
    same = (table["rmse_pp"] - twin).abs().lt(0.01)
    return table.assign(filled=is_first)[is_first | ~same]


def electorates(
    table: pd.DataFrame, families: Mapping[str, str], title: str, *, claim: str = ""
) -> Figure:
    """The root mean squared error by method and election, volunteers and random samples.

    Parameters
    ----------
    table
        election, volunteers, predictor, rmse_pp; the first kind of volunteers is drawn filled.
    families
        Predictor to its family of methods; families stand together.
    title
        Of the experiment.
    claim
        What the figure shows.
    """
    keys = sorted(table["predictor"].unique(), key=lambda name: (families.get(name, ""), name))
    methods, elections = labels("predictor", keys), list(table["election"].unique())
    kinds = list(table["volunteers"].unique())
    looks = {
        name: {"color": colour, "marker": mark, "shift": 0.19 * (j - (len(elections) - 1) / 2)}
        for j, (name, (colour, mark)) in enumerate(
            zip(elections, cycle(zip(SHADES, style.MARKERS, strict=True)), strict=False)
        )
    }
    rows = drawn_rows(table)
    rows = rows.assign(method=rows["predictor"].map(methods), hollow=~rows["filled"])
    return Figure(
        title=_("Do the methods err alike in other elections? {title}", title=title),
        claim=claim,
        caption=_(
            "Each dot is the root mean squared error over electorates drawn around one election. "
            "Filled: {filled} app and ballot; hollow: {hollow}, as many people with the same "
            "chance for everybody (only where that differs). Logarithmic scale.",
            filled=_(kinds[0]),
            hollow=[_(kind) for kind in kinds[1:]] or _("nothing"),
        ),
        x=Axis(
            label=_("root mean squared error over candidates, percentage points"),
            scale="log",
            ticks=TICKS,
            write=format_significant,
        ),
        y=Axis(names=list(methods.values())),
        height=0.5,
        per_row=0.25,
        bands=True,
        looks=looks,
        legend=looks,
        legend_columns=len(looks),
        marks=(Mark("dot", rows, "rmse_pp", "method", by="election", hollow="hollow"),),
    )

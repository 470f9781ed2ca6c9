"""Dots: error of every predictor over many electorates of several elections."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import cycle
from typing import TYPE_CHECKING

import pandas as pd

from bench.core.language import _
from bench.core.options import labels
from bench.report.charts import (
    Chart,
    chart_of,
    colours_of,
    followed,
    labelled,
    layer,
    quantity,
    rows_by_name,
    tips,
)
from bench.report.formatting import format_significant
from bench.report.plotting import layout as canvas
from bench.report.plotting import style

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SHADES = ("#7fb3d5", "#2f8f4e", "#d99000", "#0b4f96", "#a6266e", "#4b5563")
TICKS = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50)  # percentage points
ROW_PX = 26


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


def names_of(table: pd.DataFrame, families: Mapping[str, str]) -> dict[str, str]:
    """Names of the methods by key; families stand together."""
    keys = sorted(table["predictor"].unique(), key=lambda name: (families.get(name, ""), name))
    return labels("predictor", keys)


def looks_of(table: pd.DataFrame) -> dict[str, tuple[str, str]]:
    """Colour and marker of every election."""
    looks = cycle(zip(SHADES, style.MARKERS, strict=True))
    return dict(zip(table["election"].unique(), looks, strict=False))


@canvas.styled
def electorates(
    table: pd.DataFrame,
    families: Mapping[str, str],
    title: str,
    *,
    claim: str = "",
    size: str = "double",
) -> Figure:
    """Draw the root mean squared error by method and election, volunteers and random samples.

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
    size
        Size preset.
    """
    from matplotlib.ticker import NullFormatter

    methods, elections = names_of(table, families), looks_of(table)
    kinds = list(table["volunteers"].unique())
    figure, axes, top = canvas.sheet(
        size,
        0.5 + 0.25 * len(methods),
        title=_("Do the methods err alike in other elections? {title}", title=title),
        claim=claim,
        caption=_(
            "Each dot is the root mean squared error over electorates drawn around one election. "
            "Filled: {filled} app and ballot; hollow: {hollow}, as many people with the same "
            "chance for everybody (only where that differs). Logarithmic scale.",
            filled=_(kinds[0]),
            hollow=[_(kind) for kind in kinds[1:]] or _("nothing"),
        ),
        legend_lines=1,
        x_label=_("root mean squared error over candidates, percentage points"),
        grid="x",
    )
    axis = axes[0, 0]
    axis.set_xscale("log")
    dot = style.FONT_PT[size] * 0.5
    rows = {name: place for place, name in enumerate(methods)}
    lines = {name: 0.19 * (j - (len(elections) - 1) / 2) for j, name in enumerate(elections)}
    for row in drawn_rows(table).to_dict("records"):
        colour, marker = elections[row["election"]]
        axis.plot(
            row["rmse_pp"],
            rows[row["predictor"]] + lines[row["election"]],
            marker,
            color=colour,
            markerfacecolor=colour if row["filled"] else style.PAPER,
            zorder=3,
            markersize=dot,
        )
    low, high = table["rmse_pp"].min(), table["rmse_pp"].max()
    ticks = [t for t in TICKS if low / 1.5 <= t <= high * 1.5]
    axis.set_xticks(ticks, [format_significant(t) for t in ticks])
    axis.xaxis.set_minor_formatter(NullFormatter())
    canvas.name_rows(axes, list(methods.values()), size)
    handles = [
        {"linestyle": "", "marker": marker, "color": colour, "markersize": dot}
        for colour, marker in elections.values()
    ]
    canvas.legend(figure, handles, [*elections], top, len(elections))
    return figure


def electorate_chart(table: pd.DataFrame, families: Mapping[str, str]) -> Chart:
    """A dot for each election; hollow where as many people were drawn with equal chances.

    Parameters
    ----------
    table, families
        As of `electorates`.
    """
    known, methods = drawn_rows(table), names_of(table, families)
    rows, columns = labelled(
        method=(_("Method"), known["predictor"].map(methods)),
        election=(_("Election"), known["election"]),
        volunteers=(_("Volunteers"), known["volunteers"].map(_)),
        value=(_("Root mean squared error, points"), known["rmse_pp"].round(2)),
        bias=(_("Of this bias, points"), known["bias_pp"].round(2)),
        sd=(_("And spread, points"), known["sd_pp"].round(2)),
        n=(_("Electorates"), known["electorates"]),
    )
    rows["filled"] = known["filled"]
    elections = {name: colour for name, (colour, _marker) in looks_of(table).items()}
    dots = layer(
        {"type": "point", "size": 80, "strokeWidth": 2},
        x=quantity(
            "value", title=columns["value"], scale={"type": "log"}, axis={"values": [*TICKS]}
        ),
        y=rows_by_name("method", list(methods.values())),
        yOffset={"field": "election", "type": "nominal", "sort": list(elections)},
        color=colours_of("election", elections),
        fillOpacity={"condition": {"test": "datum.filled", "value": 1}, "value": 0},
        opacity=followed("method"),
        tooltip=tips(columns),
    )
    dots["encoding"]["fill"] = dots["encoding"]["color"]
    spec = chart_of(dots, height=ROW_PX * len(methods))
    return Chart(spec=spec, rows=rows, columns=columns)

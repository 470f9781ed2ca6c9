"""Dots: error of every predictor over many electorates of several elections."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import pandas as pd

from bench.core.language import _
from bench.core.options import labels
from bench.report.formatting import format_significant
from bench.report.plotting import layout as canvas
from bench.report.plotting import style

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SHADES = ("#7fb3d5", "#2f8f4e", "#d99000", "#0b4f96", "#a6266e", "#4b5563")


@canvas.styled
def electorates(
    table: pd.DataFrame,
    families: Mapping[str, str],
    title: str,
    *,
    claim: str = "",
    size: str = "double",
) -> "Figure":
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
    from matplotlib.ticker import FuncFormatter, NullFormatter

    methods = sorted(table["predictor"].unique(), key=lambda name: (families.get(name, ""), name))
    elections = list(dict.fromkeys(table["election"]))
    kinds = list(dict.fromkeys(table["volunteers"]))
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
    )
    axis = axes[0, 0]
    canvas.tidy(axis)
    axis.set_xscale("log")
    for row in drawn_rows(table).to_dict("records"):
        j = elections.index(row["election"])
        colour = SHADES[j % len(SHADES)]
        y = methods.index(row["predictor"]) + (j - (len(elections) - 1) / 2) * 0.19
        filled = row["volunteers"] == kinds[0]
        axis.plot(
            row["rmse_pp"],
            y,
            style.MARKERS[j % len(style.MARKERS)],
            color=colour,
            markerfacecolor=colour if filled else style.PAPER,
            zorder=3,
            markersize=style.FONT_PT[size] * 0.5,
        )
    axis.xaxis.set_major_formatter(FuncFormatter(lambda value, _place: format_significant(value)))
    axis.xaxis.set_minor_formatter(NullFormatter())
    low, high = table["rmse_pp"].min(), table["rmse_pp"].max()
    ticks = [t for t in (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50) if low / 1.5 <= t <= high * 1.5]
    axis.set_xticks(ticks)
    called = labels("predictor", methods)
    canvas.name_rows(axes, [called[name] for name in methods], size)
    handles = [
        {
            "linestyle": "",
            "marker": style.MARKERS[j % len(style.MARKERS)],
            "color": SHADES[j % len(SHADES)],
            "markersize": style.FONT_PT[size] * 0.5,
        }
        for j in range(len(elections))
    ]
    canvas.legend(figure, handles, elections, top, len(elections))
    return figure


def drawn_rows(table: pd.DataFrame) -> pd.DataFrame:
    """The rows with a dot: a random sample has none where it changes nothing.

    It changes nothing for methods that do not draw their evidence from volunteers.
    """
    keys = ["election", "predictor"]
    is_first = table["volunteers"].eq(table["volunteers"].iloc[0])
    first = table.loc[is_first, [*keys, "rmse_pp"]].rename(columns={"rmse_pp": "twin"})
    twin = table[keys].merge(first, on=keys, how="left")["twin"].set_axis(table.index)
    same = (table["rmse_pp"] - twin).abs().lt(0.01)
    return table.loc[is_first | ~same]

"""What attention adds to the polls that it is calibrated on, method by method."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from bench.core.language import _
from bench.report.charts import Chart, intervals
from bench.report.plotting import layout, style

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def gain_rows(summary: pd.DataFrame, reference: str) -> pd.DataFrame:
    """The difference in error of every method from the polls alone, the best first.

    Parameters
    ----------
    summary
        Of the study, under the names that people read.
    reference
        The polls alone, which are left out.

    Returns
    -------
    DataFrame
        method, value, low, high (percentage points; NaN without an interval), elections.
    """
    rows = summary[~summary["hindsight"] & summary["predictor"].ne(reference)]
    found = pd.DataFrame(
        {
            "method": rows["label"],
            "value": rows["difference_pp"].round(2),
            "low": rows["low"].round(2),
            "high": rows["high"].round(2),
            "elections": rows["elections"],
        }
    )
    return found.sort_values("value", kind="stable", ignore_index=True)


def gains_chart(rows: pd.DataFrame) -> Chart:
    """The rows of `gain_rows` as a chart of the page."""
    columns = {
        "method": _("Method"),
        "value": _("Difference in error, percentage points"),
        "low": _("95% interval from"),
        "high": _("95% interval to"),
        "elections": _("Elections"),
    }
    return intervals(rows, "method", columns, columns["value"], line=0)


@layout.styled
def gains(
    rows: pd.DataFrame, title: str, source: str, *, claim: str = "", size: str = "double"
) -> Figure:
    """Draw the difference in error of every method, with its interval over elections.

    Parameters
    ----------
    rows
        From `gain_rows`.
    title, source
        Heading, and where evidence and outcome come from.
    claim
        What the figure shows.
    size
        Size preset.
    """
    names = [str(name) for name in rows["method"]]
    figure, axes, _top = layout.sheet(
        size,
        0.4 + 0.2 * len(names) * layout.row_lines(names, size),
        title=_("Does attention add anything to the polls? {title}", title=title),
        claim=claim,
        caption=_(
            "Mean absolute error less that of the same polls, left as they are; lines: 95% "
            "intervals over elections. Left of the line attention helped. {source}",
            source=source,
        ),
        grid="x",
        x_label=_("difference in error, percentage points"),
    )
    axis, places = axes[0, 0], np.arange(len(rows))
    colour, known = style.METHOD_COLOURS["buzz"], rows["low"].notna().to_numpy()
    axis.axvline(0, color=style.INK, linewidth=0.9)
    axis.hlines(places[known], rows["low"][known], rows["high"][known], color=colour)
    axis.plot(rows["value"], places, "o", color=colour, markersize=style.FONT_PT[size] * 0.5)
    layout.name_rows(axes, names, size)
    return figure

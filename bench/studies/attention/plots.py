"""What attention adds to the polls that it is calibrated on, method by method."""

from __future__ import annotations

import pandas as pd

from bench.core.language import _
from bench.report.figure import Axis, Figure, Mark
from bench.report.plotting import style


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


def gains(rows: pd.DataFrame, title: str, source: str, *, claim: str = "") -> Figure:
    """The difference in error of every method, with its interval over elections.

    Parameters
    ----------
    rows
        From `gain_rows`.
    title, source
        Heading, and where evidence and outcome come from.
    claim
        What the figure shows.
    """
    look = {"color": style.METHOD_COLOURS["buzz"]}
    return Figure(
        title=_("Does attention add anything to the polls? {title}", title=title),
        claim=claim,
        caption=_(
            "Mean absolute error less that of the same polls, left as they are; lines: 95% "
            "intervals over elections. Left of the line attention helped. {source}",
            source=source,
        ),
        x=Axis(label=_("difference in error, percentage points")),
        y=Axis(names=[str(name) for name in rows["method"]]),
        per_row=0.2,
        bands=True,
        marks=(
            Mark("at", x=0, look={"color": style.INK}),
            Mark("rule", rows, "low", "method", "high", look=look),
            Mark("dot", rows, "value", "method", look=look),
        ),
    )

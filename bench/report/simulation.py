"""Plain tables of a simulation, in Markdown."""

from __future__ import annotations

import numpy as np
import pandas as pd


def markdown_table(table: pd.DataFrame, digits: int = 4) -> str:
    """A table in Markdown, numbers to so many significant digits.

    Examples
    --------
    >>> print(markdown_table(pd.DataFrame({"n": [3], "share": [0.123456]})))
    | n | share |
    | --- | --- |
    | 3 | 0.1235 |
    <BLANKLINE>
    """
    lines = [f"| {' | '.join(map(str, table.columns))} |", f"|{' --- |' * table.shape[1]}"]
    for row in table.itertuples(index=False):
        lines.append(f"| {' | '.join(_cell(value, digits) for value in row)} |")
    return "\n".join(lines) + "\n"


def _cell(value: object, digits: int) -> str:
    if isinstance(value, float | np.floating):
        if np.isnan(value):
            return "–"
        whole = abs(value) >= 10**digits
        return f"{value:,.0f}" if whole else f"{value:.{digits}g}"
    return str(value)

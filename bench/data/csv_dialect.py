"""How a file brought along is read: encoding, separator and decimal commas are found and logged."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from bench.core.errors import DataError
from bench.core.read import announce, missing_column
from bench.data.readers import THOUSANDS, read_csv

HYPOTHESIS = "hypothesis"
MAX_BYTES = 10_000_000
MAX_ROWS = 50_000  # of polls.csv; those of all French presidential elections are half as many
_COMMA = re.compile(r"-?\d+,\d+ ?%?")


def raw_rows(path: Path, columns: Sequence[str] = ()) -> pd.DataFrame:
    """Rows as text with decimal points in `share`; an empty cell is None; index: line less 2.

    Parameters
    ----------
    path : Path
        CSV in UTF-8 or Windows-1252; cells between commas, semicolons, tabs or vertical bars,
        whichever the header has most of; decimal points or commas.
    columns : sequence of str
        Columns that must be there.

    Raises
    ------
    DataError
        With the line, and what is accepted.
    """
    rows = read_csv(path, MAX_BYTES, MAX_ROWS, foreign=True)
    missing = [name for name in columns if name not in rows]
    if missing:
        hint = f"; needed: {', '.join(columns)}"
        raise DataError(missing_column(path, missing[0], rows.columns, hint))
    if rows.empty:
        raise DataError(f"{path}: the file has a header and no rows")
    return with_points(rows.astype(object).where(rows.notna(), None), path)


def with_points(rows: pd.DataFrame, path: Path) -> pd.DataFrame:
    """The same rows, with decimal points for decimal commas in the column `share`.

    Raises
    ------
    DataError
        If it has both.
    """
    cells = rows.get("share", pd.Series(dtype=object)).astype(str)
    has_comma = cells.str.fullmatch(_COMMA)
    if not has_comma.any():
        return rows
    has_point = cells.str.contains(".", regex=False)
    if has_point.any():
        place = first_cell(cells[has_point], path)
        raise DataError(f"{place}; accepted: decimal points or decimal commas, not both")
    announce(f"{path}: 'share' read as numbers with decimal commas")
    with_point = cells.str.replace(",", ".")
    return rows.assign(share=rows["share"].where(~has_comma, with_point))


def first_line(rows: pd.Series | pd.DataFrame) -> int:
    """The line of the first of some rows whose index is their line less 2."""
    return int(str(rows.index[0])) + 2


def first_cell(cells: pd.Series, path: Path) -> str:
    """Where the first of some cells of a column stands, and what it holds."""
    content = "empty" if cells.iloc[0] is None else cells.iloc[0]
    return f"{path}:{first_line(cells)}: column '{cells.name}' is {content}"


def whole(values: pd.Series) -> pd.Series:
    """Numbers as text without decimals; what is not a number, or has thousands, stays as it is."""
    number = pd.to_numeric(values, errors="coerce").round()
    unchanged = number.isna() | values.astype(str).str.fullmatch(THOUSANDS)
    return values.where(unchanged, number.map("{:.0f}".format))

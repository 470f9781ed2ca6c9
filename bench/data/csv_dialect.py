"""How a file brought along is read: encoding, separator and decimal commas are found and logged."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from bench.core.errors import DataError
from bench.core.read import announce
from bench.data.readers import read_csv

HYPOTHESIS = "hypothesis"
NUMBERS = ("share", "sample_size", "sample_expressed", "votes")
MAX_BYTES = 10_000_000
MAX_ROWS = 50_000  # of polls.csv; those of all French presidential elections are half as many
_COMMA = re.compile(r"-?\d+,\d+ ?%?")
_THOUSANDS = re.compile(r"\d{1,3}([.,]\d{3})+")  # 12.000 is twelve thousand, or twelve


def raw_rows(path: Path, columns: Sequence[str] = ()) -> pd.DataFrame:
    """Rows as text with decimal points; an empty cell is None; index: line less 2.

    Parameters
    ----------
    path : Path
        CSV in UTF-8, UTF-16 with its mark, or Windows-1252; cells between commas, semicolons, tabs
        or vertical bars, whichever the header has most of; decimal points or commas.
    columns : sequence of str
        Columns that must be there.

    Raises
    ------
    DataError
        With the line, and what is accepted.
    """
    rows = read_csv(path, MAX_BYTES, MAX_ROWS, foreign=True)
    if missing := [name for name in columns if name not in rows]:
        raise DataError(
            f"{path}:1: the column '{missing[0]}' is missing; the file has "
            f"{', '.join(map(str, rows))}; needed: {', '.join(columns)}"
        )
    if rows.empty:
        raise DataError(f"{path}: the file has a header and no rows")
    return with_points(rows.astype(object).where(rows.notna(), None), path)


def with_points(rows: pd.DataFrame, path: Path) -> pd.DataFrame:
    """The same rows, with decimal points for decimal commas in columns of numbers.

    Raises
    ------
    DataError
        If a column has both, or a count has either between thousands.
    """
    for name in (name for name in NUMBERS if name in rows):
        cells = rows[name].astype(str)
        commas, points = cells.str.fullmatch(_COMMA), cells.str.contains(".", regex=False)
        wrong = points if commas.any() else points & False
        if name != "share":
            wrong |= cells.str.fullmatch(_THOUSANDS)
        if wrong.any():
            raise DataError(
                f"{first_cell(rows[name][wrong], path)}; accepted: decimal points or decimal "
                "commas, not both, and neither between thousands"
            )
        if commas.any():
            announce(f"{path}: '{name}' read as numbers with decimal commas")
            rows = rows.assign(**{name: rows[name].where(~commas, cells.str.replace(",", "."))})
    return rows


def first_line(rows: pd.Series | pd.DataFrame) -> int:
    """The line of the first of some rows whose index is their line less 2."""
    return int(str(rows.index[0])) + 2


def first_cell(cells: pd.Series, path: Path) -> str:
    """Where the first of some cells of a column stands, and what it holds."""
    shown = "empty" if cells.iloc[0] is None else cells.iloc[0]
    return f"{path}:{first_line(cells)}: column '{cells.name}' is {shown}"


def whole(values: pd.Series) -> pd.Series:
    """Numbers as text without decimals; what is not a number stays as it is."""
    number = pd.to_numeric(values, errors="coerce").round()
    return values.where(number.isna(), number.map("{:.0f}".format))

"""How a file brought along is read: encoding, separator and decimal commas are found and logged."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from bench.core.errors import DataError
from bench.core.read import MOST_IN_CELL, MOST_LETTERS, announce, refuse_columns
from bench.data.readers import text_of

HYPOTHESIS = "hypothesis"
NAMING = ("candidate", "institute", HYPOTHESIS, "poll_id")
NUMBERS = ("share", "sample_size", "sample_expressed", "votes")
MOST_BYTES = 10_000_000
MOST_ROWS = 50_000  # of polls.csv; those of all French presidential elections are half as many
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
    text = text_of(path, MOST_BYTES, MOST_ROWS, foreign=True)
    text = text.replace("\r\n", "\n").replace("\r", "\n").rstrip()
    separator = max(",;\t|", key=text.partition("\n")[0].count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    try:
        (_, header), *lines = [(reader.line_num, cells) for cells in reader]
    except csv.Error as error:
        words = f"not a table ({error}); accepted: cells of at most {MOST_IN_CELL:,} letters"
        raise DataError(f"{path}:{reader.line_num}: {words}") from error
    if separator != ",":
        announce(f"{path}: read as cells between {separator!r}")
    header = [name.strip() for name in header]
    refuse_columns(header, path)
    if missing := [name for name in columns if name not in header]:
        raise DataError(
            f"{path}:1: the column '{missing[0]}' is missing; the file has "
            f"{', '.join(header) or 'nothing'}; needed: {', '.join(columns)}"
        )
    if not lines:
        raise DataError(f"{path}: the file has a header and no rows")
    for line, cells in lines:
        if len(cells) != len(header):
            raise DataError(
                f"{path}:{line}: {len(cells):,} cells under {len(header)} column names; if commas "
                "are decimals, separate cells by semicolons; a quotation mark that is never closed "
                "swallows the rest"
            )
        for name, cell in zip(header, cells, strict=True):
            most = MOST_LETTERS if name in NAMING else MOST_IN_CELL
            if len(cell) > most:
                raise DataError(
                    f"{path}:{line}: column '{name}' has {len(cell):,} letters; accepted: text of "
                    f"at most {most:,} letters"
                )
    filled = [[cell.strip() or None for cell in cells] for _, cells in lines]
    index = pd.Index([line - 2 for line, _ in lines])
    rows = pd.DataFrame(filled, index=index, columns=header, dtype=object)
    return with_points(rows, path)


def with_points(rows: pd.DataFrame, path: Path) -> pd.DataFrame:
    """The same rows, with decimal points for decimal commas in columns of numbers.

    Raises
    ------
    DataError
        If a column has both, or a count has either between thousands.
    """
    for name in (name for name in NUMBERS if name in rows):
        cells = rows[name].astype(str)
        commas = cells.str.fullmatch(_COMMA)
        thousands = cells.str.fullmatch(_THOUSANDS) & (name != "share")
        if thousands.any():
            raise DataError(
                f"{first_cell(rows[name][thousands], path)}; accepted: a whole number without "
                "points between thousands or zeros behind the point"
            )
        if not commas.any():
            continue
        if (points := cells.str.contains(".", regex=False)).any():
            raise DataError(
                f"{first_cell(rows[name][points], path)}, and others have a decimal comma; "
                "accepted: one of the two"
            )
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

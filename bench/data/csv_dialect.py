"""How a file brought along is read: separators, decimals and percent, converted on request only."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd

from bench.core.errors import DataError, did_you_mean
from bench.core.read import MOST_COLUMNS, MOST_IN_CELL, MOST_LETTERS
from bench.data.columns import NATIONAL, TABLES
from bench.data.readers import THOUSANDS, text_of

HYPOTHESIS = "hypothesis"
NAMING = ("candidate", "institute", HYPOTHESIS, "poll_id")
COLUMNS = (*TABLES["polls"].columns, *TABLES["polls"].versions, *NATIONAL.columns, HYPOTHESIS)
NUMBERS = ("share", "sample_size", "sample_expressed", "votes")
ACCEPTED = {
    "decimal": (".", ","),
    "separator": (",", ";", "\t", "|"),
    "share": ("fraction", "percent"),
}
MOST_BYTES = 10_000_000
MOST_ROWS = 50_000  # of polls.csv; those of all French presidential elections are half as many
_EUROPEAN = re.compile(r"-?\d+,\d+ ?%?")
_POINTED = re.compile(r".*\..*", re.DOTALL)


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What to convert while a file is read; the defaults convert nothing.

    Attributes
    ----------
    decimal : str
        The sign before decimals: ``.`` or ``,``.
    separator : str
        The sign between cells: ``,`` ``;`` ``|`` or a tab.
    share : str
        ``fraction`` (0 to 1) or ``percent`` (0 to 100).
    date : str
        Pattern of dates, such as ``%d/%m/%Y``; empty for 2030-05-12.
    columns : mapping of str to str
        Names of columns in the file, and what they are called here.
    rounds : mapping of str to int
        What the file calls the rounds, such as ``{"Premier tour": 1}``.
    """

    decimal: str = "."
    separator: str = ","
    share: str = "fraction"
    date: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)
    rounds: Mapping[str, int] = field(default_factory=dict)

    def header(self, path: Path) -> list[str]:
        """The column names of a file."""
        return self.called(next(iter(_cells(path, self)), (0, []))[1])

    def called(self, header: Sequence[str]) -> list[str]:
        """Column names as they are called here."""
        return [self.columns.get(name.strip(), name.strip()) for name in header]

    def dates(self, values: pd.Series, path: Path) -> pd.Series:
        """Dates written 2030-05-12, where a pattern was asked for."""
        if not self.date:
            return values
        found = pd.to_datetime(values, format=self.date, errors="coerce")
        wrong = found.isna() & values.notna()
        if wrong.any():
            raise DataError(
                f"{first_cell(values[wrong], path)}; accepted: a date like {self.date}, as "
                "`reading` in election.yaml says"
            )
        return found.dt.strftime("%Y-%m-%d").where(found.notna(), None)


def reading_of(given: Any, path: Path) -> Reading:
    """The key `reading` of an `election.yaml`.

    Raises
    ------
    DataError
        If it holds something that cannot be converted.
    """
    settings = given or {}
    known = [entry.name for entry in fields(Reading)]
    if not isinstance(settings, dict):
        raise DataError(f"{path}: `reading` is {given!r}; accepted: {{{', '.join(known)}}}")
    for key, value in settings.items():
        if key not in known:
            raise DataError(f"{path}: `reading` has no '{key}' ({did_you_mean(str(key), known)})")
        if key in ACCEPTED and value not in ACCEPTED[key]:
            shown = ", ".join(map(repr, ACCEPTED[key]))
            raise DataError(f"{path}: `reading` has {key} {value!r:.60}; accepted: {shown}")
        if key == "date" and not _is_pattern(value):
            raise DataError(
                f"{path}: `reading` has date {value!r:.60}; accepted: a pattern of day, month and "
                'year, such as "%d/%m/%Y"'
            )
        if key in ("columns", "rounds"):
            _refuse_names(key, value, path)
    return Reading(**settings)


def _is_pattern(value: object) -> bool:
    """Whether a pattern of dates reads back the days that it writes."""
    days = [datetime(2030, 12, 31), datetime(2031, 1, 2)]
    try:
        return isinstance(value, str) and (
            value == "" or all(datetime.strptime(day.strftime(value), value) == day for day in days)
        )
    except (ValueError, re.error):
        return False


def _refuse_names(key: str, value: object, path: Path) -> None:
    """The names that `reading` translates: columns of a file, or what it calls the rounds."""
    example = "{institut: institute}" if key == "columns" else "{Premier tour: 1}"
    if not isinstance(value, dict) or not all(isinstance(name, str) for name in value):
        raise DataError(f"{path}: `reading` has {key} {value!r:.60}; accepted: such as {example}")
    for name, means in value.items():
        if key == "columns" and means not in COLUMNS:
            raise DataError(
                f"{path}: `reading` calls the column '{name}' {means!r:.60} "
                f"({did_you_mean(str(means)[:60], COLUMNS)})"
            )
        if key == "rounds" and means not in (1, 2):
            raise DataError(f"{path}: `reading` calls '{name}' round {means!r:.60}; accepted: 1, 2")


def raw_rows(
    path: Path, reading: Reading, columns: Sequence[str], *, shares: Sequence[str] = ()
) -> pd.DataFrame:
    """Rows as text with decimal points and fractions; an empty cell is None.

    Parameters
    ----------
    path : Path
        CSV in UTF-8.
    reading : Reading
        What to convert.
    columns : sequence of str
        Columns that must be there.
    shares : sequence of str
        Columns of shares, of which percent are divided by 100 on request.

    Raises
    ------
    DataError
        With line, value and the `reading` that would convert it.
    """
    (_, header), *lines = _cells(path, reading) or [(1, [])]
    _refuse_long(path, [(1, header), *lines])
    header = reading.called(header)
    if twice := [name for name in header if header.count(name) > 1]:
        raise DataError(f"{path}:1: the column '{twice[0]}' occurs twice; keep one")
    if missing := [name for name in columns if name not in header]:
        raise DataError(
            f"{path}:1: the column '{missing[0]}' is missing; the file has "
            f"{', '.join(header) or 'nothing'}; needed: {', '.join(columns)}{_other_sign(header)}"
        )
    if not lines:
        raise DataError(f"{path}: the file has a header and no rows")
    for line, cells in lines:
        if not cells:
            raise DataError(f"{path}:{line}: the line is empty; delete it")
        if len(cells) != len(header):
            raise DataError(
                f"{path}:{line}: {len(cells)} cells under {len(header)} column names; if commas "
                'are decimals, separate cells by semicolons and write `reading: {separator: ";", '
                'decimal: ","}` in election.yaml'
            )
    filled = [[cell.strip() or None for cell in cells] for _, cells in lines]
    rows = pd.DataFrame(filled, columns=header, dtype=object)
    rows.index = pd.Index([line - 2 for line, _ in lines])
    if "round" in rows and reading.rounds:
        called = {name: str(number) for name, number in reading.rounds.items()}
        rows["round"] = rows["round"].map(lambda name: called.get(name, name))
    for name in (name for name in header if name in NAMING):
        long = rows[name].str.len() > MOST_LETTERS
        if long.any():
            raise DataError(
                f"{path}:{first_line(rows[long])}: column '{name}' has "
                f"{len(rows[name][long].iloc[0]):,} letters; accepted: {MOST_LETTERS}"
            )
    for name in (name for name in header if name in NUMBERS):
        rows[name] = pointed(rows[name], path, reading)
    for name in shares:
        rows[name] = fractions(rows[name], path, reading)
    return rows


def first_line(rows: pd.Series | pd.DataFrame) -> int:
    """The line of the first of some rows whose index is their line less 2."""
    return int(str(rows.index[0])) + 2


def first_cell(cells: pd.Series, path: Path) -> str:
    """Where the first of some cells of a column stands, and what it holds."""
    shown = "empty" if cells.iloc[0] is None else cells.iloc[0]
    return f"{path}:{first_line(cells)}: column '{cells.name}' is {shown}"


def whole(values: pd.Series) -> pd.Series:
    """Numbers as text without decimals; what is no number stays as it is."""
    number = pd.to_numeric(values, errors="coerce").round()
    return values.where(number.isna(), number.map("{:.0f}".format))


def _cells(path: Path, reading: Reading) -> list[tuple[int, list[str]]]:
    words = text_of(path, MOST_BYTES, MOST_ROWS).replace("\r\n", "\n").replace("\r", "\n").rstrip()
    reader = csv.reader(io.StringIO(words, newline=""), delimiter=reading.separator)
    try:
        return [(reader.line_num, cells) for cells in reader]
    except csv.Error as error:
        words = f"not a table ({error}); accepted: cells of at most {MOST_IN_CELL:,} letters"
        raise DataError(f"{path}:{reader.line_num}: {words}") from error


def _refuse_long(path: Path, lines: Sequence[tuple[int, list[str]]]) -> None:
    """Lines of too many cells, and cells that are too long."""
    for line, cells in lines:
        if len(cells) > MOST_COLUMNS:
            raise DataError(f"{path}:{line}: {len(cells):,} cells; accepted: {MOST_COLUMNS}")
        if max(map(len, cells), default=0) > MOST_IN_CELL:
            raise DataError(
                f"{path}:{line}: a cell of {max(map(len, cells)):,} letters; accepted: "
                f"{MOST_IN_CELL:,} (a quotation mark that is never closed swallows the rest)"
            )


def _other_sign(header: list[str]) -> str:
    for sign in ACCEPTED["separator"]:
        if len(header) == 1 and sign in header[0]:
            return (
                f"; cells are separated by {sign!r}: write `reading: {{separator: "
                f'"{sign}"}}` in election.yaml to have them read so'
            )
    return ""


def pointed(values: pd.Series, path: Path, reading: Reading) -> pd.Series:
    """Numbers as text with a decimal point; a comma is converted where `reading` asks for it.

    Raises
    ------
    DataError
        With the line of what is written otherwise.
    """
    if reading.decimal == "." and values.name != "share":
        thousands = values.astype(str).str.fullmatch(THOUSANDS)
        if thousands.any():
            raise DataError(
                f"{first_cell(values[thousands], path)}; accepted: a whole number without points "
                "between thousands or zeros behind the point"
            )
    is_wrong = _POINTED if reading.decimal == "," else _EUROPEAN
    wrong = values.map(lambda cell: isinstance(cell, str) and bool(is_wrong.fullmatch(cell)))
    if wrong.any():
        said = first_cell(values[wrong], path)
        if reading.decimal == ",":
            raise DataError(
                f"{said} although `reading` says that a comma stands before decimals; write it "
                "without points"
            )
        raise DataError(
            f'{said}, with a decimal comma; write a point, or `reading: {{decimal: ","}}` in '
            "election.yaml to have it converted"
        )
    if reading.decimal == ",":
        return values.map(lambda cell: cell.replace(",", ".") if isinstance(cell, str) else None)
    return values


def fractions(values: pd.Series, path: Path, reading: Reading) -> pd.Series:
    """Shares as text, percent divided by 100 where `reading` asks for it; index: line less 2.

    Raises
    ------
    DataError
        If something looks like percent and `reading` says fractions, or the other way round.
    """
    plain = values.map(
        lambda cell: cell.removesuffix("%").strip() if isinstance(cell, str) else None
    )
    number = pd.to_numeric(plain, errors="coerce")
    signed = plain.notna() & (plain != values)
    if reading.share == "percent":
        if number.notna().any() and not signed.any() and number.max() <= 1:
            raise DataError(
                f"{path}: `reading` says that '{values.name}' is in percent, but the largest is "
                f"{number.max():g}; take `share: percent` out of election.yaml"
            )
        parts = (number / 100).map(lambda part: None if pd.isna(part) else repr(round(part, 12)))
        return parts.where(number.notna(), values)
    wrong = signed | (number > 1)
    if wrong.any():
        raise DataError(
            f"{first_cell(values[wrong], path)}, which looks like percent; accepted: a fraction, 0 "
            "to 1; write `reading: {share: percent}` in election.yaml to have percent converted"
        )
    return values

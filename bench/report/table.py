"""A table as people see it, wherever it is shown: this file holds `Table` and `plain_table`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

MOST_CHOICES = 40  # of a column by which a page can be filtered


@dataclass(frozen=True)
class Head:
    """The head of one column.

    Attributes
    ----------
    label, meaning : str
        Printed above the column; said where there is room.
    numeric : bool
        To the right.
    key : str
        Of the column in the data.
    in_papers : bool
        Printed in LaTeX too.
    """

    label: str
    meaning: str = ""
    numeric: bool = False
    key: str = ""
    in_papers: bool = True


@dataclass(frozen=True)
class Cell:
    """One cell: its text, and the number by which it is sorted."""

    text: str
    value: float | None = None


Block = tuple[str, tuple[tuple[Cell, ...], ...]]


@dataclass(frozen=True, kw_only=True)
class Table:
    """A table with its words.

    Attributes
    ----------
    name : str
        Of its files and of its section on a page: letters, digits, ``_``.
    title : str
        Above it.
    heading : str
        Of its section on a page; the first clause of the title where empty.
    data : pandas.DataFrame
        In full precision, for the CSV.
    heads : tuple of Head
        Columns that people see.
    blocks : tuple of (str, rows)
        Rows, each block under a line of its own; no line where the text is empty.
    notes : tuple of str
        Below it.
    filters : tuple of int
        Columns by which a page can be filtered.
    first : mapping of int to str
        What a page shows of these columns until somebody chooses.
    """

    name: str
    title: str
    heading: str = ""
    data: pd.DataFrame
    heads: tuple[Head, ...]
    blocks: tuple[Block, ...]
    notes: tuple[str, ...] = ()
    filters: tuple[int, ...] = ()
    first: Mapping[int, str] = field(default_factory=dict)

    @property
    def rows(self) -> list[tuple[Cell, ...]]:
        """Rows of every block."""
        return [row for _, rows in self.blocks for row in rows]


def plain_table(
    name: str,
    data: pd.DataFrame,
    *,
    title: str,
    heading: str = "",
    notes: Sequence[str] = (),
    formats: Mapping[str, str] | None = None,
    meanings: Mapping[str, str] | None = None,
    shown: pd.DataFrame | None = None,
    first: Mapping[str, str] | None = None,
    filters: Sequence[str] | None = None,
) -> Table:
    """A table of one row per fact; its columns' names are its heads.

    Parameters
    ----------
    name
        Of the files.
    data
        What the CSV holds, in full precision.
    title, notes
        Words above and below.
    heading
        Of its section on a page.
    formats
        Format by column, such as ``{"error_index": ".2f"}``; other numbers as they are.
    meanings
        What a column means, by its name.
    shown
        Rows and columns for people; `data` if left out.
    first
        What a page shows at first, by column, such as ``{"round": "1"}``.
    filters
        Columns by which a page can be filtered; text that repeats if left out.

    Examples
    --------
    >>> table = plain_table("t", pd.DataFrame({"method": ["a", "a", "b"], "error": [0.123, 2, 3]}),
    ...                     title="T", formats={"error": ".1f"})
    >>> [cell.text for cell in table.rows[0]], [table.heads[i].label for i in table.filters]
    (['a', '0.1'], ['method'])
    """
    shown = data if shown is None else shown
    formats, meanings = formats or {}, meanings or {}
    heads = tuple(
        Head(str(key), meanings.get(str(key), ""), _is_numeric(shown[key]), str(key))
        for key in shown
    )
    columns = [
        [_cell(value, formats.get(str(key), ""), _is_numeric(shown[key])) for value in shown[key]]
        for key in shown
    ]
    rows = tuple(zip(*columns, strict=True))
    text = [str(key) for key in shown if not _is_numeric(shown[key])]
    wanted = {*(text if filters is None else filters), *(first or {})}
    by = [i for i, key in enumerate(shown) if key in wanted and _repeats(columns[i])]
    starts = {i: (first or {}).get(heads[i].key, "") for i in by}
    return Table(
        name=name,
        title=title,
        heading=heading,
        data=data,
        heads=heads,
        blocks=(("", rows),),
        notes=tuple(notes),
        filters=tuple(by),
        first={i: text for i, text in starts.items() if text},
    )


def _is_numeric(values: pd.Series) -> bool:
    is_number = pd.api.types.is_numeric_dtype(values)
    return bool(is_number and not pd.api.types.is_bool_dtype(values))


def _repeats(cells: Sequence[Cell]) -> bool:
    n = len({cell.text for cell in cells})
    return 1 < n <= min(MOST_CHOICES, 0.7 * len(cells))


def _cell(value: Any, form: str, numeric: bool) -> Cell:
    if value is None or value is pd.NaT or (isinstance(value, float) and pd.isna(value)):
        return Cell("")
    if isinstance(value, bool) or type(value).__name__ == "bool_":
        return Cell("yes" if value else "no")
    text = format(value, form) if form else str(value)
    return Cell(text, float(value) if numeric else None)

"""A table as people see it, wherever it is shown: this file holds `Table`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd


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
    def places(self) -> range:
        """Of the columns."""
        return range(len(self.heads))

    @property
    def rows(self) -> list[tuple[Cell, ...]]:
        """Rows of every block."""
        return [row for _, rows in self.blocks for row in rows]

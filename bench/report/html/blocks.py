"""What a page is made of: this file holds `Page` and its parts."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from bench.report.silent import said_once, silent_columns
from bench.report.table import Head

if TYPE_CHECKING:
    from bench.report.figure_export import Drawing


@dataclass(frozen=True, kw_only=True)
class Choice:
    """A choice above a table; a row is shown if it carries the chosen value.

    Attributes
    ----------
    label : str
        What is chosen.
    options : tuple of (str, str)
        Value and words.
    any : bool
        Whether everything may be shown.
    value : str
        Chosen at first; empty for everything.
    dates : tuple of int
        Where options are dates: the place of each among the dates of the slider, -1 for none.
    """

    label: str
    options: tuple[tuple[str, str], ...]
    any: bool = True
    value: str = ""
    dates: tuple[int, ...] = ()


@dataclass(frozen=True)
class Shown:
    """A cell: text, the number to sort by, a look (CSS classes), words under it."""

    text: str
    value: float | None = None
    look: str = ""
    under: str = ""

    @property
    def sort(self) -> str:
        """The number as text; empty where there is none."""
        return "" if self.value is None or self.value != self.value else f"{self.value:.8g}"


@dataclass(frozen=True, kw_only=True)
class Row:
    """A row; `keys` are its values for the choices, in their order."""

    cells: tuple[Shown, ...]
    keys: tuple[str, ...] = ()
    hidden: bool = False


@dataclass(frozen=True, kw_only=True)
class TablePart:
    """A section with a table that can be sorted, searched and filtered.

    Attributes
    ----------
    key, heading : str
        Id and heading of the section.
    nav : str
        Short name in the list of contents.
    caption : str
        Above the table.
    heads : tuple of Head
    groups : tuple of (str, str, rows)
        Key, heading and rows; rows are sorted within their group.
    choices : tuple of Choice
    name_column : int
        The column that names the row and is searched.
    sorted_by : int
        The column by which rows are sorted at first; -1 for none.
    notes : tuple of (str, tuple of str)
        A value of any choice (or empty: always) and the paragraphs shown with it.
    search : bool
        Whether the name can be searched.
    look : str
        CSS class of the table.
    most : int
        Rows that a page shows until more are asked for.
    """

    key: str
    heading: str
    nav: str = ""
    caption: str
    heads: tuple[Head, ...]
    groups: tuple[tuple[str, str, tuple[Row, ...]], ...]
    choices: tuple[Choice, ...] = ()
    name_column: int = 0
    sorted_by: int = -1
    notes: tuple[tuple[str, tuple[str, ...]], ...] = ()
    search: bool = True
    look: str = ""
    most: int = 24

    kind = "table"

    def without(self, keys: Sequence[str]) -> TablePart:
        """The table without the columns of these keys."""
        return self._kept([i for i, head in enumerate(self.heads) if head.key not in keys])

    def spoken(self) -> TablePart:
        """The table without the columns that say the same in every row; a note says it once."""
        rows = [row for _, _, some in self.groups for row in some]
        texts = [[row.cells[i].text for row in rows] for i in range(len(self.heads))]
        silent = silent_columns(self.heads, texts)
        part = self._kept([i for i in range(len(self.heads)) if i not in silent])
        said = said_once(self.heads, silent)
        return replace(part, notes=(*part.notes, ("", tuple(said)))) if said else part

    def _kept(self, places: Sequence[int]) -> TablePart:
        groups = tuple(
            (key, heading, tuple(replace(r, cells=tuple(r.cells[i] for i in places)) for r in rows))
            for key, heading, rows in self.groups
        )
        return replace(
            self,
            heads=tuple(self.heads[i] for i in places),
            groups=groups,
            name_column=list(places).index(self.name_column),
            sorted_by=list(places).index(self.sorted_by) if self.sorted_by in places else -1,
        )

    @property
    def meanings(self) -> list[Head]:
        """Columns that are explained."""
        return [head for head in self.heads if head.meaning]

    @property
    def n_rows(self) -> int:
        """Rows in all."""
        return sum(len(rows) for _, _, rows in self.groups)


@dataclass(frozen=True, kw_only=True)
class FigurePart:
    """A section with a figure."""

    drawing: Drawing
    kind = "figure"

    @property
    def key(self) -> str:
        """Id of the section."""
        return self.drawing.name

    @property
    def heading(self) -> str:
        """Title of the figure, without what every figure of the page has."""
        return re.split(r": |(?<=\?) ", self.drawing.title)[0]

    @property
    def nav(self) -> str:
        """Short name."""
        return self.heading.replace("Where on the map ", "Map: where ")


@dataclass(frozen=True, kw_only=True)
class LinesPart:
    """A section of sentences."""

    key: str
    heading: str
    nav: str = ""
    lines: tuple[str, ...]
    kind = "lines"


@dataclass(frozen=True, kw_only=True)
class ExplorerPart:
    """A section in which one forecast is drawn by the page itself."""

    key: str = "explore"
    heading: str = "One forecast at a time"
    nav: str = "Explore"
    names: tuple[str, ...]
    dates: tuple[str, ...]
    kind = "explorer"


Part = TablePart | FigurePart | LinesPart | ExplorerPart


@dataclass(frozen=True, kw_only=True)
class Page:
    """Everything that stands on a page.

    Attributes
    ----------
    title, kicker : str
        Heading, and the small line above it.
    lead : tuple of str
        The finding in sentences.
    counts : tuple of (str, str)
        Label and value.
    parts : tuple of Part
        In order.
    manifest : mapping
        Where the numbers come from.
    cite, source : str
    data : mapping
        For the script: the forecasts of an `ExplorerPart`.
    """

    title: str
    kicker: str = ""
    lead: tuple[str, ...] = ()
    counts: tuple[tuple[str, str], ...] = ()
    parts: tuple[Part, ...]
    manifest: Mapping[str, Any] = field(default_factory=dict)
    cite: str = ""
    source: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)


def texts_of(parts: Sequence[Part]) -> list[tuple[str, str]]:
    """Keys and short names, for the list of contents."""
    return [(part.key, part.nav or part.heading) for part in parts]

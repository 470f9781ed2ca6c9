"""What a page is made of: this file holds `Page` and its parts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from bench.report.table import Head, Table

if TYPE_CHECKING:
    from bench.report.drawings import Drawing


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
        return "" if self.value is None or self.value != self.value else f"{self.value:.12g}"


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

    kind = "table"

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
        return self.drawing.title.split(": ")[0]

    @property
    def nav(self) -> str:
        """Short name."""
        return self.heading


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


NAMES = ("predictor", "method", "estimator", "peer")  # columns that name their row
MANY = 12  # rows from which a name is searched
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


def from_table(table: Table) -> TablePart:
    """The section of a plain table; its own categories become choices."""
    text = [i for i, head in enumerate(table.heads) if not head.numeric]
    named = [i for i in text if table.heads[i].key in NAMES] or text
    name_column = named[0] if named else 0
    choices = []
    for i in table.filters:
        texts = list(dict.fromkeys(row[i].text for row in table.rows))
        first = table.first.get(i, "")
        choices.append(
            Choice(
                label=table.heads[i].label.replace("_", " "),
                options=tuple((text, text.replace("_", " ") or "–") for text in texts),
                value=first if first in texts else "",
            )
        )
    groups = tuple(
        (
            str(number),
            heading_,
            tuple(
                Row(
                    cells=tuple(Shown(cell.text, cell.value) for cell in row),
                    keys=tuple(row[i].text for i in table.filters),
                )
                for row in rows
            ),
        )
        for number, (heading_, rows) in enumerate(table.blocks)
    )
    return TablePart(
        key=f"table-{table.name}",
        heading=table.heading or _heading(table.title),
        nav=table.heading or _heading(table.title),
        caption=table.title,
        heads=table.heads,
        groups=groups,
        choices=tuple(choices),
        name_column=name_column,
        notes=(("", table.notes),) if table.notes else (),
        search=len(table.rows) > MANY and name_column not in table.filters,
    )


def _heading(title: str) -> str:
    """The first clause of a title."""
    return title.split(": ")[0].split(", ")[0]


def texts_of(parts: Sequence[Part]) -> list[tuple[str, str]]:
    """Keys and short names, for the list of contents."""
    return [(part.key, part.nav or part.heading) for part in parts]

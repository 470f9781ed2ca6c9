"""A report in a terminal: within its width, plain and 100 columns wide in a pipe."""

from __future__ import annotations

import io
import itertools
import sys
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TextIO

from bench.core.language import _
from bench.core.read import visible
from bench.report.formatting import Column
from bench.report.tables import SIGNS, Row, Table

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

    from bench.report.report import Report

WIDTH = 100
SHORT = 24  # signs below which a column of words is never broken
STYLES = {"yes": "green", "no": "red"}


def print_report(report: Report, *, file: TextIO | None = None, width: int = WIDTH) -> None:
    """Print title, findings, and the tables that are meant for a terminal.

    Colour only on a terminal and never where NO_COLOR is set; plain and 100 columns wide in pipes.

    Parameters
    ----------
    report
        Its tables marked `terminal=True` are printed; if none is, and none is marked `False`, the
        first.
    file
        Where to print; standard output if None.
    width
        Columns at most.
    """
    out = file or sys.stdout
    marked = [table for table in report.tables if table.terminal]
    console = _console(out, width)
    _say(console, [report.title], style="bold")
    _say(console, report.findings, indent=2)
    columns: list[Column] = []
    shown = marked or [one for one in report.tables if one.terminal is None][:1]
    notes = [note for table in shown for note in table.notes]
    for table in shown:
        console.print()
        once = tuple(note for note in table.notes if note not in report.findings)
        titled = table.title != report.title
        columns += _print_table(console, replace(table, notes=once), titled=titled)
    _say_meanings(console, columns)
    if report.source not in ("", *notes):
        console.print()
        _say(console, [report.source], style="dim")
    _flush(console, out)


def _console(file: TextIO, width: int) -> Console:
    """A console that remembers, with the width and the colours of the one that is meant."""
    from rich.console import Console

    seen = Console(file=file, markup=False, emoji=False, highlight=False)
    is_terminal = file.isatty()
    return Console(
        file=io.StringIO(),
        width=min(width, seen.width) if is_terminal else width,
        force_terminal=is_terminal,
        color_system=seen.color_system if is_terminal else None,  # type: ignore[arg-type]
        markup=False,
        emoji=False,
        highlight=False,
    )


def _flush(console: Console, file: TextIO) -> None:
    """Print what the console remembers, without blanks at the ends of lines and doubled ones."""
    assert isinstance(console.file, io.StringIO)
    lines = [line.rstrip() for line in console.file.getvalue().splitlines()]
    once = [line for line, above in zip(lines, ["", *lines], strict=False) if line or above]
    file.write("".join(f"{line}\n" for line in once))
    file.flush()


def _print_table(console: Console, table: Table, *, titled: bool) -> Sequence[Column]:
    """Print a table with its notes; the columns that were printed."""
    if titled:
        _say(console, [table.title], style="bold")
        console.print()
    whole = _laid_out(table)
    columns, name_at = whole.columns, whole.name_at
    lines = _lines(columns, whole.rows)
    least = [
        _least_width(one, texts, is_name=place == name_at)
        for place, (one, texts) in enumerate(zip(columns, lines, strict=True))
    ]
    gap = 2 if _needed(least, 2) <= console.width else 1
    kept = _without_spare(columns, least, console.width, gap)
    lead = _lead(whole, kept, least, console.width // 2)
    for part in _parts(kept, lead, least, console.width, gap):
        _print_part(console, whole, part, [lines[i] for i in part], [least[i] for i in part], gap)
        console.print()
    shown = [columns[i] for i in kept]
    noted = [row for row in table.rows if row.note]
    names = [row.cells[table.name_at].text.split(" = ")[0] for row in noted]
    said = [
        f"{i:>3} {name}: {row.note}"
        for i, (name, row) in enumerate(zip(names, noted, strict=True), 1)
    ]
    _say(console, said, style="dim", indent=4)
    if noted:
        console.print()
    if gone := [one.label for one in columns if one not in shown]:
        where = _("tables/{name}.csv has them", name=table.name)
        _say(
            console,
            [_("Left out for want of room ({where}): {gone}.", where=where, gone=", ".join(gone))],
            style="dim",
        )
    _say(console, table.notes, style="dim", indent=2)
    return shown


def _say_meanings(console: Console, columns: Sequence[Column]) -> None:
    """What the printed columns mean, a line each and each once."""
    meanings = dict.fromkeys(f"{one.label}: {one.meaning}" for one in columns if one.meaning)
    if meanings:
        console.print()
        _say(console, list(meanings), style="dim", indent=2)


def _laid_out(table: Table) -> Table:
    """The columns of a terminal, with the number of a row's note behind its name.

    Several methods of one row stand under one another, and numbers without a sign after them get
    a blank, so that decimals stay aligned.
    """
    name = table.columns[table.name_at]
    shown = [i for i, one in enumerate(table.columns) if one.in_terminal or one.key == name.key]
    table = table.at(shown)
    rows, name_at = table.rows, table.name_at
    hanging = {
        place
        for place, one in enumerate(table.columns)
        if one.numeric and any(_has_sign(row.cells[place].text) for row in rows)
    }
    notes = itertools.count(1)

    def laid_out(row: Row) -> Row:
        cells = [
            replace(cell, text=f"{cell.text} ")
            if place in hanging and not _has_sign(cell.text)
            else cell
            for place, cell in enumerate(row.cells)
        ]
        named = cells[name_at]
        first, *others = named.text.split(" = ")
        first = f"{first} [{next(notes)}]" if row.note else first
        cells[name_at] = replace(named, text="\n = ".join([first, *others]))
        return replace(row, cells=tuple(cells))

    blocks = (replace(one, rows=tuple(map(laid_out, one.rows))) for one in table.blocks)
    return replace(table, blocks=tuple(blocks))


def _has_sign(text: str) -> bool:
    return bool(text) and text[-1] in SIGNS


def _without_spare(
    columns: Sequence[Column], least: Sequence[int], width: int, gap: int
) -> list[int]:
    """The places of the columns that stay when expendable ones go until the rest fits."""
    widths = dict(enumerate(least))
    spare = [(one.spare, i) for i, one in enumerate(columns) if one.spare]
    for _order, place in sorted(spare):
        if _needed(list(widths.values()), gap) <= width:
            break
        del widths[place]
    return list(widths)


def _lead(table: Table, places: Sequence[int], least: Sequence[int], width: int) -> list[int]:
    """The places that every part repeats: the name of a row, and what else tells rows apart."""
    lead = [place for place in places if place <= table.name_at]
    for place in places[len(lead) :]:
        keys = {tuple(row.cells[i].text for i in lead) for row in table.rows}
        wide = _needed([least[i] for i in (*lead, place)], 2) > width
        if len(keys) == len(table.rows) or table.columns[place].numeric or wide:
            break
        lead.append(place)
    return lead


def _parts(
    places: Sequence[int], lead: list[int], least: Sequence[int], width: int, gap: int
) -> Iterator[list[int]]:
    """The places, or where they are too wide, parts of them, each with those of `lead`."""
    part = lead
    for place in places[len(lead) :]:
        if len(part) > len(lead) and _needed([least[i] for i in (*part, place)], gap) > width:
            yield part
            part = lead
        part = [*part, place]
    yield part


def _needed(widths: Sequence[int], gap: int) -> int:
    return sum(widths) + gap * (len(widths) - 1)


def _lines(columns: Sequence[Column], rows: Sequence[Row]) -> list[list[str]]:
    """Every line of every column, its label included."""
    return [
        [one.label, *(line for row in rows for line in row.cells[place].text.split("\n"))]
        for place, one in enumerate(columns)
    ]


def _least_width(column: Column, lines: Sequence[str], *, is_name: bool) -> int:
    """The width below which a column would be broken into nonsense."""
    most = max(map(len, lines))
    if column.numeric or is_name:
        return most
    words = (len(word) for line in lines for word in line.split())
    return min(most, max(SHORT, *words, 0))


def _print_part(
    console: Console,
    table: Table,
    places: Sequence[int],
    lines: Sequence[Sequence[str]],
    least: Sequence[int],
    gap: int,
) -> None:
    """Print the columns at these places, with their lines and their least widths."""
    from rich.table import Table as Grid
    from rich.text import Text

    widths = list(least)
    for place, texts in enumerate(lines):  # the room left, to columns of long words
        room = max(console.width - _needed(widths, gap), 0)
        widths[place] += min(max(map(len, texts)) - widths[place], room)
    for number, block in enumerate(table.blocks):
        if block.heading:
            console.print()
            console.print(Text(f"  {visible(block.heading)}", style="italic"))
        grid = Grid(box=None, pad_edge=False, padding=(0, gap, 0, 0), show_header=number == 0)
        for place, width in zip(places, widths, strict=True):
            one = table.columns[place]
            side: Any = "right" if one.numeric else "left"
            grid.add_column(Text(one.label, style="bold"), justify=side, width=width)
        for row in block.rows:
            cells = _texts(row)
            grid.add_row(*(cells[place] for place in places))
        console.print(grid)


def _texts(row: Row) -> list[Text]:
    from rich.text import Text

    if row.look == "silent":
        return [Text(cell.text, style="dim") for cell in row.cells]
    styles = [STYLES.get(cell.look, "") for cell in row.cells]
    return [Text(cell.text, style=style) for cell, style in zip(row.cells, styles, strict=True)]


def _say(console: Console, sentences: Sequence[str], style: str = "", indent: int = 0) -> None:
    from rich.text import Text

    for sentence in sentences:
        for line in textwrap.wrap(
            visible(sentence), console.width - 1, subsequent_indent=" " * indent
        ):
            console.print(Text(line, style=style), no_wrap=True)

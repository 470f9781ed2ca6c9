"""A report in a terminal: within its width, plain and 100 columns wide in a pipe."""

from __future__ import annotations

import io
import itertools
import sys
import textwrap
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, TextIO

from bench.core.read import visible
from bench.report.columns import Column
from bench.report.macros import RUN_WORDS
from bench.report.tables import CALLED, SIGNS, Row, Table

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table as Grid

    from bench.report.report import Report

WIDTH = 100
SHORT = 24  # signs below which a column of words is never broken
MAX_NOTES = 4
STYLES = {"yes": "green", "no": "red"}


def print_report(
    report: Report, *, file: TextIO | None = None, width: int = WIDTH, everything: bool = False
) -> None:
    """Print one screen: title, claim, warnings, the first table with four notes, and the source.

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
    everything
        Print all findings, tables and notes, and what the columns mean.
    """
    out = file or sys.stdout
    console = _console(out, width)
    printed = [table for table in report.tables if table.terminal]
    if not printed:
        printed = [table for table in report.tables if table.terminal is None][:1]
    findings = report.findings
    if not everything:
        once = dict.fromkeys((*findings[:1], *report.warnings))
        printed, findings = printed[:1], tuple(once)
    _say(console, [report.title], style="bold")
    _say(console, findings, indent=2)
    columns: list[Column] = []
    for table in printed:
        console.print()
        if table.title != report.title:
            _say(console, [table.title], style="bold")
            console.print()
        columns += _print_table(console, table, everything=everything)
        notes = [note for note in table.notes if note not in (*report.findings, report.source)]
        if not everything and len(notes) > MAX_NOTES:  # the last says what one vote is worth
            notes = [*notes[: MAX_NOTES - 1], notes[-1]]
        _say(console, notes, style="dim", indent=2)
    console.print()
    if everything:
        meanings = dict.fromkeys(
            f"{column.label}: {column.meaning}" for column in columns if column.meaning
        )
        _say(console, list(meanings), style="dim", indent=2)
        console.print()
    _say(console, [report.source], style="dim")
    if not everything:
        _say(console, [RUN_WORDS.text("terminal_more")], style="dim")
    _flush(console, out)


def _console(file: TextIO, width: int) -> Console:
    """A console that remembers, with the width and the colours of the one that is meant."""
    from rich.console import Console

    console = Console(file=file, markup=False, emoji=False, highlight=False)
    is_terminal = file.isatty()
    return Console(
        file=io.StringIO(),
        width=min(width, console.width) if is_terminal else width,
        force_terminal=is_terminal,
        color_system=console.color_system if is_terminal else None,  # type: ignore[arg-type]
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


def _print_table(console: Console, table: Table, *, everything: bool) -> tuple[Column, ...]:
    """Print a table, and what its rows have to say where everything is asked for; its columns."""
    name = table.columns[table.name_at].key
    table = table.keep(lambda column: column.in_terminal or column.key == name)
    blocks = [
        (block.heading, [row for row in block.rows if everything or not row.look])
        for block in table.blocks
    ]
    texts = _texts(table, [row for _heading, rows in blocks for row in rows], noted=everything)
    widths, gap = _widths(table, texts, console.width)
    lines, with_head = iter(texts), True
    for heading, rows in blocks:
        if not rows:
            continue
        if heading:
            console.print()
            _say(console, [f"  {heading}"], style="italic", indent=2)
        of_block = [(row, next(lines)) for row in rows]
        console.print(_grid(table, of_block, widths, gap, with_head=with_head))
        with_head = False
    console.print()
    if everything:
        _say(console, _row_notes(table), style="dim", indent=4)
    else:
        _say(console, _silent(table), style="dim", indent=2)
    console.print()
    left_out = [column.label for place, column in enumerate(table.columns) if place not in widths]
    if left_out:
        facts = {"where": f"tables/{table.name}.csv", "columns": ", ".join(left_out)}
        _say(console, [RUN_WORDS.text("terminal_columns", **facts)], style="dim")
    return tuple(table.columns[place] for place in widths)


def _grid(
    table: Table,
    rows: Sequence[tuple[Row, Sequence[str]]],
    widths: Mapping[int, int],
    gap: int,
    *,
    with_head: bool,
) -> Grid:
    """The rows of a block, each with the texts of its cells."""
    from rich.table import Table as Grid
    from rich.text import Text

    grid = Grid(box=None, pad_edge=False, padding=(0, gap, 0, 0), show_header=with_head)
    for place, width in widths.items():
        column = table.columns[place]
        side: Any = "right" if column.numeric else "left"
        grid.add_column(Text(column.label, "bold"), justify=side, width=width)
    for row, line in rows:
        cells = []
        for place in widths:
            look = "dim" if row.look else STYLES.get(row.cells[place].look, "")
            cells.append(Text(line[place], look))
        grid.add_row(*cells)
    return grid


def _silent(table: Table) -> list[str]:
    """Of each block, whose rows are not printed; why, where a method failed."""
    sentences = []
    for block in table.blocks:
        silent = [row for row in block.rows if row.look == "silent"]
        failed = [row for row in block.rows if row.look == "failed"]
        names = [row.cells[table.name_at].text for row in silent]
        names += [f"{row.cells[table.name_at].text} ({row.note})" for row in failed]
        separator = "; " if failed else ", "
        if names:  # why others are silent is among the notes
            sentences.append(f"{block.heading or '–'}: {separator.join(names)}.")
    return sentences


def _row_notes(table: Table) -> list[str]:
    """The notes of rows, under the numbers that stand behind their names."""
    noted = [row for row in table.rows if row.note]
    names = [row.cells[table.name_at].text.split(" = ")[0] for row in noted]
    return [
        f"{number:>3} {name}: {row.note}"
        for number, (name, row) in enumerate(zip(names, noted, strict=True), 1)
    ]


def _texts(table: Table, rows: Sequence[Row], *, noted: bool) -> list[list[str]]:
    """The cells of a terminal, with the number of a row's note behind its name.

    Several methods of one row stand under one another, and numbers without a sign after them get
    a blank, so that decimals stay aligned.
    """
    texts = [[cell.text for cell in row.cells] for row in rows]
    numbers = itertools.count(1)
    for row, line in zip(rows, texts, strict=True):
        for place, column in enumerate(table.columns):
            if column.key in CALLED:
                line[place] = table.key_shown(line[place])
        first, *further = line[table.name_at].split(" = ")
        if row.note and noted:
            first = f"{first} [{next(numbers)}]"
        line[table.name_at] = "\n = ".join([first, *further])
    signs = tuple(SIGNS)
    for place, column in enumerate(table.columns):
        if column.numeric and any(line[place].endswith(signs) for line in texts):
            for line in texts:
                line[place] += "" if line[place].endswith(signs) else " "
    return texts


def _widths(table: Table, texts: Sequence[Sequence[str]], width: int) -> tuple[dict[int, int], int]:
    """Widths of the columns that fit, by place, and the gap between them.

    Those that can be spared go first, then those on the right; the room left goes to long words.
    """
    widest, narrowest = {}, {}
    for place, column in enumerate(table.columns):
        lines = [column.label, *(part for line in texts for part in line[place].split("\n"))]
        widest[place] = narrowest[place] = max(map(len, lines))
        if not column.numeric and place != table.name_at:
            longest = max((len(word) for line in lines for word in line.split()), default=0)
            narrowest[place] = min(widest[place], max(SHORT, longest))

    def room(gap: int) -> int:
        return width - sum(narrowest.values()) - gap * (len(narrowest) - 1)

    gap = 2 if room(2) >= 0 else 1
    spared = sorted(narrowest, key=lambda place: (table.columns[place].spare or width, -place))
    for place in spared:
        if room(gap) < 0 and place != table.name_at:
            del narrowest[place]
    for place in narrowest:
        narrowest[place] += min(widest[place] - narrowest[place], max(room(gap), 0))
    return narrowest, gap


def _say(console: Console, sentences: Sequence[str], style: str = "", indent: int = 0) -> None:
    from rich.text import Text

    for sentence in sentences:
        for line in textwrap.wrap(
            visible(sentence), console.width - 1, subsequent_indent=" " * indent
        ):
            console.print(Text(line, style=style), no_wrap=True)

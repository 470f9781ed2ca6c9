"""A report in a terminal: within its width, plain and 100 columns wide in a pipe."""

from __future__ import annotations

import io
import itertools
import sys
import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TextIO

from bench.core.read import visible
from bench.report.formatting import Column
from bench.report.tables import CALLED, SIGNS, Row, Table
from bench.report.text import Text as Texts

if TYPE_CHECKING:
    from rich.console import Console

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
    shown = [one for one in report.tables if one.terminal]
    shown = shown or [one for one in report.tables if one.terminal is None][:1]
    findings = report.findings
    if not everything:
        once = dict.fromkeys((*findings[:1], *report.warnings))
        shown, findings = shown[:1], tuple(once)
    _say(console, [report.title], style="bold")
    _say(console, findings, indent=2)
    columns: list[Column] = []
    for table in shown:
        console.print()
        if table.title != report.title:
            _say(console, [table.title], style="bold")
            console.print()
        columns += _print_table(console, table, everything=everything)
        notes = [one for one in table.notes if one not in (*report.findings, report.source)]
        if not everything and len(notes) > MAX_NOTES:  # the last says what one vote is worth
            notes = [*notes[: MAX_NOTES - 1], notes[-1]]
        _say(console, notes, style="dim", indent=2)
    console.print()
    if everything:
        meanings = dict.fromkeys(f"{one.label}: {one.meaning}" for one in columns if one.meaning)
        _say(console, list(meanings), style="dim", indent=2)
        console.print()
    _say(console, [report.source], style="dim")
    if not everything:
        _say(console, [Texts()("terminal_more")], style="dim")
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


def _print_table(console: Console, table: Table, *, everything: bool) -> tuple[Column, ...]:
    """Print a table, and what its rows have to say where everything is asked for; its columns."""
    from rich.table import Table as Grid
    from rich.text import Text

    name = table.columns[table.name_at].key
    table = table.keep(lambda one: one.in_terminal or one.key == name)
    columns, name_at = table.columns, table.name_at
    blocks = [
        (one.heading, [row for row in one.rows if everything or not row.look])
        for one in table.blocks
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
        grid = Grid(box=None, pad_edge=False, padding=(0, gap, 0, 0), show_header=with_head)
        for place, width in widths.items():
            side: Any = "right" if columns[place].numeric else "left"
            grid.add_column(Text(columns[place].label, "bold"), justify=side, width=width)
        for row in rows:
            line = next(lines)
            dim = "dim" if row.look else ""
            looks = {place: dim or STYLES.get(row.cells[place].look, "") for place in widths}
            grid.add_row(*(Text(line[place], look) for place, look in looks.items()))
        console.print(grid)
        with_head = False
    console.print()
    for block in table.blocks if not everything else ():
        failed = [row for row in block.rows if row.look == "failed"]
        names = [row.cells[name_at].text for row in block.rows if row.look == "silent"]
        names += [f"{row.cells[name_at].text} ({row.note})" for row in failed]
        if names:  # why others are silent is among the notes
            separator = "; " if failed else ", "
            sentence = f"{block.heading or '–'}: {separator.join(names)}."
            _say(console, [sentence], style="dim", indent=2)
    noted = [row for row in table.rows if row.note and everything]
    names = [row.cells[name_at].text.split(" = ")[0] for row in noted]
    said = [
        f"{i:>3} {of}: {row.note}" for i, (of, row) in enumerate(zip(names, noted, strict=True), 1)
    ]
    _say(console, said, style="dim", indent=4)
    console.print()
    if left_out := [one.label for place, one in enumerate(columns) if place not in widths]:
        facts = {"where": f"tables/{table.name}.csv", "columns": ", ".join(left_out)}
        _say(console, [Texts()("terminal_columns", **facts)], style="dim")
    return tuple(columns[place] for place in widths)


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
        first, *others = line[table.name_at].split(" = ")
        first = f"{first} [{next(numbers)}]" if row.note and noted else first
        line[table.name_at] = "\n = ".join([first, *others])
    for place, one in enumerate(table.columns):
        if one.numeric and any(line[place].endswith(tuple(SIGNS)) for line in texts):
            for line in texts:
                line[place] += "" if line[place].endswith(tuple(SIGNS)) else " "
    return texts


def _widths(table: Table, texts: Sequence[Sequence[str]], width: int) -> tuple[dict[int, int], int]:
    """Widths of the columns that fit, by place, and the gap between them.

    Those that can be spared go first, then those on the right; the room left goes to long words.
    """
    most, least = {}, {}
    for place, one in enumerate(table.columns):
        lines = [one.label, *(part for line in texts for part in line[place].split("\n"))]
        most[place] = least[place] = max(map(len, lines))
        if not one.numeric and place != table.name_at:
            longest = max((len(word) for line in lines for word in line.split()), default=0)
            least[place] = min(most[place], max(SHORT, longest))

    def room(gap: int) -> int:
        return width - sum(least.values()) - gap * (len(least) - 1)

    gap = 2 if room(2) >= 0 else 1
    spared = sorted(least, key=lambda place: (table.columns[place].spare or width, -place))
    for place in spared:
        if room(gap) < 0 and place != table.name_at:
            del least[place]
    for place in least:
        least[place] += min(most[place] - least[place], max(room(gap), 0))
    return least, gap


def _say(console: Console, sentences: Sequence[str], style: str = "", indent: int = 0) -> None:
    from rich.text import Text

    for sentence in sentences:
        for line in textwrap.wrap(
            visible(sentence), console.width - 1, subsequent_indent=" " * indent
        ):
            console.print(Text(line, style=style), no_wrap=True)

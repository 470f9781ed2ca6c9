"""A report in a terminal: within its width, plain and 100 columns wide in a pipe."""

from __future__ import annotations

import io
import itertools
import sys
import textwrap
from collections.abc import Collection, Mapping, Sequence
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
MIN_BESIDE = 20  # signs of a column of headings; in a narrower one they stand above their rows
MAX_ROWS = 18
MAX_LINES = 3  # of notes
STYLES = {"yes": "green", "no": "red"}


def print_report(
    report: Report, *, file: TextIO | None = None, width: int = WIDTH, everything: bool = False
) -> None:
    """Print one screen: title, claim, warnings, the first table, what its columns mean, and notes.

    Colour only on a terminal and never where NO_COLOR is set; plain and 100 columns wide in pipes.

    Parameters
    ----------
    report
        Its `printed` tables; the first of them where not everything is printed.
    file
        Where to print; standard output if None.
    width
        Columns at most.
    everything
        Print all findings, tables, columns, rows and notes.
    """
    out = file or sys.stdout
    console = _console(out, width)
    printed, findings = report.printed, report.findings
    if not everything:
        once = dict.fromkeys((*findings[:1], *report.warnings))
        printed, findings = printed[:1], tuple(once)
    _say(console, [report.title], style="bold")
    _say(console, findings, indent=2)
    meanings: dict[str, str] = {}
    for table in printed:
        console.print()
        if table.title != report.title:
            _say(console, [table.title], style="bold")
        columns = _print_table(console, table, everything=everything)
        new = {
            column.label: column.meaning
            for column in columns
            if column.meaning and meanings.get(column.label) != column.meaning
        }
        meanings |= new
        _print_meanings(console, new)
        notes = [note for note in table.notes if note not in (*report.findings, report.source)]
        _say(console, notes if everything else _first(notes, console), style="dim", indent=2)
    console.print()
    _say(console, [report.source], style="dim")
    if not everything:
        _say(console, [RUN_WORDS.text("terminal_more")], style="dim")
    _flush(console, out)


def _first(notes: Sequence[str], console: Console) -> list[str]:
    """The first note, and those after it as long as all of them stay few lines."""
    n_lines = itertools.accumulate(len(_wrapped(note, console, 2)) for note in notes)
    return [note for note, n in zip(notes, n_lines, strict=True) if n <= MAX_LINES] or [*notes[:1]]


def _print_meanings(console: Console, meanings: Mapping[str, str]) -> None:
    """A line for each column: its label, and what it means."""
    width = max(map(len, meanings), default=0) + 2
    for label, meaning in meanings.items():
        _say(console, [f"{label:<{width}}{meaning}"], style="dim", indent=width)


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


def _print_table(console: Console, table: Table, *, everything: bool) -> list[Column]:
    """Print a table, and what its rows have to say where everything is asked for; its columns."""
    name = table.columns[table.name_at].key
    brief = () if everything else table.brief
    table = table.keep(
        lambda column: (
            column.key == name or (column.in_terminal and (not brief or column.key in brief))
        )
    )
    rows = [
        (block.heading, row)
        for block in table.blocks
        for row in block.rows
        if everything or not row.look
    ]
    printed = rows if everything else rows[:MAX_ROWS]
    texts = _texts(table, [row for _heading, row in printed], everything=everything)
    widths, gap = _widths(table, texts, console.width)
    _print_blocks(console, table, printed, texts, widths, gap)
    console.print()
    if everything:
        _say(console, _row_notes(table), style="dim", indent=4)
    else:
        names = [row.cells[table.name_at].text for _heading, row in printed]
        equal = [table.key_shown(keys) for keys in names if " = " in keys]
        _say(console, RUN_WORDS.lines("terminal_equal", shared=equal), style="dim", indent=2)
        _say(console, _silent(table), style="dim", indent=2)
    left_out = [column.label for place, column in enumerate(table.columns) if place not in widths]
    where = f"tables/{table.name}.csv"
    n_more = len(rows) - len(printed)
    lines = RUN_WORDS.lines("terminal_more_of_table", where=where, columns=left_out, n=n_more)
    _say(console, lines, style="dim")
    return [table.columns[place] for place in widths]


def _print_blocks(
    console: Console,
    table: Table,
    rows: Sequence[tuple[str, Row]],
    texts: Sequence[Sequence[str]],
    widths: Mapping[int, int],
    gap: int,
) -> None:
    """Print the rows of every block, with its heading beside them where there is room."""
    headings = dict.fromkeys(heading for heading, _row in rows)
    beside, gap = _beside(headings, console.width - sum(widths.values()), len(widths), gap)
    for number, heading in enumerate(headings):
        if heading and not beside:
            _say(console, [heading], style="italic", indent=2)
        lines = zip(rows, texts, strict=True)
        block = [(row, text) for (of, row), text in lines if of == heading]
        sides = _spread(heading, beside, len(block)) if beside else []
        console.print(_grid(table, block, widths, gap, sides, beside, with_head=not number))


def _beside(headings: Collection[str], room: int, n_columns: int, gap: int) -> tuple[int, int]:
    """Width of a column for the headings, 0 where there is no room for one, and the gap."""
    longest = max(map(len, headings), default=0)
    for each in (gap, 1):
        width = min(longest, room - each * n_columns)
        if width >= min(longest, MIN_BESIDE):
            return width, each
    return 0, gap


def _spread(heading: str, width: int, n_rows: int) -> list[str]:
    """The lines of a heading, one for each row; the last row has what is left of them."""
    lines = textwrap.wrap(heading, width)
    lines += [""] * (n_rows - len(lines))
    return [*lines[: n_rows - 1], "\n".join(lines[n_rows - 1 :])]


def _grid(
    table: Table,
    rows: Sequence[tuple[Row, Sequence[str]]],
    widths: Mapping[int, int],
    gap: int,
    sides: Sequence[str],
    beside: int,
    *,
    with_head: bool,
) -> Grid:
    """The rows of a block, each with the texts of its cells; to their left `sides`, if any."""
    from rich.table import Table as Grid
    from rich.text import Text

    grid = Grid(box=None, pad_edge=False, padding=(0, gap, 0, 0), show_header=with_head)
    if sides:
        grid.add_column(width=beside)
    for place, width in widths.items():
        column = table.columns[place]
        side: Any = "right" if column.numeric else "left"
        grid.add_column(Text(column.label, "bold"), justify=side, width=width)
    for number, (row, line) in enumerate(rows):
        cells = [Text(sides[number], "italic")] if sides else []
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


def _texts(table: Table, rows: Sequence[Row], *, everything: bool) -> list[list[str]]:
    """The cells of a terminal; with everything, the number of a row's note behind its name.

    Of several methods of one row the first is named, with everything the others below it; numbers
    without a sign after them get a blank, so that decimals stay aligned.
    """
    texts = [[cell.text for cell in row.cells] for row in rows]
    numbers = itertools.count(1)
    for row, line in zip(rows, texts, strict=True):
        for place, column in enumerate(table.columns):
            if column.key in CALLED:
                line[place] = table.key_shown(line[place])
        first, *further = line[table.name_at].split(" = ")
        if row.note and everything:
            first = f"{first} [{next(numbers)}]"
        line[table.name_at] = "\n = ".join([first, *further]) if everything else first
    signs = tuple(SIGNS)
    for place, column in enumerate(table.columns):
        if column.numeric and any(line[place].endswith(signs) for line in texts):
            for line in texts:
                line[place] += "" if line[place].endswith(signs) else " "
    return texts


def _widths(table: Table, texts: Sequence[Sequence[str]], width: int) -> tuple[dict[int, int], int]:
    """Widths of the columns that fit, by place, and the gap between them.

    Those on the right go first; the room left goes to long words.
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
    for place in reversed(widest):
        if room(gap) < 0 and place != table.name_at:
            del narrowest[place]
    for place in narrowest:
        narrowest[place] += min(widest[place] - narrowest[place], max(room(gap), 0))
    return narrowest, gap


def _say(console: Console, sentences: Sequence[str], style: str = "", indent: int = 0) -> None:
    from rich.text import Text

    for sentence in sentences:
        for line in _wrapped(sentence, console, indent):
            console.print(Text(line, style=style), no_wrap=True)


def _wrapped(sentence: str, console: Console, indent: int) -> list[str]:
    return textwrap.wrap(visible(sentence), console.width - 1, subsequent_indent=" " * indent)

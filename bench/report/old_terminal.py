"""The headline table in a terminal, within 100 columns."""

import sys
import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TextIO

import pandas as pd

from bench.report.context import RunFacts
from bench.report.old_columns import FILLED, Column, columns_for, remark
from bench.studies.backtest import words
from bench.studies.backtest.headline import one_row_each
from bench.studies.backtest.headline_table import blocks

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

WIDTH = 100
# dropped from the left until the table fits
EXPENDABLE = ("rmse_pp", "largest_error_pp", "named", "coverage_90", "skill", "rank_full", "p_pair",
              "evidence_age_days", "crps_pp")  # fmt: skip


def print_headline(
    table: pd.DataFrame, facts: RunFacts, *, ballot: str = "common", file: TextIO | None = None
) -> None:
    """Print a headline table with its sentence and notes.

    Colour only on a terminal and never where NO_COLOR is set; plain and 100 columns wide in pipes.

    Parameters
    ----------
    table
        From `bench.studies.backtest.headline.headline`.
    facts, ballot
        The run, and the ballot of the table.
    file
        Where to print; standard output if None.
    """
    console = _console(file or sys.stdout)
    shown = one_row_each(table)
    marks = _marks(shown)
    _say(console, words.headline_sentence(table, facts), style="bold")
    console.print()
    columns, widths = _fitting(shown, facts, marks, console.width)
    for line in _lines(table, facts, marks, columns, widths):
        console.print(line, no_wrap=True, overflow="ellipsis", crop=True)
    console.print()
    for row in shown.to_dict("records"):
        if row["predictor"] in marks:
            mark = f"{marks[row['predictor']]:>3} "
            _say(console, f"{mark}{row['predictor']}: {remark(row)}", style="dim", indent=4)
    console.print()
    narrow = [c.label for c in _columns(facts) if c not in columns]
    if narrow:
        _say(console, f"Left out for want of room: {', '.join(narrow)}.", style="dim")
    for note in words.table_notes(table, facts, ballot):
        _say(console, note, style="dim")


def _console(file: TextIO) -> "Console":
    from rich.console import Console

    plain = {"highlight": False, "markup": False, "emoji": False}
    width = min(WIDTH, Console(file=file).width) if file.isatty() else WIDTH
    return Console(file=file, width=width, **plain)  # type: ignore[arg-type]


def _say(console: "Console", text: str, style: str, indent: int = 0) -> None:
    from rich.text import Text

    lines = textwrap.wrap(text, console.width - 1, subsequent_indent=" " * indent)
    for line in lines:
        console.print(Text(line, style=style), no_wrap=True)


def _marks(table: pd.DataFrame) -> dict[str, int]:
    """Number the rows that have something to remark."""
    noted = [row["predictor"] for row in table.to_dict("records") if remark(row)]
    return {name: number for number, name in enumerate(noted, start=1)}


def _write(column: Column, row: dict[Any, Any], facts: RunFacts, marks: dict[str, int]) -> str:
    if column.key == "predictor":
        name = str(row["predictor"])
        return f"{name} [{marks[name]}]" if name in marks else name
    text = column.write(row, facts)
    hanging = {"crps_pp": "·", "mae_full_pp": FILLED, "rank": "="}.get(column.key, text[-1:])
    if not text.endswith(hanging):
        return text + " "  # keeps the decimal points under one another
    return text


def _lines(
    table: pd.DataFrame,
    facts: RunFacts,
    marks: dict[str, int],
    columns: Sequence[Column],
    widths: Sequence[int],
) -> "list[Text]":
    from rich.text import Text

    heads = [_fit(c.label, c, w) for c, w in zip(columns, widths, strict=True)]
    lines = [Text(" ".join(heads).rstrip(), style="bold")]
    for heading, rows in blocks(table):
        if heading:
            lines += [Text(""), Text("  " + heading, style="italic")]
        for row in rows.to_dict("records"):
            line = Text()
            for column, wide in zip(columns, widths, strict=True):
                text = _fit(_write(column, row, facts, marks), column, wide)
                line.append(text + " ", style=_style(column, row))
            line.rstrip()
            lines.append(line)
            lines += [Text(" " * widths[0] + f" = {name}") for name in row["also"]]
    return lines


def _fit(text: str, column: Column, width: int) -> str:
    return text.rjust(width) if column.numeric else text.ljust(width)


def _style(column: Column, row: dict[Any, Any]) -> str:
    if row["block"] == "none":
        return "dim"
    if column.key in {"first_named", "pair_right"}:
        right = row["first_right" if column.key == "first_named" else "pair_right"]
        return "green" if right else "red"
    first = row["block"] == "ranked" and row["rank"] == 1
    return "bold" if column.key == "predictor" and first else ""


def _columns(facts: RunFacts) -> list[Column]:
    return [c for c in columns_for(facts) if c.key not in {"family", "notes"}]


def _fitting(
    table: pd.DataFrame, facts: RunFacts, marks: dict[str, int], width: int
) -> tuple[Sequence[Column], list[int]]:
    """Leave out expendable columns until the rest fits."""
    columns = _columns(facts)
    records = table.to_dict("records")
    names = [len(name) + 2 for row in records for name in row["also"]]
    also = {c.key: names if c.key == "predictor" else [] for c in columns}
    widths: list[int] = []
    for key in ("", *EXPENDABLE):
        columns = [c for c in columns if c.key != key]
        widths = [
            max(len(c.label), *(len(_write(c, row, facts, marks)) for row in records), *also[c.key])
            for c in columns
        ]
        if sum(widths) + len(columns) - 1 <= width:
            break
    return columns, widths

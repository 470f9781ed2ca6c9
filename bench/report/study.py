"""Tables of a study: this file prints them and writes them as CSV and Markdown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from bench.report.tables import markdown_text
from bench.report.write import write_csv, write_text


def write_study_table(
    folder: Path,
    name: str,
    table: pd.DataFrame,
    *,
    title: str,
    notes: Sequence[str] = (),
    formats: Mapping[str, str] | None = None,
) -> list[Path]:
    """Write a table as `name`.csv (full precision) and `name`.md (rounded for readers).

    Parameters
    ----------
    folder, name
        Target folder and file name without ending.
    table
        One row per fact; the columns' names are the headings.
    title, notes
        Words above and below the Markdown table.
    formats
        Format by column, such as ``{"error_index": ".2f"}``; other numbers as they are.
    """
    rows = _written(table, formats or {})
    numeric = [pd.api.types.is_numeric_dtype(table[name]) for name in table]
    lines = [f"**{markdown_text(title)}**", ""]
    lines.append("| " + " | ".join(markdown_text(str(c)) for c in table) + " |")
    lines.append("| " + " | ".join("---:" if right else "---" for right in numeric) + " |")
    lines += ["| " + " | ".join(markdown_text(cell) for cell in row) + " |" for row in rows]
    lines += [line for note in notes for line in ("", markdown_text(note))]
    return [
        write_csv(folder / f"{name}.csv", table),
        write_text(folder / f"{name}.md", "\n".join(lines) + "\n"),
    ]


def print_study_table(
    table: pd.DataFrame,
    *,
    title: str,
    notes: Sequence[str] = (),
    formats: Mapping[str, str] | None = None,
) -> None:
    """Print a table with its title and notes, columns under one another.

    Examples
    --------
    >>> print_study_table(pd.DataFrame({"method": ["a"], "error": [0.123]}), title="T",
    ...                   formats={"error": ".1f"})
    T
    method  error
    a         0.1
    """
    rows = _written(table, formats or {})
    heads = [str(name) for name in table]
    widths = [max(map(len, column)) for column in zip(heads, *rows, strict=True)]
    right = [pd.api.types.is_numeric_dtype(table[name]) for name in table]
    print(title)
    for row in (heads, *rows):
        cells = (
            cell.rjust(width) if aside else cell.ljust(width)
            for cell, width, aside in zip(row, widths, right, strict=True)
        )
        print("  ".join(cells).rstrip())
    for note in notes:
        print(note)


def _written(table: pd.DataFrame, formats: Mapping[str, str]) -> list[list[str]]:
    columns = [[_cell(v, formats.get(str(name), "")) for v in table[name]] for name in table]
    return [list(row) for row in zip(*columns, strict=True)]


def _cell(value: Any, form: str) -> str:
    if value is None or (isinstance(value, float) and pd.isna(value)):
        return ""
    if isinstance(value, bool) or type(value).__name__ == "bool_":
        return "yes" if value else "no"
    return format(value, form) if form else str(value)

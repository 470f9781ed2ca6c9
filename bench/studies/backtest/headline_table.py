"""The headline table as people see it."""

from typing import Any

import pandas as pd

from bench.report.columns import Column, columns_for
from bench.report.context import RunFacts
from bench.report.silent import spoken
from bench.report.table import Cell, Head, Table
from bench.studies.backtest import words
from bench.studies.backtest.headline import one_row_each

UNRANKED = "Not ranked: do not name every compared candidate"
SILENT = "No vote shares: abstained, or none given"
FAILED = "Failed: a fault of the method or of its settings, no abstention"
NOT_IN_PAPERS = {"family", "notes"}  # no line of a paper is long enough


def headline_table(
    table: pd.DataFrame, facts: RunFacts, *, ballot: str = "common", name: str = "headline"
) -> Table:
    """The table of `bench.studies.backtest.headline.headline` with its words, ready to be written.

    Parameters
    ----------
    table
        From `bench.studies.backtest.headline.headline`.
    facts, ballot
        For the caption and the notes.
    name
        Of the files.
    """
    columns = columns_for(facts)
    return spoken(Table(
        name=name,
        title=words.caption(table, facts, ballot),
        data=table,
        heads=tuple(
            Head(c.label, c.meaning, c.numeric, c.key, c.key not in NOT_IN_PAPERS) for c in columns
        ),
        blocks=tuple(
            (heading, tuple(_row(row, columns, facts) for row in rows.to_dict("records")))
            for heading, rows in blocks(table)
        ),
        notes=tuple(words.table_notes(table, facts, ballot)),
    ))  # fmt: skip


def blocks(table: pd.DataFrame) -> list[tuple[str, pd.DataFrame]]:
    """Rows by block, as people see them, each with the line that stands above it."""
    headings = {"ranked": "", "partial": UNRANKED, "none": SILENT, "failed": FAILED}
    shown = one_row_each(table)
    block = shown["block"].mask(shown["status"].eq("failed"), "failed")
    parts = [(heading, shown[block.eq(key)]) for key, heading in headings.items()]
    return [(heading, rows) for heading, rows in parts if len(rows)]


def _row(row: dict[Any, Any], columns: tuple[Column, ...], facts: RunFacts) -> tuple[Cell, ...]:
    return tuple(Cell(column.write(row, facts), sort_value(column, row)) for column in columns)


def sort_value(column: Column, row: dict[Any, Any]) -> float | None:
    """The number by which a cell is sorted; None if it is sorted as text or is empty."""
    value = row.get(column.key)
    if not column.numeric or value is None or pd.isna(value):
        return None
    return float(value)

"""Columns that say the same in every row are said once, below: this file holds `spoken`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from bench.report.numbers import NOTHING

if TYPE_CHECKING:
    from bench.report.table import Table

FEW = 3  # rows in which a column may well say the same


def spoken(table: Table) -> Table:
    """The table without the columns that say the same in every row; a note says it once.

    The CSV keeps them. A table of less than three rows keeps its columns unless they are empty,
    and the first column stays.

    Examples
    --------
    >>> import pandas as pd
    >>> from bench.report.table import plain_table
    >>> data = pd.DataFrame({"method": list("abc"), "election": "x2031", "why": ""})
    >>> table = plain_table("t", data, title="T")
    >>> [head.label for head in table.heads], table.notes
    (['method'], ('The same in every row: election x2031.',))
    """
    rows = table.rows
    silent = {
        i: texts[0]
        for i, head in enumerate(table.heads)
        if i and (texts := same([row[i].text for row in rows], fractions=head.numeric))
    }
    if not silent:
        return table
    kept = [i for i in range(len(table.heads)) if i not in silent]
    place = {old: new for new, old in enumerate(kept)}
    note = said_once([(table.heads[i].label, text) for i, text in silent.items()])
    return replace(
        table,
        heads=tuple(table.heads[i] for i in kept),
        blocks=tuple(
            (text, tuple(tuple(row[i] for i in kept) for row in part))
            for text, part in table.blocks
        ),
        notes=(*table.notes, *note),
        filters=tuple(place[i] for i in table.filters if i in place),
        first={place[i]: text for i, text in table.first.items() if i in place},
    )


def same(texts: Sequence[str], *, fractions: bool = False) -> list[str]:
    """The one text of a column that says the same in every row, in a list; else an empty list.

    Of a column of numbers only whole ones count: measured values that agree are a finding.
    """
    found = set(texts)
    if len(found) != 1:
        return []
    (text,) = found
    empty = text in ("", NOTHING)
    if not empty and (len(texts) < FEW or (fractions and not text.replace(",", "").isdigit())):
        return []
    return [text]


def said_once(columns: Sequence[tuple[str, str]]) -> list[str]:
    """Sentences on columns that are left out: label and the text that every row has."""
    full = [f"{label} {text}" for label, text in columns if text not in ("", NOTHING)]
    return [f"The same in every row: {'; '.join(full)}."] if full else []

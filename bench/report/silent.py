"""Columns that say the same in every row are said once, below: this file holds `spoken`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bench.report.numbers import NOTHING
from bench.report.table import Head, Table

FEW = 3  # rows in which a column may well say the same
LEAST = 3  # columns that stay
NAMES = ("predictor", "method", "estimator", "peer", "from")  # columns that are never left out
# numbers that are asked and not measured: measured ones that agree are a finding
ASKED = ("round", "n", "n_areas", "replicates", "electorates", "of", "areas")


def spoken(table: Table) -> Table:
    """The table without the columns that say the same in every row; a note says it once.

    The CSV keeps them. Empty columns go without a word.

    Examples
    --------
    >>> import pandas as pd
    >>> from bench.report.plain_table import plain_table
    >>> data = pd.DataFrame({"election": "x2031", "method": list("abc"), "error": 1.0, "n": [1,
    ...                      2, 3], "why": ""})
    >>> table = plain_table("t", data, title="T")
    >>> [head.label for head in table.heads], table.notes
    (['method', 'error', 'n'], ('The same in every row: election x2031.',))
    """
    rows = table.rows
    silent = silent_columns(table.heads, [[row[i].text for row in rows] for i in table.places])
    if not silent:
        return table
    kept = [i for i in table.places if i not in silent]
    place = {old: new for new, old in enumerate(kept)}
    return replace(
        table,
        heads=tuple(table.heads[i] for i in kept),
        blocks=tuple(
            (text, tuple(tuple(row[i] for i in kept) for row in part))
            for text, part in table.blocks
        ),
        notes=(*table.notes, *said_once(table.heads, silent)),
        filters=tuple(place[i] for i in table.filters if i in place),
        first={place[i]: text for i, text in table.first.items() if i in place},
    )


def silent_columns(heads: Sequence[Head], columns: Sequence[Sequence[str]]) -> dict[int, str]:
    """Columns that are left out, with the text that every row has.

    Parameters
    ----------
    heads
        Of the columns.
    columns
        Texts, one list per column.
    """
    empty: dict[int, str] = {}
    equal: dict[int, str] = {}
    for i, (head, texts) in enumerate(zip(heads, columns, strict=True)):
        if head.key in NAMES or len(set(texts)) != 1:
            continue
        if texts[0] in ("", NOTHING):
            empty[i] = texts[0]
        elif len(texts) >= FEW and (not head.numeric or head.key in ASKED):
            equal[i] = texts[0]
    if len(heads) - len(empty) < LEAST:
        return {}
    return empty if len(heads) - len(empty) - len(equal) < LEAST else empty | equal


def said_once(heads: Sequence[Head], silent: dict[int, str]) -> list[str]:
    """A sentence on the columns that are left out and are not empty."""
    full = [f"{heads[i].label} {t}" for i, t in silent.items() if t not in ("", NOTHING)]
    return [f"The same in every row: {'; '.join(full)}."] if full else []

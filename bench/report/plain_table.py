"""A table of one row per fact: this file holds `plain_table`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from bench.report.heads import known
from bench.report.numbers import NOTHING, written
from bench.report.silent import spoken
from bench.report.table import Cell, Head, Table

MOST_CHOICES = 40  # of a column by which a page can be filtered
CANDIDATES = ("candidate", "beneficiary", "from_candidate", "to", "most_often_first")
IN_WORDS = ("scenario", "order", "allowed", "estimate", "sample")  # whose keys read as words


def plain_table(
    name: str,
    data: pd.DataFrame,
    *,
    title: str,
    heading: str = "",
    notes: Sequence[str] = (),
    formats: Mapping[str, str] | None = None,
    labels: Mapping[str, str] | None = None,
    meanings: Mapping[str, str] | None = None,
    names: Mapping[str, str] | None = None,
    shown: pd.DataFrame | None = None,
    first: Mapping[str, str] | None = None,
    filters: Sequence[str] | None = None,
) -> Table:
    """A table of one row per fact; heads and forms are those of `bench.report.heads`.

    Parameters
    ----------
    name
        Of the files.
    data
        What the CSV holds, in full precision.
    title, notes
        Words above and below.
    heading
        Of its section on a page.
    formats, labels, meanings
        By column, where they differ from `bench.report.heads`; forms are those of
        `bench.report.numbers.written`, such as ``{"error_index": "2"}``.
    names
        Candidates' keys to their names.
    shown
        Rows and columns for people; `data` if left out.
    first
        What a page shows at first, by column, such as ``{"round": "1"}``.
    filters
        Columns by which a page can be filtered; text that repeats if left out.

    Examples
    --------
    >>> table = plain_table("t", pd.DataFrame({"method": ["a", "a", "b"], "dose": [0.1, 2, 16e3]}),
    ...                     title="T")
    >>> [row[1].text for row in table.rows], [table.heads[i].label for i in table.filters]
    (['0.1', '2', '16,000'], ['method'])
    """
    shown = data if shown is None else shown
    names = names or {}
    found = {str(key): known(str(key)) for key in shown}
    forms = {key: one.form for key, one in found.items()} | dict(formats or {})
    called = {key: names.get(key, one.label) for key, one in found.items()} | dict(labels or {})
    meant = {key: one.meaning for key, one in found.items()} | dict(meanings or {})
    heads = tuple(Head(called[k], meant[k], _is_numeric(shown[k]), k) for k in found)
    columns = [
        [_cell(value, head, forms[head.key], names) for value in shown[head.key]] for head in heads
    ]
    text = [head.key for head in heads if not head.numeric]
    wanted = {*(text if filters is None else filters), *(first or {})}
    by = [i for i, head in enumerate(heads) if head.key in wanted and _repeats(columns[i])]
    starts = {i: _in_words((first or {}).get(heads[i].key, ""), heads[i].key, names) for i in by}
    return spoken(
        Table(
            name=name,
            title=title,
            heading=heading,
            data=data,
            heads=heads,
            blocks=(("", tuple(zip(*columns, strict=True))),),
            notes=tuple(notes),
            filters=tuple(by),
            first={i: text for i, text in starts.items() if text},
        )
    )


def _is_numeric(values: pd.Series) -> bool:
    is_number = pd.api.types.is_numeric_dtype(values)
    return bool(is_number and not pd.api.types.is_bool_dtype(values))


def _repeats(cells: Sequence[Cell]) -> bool:
    n = len({cell.text for cell in cells})
    return 1 < n <= min(MOST_CHOICES, 0.7 * len(cells))


def _cell(value: Any, head: Head, form: str, names: Mapping[str, str]) -> Cell:
    if value is None or value is pd.NaT or (isinstance(value, float) and pd.isna(value)):
        return Cell(NOTHING if head.numeric else "")
    if isinstance(value, bool) or type(value).__name__ == "bool_":
        return Cell("yes" if value else "no")
    if head.numeric:
        return Cell(written(value, form), float(value))
    return Cell(_in_words(str(value), head.key, names))


def _in_words(text: str, key: str, names: Mapping[str, str]) -> str:
    if key in CANDIDATES:
        return names.get(text, text)
    return text.replace("_", " ").replace("departement", "département") if key in IN_WORDS else text

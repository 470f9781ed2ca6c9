"""What a predictor may not change: its evidence. It reads copies, which are compared."""

from __future__ import annotations

import weakref
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from bench.core import Evidence
from bench.core.batch import BatchTable, EvidenceBatch

Tables = Mapping[str, pd.DataFrame] | Mapping[str, BatchTable]
_sums: dict[int, tuple[weakref.ref[Any], int]] = {}


def own_batch(batch: EvidenceBatch) -> EvidenceBatch:
    """The same batch in memory of its own."""
    tables = {
        name: BatchTable(
            rows=table.rows.copy(),
            values={column: value.copy() for column, value in table.values.items()},
        )
        for name, table in batch.tables.items()
    }
    shared = batch.evidence
    return replace(batch, evidence=shared.copied(shared.tables), tables=tables)


def changed_tables(originals: Tables, copies: Tables) -> tuple[str, ...]:
    """The names of the copies that are no longer like their originals.

    Examples
    --------
    >>> polls = pd.DataFrame({"share": [0.6, 0.4]})
    >>> mine = polls.copy()
    >>> changed_tables({"polls": polls}, {"polls": mine})
    ()
    >>> mine.loc[0, "share"] = 0.9
    >>> changed_tables({"polls": polls}, {"polls": mine})
    ('polls',)
    """
    pairs = [(name, copy, originals[name]) for name, copy in copies.items()]
    return tuple([name for name, now, then in pairs if _sum(now) != _remembered_sum(then)])


def fingerprint(evidence: Evidence) -> dict[str, int]:
    """A checksum per table, at the speed of memory; it holds within one process."""
    return {name: _sum(frame) for name, frame in sorted(evidence.tables.items())}


def _remembered_sum(table: pd.DataFrame | BatchTable) -> int:
    """The sum of a table that nobody has but the harness; counted once."""
    known = _sums.get(id(table))
    if known is not None and known[0]() is table:
        return known[1]
    total = _sum(table)
    _sums[id(table)] = (weakref.ref(table), total)
    # its place in memory is another table's afterwards; not when Python ends, and names are gone
    weakref.finalize(table, _sums.pop, id(table), None).atexit = False
    return total


def _sum(table: pd.DataFrame | BatchTable) -> int:
    if isinstance(table, BatchTable):
        total = _sum(table.rows)
        for name, value in sorted(table.values.items()):
            total = zlib.crc32(np.ascontiguousarray(value).data, zlib.crc32(name.encode(), total))
        return total
    columns = [0] * table.shape[1]
    for places, values in _blocks(table):
        arrow = getattr(values, "_pa_array", None)
        if arrow is not None:  # immutable buffers: their addresses suffice
            found = [b.address for c in arrow.chunks for b in c.buffers() if b is not None]
            columns[places[0]] = zlib.crc32(repr(found).encode())
            continue
        raw = np.atleast_2d(np.asarray(getattr(values, "_ndarray", values)))
        for place, row in zip(places, raw, strict=True):
            columns[place] = zlib.crc32(np.ascontiguousarray(row).tobytes())
    return zlib.crc32(repr((table.shape, list(table.columns), columns)).encode())


def _blocks(table: pd.DataFrame) -> Iterator[tuple[list[int], Any]]:
    """Columns with their places: those of one type together, where pandas shows its blocks."""
    blocks = getattr(getattr(table, "_mgr", None), "blocks", None)
    if blocks is None:
        yield from (([place], table.iloc[:, place].array) for place in range(table.shape[1]))
        return
    for block in blocks:
        yield block.mgr_locs.as_array.tolist(), block.values

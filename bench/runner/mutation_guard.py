"""Copies of the evidence for a predictor, and whether it wrote into them."""

from __future__ import annotations

import weakref
import zlib
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from bench.core import Evidence
from bench.core.batch import BatchTable, EvidenceBatch

Tables = Mapping[str, pd.DataFrame] | Mapping[str, BatchTable]
_sums: dict[int, tuple[weakref.ref[Any], int]] = {}


def own_evidence(evidence: Evidence) -> Evidence:
    """The same evidence in memory of its own: whoever writes into it harms nobody else."""
    return evidence.with_tables(**{name: frame.copy() for name, frame in evidence.tables.items()})


def own_batch(batch: EvidenceBatch) -> EvidenceBatch:
    """The same batch in memory of its own."""
    tables = {
        name: BatchTable(
            rows=table.rows.copy(),
            values={column: value.copy() for column, value in table.values.items()},
        )
        for name, table in batch.tables.items()
    }
    return replace(batch, evidence=own_evidence(batch.evidence), tables=tables)


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
    return tuple(
        name for name, copy in copies.items() if _sum(copy) != _remembered_sum(originals[name])
    )


def fingerprint(evidence: Evidence) -> dict[str, int]:
    """A checksum per table, at the speed of memory; it holds within one process."""
    return {name: _sum(frame) for name, frame in sorted(evidence.tables.items())}


def _remembered_sum(table: pd.DataFrame | BatchTable) -> int:
    """The sum of a table that nobody has but the harness; counted once."""
    known = _sums.get(id(table))
    if known is not None and known[0]() is table:
        return known[1]
    total = _sum(table)
    place = id(table)
    _sums[place] = (weakref.ref(table, lambda _: _sums.pop(place, None)), total)
    return total


def _sum(table: pd.DataFrame | BatchTable) -> int:
    if isinstance(table, BatchTable):
        total = _sum(table.rows)
        for name, value in sorted(table.values.items()):
            total = zlib.crc32(np.ascontiguousarray(value).data, zlib.crc32(name.encode(), total))
        return total
    total = zlib.crc32(repr((table.shape, list(table.columns))).encode())
    for position in range(table.shape[1]):
        values = table.iloc[:, position].array
        block = getattr(values, "_ndarray", None)
        if block is None:
            arrow = getattr(values, "_pa_array", None)
            if arrow is not None:  # immutable buffers: their addresses suffice
                places = [b.address for c in arrow.chunks for b in c.buffers() if b is not None]
                total = zlib.crc32(repr(places).encode(), total)
                continue
            block = np.asarray(values)
        total = zlib.crc32(np.ascontiguousarray(block).tobytes(), total)
    return total

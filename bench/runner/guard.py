"""What a predictor may not change: the evidence of others, and the harness.

Each predictor reads copies, so that writing into them harms nobody else. After each call of one
that did not ship with the bench, the functions and classes of the bench, and those that numpy,
pandas and Python show first, are compared with what they were before, and put back. That catches
slips and ordinary tricks. It does not catch one that goes on in a thread after it has answered, or
that changes the memory of the process by other means; against these only a process of its own
helps (`execution.isolate`), from which numbers and text come back and nothing else: they are
checked and scored where the predictor has never been.
"""

from __future__ import annotations

import sys
import types
import weakref
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from bench.core import Evidence, ForecastError
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


WATCHED = ("builtins", "numpy", "pandas")
_CODE = ("__code__", "__defaults__", "__kwdefaults__")


class _Fact(NamedTuple):
    owner: Any  # a module, a class or a function
    name: str
    value: object


class Harness:
    """The functions and classes of the harness as they are now.

    Examples
    --------
    >>> from bench.core import seeds
    >>> harness, true = Harness(), seeds.generator
    >>> seeds.generator = lambda *_: None
    >>> harness.put_back(), seeds.generator is true
    (['bench.core.seeds.generator'], True)
    >>> harness.put_back()
    []
    """

    def __init__(self) -> None:
        self._known: set[str] = set()
        self._facts: list[_Fact] = []
        self.look()

    def look(self) -> None:
        """Take note of modules that have been imported since."""
        for module in _modules():
            if module.__name__ not in self._known:
                self._known.add(module.__name__)
                self._facts += _facts(module)

    def put_back(self) -> list[str]:
        """The names of what has been changed since, which is undone."""
        changed = [fact for fact in self._facts if _now(fact) is not fact.value]
        for owner, name, value in changed:
            setattr(owner, name, value)
        return [f"{_name(owner)}.{name}" for owner, name, _ in changed]


class _Held:
    """The harness as it was when a run began; None outside of runs."""

    harness: Harness | None = None


@contextmanager
def harness_held() -> Iterator[None]:
    """Hold the harness to what it is now, before plug-ins are imported, until the run ends."""
    outer = _Held.harness
    if outer is None:
        _Held.harness = Harness()
    try:
        yield
    finally:
        _Held.harness = outer


def harness_now() -> Harness:
    """The harness as it was when the run began, or is where there is no run."""
    if _Held.harness is None:
        return Harness()
    _Held.harness.look()
    return _Held.harness


def refuse_changes(harness: Harness) -> None:
    """Put back what a predictor changed in the harness.

    Raises
    ------
    ForecastError
        If there was anything.
    """
    if changed := harness.put_back():
        more = f" and {len(changed) - 1} others" if len(changed) > 1 else ""
        raise ForecastError(
            f"predict changed {changed[0]}{more}, which all predictors share; it has been put back"
        )


def _modules() -> list[types.ModuleType]:
    return [
        module
        for name, module in sorted(sys.modules.items())
        if name.partition(".")[0] == "bench" or name in WATCHED
    ]


def _facts(module: types.ModuleType) -> list[_Fact]:
    """Functions and classes of a module; of ours also what they consist of."""
    found = []
    for name, value in list(vars(module).items()):
        if not (isinstance(value, type) or callable(value)) or isinstance(value, types.ModuleType):
            continue
        found.append(_Fact(module, name, value))
        if getattr(value, "__module__", None) != module.__name__ or module.__name__ in WATCHED:
            continue
        if isinstance(value, types.FunctionType):
            found += [_Fact(value, part, getattr(value, part)) for part in _CODE]
        elif isinstance(value, type):
            found += [
                _Fact(value, part, member)
                for part, member in vars(value).items()
                if isinstance(member, (types.FunctionType, property, classmethod, staticmethod))
            ]
    return found


def _now(fact: _Fact) -> object:
    if isinstance(fact.owner, types.FunctionType):
        return getattr(fact.owner, fact.name)
    return vars(fact.owner).get(fact.name)


def _name(owner: Any) -> str:
    if isinstance(owner, types.ModuleType):
        return owner.__name__
    return f"{owner.__module__}.{owner.__qualname__}"

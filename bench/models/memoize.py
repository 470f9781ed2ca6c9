"""Answers remembered by the content of the tables that they were computed from."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Callable, Sequence
from threading import Lock
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import numpy as np
import pandas as pd

from bench.core.evidence import Evidence

if TYPE_CHECKING:
    import pyarrow as pa

T = TypeVar("T")


def table_digest(table: pd.DataFrame, columns: Sequence[str]) -> bytes:
    """A digest of the cells of these columns, with their types, in the order of the rows.

    Examples
    --------
    >>> one = pd.DataFrame({"a": ["x", "y"], "b": [1.0, 2.0], "c": [0, 0]})
    >>> table_digest(one, ["a", "b"]) == table_digest(one.assign(c=9), ["a", "b"])
    True
    >>> table_digest(one, ["a", "b"]) == table_digest(one.iloc[::-1], ["a", "b"])
    False
    """
    digest = hashlib.sha256()  # processors have an instruction for it: twice as fast as others
    for name in columns:
        column = table[name]
        kind, cells = column.dtype, column.array
        label: object = name
        if isinstance(kind, pd.CategoricalDtype):
            label, cells = (name, str(kind.categories.dtype)), cells.codes
            digest.update(_arrow_bytes(kind.categories.array))
        elif isinstance(kind, pd.StringDtype):
            cells = np.frombuffer(_arrow_bytes(cells), np.uint8)
        elif not isinstance(kind, np.dtype) or kind.kind not in "biufM":
            cells, uniques = pd.factorize(column)  # several times faster than a hash of every cell
            label = (name, uniques.tolist())
        digest.update(repr((label, str(kind), len(table))).encode())
        digest.update(np.ascontiguousarray(cells).view(np.uint8).data)
    return digest.digest()


def _arrow_bytes(cells: Any) -> pa.Buffer:
    """Cells as one block of memory, in which each can be told from the next and from none."""
    import pyarrow as pa

    whole = pa.array(cells)
    if isinstance(whole, pa.ChunkedArray):
        whole = whole.combine_chunks()
    return pa.record_batch([whole], names=["cells"]).serialize()


def ballot_digest(evidence: Evidence, tables: Sequence[str]) -> bytes:
    """A digest of these tables and of the ballot that is asked about, but not of the moment.

    For what an answer learns from tables that stay the same from one moment to the next.
    """
    ballot = (evidence.election, evidence.round, evidence.vote_on, evidence.candidates)
    read = [evidence[name] for name in tables]
    return digest_of(
        repr(ballot).encode(), *(table_digest(table, list(table.columns)) for table in read)
    )


def digest_of(*parts: bytes) -> bytes:
    """One digest of several parts, which also tells where one ends and the next begins."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(len(part).to_bytes(8, "little") + part)
    return digest.digest()


class Memory(Generic[T]):
    """The latest answers by key, at most ``most`` of them; safe between threads.

    Two threads that miss at once compute the same answer twice, and one of the two is kept.
    Answers are shared: they must not be changed.
    """

    def __init__(self, max_answers: int) -> None:
        self._max_answers = max_answers
        self._answers: OrderedDict[bytes, T] = OrderedDict()
        self._lock = Lock()

    def of(
        self,
        table: pd.DataFrame,
        columns: Sequence[str],
        compute: Callable[[], T],
        *question: object,
    ) -> T:
        """The answer of these cells of a table and of what else is asked, as `get`."""
        return self.get(table_digest(table, columns) + repr(question).encode(), compute)

    def get(self, key: bytes, compute: Callable[[], T]) -> T:
        """The answer of this key, computed if it is not remembered."""
        with self._lock:
            if key in self._answers:
                self._answers.move_to_end(key)
                return self._answers[key]
        answer = compute()
        with self._lock:
            self._answers[key] = answer
            self._answers.move_to_end(key)
            while len(self._answers) > self._max_answers:
                self._answers.popitem(last=False)
        return answer

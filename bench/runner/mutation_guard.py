"""Whether a predictor changed the evidence that it shares with all others."""

from __future__ import annotations

import zlib

import numpy as np
import pandas as pd

from bench.core import Evidence


def fingerprint(evidence: Evidence) -> dict[str, int]:
    """A checksum per table, at the speed of memory.

    Numbers are summed by value. Words cannot change, so their addresses stand for them: the sum
    holds within one process, which is all that is asked of it.

    Examples
    --------
    >>> day = pd.Timestamp("2031-04-04")
    >>> table = pd.DataFrame({"share": [0.6, 0.4]})
    >>> evidence = Evidence(election="toy", round=1, as_of=day, vote_on=day, candidates=("a", "b"),
    ...                     seats=1, tables={"polls": table})
    >>> before = fingerprint(evidence)
    >>> table.loc[0, "share"] = 0.9
    >>> fingerprint(evidence) == before
    False
    """
    return {name: _table(frame) for name, frame in sorted(evidence.tables.items())}


def _table(frame: pd.DataFrame) -> int:
    total = zlib.crc32(repr((frame.shape, list(frame.columns))).encode())
    for position in range(frame.shape[1]):
        values = frame.iloc[:, position].array
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

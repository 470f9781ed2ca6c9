"""Fragment: all that is known of one predictor on one cell, as bytes that vouch for themselves."""

from __future__ import annotations

import hashlib
import io
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

if TYPE_CHECKING:
    import pyarrow as pa

MARK = b"election-bench cell 1 "


@dataclass(frozen=True, kw_only=True)
class Fragment:
    """What one attempt left.

    Attributes
    ----------
    key : str
        SHA-256 of everything that the attempt depends on.
    facts : dict
        The row of `methods`, the traceback, what was printed, and the seconds; plain JSON.
    errors, forecasts : pyarrow.Table or None
        Rows of the long tables without the columns that name the cell and the predictor; None
        where there is no forecast.
    draws : pyarrow.Table or None
        The national draws, where they were asked for.
    """

    key: str
    facts: dict[str, Any]
    errors: pa.Table | None
    forecasts: pa.Table | None
    draws: pa.Table | None = None

    @property
    def failed(self) -> bool:
        """Whether the predictor failed, which may be tried again."""
        return bool(self.facts["status"] == "failed")


def encode(
    key: str, facts: dict[str, Any], errors: bytes, forecasts: bytes, draws: bytes = b""
) -> bytes:
    """The bytes of a fragment: a checksum, one line of JSON, three Parquet tables (or nothing)."""
    head = {"key": key, "facts": facts, "sizes": [len(errors), len(forecasts)]}
    body = json.dumps(head, allow_nan=False).encode() + b"\n" + errors + forecasts + draws
    return MARK + hashlib.sha256(body).hexdigest().encode() + b"\n" + body


def decode(content: bytes, key: str) -> Fragment | None:
    """The fragment, or None where a single bit differs from what was written under this key.

    Examples
    --------
    >>> rows = parquet(pd.DataFrame({"value": [1.0]}))
    >>> content = encode("k", {"status": "ok"}, rows, rows)
    >>> decode(content, "k").facts["status"], decode(content[:-1], "k"), decode(content, "j")
    ('ok', None, None)
    """
    start = len(MARK) + 65
    if content[: len(MARK)] != MARK or content[start - 1 : start] != b"\n":
        return None
    body = content[start:]
    if hashlib.sha256(body).hexdigest().encode() != content[len(MARK) : start - 1]:
        return None
    line, _, tables = body.partition(b"\n")
    head = json.loads(line)
    if head["key"] != key:
        return None
    first, second = head["sizes"]
    return Fragment(
        key=key,
        facts=head["facts"],
        errors=_table(tables[:first]),
        forecasts=_table(tables[first : first + second]),
        draws=_table(tables[first + second :]),
    )


def parquet(rows: pd.DataFrame) -> bytes:
    """Rows as Parquet."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pa.Table.from_pandas(rows, preserve_index=False).replace_schema_metadata(None)
    buffer = io.BytesIO()
    pq.write_table(table, buffer, compression="zstd", version="2.6", write_statistics=False)
    return buffer.getvalue()


def _table(content: bytes) -> pa.Table | None:
    if not content:
        return None
    import pyarrow.parquet as pq

    return pq.read_table(io.BytesIO(content), use_threads=False)

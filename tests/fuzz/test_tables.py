"""Whatever bytes a table holds: a clear error, or rows that keep every promise of the columns."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.core import DataError
from bench.data import readers
from bench.data.columns import CANDIDATES, TABLES, Table
from bench.data.readers import read_table
from tests.fuzz.replay import fuzzed

ALL = {**TABLES, "candidates": CANDIDATES}
NASTY = ["", "nan", "inf", "1e999", "1,5", "٣", "-0", "None", "now", "[]", "a\nb", "\u202e"]
NASTY += ["2017-04-23", "2017-13-45", "0001-01-01", "9999-12-31", "2017-04-23T20:00:00+02:00"]
NASTY += ["2017-W16-7", "=1+1", "<script>alert(1)</script>", "../../etc/passwd", "é" * 500]
NASTY += ["18446744073709551616", "1" * 400]
cell = st.sampled_from(NASTY) | st.text(max_size=12)


def promised(frame: pd.DataFrame, table: Table) -> None:
    """Every cell is of its kind, within its range, and no key occurs twice."""
    assert list(frame.columns) == list(table.columns)
    for name, column in table.columns.items():
        values = frame[name]
        assert column.empty or values.notna().all()
        present = values[values.notna()]
        if column.kind == "date":
            assert values.dtype == "datetime64[ns]"
        elif column.kind == "flag":
            assert values.dtype == bool
        elif column.kind in ("count", "number"):
            assert np.isfinite(present.astype(float)).all()
            assert column.least is None or (present >= column.least).all()
            assert column.most is None or (present <= column.most).all()
        if column.among:
            assert present.isin(column.among).all()
    assert not frame.duplicated(list(table.key)).any()


def right_or_refused(path: Path, table: Table) -> bool:
    try:
        frame = read_table(path, table)
    except DataError as error:
        words = str(error)
    else:
        promised(frame, table)
        return True
    assert str(path) in words
    assert len(words) < 2000
    return False


def _good(name: str) -> pd.DataFrame:
    from bench.core import paths

    folder = paths.datasets() / "toy"
    place = folder / "candidates.csv" if name == "candidates" else folder / "inputs" / f"{name}.csv"
    if place.is_file():
        return pd.read_csv(place, dtype=str, keep_default_na=False).head(12)
    return pd.read_parquet(place.with_suffix(".parquet")).head(12).astype(str)


@pytest.mark.parametrize("name", ["polls", "ratings", "buzz", "candidates"])
@fuzzed
@given(data=st.data())
def test_any_cell(tmp_path: Path, name: str, data: Any) -> None:
    table, rows = ALL[name], _good(name)
    column = data.draw(st.sampled_from(list(rows.columns)))
    row = data.draw(st.integers(0, len(rows) - 1))
    rows.loc[row, column] = data.draw(cell)
    path = tmp_path / f"{name}.csv"
    path.write_text(rows.to_csv(index=False), encoding="utf-8", errors="replace")
    right_or_refused(path, table)


@fuzzed
@given(data=st.data())
def test_any_bits_of_a_parquet_flipped(tmp_path: Path, data: Any) -> None:
    buffer = io.BytesIO()
    pq.write_table(pa.Table.from_pandas(_good("buzz")), buffer)
    content = bytearray(buffer.getvalue())
    for _ in range(data.draw(st.integers(1, 6))):
        content[data.draw(st.integers(0, len(content) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    path = tmp_path / "buzz.parquet"
    path.write_bytes(bytes(content[: data.draw(st.integers(0, len(content)))] or content))
    right_or_refused(path, TABLES["buzz"])


KINDS: dict[str, Callable[[int], pa.Array]] = {
    "list": lambda n: pa.array([[1, 2]] * n),
    "struct": lambda n: pa.array([{"a": 1}] * n),
    "binary": lambda n: pa.array([b"\xff\xfe"] * n),
    "decimal": lambda n: pa.array([1] * n).cast(pa.decimal128(38, 2)),
    "int": lambda n: pa.array([3] * n),
    "huge": lambda n: pa.array([2**63 - 1] * n),
    "float": lambda n: pa.array([0.5] * n),
    "nan": lambda n: pa.array([float("nan")] * n),
    "inf": lambda n: pa.array([float("inf")] * n),
    "flag": lambda n: pa.array([True] * n),
    "null": lambda n: pa.nulls(n),
    "dictionary": lambda n: pa.array(["x"] * n).dictionary_encode(),
    "zoned": lambda n: pa.array([0] * n, pa.timestamp("s", tz="UTC")),
    "far": lambda n: pa.array([2**50] * n, pa.timestamp("s")),
    "duration": lambda n: pa.array([1] * n, pa.duration("s")),
    "time": lambda n: pa.array([1] * n, pa.time32("s")),
}


@fuzzed
@given(kind=st.sampled_from(list(KINDS)), column=st.sampled_from(list(TABLES["buzz"].columns)))
def test_any_kind_of_parquet_column(tmp_path: Path, kind: str, column: str) -> None:
    table = pa.Table.from_pandas(_good("buzz"), preserve_index=False)
    place = table.schema.get_field_index(column)
    table = table.set_column(place, column, KINDS[kind](table.num_rows))
    path = tmp_path / "buzz.parquet"
    pq.write_table(table, path)
    right_or_refused(path, TABLES["buzz"])


def test_a_parquet_bomb_is_refused_unopened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(readers, "MAX_ROWS", 500_000)
    table = pa.table({name: pa.nulls(500_001, pa.string()) for name in TABLES["buzz"].columns})
    path = tmp_path / "buzz.parquet"
    pq.write_table(table, path, compression="zstd")
    assert path.stat().st_size < 100_000
    with pytest.raises(DataError, match=r"500,001 rows; accepted: 500,000"):
        read_table(path, TABLES["buzz"])

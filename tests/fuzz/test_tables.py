"""Whatever bytes a table holds: a clear error, or rows that keep every promise of the columns."""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from bench.core import DataError
from bench.data import readers
from bench.data.columns import CANDIDATES, TABLES, Table
from bench.data.readers import read_table

fuzzed = settings(
    max_examples=30,
    deadline=10_000,  # milliseconds; a hang is a failure
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
ALL = {**TABLES, "candidates": CANDIDATES}
NASTY = [
    "",
    " ",
    "nan",
    "NaN",
    "inf",
    "-inf",
    "1e999",
    "0x10",
    "1_000",
    "1,5",
    "٣",
    "½",
    "-0",
    "1e-400",
    "true",
    "TRUE",
    "yes",
    "None",
    "NaT",
    "now",
    "today",
    "2017-04-23",
    "2017-13-45",
    "0001-01-01",
    "9999-12-31",
    "2017-04-23T20:00:00+02:00",
    "2017-04-23T20:00:00Z",
    "2017-W16-7",
    "1492992000",
    "=1+1",
    "@SUM(A1)",
    "<script>alert(1)</script>",
    "../../etc/passwd",
    "\\N",
    "é" * 500,
    "\u202e",
    "a\nb",
    'a"b',
    "😀",
    "18446744073709551616",
    "9007199254740993",
    "1" * 400,
    "{}",
    "[]",
]
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


@fuzzed
@given(content=st.binary(max_size=300), suffix=st.sampled_from([".csv", ".parquet"]))
@example(content=b"\xef\xbb\xbf", suffix=".csv")
@example(content=b"PAR1" + b"\xff" * 40 + b"PAR1", suffix=".parquet")
@example(content=b"\x80\x04\x95pickle", suffix=".parquet")
def test_any_bytes(tmp_path: Path, content: bytes, suffix: str) -> None:
    path = tmp_path / f"polls{suffix}"
    path.write_bytes(content)
    right_or_refused(path, TABLES["polls"])


@pytest.mark.parametrize("name", ["polls", "ratings", "buzz", "claims", "areas", "candidates"])
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
def test_any_place_of_a_file_overwritten(tmp_path: Path, data: Any) -> None:
    content = bytearray(_good("polls").to_csv(index=False).encode())
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(content) - 1))
        piece = data.draw(st.sampled_from([b",", b'"', b"\n", b"\0", b"\xff", b"", b";", b"\r"]))
        content[place : place + data.draw(st.integers(0, 30))] = piece
    path = tmp_path / "polls.csv"
    path.write_bytes(bytes(content))
    right_or_refused(path, TABLES["polls"])


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


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("column", list(TABLES["buzz"].columns))
def test_any_kind_of_parquet_column(tmp_path: Path, kind: str, column: str) -> None:
    table = pa.Table.from_pandas(_good("buzz"), preserve_index=False)
    place = table.schema.get_field_index(column)
    table = table.set_column(place, column, KINDS[kind](table.num_rows))
    path = tmp_path / "buzz.parquet"
    pq.write_table(table, path)
    right_or_refused(path, TABLES["buzz"])


def test_the_good_rows_are_read(tmp_path: Path) -> None:
    for name in ("polls", "ratings", "buzz", "claims", "areas", "candidates"):
        path = tmp_path / f"{name}.csv"
        path.write_text(_good(name).replace("nan", "").to_csv(index=False), encoding="utf-8")
        assert right_or_refused(path, ALL[name]), name


def test_a_parquet_bomb_is_refused_unopened(tmp_path: Path) -> None:
    rows = readers.MOST_ROWS + 1
    table = pa.table({name: pa.nulls(rows, pa.string()) for name in TABLES["buzz"].columns})
    path = tmp_path / "buzz.parquet"
    pq.write_table(table, path, compression="zstd")
    assert path.stat().st_size < 100_000
    with pytest.raises(DataError, match=r"5,000,001 rows; accepted: 5,000,000"):
        read_table(path, TABLES["buzz"])


def test_a_bomb_of_long_words_is_refused_unopened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(readers, "MOST_BYTES", 10**6)
    words = pa.array(["x" * 10_000] * 1000)
    path = tmp_path / "buzz.parquet"
    columns = dict.fromkeys(TABLES["buzz"].columns, words)
    pq.write_table(pa.table(columns), path, compression="zstd", use_dictionary=False)
    assert path.stat().st_size < 10**6
    with pytest.raises(DataError, match="bytes when unpacked; accepted: 1e\\+06"):
        read_table(path, TABLES["buzz"])


def test_ten_million_rows_are_refused_in_seconds(tmp_path: Path) -> None:
    path = tmp_path / "polls.csv"
    with path.open("wb") as stream:
        stream.write(b"poll_id\n")
        for _ in range(100):
            stream.write(b"p1\n" * 100_000)
    with pytest.raises(DataError, match="10,000,001 rows; accepted: 5,000,000"):
        read_table(path, TABLES["polls"])


@pytest.mark.parametrize("kind", ["pipe", "folder", "loop", "dangling", "device", "no such name"])
def test_what_is_no_file_is_refused_at_once(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "polls.csv"
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    elif kind == "loop":
        path.symlink_to(path)
    elif kind == "dangling":
        path.symlink_to(tmp_path / "nowhere")
    elif kind == "device":
        path.symlink_to("/dev/zero")
    else:
        path = tmp_path / ("x" * 300 + ".csv")
    with pytest.raises(DataError, match=r"cannot be read|not a file"):
        read_table(path, TABLES["polls"])

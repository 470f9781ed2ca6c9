"""Whatever bytes a table holds: a clear error, or rows that keep every promise of the columns."""

from __future__ import annotations

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

from bench.core import DataError, paths
from bench.data.columns import CANDIDATES, TABLES, Table
from bench.data.readers import read_table
from tests.fuzz.replay import fuzzed

TOY = paths.datasets() / "toy"
NASTY = ["", "nan", "inf", "1e999", "1,5", "٣", "-0", "None", "now", "[]", "a\nb", "\u202e"]
NASTY += ["2017-04-23", "2017-13-45", "0001-01-01", "9999-12-31", "2017-04-23T20:00:00+02:00"]
NASTY += ["2017-W16-7", "=1+1", "<script>alert(1)</script>", "../../etc/passwd", "é" * 500]
NASTY += ["18446744073709551616", "1" * 400]


def right_or_refused(path: Path, table: Table) -> None:
    """Every cell is of its kind, within its range, and no key occurs twice; or a sentence."""
    try:
        frame = read_table(path, table)
    except DataError as error:
        said = str(error)
        assert str(path) in said
        assert len(said) < 2000
        return
    assert list(frame.columns) == list(table.columns)
    for name, column in table.columns.items():
        present = frame[name].dropna()
        assert column.empty or len(present) == len(frame)
        if column.kind == "date":
            assert present.dtype == "datetime64[ns]"
        elif column.kind == "flag":
            assert present.dtype == bool
        elif column.kind in ("count", "number"):
            assert np.isfinite(present.astype(float)).all()
            assert column.least is None or (present >= column.least).all()
            assert column.most is None or (present <= column.most).all()
        assert not column.among or present.isin(column.among).all()
    assert not frame.duplicated(list(table.key)).any()


@pytest.mark.parametrize(
    ("name", "table"),
    [
        ("candidates.csv", CANDIDATES),
        ("inputs/polls.csv", TABLES["polls"]),
        ("inputs/ratings.csv", TABLES["ratings"]),
    ],
)
@fuzzed
@given(data=st.data())
def test_any_cell(tmp_path: Path, name: str, table: Table, data: Any) -> None:
    rows = pd.read_csv(TOY / name, dtype=str, keep_default_na=False).head(12)
    place = data.draw(st.integers(0, len(rows) - 1)), data.draw(st.sampled_from(list(rows)))
    rows.loc[place] = data.draw(st.sampled_from(NASTY) | st.text(max_size=12))
    path = tmp_path / "mine.csv"
    path.write_text(rows.to_csv(index=False), encoding="utf-8", errors="replace")
    right_or_refused(path, table)


KINDS: dict[str, Callable[[int], pa.Array]] = {
    "list": lambda n: pa.array([[1, 2]] * n),
    "binary": lambda n: pa.array([b"\xff\xfe"] * n),
    "decimal": lambda n: pa.array([1] * n).cast(pa.decimal128(38, 2)),
    "huge": lambda n: pa.array([2**63 - 1] * n),
    "nan": lambda n: pa.array([float("nan")] * n),
    "inf": lambda n: pa.array([float("inf")] * n),
    "flag": lambda n: pa.array([True] * n),
    "null": lambda n: pa.nulls(n),
    "dictionary": lambda n: pa.array(["x"] * n).dictionary_encode(),
    "zoned": lambda n: pa.array([0] * n, pa.timestamp("s", tz="UTC")),
    "far": lambda n: pa.array([2**50] * n, pa.timestamp("s")),
    "duration": lambda n: pa.array([1] * n, pa.duration("s")),
}


@pytest.mark.parametrize("kind", KINDS)
@fuzzed
@given(data=st.data())
def test_any_kind_of_column_and_any_bits_of_a_parquet(tmp_path: Path, kind: str, data: Any) -> None:
    table = pq.read_table(TOY / "inputs" / "buzz.parquet").slice(0, 12)
    place = data.draw(st.integers(0, table.num_columns - 1))
    table = table.set_column(place, table.column_names[place], KINDS[kind](table.num_rows))
    path = tmp_path / "buzz.parquet"
    pq.write_table(table, path)
    right_or_refused(path, TABLES["buzz"])
    content = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 6))):
        content[data.draw(st.integers(0, len(content) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    path.write_bytes(content)
    right_or_refused(path, TABLES["buzz"])

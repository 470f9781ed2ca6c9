"""Files that a person brings: what is refused, where the bounds lie, and which line is named."""

from __future__ import annotations

import os
import re
import socket
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from bench.core import DataError, read


def write(folder: Path, content: bytes) -> Path:
    path = folder / "mine.csv"
    path.write_bytes(content)
    return path


def refused(*words: object) -> Any:
    """Who refuses says these words, in this order."""
    return pytest.raises(DataError, match=".*".join(re.escape(str(word)) for word in words))


READERS = [read.refuse_unreadable, read.read_text, lambda path, _: read.read_json(path)]


@pytest.mark.parametrize("reader", READERS)
def test_what_is_no_file_is_refused_without_opening_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reader: Any
) -> None:
    monkeypatch.chdir(tmp_path)  # the name of a socket must be short
    os.mkfifo("pipe")
    with socket.socket(socket.AF_UNIX) as made:
        made.bind("socket")
    for name in ("pipe", "socket", ".", "/dev/null"):
        with refused(f"{name}: not a file"):
            reader(Path(name), 9)
    for name in ("nothing", "a\0b"):
        with refused("cannot be read"):
            reader(Path(name), 9)


def test_a_file_may_have_as_many_bytes_as_said(tmp_path: Path) -> None:
    path = write(tmp_path, b"x" * 1001)
    assert read.read_text(path, 1001) == "x" * 1001
    assert read.refuse_unreadable(path, 1001).st_size == 1001
    with refused(path, "1,001 bytes; accepted: at most 1,000", "(see X)"):
        read.read_text(path, 1000, " (see X)")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"\xff\xfea\0", ":1: byte 0xff is not UTF-8"),
        (b"a\nb\0\nc\0", ":2: a NUL byte"),
        (b"a\r\nb\r\nc\xe9d\n", ":3: byte 0xe9 is not UTF-8"),
        (b"a\rb\rc\xe9d\r", ":3: byte 0xe9 is not UTF-8"),
    ],
)
def test_text_is_utf_8_or_the_line_is_named(tmp_path: Path, content: bytes, words: str) -> None:
    with refused(f"mine.csv{words}"):
        read.read_text(write(tmp_path, content), 99)
    assert read.read_text(write(tmp_path, b"\xef\xbb\xbfZo\xc3\xab\r\n"), 99) == "Zoë\r\n"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b'{"a": {"b": 1, "b": 1}}', "the key 'b' stands there twice; keep one"),
        (b"[" * 100_000, "cannot be read as JSON"),
        (b'{"a": "\xff"}', "cannot be read as JSON"),
        (b"[1]", "must hold keys and values"),
        (b"{" + b" " * 100, "101 bytes; accepted: at most 99"),
    ],
)
def test_json_has_each_key_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes, words: str
) -> None:
    monkeypatch.setattr(read, "MAX_BYTES_OF_JSON", 99 if b" " * 99 in content else 10**6)
    with refused("mine.csv", words, "(see X)"):
        read.read_json(write(tmp_path, content), " (see X)")
    assert read.read_json(write(tmp_path, b'{"a": "e\xcc\x81"}')) == {"a": "e\u0301"}


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_rows_are_text_and_empty_cells_missing(tmp_path: Path, end: str) -> None:
    text = end.join(["a,b,n", "1,,01", "NA,007,2", '"x, y",nan,3'])
    rows = read.read_csv(write(tmp_path, text.encode()), most=99, most_rows=3)
    assert list(rows.columns) == ["a", "b", "n"]
    assert rows["n"].tolist() == ["01", "2", "3"]
    assert rows["a"].tolist() == ["1", "NA", "x, y"]
    assert rows["b"].isna().tolist() == [True, False, False]
    assert rows["b"].tolist()[1:] == ["007", "nan"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", ": the file is empty"),
        (" \n\t\n", ": the file is empty"),
        ("a,b,a,b\n1,2,3,4\n", ":1: the column 'a' occurs twice"),
        ("a,b\u200b,b\n1,2,3\n", ":1: the column 'b' occurs twice"),
        (",".join(f"c{i}" for i in range(501)), ":1: 501 columns; accepted: at most 500"),
        ("a,b\n1,2\n1,2,3\n", ": not a table .*line 3"),
        ("a\r1\r2\r3\r", ": 4 rows; accepted: 3 .keep fewer"),
    ],
)
def test_what_is_no_table_is_refused(tmp_path: Path, text: str, words: str) -> None:
    path = write(tmp_path, text.encode())
    with pytest.raises(DataError, match=f"mine.csv{words}"):
        read.read_csv(path, most=9999, most_rows=3, remedy="keep fewer")
    read.refuse_columns([f"c{i}" for i in range(500)], Path("x"))


@pytest.fixture
def packed(tmp_path: Path) -> Path:
    """A table with every kind of column that is accepted, and one that is not."""
    path = tmp_path / "mine.parquet"
    table = pd.DataFrame(
        {
            "text": ["a", None],
            "n": [1, 2],
            "x": [0.5, None],
            "flag": [True, False],
            "day": pd.to_datetime(["2031-04-06", None]),
            "none": [None, None],
            "kind": pd.Categorical(["u", "v"]),
            "list": [[1], [2]],
        }
    )
    table["date"] = [value.date() for value in pd.to_datetime(["2031-04-06"] * 2)]
    arrow = pa.Table.from_pandas(table, preserve_index=False)
    arrow = arrow.append_column("long", pa.array(["a", "b"], pa.large_string()))
    pq.write_table(arrow, path)
    return path


FLAT = ["text", "n", "x", "flag", "day", "none", "kind", "date", "long"]


def test_columns_of_parquet_are_read_in_the_order_asked_for(packed: Path) -> None:
    found = read.read_parquet(packed, [*reversed(FLAT), "n"], most=10**6, most_rows=2)
    assert list(found.columns) == FLAT[::-1]
    assert found["n"].tolist() == [1, 2]
    assert found["day"].tolist()[0] == pd.Timestamp("2031-04-06")


@pytest.mark.parametrize(
    ("columns", "rows", "words"),
    [
        (None, 9, "the column 'list' holds list<element: int64>"),
        (["list"], 9, "the column 'list' holds list<element: int64>"),
        (["n", "nobody"], 9, "the column 'nobody' is missing; the file has text, n"),
        (["n"], 1, "2 rows; accepted: 1"),
    ],
)
def test_a_parquet_that_no_table_is_made_of_is_refused(
    packed: Path, columns: list[str] | None, rows: int, words: str
) -> None:
    with refused(packed, words):
        read.read_parquet(packed, columns, most=10**6, most_rows=rows)


def test_a_parquet_that_another_program_indexed_has_all_its_columns(tmp_path: Path) -> None:
    path = tmp_path / "mine.parquet"
    pd.DataFrame({"n": [9, 3], "x": [1.0, 2.0]}).set_index("n").to_parquet(path, index=True)
    found = read.read_parquet(path, None, most=10**6, most_rows=2)
    assert found[["n", "x"]].to_numpy().tolist() == [[9, 1], [3, 2]]
    assert found.index.tolist() == [0, 1]


def test_a_parquet_is_judged_packed_and_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "mine.parquet"
    table = pd.DataFrame({"x": [str(i) * 50 for i in range(3000)]})
    table.to_parquet(path, compression="zstd", index=False, row_group_size=1000)
    groups = pq.read_metadata(path)
    unpacked = sum(groups.row_group(i).total_byte_size for i in range(groups.num_row_groups))
    size = path.stat().st_size
    assert size < unpacked
    assert len(read.read_parquet(path, ["x"], most=unpacked, most_rows=3000)) == 3000
    with refused(f"{unpacked:.3g} bytes when unpacked; accepted: {unpacked - 1:.3g}"):
        read.read_parquet(path, ["x"], most=unpacked - 1, most_rows=3000)
    with refused(f"{size:,} bytes; accepted: at most {size - 1:,}"):
        read.read_parquet(path, ["x"], most=size - 1, most_rows=3000)
    path.write_bytes(path.read_bytes()[:-20])
    with refused("not a whole Parquet file"):
        read.read_parquet(path, ["x"], most=unpacked, most_rows=3000)


@pytest.mark.parametrize(
    ("value", "most", "shown"),
    [
        ("x" * 60, 60, "x" * 60),
        ("x" * 61, 60, "x" * 57 + "…"),
        ("a\nb\x1bc", 60, "a\N{REPLACEMENT CHARACTER}b\N{REPLACEMENT CHARACTER}c"),
        (0.30000000000000004, 60, "0.3"),
        (None, 60, "None"),
    ],
)
def test_a_value_in_a_message_is_printable_and_short(value: object, most: int, shown: str) -> None:
    assert read.shortened(value, most) == shown
    assert read.visible("a\tb é\x07") == "a\tb é\\x07"
    said = read.missing_column(Path("x"), "a", [f"column{i:03}" for i in range(100)], "!")
    assert len(said) < 600
    assert said.endswith("…!")


SAME = ["Zo\u0308e\u0301", "Z\xf6\xe9\u200b", "\ufeffZ\xf6\u2060\xe9", "Z\xf6\u202e\xe9\xad"]


def test_a_name_is_one_name_however_it_was_typed(tmp_path: Path) -> None:
    assert {read.normalised(one) for one in SAME} == {"Z\xf6\xe9"}
    assert read.normalised("a\xa0b\u202fc\td\x1be\n") == "a b c\td e\n"
    assert read.normalised("\u0645\u06cc\u200c\u062e") == "\u0645\u06cc\u200c\u062e"
    path = write(tmp_path, "na\u200bme\n{}\n".format("\n".join(SAME)).encode())
    assert read.read_csv(path, most=9999, most_rows=9)["name"].unique().tolist() == ["Z\xf6\xe9"]
    packed = tmp_path / "mine.parquet"
    day = pd.Timestamp("2031-04-06").date()
    table = pd.DataFrame({"na\u200bme": [*SAME, None], "day": day, "n": 1})
    table.astype({"na\u200bme": "category"}).to_parquet(packed, index=False)
    found = read.read_parquet(packed, None, most=10**6, most_rows=9)
    assert found["name"].dropna().unique().tolist() == ["Z\xf6\xe9"]
    assert found["name"].isna().sum() == 1
    assert found["day"].tolist() == [day] * 5

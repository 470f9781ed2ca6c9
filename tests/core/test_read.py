"""Files that a person brings: what is refused, where the bounds lie, and which line is named."""

from __future__ import annotations

import os
import re
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from bench.core import DataError, read

csv_of_three = partial(read.read_csv, max_bytes=9999, max_rows=3)


def write(folder: Path, content: bytes) -> Path:
    path = folder / "mine.csv"
    path.write_bytes(content)
    return path


def refused(*words: object) -> Any:
    """Who refuses says these words, in this order."""
    return pytest.raises(DataError, match=".*".join(re.escape(str(word)) for word in words))


def test_what_is_no_file_is_refused_without_opening_it(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", tmp_path, Path("/dev/zero")):
        with refused(f"{path}: not a file"):
            read.read_text(path, 9)
    for name in ("nothing", "a\0b"):
        with refused("cannot be read", "(see X)"):
            read.read_text(tmp_path / name, 9, " (see X)")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"\xff\xfea\0", ":1: byte 0x00 is not UTF-8"),
        (b"a\nb\0\nc\0", ":2: byte 0x00 is not UTF-8"),
        (b"a\r\nb\r\nc\xe9d\n", ":3: byte 0xe9 is not UTF-8"),
        (b"a\rb\rc\xe9d\r", ":3: byte 0xe9 is not UTF-8"),
        (b"x" * 100, ": 100 bytes; accepted: at most 99"),
    ],
)
def test_text_is_utf_8_and_short_or_the_line_is_named(
    tmp_path: Path, content: bytes, words: str
) -> None:
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
    ],
)
def test_json_has_each_key_once(tmp_path: Path, content: bytes, words: str) -> None:
    with refused("mine.csv", words, "(see X)"):
        read.read_json(write(tmp_path, content), " (see X)")
    assert read.read_json(write(tmp_path, b'{"a": "e\xcc\x81"}')) == {"a": "e\u0301"}


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_rows_are_text_and_empty_cells_missing(tmp_path: Path, end: str) -> None:
    text = end.join(["a,b,n", "1,,01", "NA,007,2", '"x, y",nan,3'])
    rows = csv_of_three(write(tmp_path, text.encode()))
    assert rows.fillna("").to_dict("list") == {
        "a": ["1", "NA", "x, y"],
        "b": ["", "007", "nan"],
        "n": ["01", "2", "3"],
    }
    assert rows["b"].isna().tolist() == [True, False, False]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (" \n\t\n", ": the file is empty"),
        ("a,b\u200b,b\n1,2,3\n", ":1: the column 'b' occurs twice"),
        (",".join(f"c{i}" for i in range(501)), ":1: 501 columns; accepted: at most 500"),
        ("a,b\n1,2\n1,2,3\n", ": not a table .*line 3"),
        ("a,b\n1,2,3\n", ": not a table .*line 2.*if commas are decimals, write points"),
        ("a;b\n1;0,5\n", ":1: cells stand between ';'; accepted: commas"),
        (f"a,b\n1,{'x' * 2001}\n", ":2: column 'b' has more letters"),
        ("a\r1\r2\r3\r", ": 4 rows; accepted: 3 "),
    ],
)
def test_what_is_no_table_is_refused(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(DataError, match=f"mine.csv{words}"):
        csv_of_three(write(tmp_path, text.encode()))


@pytest.fixture
def packed(tmp_path: Path) -> Path:
    """A table with several kinds of column that are accepted, and one that is not."""
    path = tmp_path / "mine.parquet"
    table = pd.DataFrame(
        {
            "text": ["a", None],
            "n": [1, 2],
            "flag": [True, False],
            "day": [pd.Timestamp("2031-04-06"), None],
            "none": [None, None],
            "kind": pd.Categorical(["u", "v"]),
            "list": [[1], [2]],
            "date": [pd.Timestamp("2031-04-06").date()] * 2,
        }
    )
    table.to_parquet(path, index=False)
    return path


def test_columns_of_parquet_are_read_in_the_order_asked_for(packed: Path) -> None:
    flat = ["date", "kind", "none", "day", "flag", "n", "text"]
    found = read.read_parquet(packed, [*flat, "n"], max_bytes=10**6, max_rows=2)
    assert list(found.columns) == flat
    assert found["n"].tolist() == [1, 2]
    assert found["day"].tolist()[0] == pd.Timestamp("2031-04-06")


@pytest.mark.parametrize(
    ("columns", "rows", "words"),
    [
        (None, 9, "the column 'list' holds list<element: int64>"),
        (["n", "nobody"], 9, "the column 'nobody' is missing; the file has text, n"),
        (["n"], 1, "2 rows; accepted: 1"),
    ],
)
def test_a_parquet_that_no_table_is_made_of_is_refused(
    packed: Path, columns: list[str] | None, rows: int, words: str
) -> None:
    with refused(packed, words):
        read.read_parquet(packed, columns, max_bytes=10**6, max_rows=rows)
    packed.write_bytes(packed.read_bytes()[:-20])
    with refused(packed, "not a whole Parquet file"):
        read.read_parquet(packed, columns, max_bytes=10**6, max_rows=rows)


def test_a_parquet_that_another_program_indexed_has_all_its_columns(tmp_path: Path) -> None:
    path = tmp_path / "mine.parquet"
    pd.DataFrame({"n": [9, 3], "x": [1.0, 2.0]}).set_index("n").to_parquet(path, index=True)
    found = read.read_parquet(path, None, max_bytes=10**6, max_rows=2)
    assert found[["n", "x"]].to_numpy().tolist() == [[9, 1], [3, 2]]
    assert found.index.tolist() == [0, 1]


SAME = ["Zo\u0308e\u0301", "Z\xf6\xe9\u200b", "\ufeffZ\xf6\u2060\xe9", "Z\xf6\u202e\xe9\xad"]


@pytest.mark.parametrize("foreign", [False, True])
@pytest.mark.parametrize("first", [b"\n", b"\r\n", b"\xef\xbb\xbf\n", b"  \n"])
def test_a_blank_first_line_is_refused_in_words(
    tmp_path: Path, first: bytes, foreign: bool
) -> None:
    path = write(tmp_path, first + b"a,b\n1,2\n")
    with refused(f"{path}:1:", "blank", "accepted: a header line"):
        csv_of_three(path, foreign=foreign)


def test_a_name_is_one_name_however_it_was_typed(tmp_path: Path) -> None:
    assert read.normalised("a\xa0b\u202fc\td\x1be\n") == "a b c\td e\n"
    assert read.normalised("\u0645\u06cc\u200c\u062e") == "\u0645\u06cc\u200c\u062e"
    path = tmp_path / "mine.parquet"
    table = pd.DataFrame({"na\u200bme": [*SAME, None], "n": 1})
    table.to_csv(path.with_suffix(".csv"), index=False)
    table.astype({"na\u200bme": "category"}).to_parquet(path, index=False)
    for found in (
        read.read_csv(path.with_suffix(".csv"), max_bytes=9999, max_rows=9),
        read.read_parquet(path, None, max_bytes=10**6, max_rows=9),
    ):
        assert found["name"].dropna().unique().tolist() == ["Z\xf6\xe9"]
        assert found["name"].isna().sum() == 1

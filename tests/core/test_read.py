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


def refused(message: str) -> Any:
    return pytest.raises(DataError, match=f"{re.escape(message)}$")


def write(folder: Path, content: bytes) -> Path:
    path = folder / "mine.csv"
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("reader", [read.refuse_unreadable, read.read_text])
def test_what_is_no_file_is_refused_without_opening_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reader: Any
) -> None:
    monkeypatch.chdir(tmp_path)  # the name of a socket must be short
    os.mkfifo("pipe")
    with socket.socket(socket.AF_UNIX) as made:
        made.bind("socket")
    for name in ("pipe", "socket", "."):
        with refused(f"{name}: not a file; accepted: a file (see X)"):
            reader(Path(name), 9, " (see X)")
    with refused("/dev/null: not a file; accepted: a file"):
        reader(Path("/dev/null"), 9)
    with refused("nothing: cannot be read (No such file or directory) (see X)"):
        reader(Path("nothing"), 9, " (see X)")
    with pytest.raises(DataError, match=r"cannot be read \(.*null byte.*\)"):
        reader(Path("a\0b"), 9)


def test_a_file_may_have_as_many_bytes_as_said(tmp_path: Path) -> None:
    path = write(tmp_path, b"x" * 1001)
    assert read.read_text(path, 1001) == "x" * 1001
    assert read.refuse_unreadable(path, 1001).st_size == 1001
    with refused(f"{path}: 1,001 bytes; accepted: at most 1,000 (see X)"):
        read.read_text(path, 1000, " (see X)")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            b"\xff\xfea\0",
            ":1: byte 0xff is not UTF-8; accepted: UTF-8 (in a spreadsheet: save as 'CSV UTF-8')",
        ),
        (b"a\nb\0\nc\0", ":2: a NUL byte; accepted: text (UTF-8)"),
        (
            b"a\nb\nc\xe9d\n",
            ":3: byte 0xe9 is not UTF-8; accepted: UTF-8 (in a spreadsheet: save as 'CSV UTF-8')",
        ),
        (
            b"\x05\x80",
            ":1: byte 0x80 is not UTF-8; accepted: UTF-8 (in a spreadsheet: save as 'CSV UTF-8')",
        ),
    ],
)
def test_text_is_utf_8_or_the_line_is_named(tmp_path: Path, content: bytes, message: str) -> None:
    path = write(tmp_path, content)
    with refused(f"{path}{message}"):
        read.read_text(path, 99)


def test_text_comes_without_the_sign_of_its_order(tmp_path: Path) -> None:
    assert read.read_text(write(tmp_path, b"\xef\xbb\xbfZo\xc3\xab\r\n"), 99) == "Zoë\r\n"


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
    ("text", "message"),
    [
        ("", ": the file is empty; accepted: a header line and rows"),
        (" \n\t\n", ": the file is empty; accepted: a header line and rows"),
        ("a,b,a,b\n1,2,3,4\n", ":1: the column 'a' occurs twice; keep one"),
        ("a,b\u200b,b\n1,2,3\n", ":1: the column 'b' occurs twice; keep one"),
        (",".join(f"c{i}" for i in range(1001)), ":1: 1,001 columns; accepted: at most 500"),
    ],
)
def test_what_is_no_table_is_refused(tmp_path: Path, text: str, message: str) -> None:
    path = write(tmp_path, text.encode())
    with refused(f"{path}{message}"):
        read.read_csv(path, most=9999, most_rows=9)


def test_a_row_of_too_many_cells_is_named(tmp_path: Path) -> None:
    path = write(tmp_path, b"a,b\n1,2\n1,2,3\n")
    with pytest.raises(DataError, match=r"mine.csv: not a table \(.*line 3.*\)"):
        read.read_csv(path, most=99, most_rows=9)


def test_more_rows_than_asked_for_are_refused_with_what_to_do(tmp_path: Path) -> None:
    path = write(tmp_path, b"a\r1\r2\r")
    with refused(f"{path}: 3 rows; accepted: 2 (keep fewer)"):
        read.read_csv(path, most=99, most_rows=2, remedy="keep fewer")
    with refused(f"{path}: 3 rows; accepted: 2 ({read.AGGREGATES})"):
        read.read_csv(path, most=99, most_rows=2)


def test_as_many_columns_and_rows_as_said_are_accepted() -> None:
    read.refuse_columns([f"c{i}" for i in range(500)], Path("x"))
    read.refuse_rows(Path("x"), 1000, 1000)
    with refused("x: 1,001 rows; accepted: 1,000 (take fewer)"):
        read.refuse_rows(Path("x"), 1001, 1000, "take fewer")
    with refused(f"x: 1,001 rows; accepted: 1,000 ({read.AGGREGATES})"):
        read.refuse_rows(Path("x"), 1001, 1000)


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
ALL = "text, n, x, flag, day, none, kind, list, date, long"


def test_columns_of_parquet_are_read_in_the_order_asked_for(packed: Path) -> None:
    found = read.read_parquet(packed, [*reversed(FLAT), "n"], most=10**6, most_rows=2)
    assert list(found.columns) == FLAT[::-1]
    assert found["n"].tolist() == [1, 2]
    assert found["day"].tolist()[0] == pd.Timestamp("2031-04-06")


@pytest.mark.parametrize(
    ("columns", "limits", "message"),
    [
        (
            None,
            {},
            ": the column 'list' holds list<element: int64>; accepted: text, numbers, flags, dates",
        ),
        (
            ["list"],
            {},
            ": the column 'list' holds list<element: int64>; accepted: text, numbers, flags, dates",
        ),
        (
            ["n", "nobody"],
            {},
            f": the column 'nobody' is missing; the file has {ALL} (see X)",
        ),
        (["n"], {"most_rows": 1}, f": 2 rows; accepted: 1 ({read.AGGREGATES})"),
    ],
)
def test_a_parquet_that_no_table_is_made_of_is_refused(
    packed: Path, columns: list[str] | None, limits: dict[str, int], message: str
) -> None:
    with refused(f"{packed}{message}"):
        read.read_parquet(
            packed, columns, **{"most": 10**6, "most_rows": 9, **limits}, hint=" (see X)"
        )


def test_a_parquet_that_another_program_indexed_has_all_its_columns(tmp_path: Path) -> None:
    path = tmp_path / "mine.parquet"
    pd.DataFrame({"n": [9, 3], "x": [1.0, 2.0]}).set_index("n").to_parquet(path, index=True)
    found = read.read_parquet(path, None, most=10**6, most_rows=2)
    assert found[["n", "x"]].to_numpy().tolist() == [[9, 1], [3, 2]]
    assert found.index.tolist() == [0, 1]
    with refused(f"{path}: the column 'n' is missing; the file has n2"):
        pd.DataFrame({"n2": [1]}).to_parquet(path, index=False)
        read.read_parquet(path, ["n"], most=10**6, most_rows=2)


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
    with refused(f"{path}: {size:,} bytes; accepted: at most {size - 1:,} (see X)"):
        read.read_parquet(path, ["x"], most=size - 1, most_rows=3000, hint=" (see X)")
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(
        DataError, match=r": not a whole Parquet file \([^N].+\); copy or build it again"
    ):
        read.read_parquet(path, ["x"], most=unpacked, most_rows=3000)


@pytest.mark.parametrize(
    ("value", "most", "shown"),
    [
        ("x" * 60, 60, "x" * 60),
        ("x" * 61, 60, "x" * 57 + "…"),
        ("abcde", 4, "a…"),
        ("a\nb\x1bc", 60, "a\N{REPLACEMENT CHARACTER}b\N{REPLACEMENT CHARACTER}c"),
        (0.30000000000000004, 60, "0.3"),
        (1234567, 60, "1234567"),
        (None, 60, "None"),
    ],
)
def test_a_value_in_a_message_is_printable_and_short(value: object, most: int, shown: str) -> None:
    assert read.shortened(value, most) == shown
    if most == 60:
        assert read.shortened(value) == shown


def test_long_lists_of_columns_are_shortened() -> None:
    said = read.missing_column(Path("x"), "a", [f"column{i:03}" for i in range(100)], "!")
    assert said.startswith("x: the column 'a' is missing; the file has column000, column001")
    assert said.endswith("…!")
    assert len(said) == len("x: the column 'a' is missing; the file has ") + 498 + len("!")


@pytest.mark.parametrize(
    ("content", "place", "line"),
    [(b"x", 0, 1), (b"a\nb\nc", 4, 3), (b"a\nb", 1, 1), (b"a\r\nb\r\nc", 6, 3), (b"a\rb\rc", 4, 3)],
)
def test_lines_are_counted_from_one(content: bytes, place: int, line: int) -> None:
    assert read.line_of(content, place) == line


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


def test_hidden_signs_are_written_out() -> None:
    assert read.visible("a\tb") == "a\tb"
    assert read.visible("é\x07") == "é\\x07"
    assert read.visible("a\x07") == "a\\x07"

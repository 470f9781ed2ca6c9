"""Every malformed file is refused with file, line, column, value and remedy."""

import hashlib
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from bench.core import DataError, paths
from bench.data import readers
from bench.data.columns import TABLES, Column, Table
from bench.data.readers import (
    SUMS,
    facts_of,
    folders_below,
    forget,
    forget_if_changed,
    is_as_shipped,
    local_times,
    no_rows,
    read_table,
    sha256,
    sum_of,
    sums_of,
)

HEADER = (
    "poll_id,round,institute,sponsor,mode,fieldwork_start,fieldwork_end,published_on,basis,"
    "sample_size,sample_expressed,base,rolling,candidate,share,source"
)
ASH = "p1,1,Nord,,online,2031-04-01,2031-04-03,2031-04-04,stated,1000,800,,false,ash,0.6,s"
BIRCH = "p1,1,Nord,,online,2031-04-01,2031-04-03,2031-04-04,stated,1000,800,,false,birch,0.4,s"
PEOPLE = frozenset({"ash", "birch"})


def test_what_was_read_is_kept_until_a_file_or_what_lies_beside_it_changes(tmp_path: Path) -> None:
    path = tmp_path / "country.yaml"
    path.write_text("country: FD\n", encoding="utf-8")
    forget()  # what other tests read
    first = facts_of(path)
    forget_if_changed()
    assert facts_of(path) is first
    path.write_text("country: FDX\n", encoding="utf-8")
    assert facts_of(path) is first  # nobody asked whether it changed
    forget_if_changed()
    assert facts_of(path) == {"country": "FDX"}
    second = facts_of(path)
    (tmp_path / "polls.csv").write_text("new\n", encoding="utf-8")
    forget_if_changed()
    assert facts_of(path) is not second


def test_a_folder_that_comes_or_a_file_in_one_is_seen(tmp_path: Path) -> None:
    for name in ("b", "a", "later"):
        (tmp_path / name).mkdir()
    for name in ("b", "a"):
        (tmp_path / name / "country.yaml").touch()
    assert [folder.name for folder in folders_below(tmp_path, "country.yaml")] == ["a", "b"]
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "country.yaml").touch()
    assert len(folders_below(tmp_path, "country.yaml")) == 3
    (tmp_path / "later" / "country.yaml").touch()
    forget_if_changed()
    assert len(folders_below(tmp_path, "country.yaml")) == 4


EVERY_KIND = Table(
    columns={
        "who": Column(kind="text", meaning="a key"),
        "note": Column(kind="text", meaning="free", empty=True),
        "n": Column(kind="count", meaning="a count"),
        "n_advance": Column(kind="count", meaning="a count or nothing", empty=True),
        "x": Column(kind="number", meaning="a number", empty=True),
        "sure": Column(kind="flag", meaning="yes or no"),
        "day": Column(kind="date", meaning="a day"),
    },
    key=("who",),
)
GOOD = {"who": "ash", "note": "", "n": "3", "n_advance": "", "x": ".5", "sure": "True"}
GOOD |= {"day": "2031-04-06"}


@pytest.fixture
def small(tmp_path: Path) -> Callable[..., Path]:
    """A table of every kind of column: the good row, then one that differs."""

    def _small(**cells: str) -> Path:
        path = tmp_path / "deep" / "in" / "small.csv"
        path.parent.mkdir(parents=True)
        pd.DataFrame([GOOD, GOOD | {"who": "birch"} | cells]).to_csv(path, index=False)
        return path

    return _small


def test_every_kind_of_column_has_its_type_with_rows_and_without(
    small: Callable[..., Path],
) -> None:
    path = small(weight="heavy")
    table = Table(columns=EVERY_KIND.columns, key=("who",), ignored=("weight",))
    read = read_table(path, table)
    day = pd.Timestamp("2031-04-06")
    assert read.iloc[0].drop(["note", "n_advance"]).tolist() == ["ash", 3, 0.5, True, day]
    assert read[["note", "n_advance"]].isna().all(axis=None)
    empty = no_rows(EVERY_KIND)
    assert empty.empty
    types = {"who": "str", "note": "str", "n": "int64", "n_advance": "float64", "x": "float64"}
    types |= {"sure": "bool", "day": "datetime64[ns]"}
    filled = path.read_text("utf-8").replace("ash,,3,,", "ash,,3,1,").replace("h,,3,,", "h,,3,2,")
    path.write_text(filled, "utf-8")
    for frame in (read, read_table(path, table), empty):
        assert frame.dtypes.astype(str).to_dict() == types


def test_what_may_be_empty_may_be_left_out_of_a_short_table(small: Callable[..., Path]) -> None:
    path = small(note="kept as it is")
    rows = pd.read_csv(path, dtype=str).drop(columns=["n_advance", "x"])
    rows.to_csv(path, index=False)
    with pytest.raises(DataError, match="the column 'n_advance' is missing"):
        read_table(path, EVERY_KIND)
    read = read_table(path, EVERY_KIND, short=True)
    assert read[["n_advance", "x"]].isna().all(axis=None)
    assert read["note"].tolist()[1] == "kept as it is"


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([20310406, 1], [None, None]),
        (pd.to_datetime(["2031-04-06"]).tz_localize("UTC"), [None]),
        (pd.to_datetime(["2031-04-06 20:00"]), ["2031-04-06 20:00"]),
        (["1677-12-31", "1678-01-01", "2262-01-01"], [None, "1678-01-01", None]),
        (["2031-13-01", "2031-04-06T20:00:00.5"], [None, "2031-04-06 20:00:00.5"]),
        (["2031-04-06 20:00", "2031-04-06T20:00Z", "6. 4."], ["2031-04-06 20:00", None, None]),
    ],
)
def test_local_times_are_read_and_nothing_else(values: Any, expected: list[str]) -> None:
    written = pd.Series(values, index=range(4, 4 + len(values)))
    expected_times = pd.Series(pd.to_datetime(expected, format="ISO8601"), written.index)
    pd.testing.assert_series_equal(local_times(written), expected_times.astype("datetime64[ns]"))


def test_the_sums_of_a_folder_are_those_of_its_tables_now(tmp_path: Path) -> None:
    full, short = tmp_path / "one", tmp_path / "short"
    files = {
        full: ["candidates.csv", "inner/b.csv", "SHA256SUMS", "datapackage.json"],
        short: ["polls.csv", "outcome.csv", "election.yaml", "holiday.jpg"],
    }
    for text in ("b", "a"):
        for folder, names in files.items():
            for name in names:
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                (folder / name).write_text(text)
                os.utime(folder / name, ns=(ord(text), ord(text)))
        of_text = hashlib.sha256(text.encode()).hexdigest()
        assert sums_of(full) == dict.fromkeys(["candidates.csv", "inner/b.csv"], of_text)
        tables = ["election.yaml", "outcome.csv", "polls.csv"]
        assert sums_of(short) == dict.fromkeys(tables, of_text)
    every = [f"one/{name}" for name in sums_of(full)] + [f"short/{name}" for name in sums_of(short)]
    lines = "".join(f"{of_text}  {name}\n" for name in every)
    expected = hashlib.sha256(lines.encode()).hexdigest()
    assert sum_of([short, full]) == sum_of([full, short]) == expected
    with pytest.raises(DataError, match="none: cannot be read"):
        sha256(tmp_path / "none")


def test_what_ships_is_known_by_the_sums_of_the_package_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shipped = paths.datasets() / "toy"
    assert is_as_shipped(shipped / "candidates.csv")
    shutil.copytree(shipped, tmp_path / "toy")
    people = tmp_path / "toy" / "candidates.csv"
    assert not is_as_shipped(people)  # a copy elsewhere
    monkeypatch.setattr(paths, "datasets", lambda: tmp_path)
    forget()
    assert is_as_shipped(people)
    before = sha256(people)
    people.write_text(people.read_text().replace("Brook", "Broke"))
    sums = tmp_path / "toy" / SUMS
    sums.write_text(sums.read_text().replace(before, sha256(people)))
    forget()
    assert not is_as_shipped(people)
    forget()


def test_flags_are_no_numbers_and_the_largest_count_is_one(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    counted = Table(columns={"n": Column(kind="count", meaning="a count")}, key=("n",))
    pd.DataFrame({"n": [2.0**53]}).to_parquet(path)
    assert read_table(path, counted)["n"].tolist() == [2**53]
    for wrong in (True, 2.0**53 + 2, float("inf")):
        pd.DataFrame({"n": [wrong]}).to_parquet(path)
        with pytest.raises(DataError, match="parquet, row 0: column 'n' is "):
            read_table(path, counted)


@pytest.mark.parametrize(
    "path", sorted((paths.datasets() / "toy" / "inputs").iterdir()), ids=lambda path: path.name
)
def test_a_table_whose_sum_is_known_reads_as_one_that_is_judged(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = TABLES[path.stem]
    judged = read_table(path, table, check=True)
    for judge in ("read_csv", "read_parquet"):
        monkeypatch.delattr(readers, judge)
    pd.testing.assert_frame_equal(read_table(path, table), judged, check_exact=True)

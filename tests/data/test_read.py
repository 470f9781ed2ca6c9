"""Every malformed file is refused with file, line, column, value and remedy."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from bench.core import DataError, paths
from bench.data import readers
from bench.data.columns import TABLES
from bench.data.readers import facts_of, forget, forget_if_changed, is_as_shipped, read_table

HEADER = (
    "poll_id,round,institute,sponsor,mode,fieldwork_start,fieldwork_end,published_on,basis,"
    "sample_size,sample_expressed,base,rolling,candidate,share,source"
)
ASH = "p1,1,Nord,,online,2031-04-01,2031-04-03,2031-04-04,stated,1000,800,,false,ash,0.6,s"
BIRCH = "p1,1,Nord,,online,2031-04-01,2031-04-03,2031-04-04,stated,1000,800,,false,birch,0.4,s"
PEOPLE = frozenset({"ash", "birch"})

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def _write(*lines: str, encoding: str = "utf-8") -> Path:
        path = tmp_path / "polls.csv"
        path.with_name("election.yaml").write_text("organisations: [Nord, Élan]\n", "utf-8")
        path.write_bytes("\n".join(lines).encode(encoding))
        return path

    return _write


def refused(path: Path) -> str:
    with pytest.raises(DataError) as caught:
        read_table(path, TABLES["polls"], candidates=PEOPLE)
    return str(caught.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    assert "cannot be read" in refused(tmp_path / "polls.csv")


def test_an_empty_file_is_called_empty(write: Write) -> None:
    assert "the file is empty" in refused(write(""))


def test_a_missing_column_is_named(write: Write) -> None:
    assert "the column 'share' is missing" in refused(write(HEADER.replace(",share", ""), ASH))


def test_a_column_that_occurs_twice_is_named(write: Write) -> None:
    assert ":1: the column 'share' occurs twice" in refused(write(HEADER + ",share", ASH + ",1"))


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (",0.4,", ",24.01,", ":3: column 'share' is 24.01 but must be at least 0 and at most 1"),
        (",0.4,", ",-0.1,", ":3: column 'share' is -0.1 but must be"),
        (",0.4,", ",nan,", ":3: column 'share' is nan but must be"),
        (",0.4,", ",,", ":3: column 'share' is empty but must be"),
        (",0.4,", ',"0,4",', "with a decimal point, not a comma"),
        (",1000,", ",about a thousand,", ":3: column 'sample_size' is about a thousand but"),
        (",1000,", ",999.5,", ":3: column 'sample_size' is 999.5 but must be a whole number"),
        (",1000,", ",0,", ":3: column 'sample_size' is 0 but must be a whole number at least 1"),
        ("2031-04-03", "3 April", ":3: column 'fieldwork_end' is 3 April but must be a date"),
        ("2031-04-01", "2031-04-05", ":3: fieldwork_start is 2031-04-05"),
        ("2031-04-04", "2031-03-04", ":3: fieldwork_end is 2031-04-03"),
        (",false,", ",perhaps,", ":3: column 'rolling' is perhaps but must be true or false"),
        (",stated,", ",guessed,", ":3: column 'basis' is guessed but must be one of"),
        ("p1,1,", "p1,3,", ":3: column 'round' is 3 but must be"),
        (",birch,", ",birtch,", "'birtch' is not a candidate of this election (did you mean"),
        (",birch,", ",ash,", ":3: poll_id is p1, candidate is ash; accepted: one row per poll_id"),
        (",0.4,", ",0.9,", "shares of one poll that sum to at most 1.02"),
    ],
)
def test_a_wrong_cell_is_refused_with_line_and_remedy(
    write: Write, old: str, new: str, words: str
) -> None:
    assert words in refused(write(HEADER, ASH, BIRCH.replace(old, new, 1)))


def test_another_encoding_is_refused_with_its_line(write: Write) -> None:
    message = refused(write(HEADER, ASH, BIRCH.replace("Nord", "Élan"), encoding="latin-1"))
    assert ":3: byte 0xc9 is not UTF-8" in message
    assert "CSV UTF-8" in message


def test_a_line_with_too_many_fields_is_refused(write: Write) -> None:
    assert "not a table of commas" in refused(write(HEADER, ASH, BIRCH + ",more,and,more"))


def test_a_truncated_parquet_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "buzz.parquet"
    pd.DataFrame({"day": [1]}).to_parquet(path)
    path.write_bytes(path.read_bytes()[:-7])
    with pytest.raises(DataError, match="not a whole Parquet file"):
        read_table(path, TABLES["buzz"])


def test_the_card_is_named_where_there_is_one(write: Write) -> None:
    path = write(HEADER, ASH, BIRCH.replace("0.4", "40"))
    (path.parent / "CARD.md").write_text("columns")
    assert f"columns and units: {path.parent / 'CARD.md'}" in refused(path)


def test_a_good_file_is_read_with_its_kinds(write: Write) -> None:
    polls = read_table(write(HEADER, ASH, BIRCH), TABLES["polls"], candidates=PEOPLE)
    assert polls["share"].tolist() == [0.6, 0.4]
    assert polls["published_on"].tolist() == [pd.Timestamp("2031-04-04")] * 2
    assert polls["rolling"].dtype == bool
    assert polls["round"].tolist() == [1, 1]
    assert polls["sponsor"].isna().all()


def test_a_byte_order_mark_is_no_part_of_the_first_column(write: Write) -> None:
    polls = read_table(write(HEADER, ASH, encoding="utf-8-sig"), TABLES["polls"])
    assert polls["poll_id"].tolist() == ["p1"]


def test_a_former_column_name_is_read_with_a_warning(write: Write) -> None:
    former = HEADER.replace("published_on", "known_on").replace(",basis", ",known_on_basis")
    with pytest.warns(FutureWarning, match="'known_on' is now called 'published_on'"):
        polls = read_table(write(former, ASH, BIRCH), TABLES["polls"])
    assert {"published_on", "basis"} <= set(polls.columns)


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
    again = facts_of(path)
    (tmp_path / "polls.csv").write_text("new\n", encoding="utf-8")
    forget_if_changed()
    assert facts_of(path) is not again


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


def test_what_is_no_file_any_more_is_not_as_shipped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(readers, "_shipped_sums", lambda _datasets: {tmp_path / "polls.csv": "0"})
    assert not is_as_shipped(tmp_path / "polls.csv")
    assert "cannot be read" in refused(tmp_path / "polls.csv")

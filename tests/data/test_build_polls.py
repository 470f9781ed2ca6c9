"""Polls from raw rows: which are kept, and when each became public."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from bench.contract.errors import DataError
from bench.data.build import polls
from bench.data.build.elections import Election, elections
from bench.data.build.publication import publication

OUTCOMES = """\
election,round,date,registered,voters,valid,candidate,party,votes,source,share_pct
2017,1,2017-04-23,200,150,100,Emmanuel Macron,En marche,40,x,40
2017,1,2017-04-23,200,150,100,Marine Le Pen,Front national,35,x,35
2017,1,2017-04-23,200,150,100,Jean Lassalle,Résistons,25,x,25
2017,2,2017-05-07,200,150,100,Emmanuel Macron,En marche,60,x,60
2017,2,2017-05-07,200,150,100,Marine Le Pen,Front national,40,x,40
"""
HEADER = (
    "election,round,institute,sponsor,mode,start_date,end_date,sample_size,hypothesis,candidate,"
    "share_pct,source,poll_id,sample_expressed,base,institute_basis,date_kind,rolling,notes"
)


def poll(
    name: str, end: str, shares: dict[str, float], *, number: int = 1, hypothesis: str = "official"
) -> list[str]:
    return [
        f"2017,{number},Acme,,internet,,{end},1000,{hypothesis},{who},{share},"
        f"a/b:c@1 | d/e:f@2,{name},,SV,stated,end,True,"
        for who, share in shares.items()
    ]


FULL = {"Emmanuel Macron": 38, "Marine Le Pen": 36, "Jean Lassalle": 26}


def source(folder: Path, rows: list[str]) -> Path:
    (folder / "polls").mkdir()
    (folder / "results").mkdir()
    (folder / polls.RAW).write_text("\n".join([HEADER, *rows]) + "\n", encoding="utf-8")
    outcomes = folder / "results/national_outcomes_1965_2017.csv"
    outcomes.write_text(OUTCOMES, encoding="utf-8")
    return folder


def built(folder: Path, rows: list[str]) -> pd.DataFrame:
    raw = source(folder, rows)
    return polls.build(raw, elections(raw)[0]).tables["inputs/polls.csv"]


@pytest.fixture
def election(tmp_path: Path) -> Election:
    return elections(source(tmp_path, poll("p", "2017-04-20", FULL)))[0]


def known(election: Election, end: str, kind: str = "end", notes: str | None = None) -> str:
    row = {"end": [pd.Timestamp(end)], "date_kind": [kind], "notes": [notes]}
    return str(publication(pd.DataFrame(row), election)[0].iloc[0])


def test_a_candidate_twice_in_a_poll_is_refused(tmp_path: Path) -> None:
    rows = poll("p", "2017-04-20", FULL)
    with pytest.raises(DataError, match="names a candidate twice"):
        built(tmp_path, [*rows, rows[0]])


def test_a_poll_with_somebody_who_did_not_run_is_left_out(tmp_path: Path) -> None:
    other = {"Emmanuel Macron": 30, "Alain Juppé": 40, "Marine Le Pen": 30}
    rows = poll("kept", "2017-04-20", FULL) + poll("gone", "2017-04-19", other)
    assert set(built(tmp_path, rows)["poll_id"]) == {"frkept"}


def test_a_poll_without_a_leading_candidate_is_left_out(tmp_path: Path) -> None:
    other = {"Emmanuel Macron": 50, "Jean Lassalle": 40}
    rows = poll("kept", "2017-04-20", FULL) + poll("gone", "2017-04-19", other)
    assert set(built(tmp_path, rows)["poll_id"]) == {"frkept"}


def test_a_small_candidate_may_be_missing(tmp_path: Path) -> None:
    small = {"Emmanuel Macron": 50, "Marine Le Pen": 45, "Jean Lassalle": 5}
    short = {"Emmanuel Macron": 52, "Marine Le Pen": 43}
    rows = poll("full", "2017-04-20", small) + poll("short", "2017-04-19", short)
    assert set(built(tmp_path, rows)["poll_id"]) == {"frfull", "frshort"}


def test_shares_over_one_are_left_out(tmp_path: Path) -> None:
    rows = poll("kept", "2017-04-20", FULL)
    rows += poll("gone", "2017-04-19", {**FULL, "Jean Lassalle": 36})
    assert set(built(tmp_path, rows)["poll_id"]) == {"frkept"}


def test_the_same_figures_once_more_are_left_out(tmp_path: Path) -> None:
    rows = poll("a", "2017-04-20", FULL) + poll("b", "2017-04-20", FULL)
    assert set(built(tmp_path, rows)["poll_id"]) == {"fra"}


def test_an_incomplete_list_from_before_the_field_was_settled_is_left_out(tmp_path: Path) -> None:
    rows = poll("late", "2017-02-24", FULL, hypothesis="partial candidate set")
    rows += poll("early", "2017-02-23", FULL, hypothesis="partial candidate set")
    assert set(built(tmp_path, rows)["poll_id"]) == {"frlate"}


def test_cells_are_translated(tmp_path: Path) -> None:
    row = built(tmp_path, poll("P-1", "2017-04-20", FULL)).iloc[0]
    assert (row["candidate"], row["share"]) == ("lassalle", 0.26)
    assert (row["mode"], row["base"]) == ("online", "certain_to_vote")
    assert (row["poll_id"], row["source"], row["rolling"]) == ("frp_1", "a+d", True)


@pytest.mark.parametrize(
    ("end", "expected"),
    [
        ("2017-04-18", "2017-04-19 00:00:00"),
        ("2017-04-20", "2017-04-21 00:00:00"),
        ("2017-04-21", "2017-04-21 18:00:00"),
        ("2017-04-22", "2017-04-23 20:00:00"),
        ("2017-04-23", "2017-04-24 00:00:00"),
        ("2017-05-05", "2017-05-05 18:00:00"),
        ("2017-05-06", "2017-05-07 20:00:00"),
    ],
)
def test_nothing_is_public_between_the_last_legal_day_and_the_evening_of_the_vote(
    election: Election, end: str, expected: str
) -> None:
    assert known(election, end) == expected


def test_a_stated_day_of_publication_counts(election: Election) -> None:
    note = "A's single date 2017-03-05 (publication); end_date taken from D"
    assert known(election, "2017-03-02", notes=note) == "2017-03-05 18:00:00"


def test_a_single_date_is_the_day_of_publication(election: Election) -> None:
    note = "single date in source (usually publication date)"
    assert known(election, "2017-03-02", notes=note) == "2017-03-02 18:00:00"


def test_a_midpoint_waits_two_midnights(election: Election) -> None:
    assert known(election, "2017-03-02", kind="midpoint") == "2017-03-04 00:00:00"

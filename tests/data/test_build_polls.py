"""Polls from raw rows: which are kept, and when each became public."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import pytest

from bench.core.errors import DataError
from tools.build_datasets import polls
from tools.build_datasets.elections import Election, elections
from tools.build_datasets.publication import publication

pytestmark = pytest.mark.golden  # a converter of raw sources that lie elsewhere

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
        f"2017,{number},Acme,,internet,,{end},1000,{hypothesis},{candidate},{share},"
        f"a/b:c@1 | d/e:f@2,{name},,SV,stated,end,True,"
        for candidate, share in shares.items()
    ]


FULL = {"Emmanuel Macron": 38, "Marine Le Pen": 36, "Jean Lassalle": 26}


PAGES = (
    "institute,sponsor,fieldwork_start,fieldwork_end,sample_size,round,published_on,basis,source,"
    "note"
)


def source(folder: Path, rows: list[str], votes: str = OUTCOMES, pages: Sequence[str] = ()) -> Path:
    (folder / "polls" / "publication").mkdir(parents=True)
    dated = "\n".join([PAGES, *pages]) + "\n"
    (folder / "polls/publication/poll_publication_2017.csv").write_text(dated, encoding="utf-8")
    (folder / "results").mkdir()
    (folder / polls.RAW).write_text("\n".join([HEADER, *rows]) + "\n", encoding="utf-8")
    outcomes = folder / "results/national_outcomes_1965_2017.csv"
    outcomes.write_text(votes, encoding="utf-8")
    return folder


QUESTIONS = "year,round,institute,sponsor,mode,start_date,end_date,sample_size,published_on,"
QUESTIONS += "first,second,first_pct,note,source\n"


@pytest.fixture(autouse=True)
def no_pages(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """No runoff questions from pages."""
    path = tmp_path_factory.mktemp("pages") / "polls.csv"
    path.write_text(QUESTIONS, encoding="utf-8")
    monkeypatch.setattr(polls, "PAGES", path)


def built(folder: Path, rows: list[str]) -> pd.DataFrame:
    raw = source(folder, rows)
    return polls.build(raw, elections(raw)[0]).tables["inputs/polls.csv"]


@pytest.fixture
def election(tmp_path: Path) -> Election:
    return elections(source(tmp_path, poll("p", "2017-04-20", FULL)))[0]


UNDATED = {"institute": "Acme", "sponsor": None, "sample_size": "1000", "rolling": "False"}
UNDATED |= {"date_kind": "end", "notes": None}


def test_any_slate_and_pair_is_kept_and_what_cannot_be_or_is_told_again_is_not(
    tmp_path: Path,
) -> None:
    primary = {"Emmanuel Macron": 30, "Alain Juppé": 40, "Marine Le Pen": 30}
    rows = poll("p", "2017-04-20", FULL) + poll("again", "2017-04-20", FULL)
    rows += poll("q", "2017-04-19", primary)
    rows += poll("pair", "2017-04-20", {"Jean Lassalle": 51, "Marine Le Pen": 49}, number=2)
    rows += poll("more_than_all", "2017-04-19", {**FULL, "Jean Lassalle": 36})
    table = built(tmp_path / "kept", rows)
    assert table.groupby("poll_id")["candidate"].agg(set).to_dict() == {
        "fragain": {"lassalle", "le_pen", "macron"},
        "frq": {"juppe", "le_pen", "macron"},
        "frpair": {"lassalle", "le_pen"},
    }
    with pytest.raises(DataError, match="names a candidate twice"):
        built(tmp_path / "twice", [*rows, rows[0]])


def test_the_table_is_the_same_however_the_vote_ended(tmp_path: Path) -> None:
    rows = poll("p", "2017-04-20", FULL)
    rows += poll("q", "2017-04-20", {"Emmanuel Macron": 60, "Marine Le Pen": 40}, number=2)
    rows += poll("r", "2017-04-20", {"Jean Lassalle": 51, "Marine Le Pen": 49}, number=2)
    real = built(tmp_path / "real", rows)
    outcomes = OUTCOMES.replace(
        "2,2017-05-07,200,150,100,Emmanuel Macron", "2,2017-05-07,200,150,100,Jean Lassalle"
    )
    outcomes = outcomes.replace("Macron,En marche,40", "Macron,En marche,25")
    outcomes = outcomes.replace("Lassalle,Résistons,25", "Lassalle,Résistons,40")
    raw = source(tmp_path / "other", rows, outcomes)
    ended = elections(raw)[0]
    assert ended.ballot(2) == ["lassalle", "le_pen"]
    table = polls.build(raw, ended).tables["inputs/polls.csv"]
    pd.testing.assert_frame_equal(real, table)


BOTH_DAYS = "A's single date 2017-03-05 (publication); end_date taken from D"
ONE_DAY = "single date in source (usually publication date)"


@pytest.mark.parametrize(
    ("end", "more", "expected"),
    [
        # without a rhythm of the series: four days, within the law
        ("2017-04-10", {}, "2017-04-14 23:59:00"),
        ("2017-04-18", {}, "2017-04-21 23:59:00"),
        ("2017-04-22", {}, "2017-04-26 23:59:00"),
        ("2017-05-05", {}, "2017-05-05 23:59:00"),
        # the largest lag and the latest hour of the series
        ("2017-03-02", {"institute": "Ifop", "rolling": "True"}, "2017-03-02 18:00:00"),
        ("2017-03-02", {"institute": "Ifop"}, "2017-03-06 23:59:00"),
        ("2017-03-02", {"institute": "Elabe"}, "2017-03-03 20:30:00"),
        (
            "2017-03-02",
            {"institute": "Harris Interactive", "sponsor": "LCP"},
            "2017-03-02 19:35:00",
        ),
        # a stated day counts to its end, a single date is one; a midpoint waits a day more
        ("2017-03-02", {"notes": BOTH_DAYS}, "2017-03-05 23:59:00"),
        ("2017-03-02", {"notes": ONE_DAY}, "2017-03-02 23:59:00"),
        ("2017-03-02", {"date_kind": "midpoint"}, "2017-03-07 23:59:00"),
    ],
)
def test_a_poll_is_public_by_its_notes_its_series_or_the_rule(
    election: Election, end: str, more: dict[str, str], expected: str
) -> None:
    rows = pd.DataFrame([UNDATED | {"end": pd.Timestamp(end)} | more])
    assert str(publication(rows, election)[0].iloc[0]) == expected


def test_a_page_counts_and_a_day_without_an_hour_gets_that_of_its_series(tmp_path: Path) -> None:
    cases = [
        ("Elabe", "2017-03-20", "2017-03-20,stated,a page,", "2017-03-20 20:30:00", "stated"),
        (
            "Elabe",
            "2017-03-21",
            "2017-03-22T08:00,stated,a page,x",
            "2017-03-22 08:00:00",
            "stated",
        ),
        (
            "Nobody",
            "2017-03-21",
            "2017-03-23,stated,a page,late afternoon",
            "2017-03-23 19:00:00",
            "stated",
        ),
        (
            "Nobody",
            "2017-03-25",
            "2017-03-27T18:00,inferred,,a rule",
            "2017-03-27 18:00:00",
            "rule",
        ),
    ]
    pages = [f"{institute},,,{end},1000,1,{page}" for institute, end, page, *_ in cases]
    raw = source(tmp_path, poll("p", "2017-04-20", FULL), pages=pages)
    rows = [
        UNDATED | {"institute": institute, "end": pd.Timestamp(end)} for institute, end, *_ in cases
    ]
    moments, basis = publication(pd.DataFrame(rows), elections(raw)[0], raw)
    assert moments.astype(str).tolist() == [case[3] for case in cases]
    assert basis.tolist() == [case[4] for case in cases]


def questions(people: Sequence[str]) -> pd.DataFrame:
    """Four people at 30, 30, 12 and 12 per cent, some of whom are in questions about the runoff."""
    shares = {"ash": 0.3, "birch": 0.3, "cedar": 0.12, "dogwood": 0.12}
    first = [("a", 1, person, share) for person, share in shares.items()]
    rows = [*first, *(("b", 2, person, 0.5) for person in people)]
    return pd.DataFrame(rows, columns=["poll_id", "round", "candidate", "share"]).assign(
        institute="Acme",
        fieldwork_end=pd.Timestamp("2016-12-01"),
        published_on=pd.Timestamp("2016-12-02"),
    )


@pytest.mark.parametrize(
    ("asked", "stood", "others"),
    [
        (("ash", "cedar"), 1.0, 0.0),
        (("birch", "dogwood"), 0.0, 1.0),
        (("ash", "birch"), 0.5, 0.5),  # the larger half of either
    ],
)
def test_people_of_equal_standing_are_compared(
    asked: Sequence[str], stood: float, others: float
) -> None:
    selected = polls.runoff_questions(
        questions(asked), ("ash", "cedar"), pd.Timestamp("2017-01-20")
    )
    # by 19 January and 20 December
    assert (selected.n_moments, selected.n_stood, selected.n_others) == (2, 2, 2)
    assert (selected.stood, selected.others) == (stood, others)


def test_nobody_is_compared_with_people_of_another_standing() -> None:
    table = questions(("ash", "birch"))
    selected = polls.runoff_questions(table, ("ash", "birch"), pd.Timestamp("2017-01-20"))
    assert (selected.n_moments, selected.n_stood, selected.n_others) == (2, 0, 0)
    assert pd.isna(selected.stood)
    unasked = polls.runoff_questions(questions(()), ("ash", "cedar"), pd.Timestamp("2017-01-20"))
    assert unasked.n_moments == 0

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
def pages(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where runoff questions from pages stand; there are none unless a test writes some."""
    path = tmp_path_factory.mktemp("pages") / "polls.csv"
    path.write_text(QUESTIONS, encoding="utf-8")
    monkeypatch.setattr(polls, "PAGES", path)
    return path


def built(folder: Path, rows: list[str]) -> pd.DataFrame:
    raw = source(folder, rows)
    return polls.build(raw, elections(raw)[0]).tables["inputs/polls.csv"]


@pytest.fixture
def election(tmp_path: Path) -> Election:
    return elections(source(tmp_path, poll("p", "2017-04-20", FULL)))[0]


def known(
    election: Election,
    end: str,
    kind: str = "end",
    notes: str | None = None,
    institute: str = "Acme",
    **more: object,
) -> str:
    row = {"end": pd.Timestamp(end), "date_kind": kind, "notes": notes, "institute": institute}
    row |= {"sponsor": None, "sample_size": "1000", "rolling": "False"} | more
    return str(publication(pd.DataFrame([row]), election)[0].iloc[0])


def test_a_candidate_twice_in_a_poll_is_refused(tmp_path: Path) -> None:
    rows = poll("p", "2017-04-20", FULL)
    with pytest.raises(DataError, match="names a candidate twice"):
        built(tmp_path, [*rows, rows[0]])


def test_a_poll_with_somebody_who_did_not_run_is_kept_with_its_slate(tmp_path: Path) -> None:
    other = {"Emmanuel Macron": 30, "Alain Juppé": 40, "Marine Le Pen": 30}
    rows = poll("p", "2017-04-20", FULL) + poll("q", "2017-04-19", other)
    table = built(tmp_path, rows)
    assert set(table.loc[table["poll_id"] == "frq", "candidate"]) == {"juppe", "le_pen", "macron"}


def test_a_runoff_of_any_pair_is_kept(tmp_path: Path) -> None:
    rows = poll("p", "2017-04-20", {"Emmanuel Macron": 60, "Marine Le Pen": 40}, number=2)
    rows += poll("q", "2017-04-20", {"Jean Lassalle": 51, "Marine Le Pen": 49}, number=2)
    assert set(built(tmp_path, rows)["poll_id"]) == {"frp", "frq"}


def test_questions_from_pages_have_both_sides_and_their_address(
    tmp_path: Path, pages: Path
) -> None:
    asked = (
        "2017,2,Acme,,internet,2016-06-10,2016-06-12,910,{},{},Marine Le Pen,{},,https://x.fr/a\n"
    )
    lines = asked.format("2016-06-14", "Alain Juppé", 70) + asked.format("", "Nicolas Sarkozy", 61)
    pages.write_text(QUESTIONS + lines + lines.replace("2017,", "2012,"), encoding="utf-8")
    table = built(tmp_path, poll("p", "2017-04-20", FULL))
    mine = table[table["round"] == 2].set_index(["poll_id", "candidate"])
    first, second = (f"fr2017_r2_acme_2016_06_12_page_{number}" for number in (1, 2))
    assert mine["share"].to_dict() == {
        (first, "juppe"): 0.7,
        (first, "le_pen"): 0.3,
        (second, "le_pen"): 0.39,
        (second, "sarkozy"): 0.61,
    }
    assert set(mine["source"]) == {"https://x.fr/a"}
    moments = mine["published_on"].groupby("poll_id").first()
    assert moments[first] == pd.Timestamp("2016-06-14 23:59")  # stated; else by the rule
    assert moments[second] == pd.Timestamp("2016-06-16 23:59")


def test_the_table_is_the_same_however_the_vote_ended(tmp_path: Path) -> None:
    rows = poll("p", "2017-04-20", FULL)
    rows += poll("q", "2017-04-20", {"Emmanuel Macron": 60, "Marine Le Pen": 40}, number=2)
    rows += poll("r", "2017-04-20", {"Jean Lassalle": 51, "Marine Le Pen": 49}, number=2)
    real = built(tmp_path / "real", rows)
    other = OUTCOMES.replace(
        "2,2017-05-07,200,150,100,Emmanuel Macron", "2,2017-05-07,200,150,100,Jean Lassalle"
    )
    other = other.replace("Macron,En marche,40", "Macron,En marche,25")
    other = other.replace("Lassalle,Résistons,25", "Lassalle,Résistons,40")
    raw = source(tmp_path / "other", rows, other)
    ended = elections(raw)[0]
    assert ended.ballot(2) == ["lassalle", "le_pen"]
    table = polls.build(raw, ended).tables["inputs/polls.csv"]
    pd.testing.assert_frame_equal(real, table)


def test_shares_over_one_are_left_out(tmp_path: Path) -> None:
    rows = poll("kept", "2017-04-20", FULL)
    rows += poll("gone", "2017-04-19", {**FULL, "Jean Lassalle": 36})
    assert set(built(tmp_path, rows)["poll_id"]) == {"frkept"}


def test_the_same_figures_once_more_are_left_out(tmp_path: Path) -> None:
    rows = poll("a", "2017-04-20", FULL) + poll("b", "2017-04-20", FULL)
    assert set(built(tmp_path, rows)["poll_id"]) == {"fra"}


def test_cells_are_translated(tmp_path: Path) -> None:
    row = built(tmp_path, poll("P-1", "2017-04-20", FULL)).iloc[0]
    assert (row["candidate"], row["share"]) == ("lassalle", 0.26)
    assert (row["mode"], row["base"]) == ("online", "certain_to_vote")
    assert (row["poll_id"], row["source"], row["rolling"]) == ("frp_1", "a+d", True)


@pytest.mark.parametrize(
    ("end", "expected"),
    [
        ("2017-04-10", "2017-04-14 23:59:00"),
        ("2017-04-18", "2017-04-21 23:59:00"),
        ("2017-04-21", "2017-04-21 23:59:00"),
        ("2017-04-22", "2017-04-26 23:59:00"),
        ("2017-05-05", "2017-05-05 23:59:00"),
        ("2017-05-06", "2017-05-10 23:59:00"),
    ],
)
def test_without_a_rhythm_a_poll_waits_four_days_within_the_law(
    election: Election, end: str, expected: str
) -> None:
    assert known(election, end) == expected


@pytest.mark.parametrize(
    ("institute", "more", "expected"),
    [
        ("Ifop", {"rolling": "True"}, "2017-03-02 18:00:00"),
        ("Ifop", {}, "2017-03-06 23:59:00"),
        ("OpinionWay", {"rolling": "True"}, "2017-03-03 13:00:00"),
        ("Elabe", {}, "2017-03-03 20:30:00"),
        ("BVA", {}, "2017-03-05 23:59:00"),
        ("Kantar Sofres", {}, "2017-03-04 21:30:00"),
        ("Ipsos", {"sponsor": "CEVIPOF; Le Monde"}, "2017-03-06 23:59:00"),
        ("Harris Interactive", {"sponsor": "LCP"}, "2017-03-02 19:35:00"),
    ],
)
def test_a_series_has_its_largest_lag_and_latest_hour(
    election: Election, institute: str, more: dict[str, object], expected: str
) -> None:
    assert known(election, "2017-03-02", institute=institute, **more) == expected


def test_a_page_counts_and_a_day_without_an_hour_gets_that_of_its_series(tmp_path: Path) -> None:
    pages = [
        "Elabe,,,2017-03-20,1000,1,2017-03-20,stated,a page,",
        "Elabe,,,2017-03-21,1000,1,2017-03-22T08:00,stated,a page,upper bound",
        "Nobody,,,2017-03-21,1000,1,2017-03-23,stated,a page,late afternoon",
        "Nobody,,,2017-03-25,1000,1,2017-03-27T18:00,inferred,,a rule",
    ]
    raw = source(tmp_path, poll("p", "2017-04-20", FULL), pages=pages)
    cases = [
        ("Elabe", "2017-03-20"),
        ("Elabe", "2017-03-21"),
        ("Nobody", "2017-03-21"),
        ("Nobody", "2017-03-25"),
    ]
    rows = pd.DataFrame(
        [
            {
                "institute": who,
                "end": pd.Timestamp(end),
                "sample_size": "1000",
                "sponsor": None,
                "rolling": "False",
                "date_kind": "end",
                "notes": None,
            }
            for who, end in cases
        ]
    )
    moments, basis = publication(rows, elections(raw)[0], raw)
    assert moments.astype(str).tolist() == [
        "2017-03-20 20:30:00",
        "2017-03-22 08:00:00",
        "2017-03-23 19:00:00",
        "2017-03-27 18:00:00",
    ]
    assert basis.tolist() == ["stated", "stated", "stated", "rule"]


def test_a_stated_day_of_publication_counts_to_its_end(election: Election) -> None:
    note = "A's single date 2017-03-05 (publication); end_date taken from D"
    assert known(election, "2017-03-02", notes=note) == "2017-03-05 23:59:00"


def test_a_single_date_is_the_day_of_publication(election: Election) -> None:
    note = "single date in source (usually publication date)"
    assert known(election, "2017-03-02", notes=note) == "2017-03-02 23:59:00"


def test_a_midpoint_waits_a_day_more(election: Election) -> None:
    assert known(election, "2017-03-02", kind="midpoint") == "2017-03-07 23:59:00"


def questions(asked: Sequence[str]) -> pd.DataFrame:
    """Four people at 30, 30, 12 and 12 per cent, some of whom are in questions about the runoff."""
    shares = {"ash": 0.3, "birch": 0.3, "cedar": 0.12, "dogwood": 0.12}
    first = [("a", 1, who, share) for who, share in shares.items()]
    rows = [*first, *(("b", 2, who, 0.5) for who in asked)]
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
    found = polls.runoff_questions(questions(asked), ("ash", "cedar"), pd.Timestamp("2017-01-20"))
    # by 19 January and 20 December
    assert (found.n_moments, found.n_stood, found.n_others) == (2, 2, 2)
    assert (found.stood, found.others) == (stood, others)


def test_nobody_is_compared_with_people_of_another_standing() -> None:
    table = questions(("ash", "birch"))
    found = polls.runoff_questions(table, ("ash", "birch"), pd.Timestamp("2017-01-20"))
    assert (found.n_moments, found.n_stood, found.n_others) == (2, 0, 0)
    assert pd.isna(found.stood)
    unasked = polls.runoff_questions(questions(()), ("ash", "cedar"), pd.Timestamp("2017-01-20"))
    assert unasked.n_moments == 0

"""The cut: to the minute, in the version of the day, and an owner's figures only for the owner."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from bench.core import DataError
from bench.data.columns import TABLES
from bench.data.cut import cut, newest, of_several, public_from, standing
from bench.data.election import load_election
from bench.data.evidence import evidence_for
from bench.data.readers import read_table

KEY = ("poll_id", "candidate", "corrected_on")


def at(moment: str) -> pd.Timestamp:
    return pd.Timestamp(moment)


def versions() -> pd.DataFrame:
    """A poll whose first version is corrected twice, the later correction standing first."""
    return pd.DataFrame(
        {
            "poll_id": ["p", "p", "q", "p"],
            "candidate": ["ash"] * 4,
            "share": [0.3, 0.1, 0.5, 0.2],
            "published_on": pd.to_datetime(["2031-04-01"] * 2 + ["2031-04-02"] + ["2031-04-01"]),
            "corrected_on": pd.to_datetime(["2031-04-09", None, None, "2031-04-05"]),
        },
        index=[10, 11, 12, 13],
    )


def owned() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "source": ["app", "app", "app", "other"],
            "available_on": pd.to_datetime(
                ["2031-04-03", "2031-04-05", "2031-04-06", "2031-04-03"]
            ),
            "published_on": pd.to_datetime(["2032-01-01"] * 4),
        }
    )


def test_the_moment_itself_is_included_and_the_next_is_not() -> None:
    days = pd.to_datetime(["2031-04-04T20:00", None, "2031-04-04T20:01", "2031-04-01T00:00"])
    table = pd.DataFrame({"published_on": days, "row": range(4)})
    public = cut(table, at("2031-04-04T20:00"))
    assert public["row"].tolist() == [0, 3]  # in their order, counted anew; without a day, never
    assert public.index.tolist() == [0, 1]
    assert cut(table, at("2031-04-04T19:59"))["row"].tolist() == [3]


@pytest.mark.parametrize(
    ("moment", "share"),
    [
        ("2031-04-01", [0.1]),
        ("2031-04-04T23:59", [0.1, 0.5]),
        ("2031-04-05", [0.5, 0.2]),
        ("2031-04-08", [0.5, 0.2]),
        ("2031-04-09", [0.3, 0.5]),
    ],
)
def test_the_newest_version_of_the_day_wins_and_no_later_one(
    moment: str, share: list[float]
) -> None:
    public = cut(versions(), at(moment), key=KEY)
    assert public["share"].tolist() == share
    assert public.index.tolist() == list(range(len(share)))
    assert public.columns.tolist() == list(versions())


def test_a_correction_dated_before_the_publication_is_public_with_it() -> None:
    table = versions().assign(corrected_on=at("2031-03-01"))
    assert public_from(table).tolist() == table["published_on"].tolist()
    plain = versions().drop(columns="corrected_on")
    assert newest(plain, KEY) is plain
    assert standing(plain, at("2031-04-04")) is plain


@pytest.mark.parametrize(
    ("change", "moment", "owners", "count"),
    [
        ({}, "2031-04-05", (), 0),
        ({}, "2031-04-05", ["app"], 2),
        ({}, "2031-04-04", ["app"], 1),
        ({}, "2031-04-02T23:59", ["app"], 0),  # nobody has what did not exist yet
        ({"source": None}, "2031-04-05", ["app"], 0),
        ({"available_on": pd.NaT}, "2031-04-05", ["app"], 0),
        ({"published_on": at("2031-04-01")}, "2031-04-05", ["app"], 4),
        ({"source": "a page", "publisher": ["app", "x", "x", "x"]}, "2031-04-04", ["app"], 1),
    ],
)
def test_an_owner_has_what_was_held_at_the_moment(
    change: dict[str, Any], moment: str, owners: list[str], count: int
) -> None:
    assert len(cut(owned().assign(**change), at(moment), include_embargoed=owners)) == count
    for column in ("source", "available_on"):
        assert cut(owned().drop(columns=column), at("2031-04-05"), include_embargoed=["app"]).empty


def withdrawn(first: str | None, second: str | None) -> pd.DataFrame:
    """Poll p of 1 April, corrected on 5 April, either version withdrawn or not; q stands."""
    return pd.DataFrame(
        {
            "poll_id": ["p", "p", "q"],
            "candidate": ["ash"] * 3,
            "share": [0.1, 0.2, 0.5],
            "published_on": pd.to_datetime(["2031-04-01", "2031-04-01", "2031-04-02"]),
            "corrected_on": pd.to_datetime([None, "2031-04-05", None]),
            "withdrawn_on": pd.to_datetime([first, second, None]),
        }
    )


@pytest.mark.parametrize(
    ("first", "second", "moment", "share"),
    [
        # withdrawn after the correction: the first version does not return
        (None, "2031-04-08", "2031-04-04", [0.1, 0.5]),
        (None, "2031-04-08", "2031-04-07T23:59", [0.2, 0.5]),
        (None, "2031-04-08", "2031-04-08", [0.5]),
        # withdrawn first, published anew corrected
        ("2031-04-03", None, "2031-04-02", [0.1, 0.5]),
        ("2031-04-03", None, "2031-04-03", [0.5]),
        ("2031-04-03", None, "2031-04-05", [0.2, 0.5]),
    ],
)
def test_a_withdrawn_poll_is_seen_before_and_not_after(
    first: str | None, second: str | None, moment: str, share: list[float]
) -> None:
    public = cut(withdrawn(first, second), at(moment), key=KEY)
    assert public["share"].tolist() == share
    assert public.index.tolist() == list(range(len(share)))
    assert "withdrawn_on" not in public  # nobody who sees a poll sees its end


@pytest.fixture
def corrected(toy_folder: Path) -> Path:
    """The made-up election with a correction of one row of its last poll but one."""
    path = toy_folder / "inputs" / "polls.csv"
    polls = pd.read_csv(path, dtype=str)
    last = polls["published_on"].eq("2031-03-26T00:00:00") & polls["round"].eq("1")
    changed = polls[last].iloc[[0]].assign(share="0.01", corrected_on="2031-04-02")
    table = pd.concat([polls, changed], ignore_index=True)
    table.to_csv(path, index=False)
    return toy_folder


def test_a_correction_in_a_file_does_not_reach_an_earlier_moment(corrected: Path) -> None:
    shipped, own = load_election("toy"), load_election(str(corrected))
    for moment, count in (("2031-04-01T20:00", 0), ("2031-04-02T20:00", 1)):
        before = evidence_for(shipped, 1, at(moment))["polls"]
        after = evidence_for(own, 1, at(moment))["polls"]
        assert len(before) == len(after)
        assert after["corrected_on"].notna().sum() == count
        shares = [t.set_index(["poll_id", "candidate"])["share"] for t in (before, after)]
        assert (shares[0] != shares[1].reindex(shares[0].index)).sum() == count


def test_a_withdrawal_in_a_file_does_not_reach_an_earlier_moment(corrected: Path) -> None:
    path = corrected / "inputs" / "polls.csv"
    polls = pd.read_csv(path, dtype=str)
    poll = polls["poll_id"].iloc[-1]
    polls = polls[polls["corrected_on"].isna()].drop(columns="corrected_on")
    polls.loc[polls["poll_id"] == poll, "withdrawn_on"] = "2031-04-02T12:00:00"
    polls.to_csv(path, index=False)
    own = load_election(str(corrected))
    before = evidence_for(own, 1, at("2031-04-02T11:59"))["polls"]
    after = evidence_for(own, 1, at("2031-04-02T12:00"))["polls"]
    assert poll in set(before["poll_id"])
    assert set(before["poll_id"]) - set(after["poll_id"]) == {poll}
    assert before.equals(evidence_for(load_election("toy"), 1, at("2031-04-02T11:59"))["polls"])


@pytest.mark.parametrize(
    ("rows", "columns", "words"),
    [
        ("corrected", {"corrected_on": ""}, "one row per poll_id × candidate × corrected_on"),
        ("corrected", {"corrected_on": "2031-03-01"}, "'published_on' on or before 'corrected_on'"),
        ("corrected", {"corrected_on": "soon"}, "column 'corrected_on' is soon"),
        ("corrected", {"share": "0.99"}, "shares that sum to at most 1.02 within poll_id"),
        ("poll", {"withdrawn_on": "2030-01-01"}, "'published_on' on or before 'withdrawn_on'"),
        ("row", {"withdrawn_on": "2031-04-30"}, "one 'withdrawn_on' for all candidates of a poll"),
        ("poll", {"withdrawn_on": "later"}, "column 'withdrawn_on' is later"),
    ],
)
def test_an_impossible_version_is_refused(
    corrected: Path, rows: str, columns: dict[str, str], words: str
) -> None:
    path = corrected / "inputs" / "polls.csv"
    polls = pd.read_csv(path, dtype=str)
    of_poll = polls.index[polls["poll_id"] == polls["poll_id"].iloc[0]]
    changed = {"corrected": polls.index[-1:], "poll": of_poll, "row": of_poll[:1]}[rows]
    for name, value in columns.items():
        polls.loc[changed, name] = value
    polls.to_csv(path, index=False)
    with pytest.raises(DataError, match=words):
        read_table(path, TABLES["polls"])


def test_of_two_corrections_of_one_moment_the_one_that_stands_last_counts() -> None:
    rows = [("p", "2031-04-05", k) for k in range(40)] + [("q", "2031-04-05", 99)]
    table = pd.DataFrame(rows, columns=["poll_id", "corrected_on", "share"])
    table["corrected_on"] = pd.to_datetime(table["corrected_on"])
    assert newest(table, ["poll_id"])["share"].tolist() == [39, 99]


def test_what_was_compiled_later_counts_by_its_day_if_it_is_called_hindsight() -> None:
    day = pd.to_datetime(["2031-04-01", "2031-04-09"])
    late = pd.Timestamp("2032-12-10")
    table = pd.DataFrame(
        {"source": "searches", "day": day, "published_on": late, "available_on": late}
    )
    as_of = day[0]
    assert cut(table, as_of).empty
    assert cut(table, as_of, include_embargoed=["searches"]).empty
    assert cut(table, as_of, hindsight_of=["searches"])["day"].tolist() == [day[0]]
    assert cut(table, as_of, hindsight_of=["posts"]).empty
    assert cut(table.drop(columns="day"), as_of, hindsight_of=["searches"]).empty
    # what is public stays so beside it
    published = table.assign(source=["searches", "posts"], published_on=[late, day[0]])
    assert len(cut(published, as_of, hindsight_of=["searches"])) == 2


def test_a_single_name_of_a_source_is_withheld_beside_a_table_of_all_by_another() -> None:
    rows = pd.DataFrame(
        {
            "source": ["page", "page", "poll", "poll", "total", "page"],
            "candidate": ["ash", "ash", "ash", "birch", None, None],
            "day": range(6),
        }
    )
    assert of_several(rows)["day"].tolist() == [2, 3, 4, 5]  # rows about nobody stay
    assert of_several(rows, but=["ash"])["day"].tolist() == list(range(6))
    joined = rows.assign(candidate=["ash", "cedar", "ash", "birch", None, None])
    assert of_several(joined) is joined
    # of each vote by itself, and whatever the kind of the column
    votes = rows.assign(election=["a", "b", "a", "b", "a", "a"], candidate="ash")
    assert of_several(votes, within=["election"]).empty
    assert len(of_several(rows.astype({"candidate": "category"}))) == 4


@pytest.mark.parametrize(
    ("moment", "ratings"), [("2017-03-16T11:59", set()), ("2017-03-16T12:00", {"gov"})]
)
def test_a_single_name_is_shown_from_the_moment_another_joins_it(
    moment: str, ratings: set[str]
) -> None:
    rows = evidence_for(load_election("fr2017"), 1, at(moment))["ratings"]
    assert set(rows["source"]) == ratings


def test_one_side_of_a_supposed_pair_is_not_taken_for_a_single_name() -> None:
    question = load_election("fr2017"), 2, at("2017-04-10T20:00")
    rows = evidence_for(*question, pair=("arthaud", "macron"))["buzz"]
    of_press = rows[rows["source"].eq("press")]  # which had counted others, not Arthaud
    assert set(of_press["candidate"]) == {"macron"}


def test_ratings_of_who_holds_the_office_are_shown_alone() -> None:
    rows = evidence_for(load_election("fr2022"), 1, at("2022-01-01T20:00"))["ratings"]
    named = rows.groupby("source")["candidate"].agg(set)
    assert named["elabe_trust"] == {"macron"}

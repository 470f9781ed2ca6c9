"""Ballots of parties: who is on them, and what polls say about them, without the outcome."""

from __future__ import annotations

import pandas as pd
import pytest

from bench.core.errors import DataError
from tools.build_datasets.collections.ballots import (
    POLL_COLUMNS,
    Vote,
    ballot_of,
    member,
    on_ballot,
)
from tools.build_datasets.collections.parliament_polls import stated_base

pytestmark = pytest.mark.golden  # a converter of raw sources that lie elsewhere

VOTE_ON = pd.Timestamp("2021-09-26")
PEOPLE = pd.DataFrame(
    {"name": ["A", "B", "C", "Other parties"], "family": "other", "party": None},
    index=pd.Index(["a", "b", "c", "others"], name="candidate"),
)


def polls(*cases: tuple[str, str, dict[str, float]], basis: str = "stated") -> pd.DataFrame:
    """Rows from (poll, day of publication, shares)."""
    return pd.DataFrame(
        [
            {
                **dict.fromkeys(POLL_COLUMNS),
                "poll_id": name,
                "institute": "Acme",
                "fieldwork_end": pd.Timestamp(day),
                "published_on": pd.Timestamp(day),
                "basis": basis,
                "rolling": False,
                "source_key": "src",
                "candidate": party,
                "share": share,
            }
            for name, day, shares in cases
            for party, share in shares.items()
        ]
    )


def vote() -> Vote:
    return Vote(
        name="xx2021",
        title="A vote",
        country="XX",
        kind="parliament",
        system="proportional",
        vote_on=VOTE_ON,
        known_at=VOTE_ON + pd.Timedelta(days=1),
        source_key="src",
    )


ONE = polls(("p", "2021-09-01", {"a": 0.5, "b": 0.3, "c": 0.1}))
SHARES = ("outcomes", "polls")


@pytest.mark.parametrize(
    ("results", "words"),
    [({"a": 0.5, "b": 0.4, "c": 0.3}, r"add up to 1\.2"), ({"a": 0.5}, "fewer than two parties")],
)
def test_results_that_cannot_be_are_refused(results: dict[str, float], words: str) -> None:
    with pytest.raises(DataError, match=words):
        member(vote(), ONE, results, PEOPLE, None)


def test_the_ballot_does_not_depend_on_who_won() -> None:
    results = {"a": 0.6, "b": 0.3, "c": 0.01}
    swapped = {"a": 0.01, "b": 0.3, "c": 0.6}
    first, second = (member(vote(), ONE, each, PEOPLE, "a").tables for each in (results, swapped))
    assert first["candidates"].equals(second["candidates"])
    assert first["polls"].equals(second["polls"])
    assert first["outcomes"]["share"].tolist() == [0.6, 0.3, 0.01, 0.09]


def test_a_party_without_a_result_of_its_own_joins_the_others_in_polls_too() -> None:
    tables = member(vote(), ONE, {"a": 0.6, "b": 0.3}, PEOPLE, None).tables
    by_name = {name: tables[name].set_index("candidate")["share"].to_dict() for name in SHARES}
    assert by_name["outcomes"] == {"a": 0.6, "b": 0.3, "others": 0.1}
    assert by_name["polls"] == {"a": 0.5, "b": 0.3, "others": 0.2}


@pytest.mark.parametrize("day", ["2021-09-26", "2021-10-01", "2021-06-01", "2020-01-01"])
def test_polls_outside_the_last_90_days_put_nobody_on_the_ballot(day: str) -> None:
    late = polls(("q", day, {"c": 0.3}), ("p", "2021-09-01", {"a": 0.5}))
    assert ballot_of(late, VOTE_ON) == ["a"]


def test_polls_dated_by_rule_count_if_the_shortest_lag_makes_them_public() -> None:
    day = "2021-09-24"
    later = pd.Timestamp("2021-09-26 23:59")
    ruled = polls(("p", day, {"a": 0.5, "b": 0.3}), basis="rule").assign(published_on=later)
    assert ballot_of(ruled, VOTE_ON) == ["a", "b"]
    assert ballot_of(ruled.assign(basis="stated"), VOTE_ON) == []


def test_a_poll_with_fewer_than_half_of_the_ballot_is_left_out_and_counted() -> None:
    four = {"a": 0.4, "b": 0.3, "c": 0.1, "d": 0.1}
    days = polls(
        ("p", "2021-09-01", four), ("q", "2021-09-01", four), ("r", "2021-09-02", {"a": 1})
    )
    ballot = on_ballot(days, VOTE_ON)
    assert set(ballot.polls["poll_id"]) == {"p", "q"}
    assert ballot.refused["names fewer than half of the ballot"] == 1


def test_shares_just_above_the_whole_are_scaled_and_more_is_left_out() -> None:
    day = "2021-09-01"
    two = polls(("p", day, {"a": 0.8, "b": 0.22}), ("q", day, {"a": 0.8, "b": 0.3}))
    ballot = on_ballot(two, VOTE_ON)
    shares = ballot.polls.set_index("candidate")["share"].round(4).to_dict()
    assert shares == {"a": 0.7843, "b": 0.2157, "others": 0.0}
    assert ballot.refused["sums to more than 105%"] == 1


def test_the_rest_is_listed_only_where_everybody_else_is() -> None:
    two = pd.concat([ONE, polls(("q", "2021-09-02", {"a": 0.5, "b": 0.3}))], ignore_index=True)
    listed = on_ballot(two, VOTE_ON).polls.groupby("poll_id")["candidate"].agg(set).to_dict()
    assert listed == {"p": {"a", "b", "c", "others"}, "q": {"a", "b"}}


@pytest.mark.parametrize(
    ("named", "other", "undecided", "base"),
    [
        (90, 10, None, 100),
        (58, 5, 37, 63),  # SI 2018: undecided inside
        (60, None, 35, 65),
        (99, None, 12, 99),  # undecided given beside shares of the others
        (94, None, None, 100),
        (79, None, None, None),
        (150, 0, None, None),  # seats, where figures are not known to be seats
        (40, None, 20, None),
    ],
)
def test_the_whole_of_a_poll_is_found_or_the_poll_is_left_out(
    named: float, other: float | None, undecided: float | None, base: float | None
) -> None:
    columns = (pd.Series([value], dtype=float) for value in (named, other, undecided))
    stated = stated_base(*columns)[0]
    assert pd.isna(stated) if base is None else stated == base

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
)

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

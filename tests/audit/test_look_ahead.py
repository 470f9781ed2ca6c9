"""The audit catches who looks ahead, and says what it cannot see."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from bench.audit import audit
from bench.audit.counterfactual import demand_same_tables
from bench.audit.look_ahead import poisons
from bench.core import DataError, Evidence
from bench.data import cut as cutting
from bench.data import evidence as assembling
from bench.data import tables
from bench.data.election import Election, load_election
from bench.data.evidence import evidence_for
from bench.data.task import Task

VOTE = Task(election=load_election("toy"), round=1, as_of=pd.Timestamp("2031-03-20T20:00"), seed=1)


def test_a_cut_that_leaks_is_blamed_and_no_predictor(monkeypatch: pytest.MonkeyPatch) -> None:
    def too_late(table: pd.DataFrame, as_of: pd.Timestamp, **others: Any) -> pd.DataFrame:
        return cutting.cut(table, as_of + pd.Timedelta(days=2), **others)

    monkeypatch.setattr(assembling, "cut", too_late)
    with pytest.raises(DataError, match="the cut leaks: the table"):
        audit({}, VOTE)


def test_a_later_withdrawal_is_not_known_and_a_cut_that_shows_it_is_blamed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    complete = tables._read

    def withdrawn(election: Election, name: str) -> pd.DataFrame:
        rows = complete(election, name)
        return rows.assign(withdrawn_on=pd.Timestamp("2031-04-01")) if name == "polls" else rows

    def shows_the_end(table: pd.DataFrame, as_of: pd.Timestamp, **others: Any) -> pd.DataFrame:
        kept = cutting.cut(table, as_of, **others)
        if "withdrawn_on" not in table or "vote_on" in table:
            return kept
        ends = table.drop_duplicates("poll_id").set_index("poll_id")["withdrawn_on"]
        return kept.assign(ends=kept["poll_id"].map(ends))

    monkeypatch.setattr(tables, "_read", withdrawn)
    demand_same_tables(VOTE, poisons(VOTE), "the cut leaks")
    monkeypatch.setattr(assembling, "cut", shows_the_end)
    with pytest.raises(DataError, match="the cut leaks: the table 'polls'"):
        demand_same_tables(VOTE, poisons(VOTE), "the cut leaks")


def test_candidates_of_later_elections_are_not_known() -> None:
    past = load_election("toy_prior1")
    first = past.round(1)
    early = first.vote_on - pd.Timedelta(days=2)
    assert evidence_for(past, 1, early)["ballots"]["vote_on"].max() == first.vote_on
    # nor those of a vote between the moment and the day asked about
    last = load_election("toy")
    known = evidence_for(last, 1, early)["ballots"]
    assert set(known.loc[known["vote_on"] > early, "election"]) == {"toy"}


@pytest.mark.parametrize(
    "election",
    ["toy", *(pytest.param(name, marks=pytest.mark.golden) for name in ("fr2017", "fr2002"))],
)
def test_no_poison_reaches_the_evidence(election: str) -> None:
    found = load_election(election)
    for number, this in found.rounds.items():
        vote = Task(
            election=found,
            round=number,
            as_of=this.vote_on - pd.Timedelta(days=2),
            include_embargoed=("voter_autrement",),
        )
        assert audit({}, vote) == []


WON_AND_STOOD_AGAIN = ("fr1974", "fr1981", "fr1995", "fr2007", "fr2017")
OF_LATER_VOTES = {
    "ballots": (assembling, "past_ballots"),
    "past_errors": (assembling, "past_errors_for"),
    "past_polls": (assembling, "past_polls"),
    "outcomes": (assembling, "past_outcomes"),
}


def eve_of(name: str) -> Task:
    election = load_election(name)
    return Task(election, 1, election.first_day - pd.Timedelta(days=2) + pd.Timedelta(hours=20))


def of_later_votes(evidence: Evidence, table: str) -> pd.DataFrame:
    """What a table tells of those who stand here in votes to come."""
    rows = evidence.tables[table]
    later = rows[{"claims": "published_on"}.get(table, "vote_on")] > evidence.vote_on
    later &= rows["election"] != evidence.election
    return rows[later & rows["candidate"].isin(evidence.candidates)]


@pytest.mark.parametrize("name", WON_AND_STOOD_AGAIN)
def test_nothing_about_the_next_vote_is_there(name: str) -> None:
    evidence = eve_of(name).assembled()
    for table in (*OF_LATER_VOTES, "claims"):
        assert of_later_votes(evidence, table).empty, table


@pytest.mark.parametrize("table", OF_LATER_VOTES)
def test_a_table_of_other_votes_that_is_not_cut_is_found(
    table: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    module, name = OF_LATER_VOTES[table]
    honest = getattr(module, name)
    monkeypatch.setattr(
        module, name, lambda one, two, _, *more: honest(one, two, pd.Timestamp.max, *more)
    )
    eve = eve_of("fr2017")
    assert len(of_later_votes(eve.assembled(), table))
    with pytest.raises(DataError, match=f"the cut leaks: the table '{table}' of fr2017"):
        demand_same_tables(eve, poisons(eve), "the cut leaks")
    # past polls are the same however a vote ends: what finds them is the poison
    found = "the cut leaks" if table == "past_polls" else "the evidence knows the outcome"
    with pytest.raises(DataError, match=f"{found}: the table '{table}' of fr2017"):
        audit({}, eve)


COUNTED_LATER = ("politoscope", "hyblab", "tweet_totals")  # compiled after the vote


def days_before_the_list(days: float) -> Task:
    election = load_election("fr2017")
    listed_on = election.round(1).listed_on
    assert listed_on is not None
    return Task(election, 1, listed_on - pd.Timedelta(days=days), include_embargoed=COUNTED_LATER)


def test_nothing_compiled_later_tells_before_the_list_who_would_matter(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def counted(evidence: Evidence, table: str) -> set[str]:
        return set(evidence.tables[table]["candidate"].dropna())

    tables = ("buzz", "ratings", "claims")
    long_before = days_before_the_list(160)  # two primaries were still to come
    assert not any(counted(long_before.evidence(), table) for table in tables)
    for days in (45, 1):  # what was public names nobody whom the polls did not
        evidence = days_before_the_list(days).evidence()
        polls = evidence["polls"]
        first = polls[polls["fieldwork_end"] > evidence.as_of - pd.Timedelta(days=30)]
        leading = set(first.groupby("candidate")["share"].mean().nlargest(5).index)
        assert all(counted(evidence, table) <= leading for table in tables), days
    assert COUNTED_LATER[0] in set(days_before_the_list(0).evidence()["buzz"]["source"])
    # the leak put back
    monkeypatch.setattr(assembling, "is_listed", lambda election, as_of: True)
    named = {"fillon", "hamon", "le_pen", "macron", "melenchon"}
    assert counted(long_before.assembled(), "buzz") == named
    with pytest.raises(DataError, match="the cut leaks: the table 'buzz'"):
        audit({}, long_before)

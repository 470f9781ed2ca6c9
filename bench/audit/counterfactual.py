"""The counterfactual audit: had the vote ended otherwise, its evidence would be the same."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from bench.core import DataError, Evidence
from bench.data.election import Election, same_country_elections
from bench.data.evidence import is_settled, polled_pairs
from bench.data.tables import Replacement, outcomes_of, polls_of, replaced
from bench.data.task import Task

KINDS = ("shifted by one", "reversed")
RECORDS = {"past_errors": "share", "past_quotes": "happened"}
"""Tables about past votes, and what of them would be another had a vote ended otherwise."""


def require_same_evidence(task: Task) -> None:
    """Rebuild the evidence as if the vote had ended otherwise, and demand the same tables.

    Candidates change places in the official votes: by rank, each takes the votes of the one
    after (the last those of the first), or of the one as far from the other end. Other people
    get through, and later rounds are fought by them. Every other vote of the country whose outcome
    was not known either ends otherwise too, and others are in office at later ones. Runoff polls
    that are all about the pair that came to be are taken for what they look like: picked by the
    outcome, so that under another one they would not be in the table. So are those of a round that
    is marked `selected_by`, until it was known who stands.

    Parameters
    ----------
    task : Task
        The round asked about, before its outcome is known.

    Raises
    ------
    DataError
        With the first table that differs: a row, a filter or a default there knows the outcome.
    """
    evidence = task.assembled()
    for kind in KINDS:
        with replaced(counterfactual_result(task, kind)):
            other = task.assembled()
        if changed := differing(evidence, other):
            raise DataError(
                f"the evidence knows the outcome: the table '{changed[0]}' of {task.label} changes "
                f"if the vote had ended otherwise (votes {kind}); something in datasets/ or "
                "bench/data selects rows by what happened"
            )


def counterfactual_result(task: Task, kind: str) -> Replacement:
    """What an uncut table is replaced by, had the vote (and all not known yet) ended otherwise.

    Parameters
    ----------
    task : Task
    kind : str
        One of `KINDS`.
    """
    changed = {task.election.name: _names(task.election, task.round, kind)}
    # a runoff is asked about its pair, so that polls of the pair are what it should read
    pair_alone = task.round == 1 and _only_the_pair(task.election)
    selected = {task.election.name: pair_alone or not is_settled(task.election, task.as_of)}
    for other in same_country_elections(task.election):
        to_come = [n for n, this in other.rounds.items() if this.known_at > task.as_of]
        if to_come:
            changed[other.name] = _names(other, min(to_come), kind)
            selected[other.name] = 1 in to_come and _only_the_pair(other)
            selected[other.name] |= not is_settled(other, task.as_of)

    def otherwise(table: str, rows: pd.DataFrame) -> pd.DataFrame:
        if table in RECORDS:  # of votes in every country
            values = rows[RECORDS[table]]
            other = ~values if values.dtype == bool else 1 - values
            known = rows["published_on"] <= task.as_of
            return rows.assign(**{RECORDS[table]: values.where(known, other)})
        if table == "ballots":  # in office at a later vote is who won one of these
            later = rows["vote_on"] > task.as_of
            later &= rows["election"] != task.election.name
            in_office = rows["incumbent"]
            rows = rows.assign(incumbent=in_office.where(~later, ~in_office.astype(bool)))
        # a table of a collection is about many elections
        for name in set(rows["election"].unique()) & set(changed) if len(rows) else ():
            here = rows["election"] == name
            if table == "polls" and selected[name]:
                rows = rows[~here | rows["round"].ne(2)]
            if table in ("outcomes", "station_outcomes", "ballots"):
                renamed = _renamed(rows[here], changed[name], table)
                rows = rows.assign(candidate=rows["candidate"].where(~here, renamed["candidate"]))
        return rows

    return otherwise


def differing(one: Evidence, other: Evidence) -> list[str]:
    """The names of tables that are not the same in both; empty tables say nothing."""
    pairs = {name: (table, other.tables[name]) for name, table in one.tables.items()}
    # whatever the kinds of the columns of empty ones
    return [name for name, (a, b) in pairs.items() if (len(a) or len(b)) and not a.equals(b)]


def _names(election: Election, first: int, kind: str) -> dict[int, dict[str, str]]:
    """By round from `first` on, whose votes each candidate's name stands for instead."""
    votes = outcomes_of(election)
    national = votes[(votes["level"] == "national") & (votes["round"] == first)]
    ranked = list(national.sort_values("share", ascending=False, kind="stable")["candidate"])
    moved = ranked[1:] + ranked[:1] if kind == KINDS[0] else ranked[::-1]
    new = dict(zip(ranked, moved, strict=True))
    return {number: new for number in election.rounds if number >= first}


def _renamed(rows: pd.DataFrame, new: Mapping[int, Mapping[str, str]], table: str) -> pd.DataFrame:
    other = rows.copy()
    for number, names in new.items():
        # the ballot of the round asked about is the question, not its answer
        if table == "ballots" and number == min(new):
            continue
        here = other["round"] == number
        renamed = other.loc[here, "candidate"]
        other.loc[here, "candidate"] = renamed.map(names).fillna(renamed)
    return other


def _only_the_pair(election: Election) -> bool:
    """Whether all runoff polls of an election are about the two who met."""
    polls = polls_of(election)
    pairs = polled_pairs(polls[polls["round"] == 2])
    return 2 in election.rounds and set(pairs) == {frozenset(election.round(2).candidates)}

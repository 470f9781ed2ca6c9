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


def demand_the_same(task: Task) -> None:
    """Rebuild the evidence as if the vote had ended otherwise, and demand the same tables.

    Candidates change places in the official votes: by rank, each takes the votes of the one
    after (the last those of the first), or of the one as far from the other end. Other people
    get through, and later rounds are fought by them. Under ``learn_from: earlier`` later
    elections of the country end otherwise too; under ``others`` they are evidence as they stand.
    Runoff polls that are all about the pair that came to be are taken for what they look like:
    picked by the outcome, so that under another one they would not be in the table. So are those
    of a round that is marked `selected_by`, until it was known who stands.

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
        with replaced(ended_otherwise(task, kind)):
            other = task.assembled()
        if changed := differing(evidence, other):
            raise DataError(
                f"the evidence knows the outcome: the table '{changed[0]}' of {task.label} changes "
                f"if the vote had ended otherwise (votes {kind}); something in datasets/ or "
                "bench/data selects rows by what happened"
            )


def ended_otherwise(task: Task, kind: str) -> Replacement:
    """What an uncut table is replaced by, had the vote (and every later one) ended otherwise.

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
    if task.learn_from == "earlier":
        day = task.vote_on
        for other in same_country_elections(task.election):
            first = min(other.rounds)
            if other.rounds[first].vote_on > day:
                changed[other.name] = _names(other, first, kind)
                selected[other.name] = _only_the_pair(other)

    def otherwise(table: str, rows: pd.DataFrame) -> pd.DataFrame:
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

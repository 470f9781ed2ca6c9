"""The counterfactual audit: had the vote ended otherwise, its evidence would be the same."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from bench.audit.poison import rows_after
from bench.core import DataError
from bench.data.cut import owner_of
from bench.data.election import Election, same_country_elections
from bench.data.evidence import ABOUT_PEOPLE, is_settled, named_alone, polled_pairs
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
    demand_same_tables(task, endings(task), "the evidence knows the outcome")


def endings(task: Task) -> dict[str, Replacement]:
    """The other ends of a vote (and of all not known yet), by what they are in words."""
    return {f"votes are {kind}": counterfactual_result(task, kind) for kind in KINDS}


def demand_same_tables(task: Task, changes: Mapping[str, Replacement], conclusion: str) -> None:
    """Assemble the evidence again under each change of the uncut tables, and demand the same.

    Parameters
    ----------
    task : Task
    changes : mapping of str to Replacement
        By what they are in words.
    conclusion : str
        What a difference shows.

    Raises
    ------
    DataError
        With the first table that differs; empty ones say nothing.
    """
    evidence = task.assembled()
    for words, replacement in changes.items():
        with replaced(replacement):
            changed = task.assembled()
        for name, table in evidence.tables.items():
            # whatever the kinds of the columns of empty ones
            is_same = table.equals(changed.tables[name])
            if not (is_same or (table.empty and changed.tables[name].empty)):
                raise DataError(
                    f"{conclusion}: the table '{name}' of {task.label} changes when {words}; "
                    "something in datasets/ or bench/data selects rows by it, and no predictor is "
                    "to blame"
                )


def counterfactual_result(task: Task, kind: str) -> Replacement:
    """What an uncut table is replaced by, had the vote (and all not known yet) ended otherwise.

    Parameters
    ----------
    task : Task
    kind : str
        One of `KINDS`.
    """
    changed: dict[str, tuple[int, dict[str, str]]] = {}  # first round that ends otherwise, and how
    selected = set()  # elections whose runoff polls were picked by the outcome
    for election in (task.election, *same_country_elections(task.election)):
        to_come = [number for number, vote in election.rounds.items() if vote.known_at > task.as_of]
        if election.name == task.election.name:
            to_come = [task.round]
        if not to_come:
            continue
        first = min(to_come)
        changed[election.name] = first, _names(election, first, kind)
        # a runoff is asked about its pair, so that polls of the pair are what it should read
        if (first == 1 and _only_the_pair(election)) or not is_settled(election, 2, task.as_of):
            selected.add(election.name)

    def otherwise(table: str, rows: pd.DataFrame) -> pd.DataFrame:
        if table in RECORDS:
            return _opposite_records(rows, RECORDS[table], task.as_of)
        if table == "ballots":
            rows = _others_in_office(rows, task)
        # a table of a collection is about many elections
        for name in set(rows["election"].unique()) & set(changed) if len(rows) else ():
            is_affected = rows["election"] == name
            if table == "polls" and name in selected:
                rows = rows[~is_affected | rows["round"].ne(2)]
            if table in ABOUT_PEOPLE and name == task.election.name:
                rows = rows[~(is_affected & _speaks_of_one(rows, table, task))]
            if table in ("outcomes", "station_outcomes", "ballots"):
                first, names = changed[name]
                # the ballot of the round asked about is the question, not its answer
                changes_from = first + 1 if table == "ballots" else first
                is_affected &= rows["round"] >= changes_from
                rows = rows.assign(candidate=_renamed(rows["candidate"], names, is_affected))
        return rows

    return otherwise


def _opposite_records(rows: pd.DataFrame, column: str, as_of: pd.Timestamp) -> pd.DataFrame:
    """Records of votes in every country, with the opposite of what was not known by then."""
    values = rows[column]
    opposite = ~values if values.dtype == bool else 1 - values
    is_public = rows["published_on"] <= as_of
    return rows.assign(**{column: values.where(is_public, opposite)})


def _others_in_office(ballots: pd.DataFrame, task: Task) -> pd.DataFrame:
    """Ballots on which others are in office, where that is who won a vote not known by then."""
    is_later = ballots["vote_on"] > task.as_of
    is_later &= ballots["election"] != task.election.name
    in_office = ballots["incumbent"]
    return ballots.assign(incumbent=in_office.where(~is_later, ~in_office.astype(bool)))


def _renamed(candidates: pd.Series, names: Mapping[str, str], is_affected: pd.Series) -> pd.Series:
    renamed = candidates.map(names).fillna(candidates)
    return candidates.where(~is_affected, renamed)


def _speaks_of_one(rows: pd.DataFrame, table: str, task: Task) -> pd.Series:
    """Which rows of an uncut table are of a source that had named one person by then."""
    public = rows[~rows_after(rows, task.as_of, include_embargoed=task.include_embargoed)]
    by = [owner_of(rows), *({"round"} & set(rows.columns))]
    n_named = public.groupby(by, observed=True)["candidate"].transform("nunique")
    in_office = public["candidate"].isin(list(named_alone(task.election, table)))
    alone = public["candidate"].notna() & n_named.eq(1) & ~in_office
    return alone.reindex(rows.index, fill_value=False)


def _names(election: Election, first: int, kind: str) -> dict[str, str]:
    """Whose votes each candidate's name stands for instead, from the round `first` on."""
    votes = outcomes_of(election)
    national = votes[(votes["level"] == "national") & (votes["round"] == first)]
    ranked = list(national.sort_values("share", ascending=False, kind="stable")["candidate"])
    moved = ranked[1:] + ranked[:1] if kind == KINDS[0] else ranked[::-1]
    return dict(zip(ranked, moved, strict=True))


def _only_the_pair(election: Election) -> bool:
    """Whether all runoff polls of an election are about the two who met."""
    polls = polls_of(election)
    pairs = polled_pairs(polls[polls["round"] == 2])
    return 2 in election.rounds and set(pairs) == {frozenset(election.round(2).candidates)}

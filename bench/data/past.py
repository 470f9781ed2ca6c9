"""The other elections of a country: their polls, outcomes and ballots, as far as they are known."""

from __future__ import annotations

import sys
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from bench.data import interception
from bench.data.collection import load_collection
from bench.data.columns import CANDIDATES, TABLES
from bench.data.cut import cut
from bench.data.election import (
    Election,
    Round,
    collections_beside,
    is_shipped,
    load_election,
    same_country_elections,
)
from bench.data.interception import uncut
from bench.data.memory import remembered
from bench.data.outcome import member_outcomes, outcomes_of
from bench.data.tables import empty_table, polls_of, table_of, table_of_collection

# a run asks about many elections at the same few moments
MOST_MOMENTS = 32


@dataclass(frozen=True)
class Group:
    """Elections whose tables are read as one: members of a collection, or folders.

    Attributes
    ----------
    folder : Path or None
        Of the collection.
    elections : tuple of str
        Names in the collection, the one asked about among them where it is a member; or the
        addresses of folders, without the one asked about.
    """

    folder: Path | None
    elections: tuple[str, ...]


def groups_of(election: Election) -> list[Group]:
    """The other decided elections of the same country and kind; those of collections unopened.

    Raises
    ------
    DataError
        If a folder of the country is damaged, or an election stands in two places.
    """
    if not is_shipped(election.folder):
        return _groups_of(election)
    # they are the same for all members of one country and kind
    own = collections_beside(election).get(election.folder, ())
    return _shipped_groups(str(election.folder / own[0] if own else election.address))


@remembered()
def _shipped_groups(address: str) -> list[Group]:
    return _groups_of(load_election(address))


def _groups_of(election: Election) -> list[Group]:
    others = same_country_elections(election, in_collections=False)
    alone = [one for one in others if not one.is_open]  # one still to come teaches nothing
    members = [Group(folder, names) for folder, names in collections_beside(election).items()]
    return [Group(None, tuple(str(one.address) for one in alone)), *members]


def past_polls(
    election: Election, groups: Sequence[Group], until: pd.Timestamp, lag_days: int | None
) -> pd.DataFrame:
    """The polls of the other elections that were public at a moment, with the day of their vote.

    Parameters
    ----------
    election : Election
        Which is asked about.
    groups : sequence of Group
        From `groups_of`.
    until : pandas.Timestamp
        The moment.
    lag_days : int or None
        As of `bench.data.evidence.evidence_for`.
    """
    if interception.is_on():
        found = [_cut_polls(group, until, lag_days) for group in groups]
    else:
        found = [_known_polls(group, until, lag_days) for group in groups]
        _tell("polls", groups)
    return stacked([_but(election, rows) for rows in found])


def past_rows(
    name: str,
    election: Election,
    groups: Sequence[Group],
    until: pd.Timestamp,
    *,
    owners_of: Collection[str] = (),
    hindsight_of: Collection[str] = (),
) -> pd.DataFrame:
    """The rows of one evidence table about the other elections, as far as they were public.

    Parameters
    ----------
    name : str
        Of the table, e.g. ``"buzz"``.
    election, groups, until
        As above.
    owners_of, hindsight_of : collection of str
        As of `bench.data.cut.cut`.
    """
    frames = []
    for group in groups:
        if group.folder is None:
            frames += [table_of(load_election(one), name) for one in group.elections]
        else:
            rows = table_of_collection(group.folder, name)[0]
            rows = rows[rows["election"].isin(group.elections)]
            frames.append(_but(election, uncut(name, str(group.folder), rows)))
    rows = stacked(frames) if frames else empty_table(name).assign(election="")
    key = ("election", *TABLES[name].key)
    return cut(rows, until, key=key, owners_of=owners_of, hindsight_of=hindsight_of)


def past_outcomes(election: Election, groups: Sequence[Group], until: pd.Timestamp) -> pd.DataFrame:
    """The outcomes of the other elections that were known at a moment; parameters as above."""
    if interception.is_on():
        found = [_cut_outcomes(group, until) for group in groups]
    else:
        found = [_known_outcomes(group, until) for group in groups]
        _tell("outcomes", groups)
    return stacked([_but(election, rows) for rows in found])


def past_ballots(election: Election, groups: Sequence[Group]) -> pd.DataFrame:
    """Who stood in which round of the other elections; parameters as above."""
    frames = []
    for group in groups:
        if group.folder is None:
            frames += [ballots_of(load_election(one)) for one in group.elections]
        else:
            rows = _members_ballots(group.folder, group.elections)
            frames.append(_but(election, uncut("ballots", str(group.folder), rows)))
    return stacked(frames) if frames else ballots_of(election).iloc[:0]


def ballots_of(election: Election) -> pd.DataFrame:
    """Who stood in which round of one election."""
    address = str(election.address)
    return uncut("ballots", address, _everybody(address))


def stacked(frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Tables one below the other, those without rows left out while one has any."""
    filled = [frame for frame in frames if len(frame)] or list(frames[:1])
    if len(filled) == 1:
        return filled[0].reset_index(drop=True)
    return pd.concat(filled, ignore_index=True)


def lagged(polls: pd.DataFrame, rounds: Sequence[Round], lag_days: int) -> pd.Series:
    """The moments of publication, those by rule moved to a lag that is the same for all."""
    end = polls["fieldwork_end"].dt.normalize()
    moment = end + pd.Timedelta(days=lag_days, hours=23, minutes=59)
    for this in rounds:
        if this.polls_until is not None:
            legal = end <= this.polls_until
            silent = (moment > this.polls_until) & (end < this.vote_on)
            moment = moment.mask(silent & legal, this.polls_until)
            moment = moment.mask(silent & ~legal, this.known_at)
    return polls["published_on"].where(polls["basis"].eq("stated"), moment)


def with_day(polls: pd.DataFrame, election: Election) -> pd.DataFrame:
    """Polls of one election with the day of their vote."""
    days = {number: entry.vote_on for number, entry in election.rounds.items()}
    return polls.assign(vote_on=polls["round"].map(days).astype("datetime64[ns]"))


def _tell(name: str, groups: Sequence[Group]) -> None:
    """Let audits hear what is asked for, although it may be in memory."""
    for group in groups:
        for place in (str(group.folder),) if group.folder else group.elections:
            sys.audit(interception.EVENT, name, place)


def _cut_polls(group: Group, until: pd.Timestamp, lag_days: int | None) -> pd.DataFrame:
    return cut(_polls(group, lag_days), until, key=("election", *TABLES["polls"].key))


def _cut_outcomes(group: Group, until: pd.Timestamp) -> pd.DataFrame:
    return cut(_outcomes(group), until)


@remembered(maxsize=MOST_MOMENTS)
def _known_polls(group: Group, until: pd.Timestamp, lag_days: int | None) -> pd.DataFrame:
    return cut(_all_polls(group, lag_days), until, key=("election", *TABLES["polls"].key))


@remembered(maxsize=MOST_MOMENTS)
def _known_outcomes(group: Group, until: pd.Timestamp) -> pd.DataFrame:
    return cut(_all_outcomes(group), until)


@remembered(maxsize=MOST_MOMENTS)
def _all_polls(group: Group, lag_days: int | None) -> pd.DataFrame:
    return _polls(group, lag_days)


@remembered(maxsize=MOST_MOMENTS)
def _all_outcomes(group: Group) -> pd.DataFrame:
    return _outcomes(group)


def _polls(group: Group, lag_days: int | None) -> pd.DataFrame:
    """The polls of a group, nothing cut, with the day of their vote."""
    if group.folder is None:
        frames = [_of_folder(load_election(one), lag_days) for one in group.elections]
        return stacked(frames) if frames else _no_polls()
    rows = uncut("polls", str(group.folder), _members_polls(group.folder, group.elections))
    if lag_days is None or rows.empty:
        return rows
    moments = lagged(rows, (), lag_days)
    register = load_collection(group.folder).elections
    for name in register.loc[register["polls_until"].notna(), "election"].unique():
        here = rows["election"] == name
        if here.any():
            rounds = load_election(str(group.folder / name)).rounds.values()
            moments = moments.mask(here, lagged(rows[here], list(rounds), lag_days))
    return rows.assign(published_on=moments)


def _of_folder(election: Election, lag_days: int | None) -> pd.DataFrame:
    polls = polls_of(election)
    if lag_days is not None and len(polls):
        rounds = list(election.rounds.values())
        polls = polls.assign(published_on=lagged(polls, rounds, lag_days))
    return with_day(polls, election)


def _no_polls() -> pd.DataFrame:
    names = [*TABLES["polls"].columns, "election", "vote_on"]
    dates = ("fieldwork_start", "fieldwork_end", "published_on", "vote_on")
    return pd.DataFrame(
        {name: pd.Series(dtype="datetime64[ns]" if name in dates else object) for name in names}
    )


def _outcomes(group: Group) -> pd.DataFrame:
    if group.folder is not None:
        return member_outcomes(group.folder, group.elections)
    frames = [outcomes_of(load_election(one)) for one in group.elections]
    return stacked(frames) if frames else pd.DataFrame({"published_on": pd.Series(dtype="M8[ns]")})


@remembered(maxsize=MOST_MOMENTS)
def _members_polls(folder: Path, elections: tuple[str, ...]) -> pd.DataFrame:
    rows = table_of_collection(folder, "polls")[0]
    rows = rows[rows["election"].isin(elections)]
    days = load_collection(folder).elections[["election", "round", "vote_on"]]
    return rows.merge(days, how="left", on=["election", "round"])


@remembered(maxsize=MOST_MOMENTS)
def _members_ballots(folder: Path, elections: tuple[str, ...]) -> pd.DataFrame:
    collection = load_collection(folder)
    rows = collection.table("candidates")
    rows = rows[rows["election"].isin(elections)]
    days = collection.elections[["election", "round", "vote_on"]]
    return rows.merge(days, how="left", on=["election", "round"])[[*CANDIDATES.columns, *days]]


def _but(election: Election, rows: pd.DataFrame) -> pd.DataFrame:
    """Rows of other elections: a collection tells of the one asked about as well."""
    if not election.collection or rows.empty:
        return rows
    own = rows["election"] == election.name
    return rows[~own] if own.any() else rows


@remembered()
def _everybody(address: str) -> pd.DataFrame:
    election = load_election(address)
    rows = [
        election.people[election.people["candidate"].isin(entry.candidates)].assign(
            election=election.name, round=number, vote_on=entry.vote_on
        )
        for number, entry in election.rounds.items()
    ]
    return pd.concat(rows, ignore_index=True)

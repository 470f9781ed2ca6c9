"""The other elections of a country: their polls, outcomes and ballots, as far as they are known."""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import ParamSpec, TypeVar

import pandas as pd

from bench.data.collection import load_collection
from bench.data.columns import CANDIDATES, TABLES
from bench.data.cut import cut
from bench.data.election import (
    Election,
    beside,
    is_shipped,
    member_of,
    same_country_elections,
)
from bench.data.readers import remembered
from bench.data.tables import (
    EVENT,
    Gate,
    ballots_of,
    empty_table,
    lagged,
    member_outcomes,
    outcomes_of,
    polls_of,
    table_of,
    table_of_collection,
    uncut,
    with_day,
)

# a run asks about many elections at the same few moments
MOST_MOMENTS = 32
P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True)
class Group:
    """Elections whose tables are read as one: those with a folder of their own, or of a collection.

    Attributes
    ----------
    elections : tuple of Election
        Those with a folder of their own, without the one asked about.
    folder : Path or None
        Of the collection.
    members : tuple of str
        Names in the collection, the one asked about among them where it is a member.
    """

    elections: tuple[Election, ...]
    folder: Path | None = None
    members: tuple[str, ...] = ()


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
    own = beside(election).collections.get(election.folder)
    return _shipped_groups(member_of(election.folder, own[0]) if own else election)


@remembered()
def _shipped_groups(election: Election) -> list[Group]:
    return _groups_of(election)


def _groups_of(election: Election) -> list[Group]:
    others = same_country_elections(election, in_collections=False)
    alone = [one for one in others if not one.is_open]  # one still to come teaches nothing
    collections = beside(election).collections.items()
    return [Group(tuple(alone)), *(Group((), folder, names) for folder, names in collections)]


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
    _tell("polls", groups)
    return stacked([_but(election, _known_polls(group, until, lag_days)) for group in groups])


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
            frames += [table_of(one, name) for one in group.elections]
        else:
            rows = table_of_collection(group.folder, name)[0]
            rows = rows[rows["election"].isin(group.members)]
            frames.append(_but(election, uncut(name, str(group.folder), rows)))
    rows = stacked(frames) if frames else empty_table(name).assign(election="")
    key = ("election", *TABLES[name].key)
    return cut(rows, until, key=key, owners_of=owners_of, hindsight_of=hindsight_of)


def past_outcomes(election: Election, groups: Sequence[Group], until: pd.Timestamp) -> pd.DataFrame:
    """The outcomes of the other elections that were known at a moment; parameters as above."""
    _tell("outcomes", groups)
    return stacked([_but(election, _known_outcomes(group, until)) for group in groups])


def past_ballots(election: Election, groups: Sequence[Group]) -> pd.DataFrame:
    """Who stood in which round of the other elections; parameters as above."""
    frames = []
    for group in groups:
        if group.folder is None:
            frames += [ballots_of(one) for one in group.elections]
        else:
            rows = _members_ballots(group.folder, group.members)
            frames.append(_but(election, uncut("ballots", str(group.folder), rows)))
    return stacked(frames) if frames else ballots_of(election).iloc[:0]


def stacked(frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Tables one below the other, those without rows left out while one has any."""
    filled = [frame for frame in frames if len(frame)] or list(frames[:1])
    if len(filled) == 1:
        return filled[0].reset_index(drop=True)
    return pd.concat(filled, ignore_index=True)


def _tell(name: str, groups: Sequence[Group]) -> None:
    """Let audits hear what is asked for, although it may be in memory."""
    for group in groups:
        for place in (group.folder,) if group.folder else [o.address for o in group.elections]:
            sys.audit(EVENT, name, str(place))


def remembered_outside_audits(
    maxsize: int | None = None,
) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """As `bench.data.readers.remembered`, for answers that a replacement of tables changes.

    While one lasts, nothing is remembered or taken from memory.
    """

    def decorate(function: Callable[P, T]) -> Callable[P, T]:
        known = remembered(maxsize)(function)

        @wraps(function)
        def answer(*args: P.args, **kwargs: P.kwargs) -> T:
            return (known if Gate.replacement is None else function)(*args, **kwargs)

        return answer

    return decorate


@remembered_outside_audits(MOST_MOMENTS)
def _known_polls(group: Group, until: pd.Timestamp, lag_days: int | None) -> pd.DataFrame:
    return cut(_polls(group, lag_days), until, key=("election", *TABLES["polls"].key))


@remembered_outside_audits(MOST_MOMENTS)
def _known_outcomes(group: Group, until: pd.Timestamp) -> pd.DataFrame:
    return cut(_outcomes(group), until)


@remembered_outside_audits(MOST_MOMENTS)
def _polls(group: Group, lag_days: int | None) -> pd.DataFrame:
    """The polls of a group, nothing cut, with the day of their vote."""
    if group.folder is None:
        frames = [with_day(polls_of(one, lag_days), one) for one in group.elections]
        none = empty_table("polls").assign(election="", vote_on=pd.Series(dtype="datetime64[ns]"))
        return stacked(frames or [none])
    rows = uncut("polls", str(group.folder), _members_polls(group.folder, group.members))
    if lag_days is None or rows.empty:
        return rows
    moments = lagged(rows, (), lag_days)
    register = load_collection(group.folder).elections
    for name in register.loc[register["polls_until"].notna(), "election"].unique():
        here = rows["election"] == name
        if here.any():
            rounds = member_of(group.folder, name).rounds.values()
            moments = moments.mask(here, lagged(rows[here], list(rounds), lag_days))
    return rows.assign(published_on=moments)


@remembered_outside_audits(MOST_MOMENTS)
def _outcomes(group: Group) -> pd.DataFrame:
    if group.folder is not None:
        return member_outcomes(group.folder, group.members)
    frames = [outcomes_of(one) for one in group.elections]
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

"""Evidence assembled for one round of one election and cut at one moment.

Its own tables, and the polls, outcomes and ballots of the other elections of its country.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path

import numpy as np
import pandas as pd

from bench.core.arrays import BoolArray
from bench.core.errors import ConfigError, did_you_mean
from bench.core.evidence import Evidence, Maker, Tables
from bench.data.collection import load_collection, register
from bench.data.columns import CANDIDATES, TABLES
from bench.data.cut import cut, of_several
from bench.data.election import (
    Election,
    is_shipped,
    member_of,
    neighbours,
    same_country_elections,
)
from bench.data.past_errors import past_errors_for
from bench.data.past_quotes import past_quotes_for
from bench.data.readers import remembered
from bench.data.tables import (
    ballots_of,
    empty_table,
    is_audit,
    lagged,
    member_outcomes,
    outcomes_of,
    polls_of,
    remembered_outside_audits,
    stacked,
    table_of,
    table_of_collection,
    uncut,
    with_day,
)

# a run asks about many elections at the same few moments
MAX_MOMENTS = 32
ABOUT_PEOPLE = ("ratings", "online_ballot", "app_support", "buzz", "claims")
"""Tables of which a method sees nothing that a source says of one person only."""


def evidence_for(
    election: Election,
    round_number: int,
    as_of: pd.Timestamp,
    *,
    include_embargoed: Collection[str] = (),
    hindsight_of: Collection[str] = (),
    by_station: bool = False,
    pair: tuple[str, str] | None = None,
    slate: tuple[str, ...] | None = None,
    poll_lag_days: int | None = None,
) -> Evidence:
    """Everything about one round that was public at `as_of`.

    No row is in or out because of what happened later. What a source or publisher says of one
    person only is withheld until it names another. Polls of the first round keep the slates
    that they tested. Runoff polls carry their own pair: a task of the first round sees those of
    every pair among `past_polls`, a task of the runoff those of its pair among `polls`; which of
    them are withheld says `public_polls`.

    Parameters
    ----------
    election : Election
        The election to forecast.
    round_number : int
        1 or 2.
    as_of : pandas.Timestamp
        Local time. Nothing that became public later is in any table.
    include_embargoed : collection of str
        Sources of which everything counts that somebody could have had by then (`available_on`),
        although it was published later; nothing of them before `is_listed`. The tables of results
        mark it.
    hindsight_of : collection of str
        Sources compiled after the vote that are given as if they had been public, by the day that
        they describe. No ranking may hold what reads them.
    by_station : bool
        Whether `outcomes` also holds the earlier rounds of this election by polling station
        (level ``station``); methods that speak of areas then speak of these.
    pair : tuple of str, optional
        For round 2 before the first is counted: the two who are supposed to meet, in place of
        those who did.
    slate : tuple of str, optional
        Who is supposed to be on the ballot, in alphabetical order.
    poll_lag_days : int, optional
        Date polls whose publication no source states that many days after the last interview
        (23:59, within the law), instead of by the rule of the table.

    Returns
    -------
    Evidence
        Tables `polls` (this round), `past_polls` and `outcomes` (every other vote), `ballots`
        (of no vote still to come but this one), `past_errors` and `past_quotes` (of every
        country), `past_approvals` and `past_buzz` (of other elections), `ratings`,
        `online_ballot`, `buzz`, `claims`, `transfers`, `areas`.

    Raises
    ------
    ConfigError
        If `pair` is not two people, names somebody who was not on the ballot of the first round,
        or comes too late.
    """
    vote = election.rounds[round_number]
    ballot = slate or vote.candidates
    if pair:
        ballot = _pair(election, round_number, as_of, pair)
    assembly = _Assembly(
        election=election,
        round=round_number,
        as_of=as_of,
        ballot=ballot,
        pair=pair,
        slate=slate,
        include_embargoed=include_embargoed if is_listed(election, as_of) else (),
        hindsight_of=hindsight_of,
        by_station=by_station,
        lag_days=poll_lag_days,
        groups=groups_of(election),  # refuses damaged ones, whoever reads what
    )
    evidence = Evidence(
        election=election.name,
        round=round_number,
        as_of=as_of,
        vote_on=vote.vote_on,
        candidates=ballot,
        n_advance=vote.n_advance,
        tables=Tables(assembly.makers()),
    )
    # what an audit puts in the place of tables must be seen while it does
    return evidence.assembled() if is_audit() else evidence


def refuse_broken(election: Election, *, by_station: bool = False) -> None:
    """Read all tables of an election that did not ship, and of those like it that it learns from.

    Each is read and checked once; evidence is made of them later, as far as a method reads it.

    Raises
    ------
    DataError
        If one of them is damaged.
    """
    if is_shipped(election.folder):
        return
    for teacher in (election, *same_country_elections(election, in_collections=False)):
        if not is_shipped(teacher.folder):
            _read_all(teacher)
    for folder in neighbours(election).collections:
        if not is_shipped(folder):
            member_outcomes(folder, ())
            for name in TABLES:
                table_of_collection(folder, name)
    if by_station:
        _station_outcomes(election)


@remembered_outside_audits()
def _read_all(election: Election) -> None:
    outcomes_of(election)
    for name in TABLES:
        table_of(election, name)


def _station_outcomes(election: Election) -> pd.DataFrame:
    from bench.data.stations import station_outcomes_of  # few elections have them

    return station_outcomes_of(election)


@dataclass(frozen=True, kw_only=True, eq=False)
class _Assembly:
    """The tables of one task, each a method; parameters as of `evidence_for`."""

    election: Election
    round: int
    as_of: pd.Timestamp
    ballot: tuple[str, ...]
    pair: tuple[str, str] | None
    slate: tuple[str, ...] | None
    include_embargoed: Collection[str]
    hindsight_of: Collection[str]
    by_station: bool
    lag_days: int | None
    groups: Sequence[Group]

    def makers(self) -> dict[str, Maker]:
        """What assembles each table, by its name."""
        past = partial(past_rows, election=self.election, groups=self.groups, until=self.as_of)
        own = {name: partial(self.own_rows, name) for name in TABLES if name != "polls"}
        return {
            **own,
            "polls": self.polls,
            "past_polls": self.other_polls,
            "outcomes": self.outcomes,
            "ballots": self.ballots,
            "past_approvals": partial(past, "approvals"),
            "past_buzz": partial(
                past,
                "buzz",
                include_embargoed=self.include_embargoed,
                hindsight_of=self.hindsight_of,
            ),
            "past_errors": partial(past_errors_for, self.election, self.round, self.as_of),
            "past_quotes": partial(past_quotes_for, self.as_of),
        }

    def own_rows(self, name: str) -> pd.DataFrame:
        """One table of the election itself, as far as it is about the round."""
        rows = table_of(self.election, name)
        if "round" in rows:
            rows = rows[rows["round"] == self.round]
        rows = cut(
            rows,
            self.as_of,
            key=TABLES[name].key,
            include_embargoed=self.include_embargoed,
            hindsight_of=self.hindsight_of,
        )
        if name in ABOUT_PEOPLE:
            rows = of_several(rows, but=named_alone(self.election, name))
        if self.pair and "candidate" in rows:
            on_ballot = rows["candidate"].isna() | rows["candidate"].isin(self.ballot)
            rows = rows[on_ballot].reset_index(drop=True)
        return rows

    @cached_property
    def own_polls(self) -> tuple[pd.DataFrame, BoolArray]:
        """The public polls of the election, and which of them ask about this vote.

        The others are those of the other round and of other pairs.
        """
        own = public_polls(self.election, self.as_of, self.lag_days)
        is_of_vote = own["round"].to_numpy() == self.round
        if self.round == 2 and 1 in self.election.rounds and is_of_vote.any():
            pairs = polled_pairs(own.loc[is_of_vote, ["poll_id", "candidate"]])
            of_pair = pairs.get(frozenset(self.ballot), [])
            is_of_vote = own["poll_id"].isin(of_pair).to_numpy()
        return own, is_of_vote

    def polls(self) -> pd.DataFrame:
        """The polls that ask about this vote."""
        own, is_of_vote = self.own_polls
        return own[is_of_vote].reset_index(drop=True)

    def other_polls(self) -> pd.DataFrame:
        """The polls of its other round and other pairs, and of the other elections."""
        own, is_of_vote = self.own_polls
        other_votes = with_day(own[~is_of_vote], self.election)
        past = past_polls(self.election, self.groups, self.as_of, self.lag_days)
        return stacked([other_votes, past])

    def outcomes(self) -> pd.DataFrame:
        """The outcomes of its earlier rounds, and of the other elections."""
        own = _earlier_rounds(outcomes_of(self.election), self.round)
        votes = [cut(own, self.as_of), past_outcomes(self.election, self.groups, self.as_of)]
        if self.by_station:
            stations = _earlier_rounds(_station_outcomes(self.election), self.round)
            votes.append(cut(stations, self.as_of))
        return stacked(votes)

    def ballots(self) -> pd.DataFrame:
        """Who stands in its rounds so far, supposed or not, and stood in the other elections."""
        vote_on = self.election.rounds[self.round].vote_on
        own = ballots_of(self.election)
        if self.slate:
            people = self.election.people
            people = people[people["candidate"].isin(self.slate)]
            people = people.assign(election=self.election.name, round=self.round, vote_on=vote_on)
            own = pd.concat([own[own["round"] < self.round], people], ignore_index=True)
        if self.pair:
            first = own[own["round"] == 1]
            final = first[first["candidate"].isin(self.ballot)].assign(round=2, vote_on=vote_on)
            own = pd.concat([first, final], ignore_index=True)
        # who is in a later round is its predecessor's outcome
        own = own[own["round"] <= self.round]
        return stacked([own, past_ballots(self.election, self.groups, self.as_of)])


def polled_pairs(polls: pd.DataFrame) -> dict[frozenset[str], list[str]]:
    """The polls of each set of people that a table of runoff polls holds, by their id.

    Examples
    --------
    >>> polls = pd.DataFrame({"poll_id": ["a", "a", "b", "b"],
    ...                       "candidate": ["ash", "birch", "birch", "cedar"]})
    >>> sorted(polled_pairs(polls)[frozenset({"ash", "birch"})])
    ['a']
    """
    polls_by_people: dict[frozenset[str], list[str]] = {}
    codes, names = pd.factorize(polls["poll_id"], sort=True)
    order = np.argsort(codes, kind="stable")
    people = polls["candidate"].to_numpy(object)[order]
    stops = np.flatnonzero(np.diff(codes[order])) + 1
    for poll, named in zip(names, np.split(people, stops), strict=False):
        polls_by_people.setdefault(frozenset(named), []).append(str(poll))
    return polls_by_people


def _pair(
    election: Election, round_number: int, as_of: pd.Timestamp, pair: tuple[str, str]
) -> tuple[str, ...]:
    first = election.rounds[1]
    if round_number != 2 or as_of >= first.known_at:
        raise ConfigError(
            f"a supposed pair of round {round_number} of {election.name} as of {as_of}; accepted: "
            f"round 2, before {first.known_at}, when the pair is known"
        )
    if len(set(pair)) != 2 or len(pair) != 2:
        raise ConfigError(f"the pair is {', '.join(pair)}; accepted: two candidates")
    candidates = first.candidates
    if not candidates or (first.listed_on is not None and as_of < first.listed_on):
        candidates = tuple(sorted(election.people["candidate"]))
    for name in pair:
        if name not in candidates:
            raise ConfigError(
                f"the pair names '{name}', who is not on the ballot of round 1 of {election.name} "
                f"({did_you_mean(name, candidates)})"
            )
    return tuple(sorted(pair))


def public_polls(
    election: Election, as_of: pd.Timestamp, lag_days: int | None = None
) -> pd.DataFrame:
    """The polls of an election that were public at a moment, none selected by the outcome.

    Of the runoff, polls are withheld until the first round is counted where those public by then
    are all about one pair, since nobody can tell whether it was singled out because it came to
    be; and, where the source kept them by who came to stand (`selected_by`), until it was known
    who does.

    Parameters
    ----------
    election, as_of, lag_days
        As of `evidence_for` (`lag_days` is its `poll_lag_days`).
    """
    polls = cut(polls_of(election, lag_days), as_of, key=TABLES["polls"].key)
    return _unselected(polls, [election], as_of)


def _unselected(
    polls: pd.DataFrame, elections: Iterable[Election], as_of: pd.Timestamp
) -> pd.DataFrame:
    """The same without polls of runoffs that the outcome of the first round may have selected."""
    for election in elections:
        # what was polled of a vote still to come cannot have been selected by it
        if 1 in election.rounds and as_of < election.rounds[1].known_at and not election.is_open:
            final = (polls["election"] == election.name) & (polls["round"] == 2)
            pairs = polled_pairs(polls.loc[final, ["poll_id", "candidate"]])
            if len(pairs) < 2 or not is_settled(election, 2, as_of):
                polls = polls[~final]
    return polls.reset_index(drop=True)


def is_settled(election: Election, round_number: int, as_of: pd.Timestamp) -> bool:
    """Whether polls of a round tell who may stand, in spite of its `selected_by` if it has one."""
    vote = election.rounds.get(round_number)
    if vote is None or not vote.selected_by:
        return True
    first = election.rounds[min(election.rounds)]
    return as_of >= (first.listed_on or first.known_at)


def named_alone(election: Election, table: str) -> Collection[str]:
    """Of whom a source may speak alone: ratings of who holds the office, known to everybody."""
    people = election.people
    return people.loc[people["incumbent"], "candidate"].tolist() if table == "ratings" else ()


def is_listed(election: Election, as_of: pd.Timestamp) -> bool:
    """Whether the official list of candidates was public by then, where a folder says since when.

    Until then `include_embargoed` has no effect: whoever compiled a table later knew whom to
    count.
    """
    listed_on = election.rounds[min(election.rounds)].listed_on
    return listed_on is None or as_of >= listed_on


def _earlier_rounds(outcomes: pd.DataFrame, round_number: int) -> pd.DataFrame:
    return outcomes[outcomes["round"] < round_number]


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
    own = neighbours(election).collections.get(election.folder)
    return _shipped_groups(member_of(election.folder, own[0]) if own else election)


@remembered()
def _shipped_groups(election: Election) -> list[Group]:
    return _groups_of(election)


def _groups_of(election: Election) -> list[Group]:
    past = same_country_elections(election, in_collections=False)
    # one still to come teaches nothing
    groups = [Group(tuple(past_election for past_election in past if not past_election.is_open))]
    for folder, names in neighbours(election).collections.items():
        groups.append(Group((), folder, names))
    return groups


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
        As of `evidence_for`.
    """
    return stacked([_but(election, _known_polls(group, until, lag_days)) for group in groups])


def past_rows(
    name: str,
    election: Election,
    groups: Sequence[Group],
    until: pd.Timestamp,
    *,
    include_embargoed: Collection[str] = (),
    hindsight_of: Collection[str] = (),
) -> pd.DataFrame:
    """The rows of one evidence table about the other elections, as far as they were public.

    Parameters
    ----------
    name : str
        Of the table, e.g. ``"buzz"``.
    election, groups, until
        As above.
    include_embargoed, hindsight_of : collection of str
        As of `bench.data.cut.cut`.
    """
    frames = []
    for group in groups:
        if group.folder is None:
            frames += [table_of(past_election, name) for past_election in group.elections]
        else:
            rows = table_of_collection(group.folder, name)[0]
            rows = rows[rows["election"].isin(group.members)]
            frames.append(_but(election, uncut(name, rows)))
    rows = stacked(frames) if frames else empty_table(name).assign(election="")
    key = ("election", *TABLES[name].key)
    rows = cut(rows, until, key=key, include_embargoed=include_embargoed, hindsight_of=hindsight_of)
    return of_several(rows, within=["election"]) if name in ABOUT_PEOPLE else rows


def past_outcomes(election: Election, groups: Sequence[Group], until: pd.Timestamp) -> pd.DataFrame:
    """The outcomes of the other elections that were known at a moment; parameters as above."""
    return stacked([_but(election, _known_outcomes(group, until)) for group in groups])


def past_ballots(election: Election, groups: Sequence[Group], until: pd.Timestamp) -> pd.DataFrame:
    """Who stood in the rounds of the other elections that had begun; parameters as above.

    A later ballot tells by who is on it, and who of them holds the office, how a vote ended.
    """
    frames = []
    for group in groups:
        if group.folder is None:
            frames += [ballots_of(past_election) for past_election in group.elections]
        else:
            rows = _members_ballots(group.folder, group.members)
            frames.append(_but(election, uncut("ballots", rows)))
    ballots = stacked(frames) if frames else ballots_of(election).iloc[:0]
    return ballots[ballots["vote_on"] <= until]


@remembered_outside_audits(MAX_MOMENTS)
def _known_polls(group: Group, until: pd.Timestamp, lag_days: int | None) -> pd.DataFrame:
    polls = cut(_polls(group, lag_days), until, key=("election", *TABLES["polls"].key))
    elections = [*group.elections]
    if group.folder:
        rounds = register(group.folder)
        # of two rounds, whose first may be still to come
        elections += [
            member_of(group.folder, name) for name in group.members if len(rounds[name]) > 1
        ]
    return _unselected(polls, elections, until)


@remembered_outside_audits(MAX_MOMENTS)
def _known_outcomes(group: Group, until: pd.Timestamp) -> pd.DataFrame:
    return cut(_outcomes(group), until)


@remembered_outside_audits(MAX_MOMENTS)
def _polls(group: Group, lag_days: int | None) -> pd.DataFrame:
    """The polls of a group, nothing cut, with the day of their vote."""
    if group.folder is None:
        frames = [_dated_polls(election, lag_days) for election in group.elections]
        none = empty_table("polls").assign(election="", vote_on=pd.Series(dtype="datetime64[ns]"))
        return stacked(frames or [none])
    rows = uncut("polls", _members_polls(group.folder, group.members))
    if lag_days is None or rows.empty:
        return rows
    moments = lagged(rows, (), lag_days)
    elections = load_collection(group.folder).elections
    for name in elections.loc[elections["polls_until"].notna(), "election"].unique():
        of_election = rows["election"] == name
        if of_election.any():
            rounds = member_of(group.folder, name).rounds.values()
            moments = moments.mask(of_election, lagged(rows[of_election], list(rounds), lag_days))
    return rows.assign(published_on=moments)


@remembered_outside_audits()
def _dated_polls(election: Election, lag_days: int | None) -> pd.DataFrame:
    return with_day(polls_of(election, lag_days), election)


@remembered_outside_audits(MAX_MOMENTS)
def _outcomes(group: Group) -> pd.DataFrame:
    if group.folder is not None:
        return member_outcomes(group.folder, group.members)
    frames = [outcomes_of(election) for election in group.elections]
    return stacked(frames) if frames else pd.DataFrame({"published_on": pd.Series(dtype="M8[ns]")})


@remembered(maxsize=MAX_MOMENTS)
def _members_polls(folder: Path, elections: tuple[str, ...]) -> pd.DataFrame:
    rows = table_of_collection(folder, "polls")[0]
    rows = rows[rows["election"].isin(elections)]
    days = load_collection(folder).elections[["election", "round", "vote_on"]]
    return rows.merge(days, how="left", on=["election", "round"])


@remembered(maxsize=MAX_MOMENTS)
def _members_ballots(folder: Path, elections: tuple[str, ...]) -> pd.DataFrame:
    collection = load_collection(folder)
    rows = collection.table("candidates")
    rows = rows[rows["election"].isin(elections)]
    days = collection.elections[["election", "round", "vote_on"]]
    rows = rows.merge(days, how="left", on=["election", "round"])
    return rows[[*CANDIDATES.columns, *days]]


def _but(election: Election, rows: pd.DataFrame) -> pd.DataFrame:
    """Rows of other elections: a collection tells of the one asked about as well."""
    if not election.collection or rows.empty:
        return rows
    own = rows["election"] == election.name
    return rows[~own] if own.any() else rows

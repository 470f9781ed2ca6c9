"""Evidence assembled for one round of one election and cut at one moment."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Literal

import pandas as pd

from bench.core.errors import ConfigError, did_you_mean
from bench.core.evidence import Evidence, Maker, Tables
from bench.data import interception
from bench.data.checksums import is_as_shipped
from bench.data.collection import load_collection, spans_of
from bench.data.columns import CANDIDATES, TABLES
from bench.data.cut import cut
from bench.data.election import (
    Election,
    Round,
    collections_beside,
    load_election,
    same_country_elections,
)
from bench.data.interception import uncut
from bench.data.memory import remembered
from bench.data.minimal_election import SHORT, is_short, polls_to_check, without_left_out
from bench.data.outcome import member_outcomes, outcomes_of
from bench.data.readers import read_table, typed
from bench.data.stations import station_outcomes_of

LearnFrom = Literal["earlier", "others"]


def _table(election: Election, name: str) -> pd.DataFrame:
    address = str(election.address)
    return uncut(name, address, _read(address, name))


@remembered()
def _read(address: str, name: str) -> pd.DataFrame:
    election = load_election(address)
    if election.collection:
        whole, spans = _of_collection(election.folder, name)
        if election.name not in spans:
            return empty_table(name).assign(election=election.name)
        start, stop = spans[election.name]
        return whole.iloc[start:stop].reset_index(drop=True)
    known = frozenset(election.people["candidate"])
    if name == "polls" and is_short(election.folder):
        path = election.folder / SHORT
        frame = typed(polls_to_check(election.folder), path, TABLES[name])
        frame = without_left_out(frame, election.folder)
        return frame.assign(election=election.name)
    for suffix in (".csv", ".parquet"):
        path = election.folder / "inputs" / f"{name}{suffix}"
        if path.is_file():
            frame = read_table(path, TABLES[name], candidates=known, check=not is_as_shipped(path))
            break
    else:
        frame = empty_table(name)
    return frame.assign(election=election.name)


@remembered()
def _of_collection(folder: Path, name: str) -> tuple[pd.DataFrame, Mapping[str, tuple[int, int]]]:
    """A table of a collection with the columns that one of a single election has, and spans."""
    rows = load_collection(folder).table(name)
    rows = rows[[*TABLES[name].having(rows.columns).columns, "election"]]
    return rows, spans_of(rows)


def empty_table(name: str) -> pd.DataFrame:
    """A table without rows, for elections that have no such evidence."""
    kinds = {"date": "datetime64[ns]", "flag": "bool", "text": "object"}
    columns = TABLES[name].columns.items()
    return pd.DataFrame({key: pd.Series(dtype=kinds.get(c.kind, "float64")) for key, c in columns})


def evidence_for(
    election: Election,
    round_number: int,
    as_of: pd.Timestamp,
    *,
    learn_from: LearnFrom = "earlier",
    owners_of: Collection[str] = (),
    hindsight_of: Collection[str] = (),
    by_station: bool = False,
    pair: tuple[str, str] | None = None,
    poll_lag_days: int | None = None,
) -> Evidence:
    """Everything about one round that was public at `as_of`.

    No row is in or out because of what happened later. Polls of the first round keep the slates
    that they tested. Runoff polls carry their own pair: a task of the first round sees those of
    every pair among `past_polls`, a task of the runoff those of its pair among `polls`. Where the
    runoff polls public by then are all about one pair, nobody can tell whether the pair was
    singled out because it came to be: until the first round is counted they are withheld.

    Parameters
    ----------
    election : Election
        The election to forecast.
    round_number : int
        1 or 2.
    as_of : pandas.Timestamp
        Local time. Nothing that became public later is in any table.
    learn_from : {"earlier", "others"}
        Whether other elections are cut at `as_of` too, or given whole (leave one election out).
    owners_of : collection of str
        Sources of which everything counts that somebody could have had by then (`held_on`),
        although it was published later. The tables of results mark it.
    hindsight_of : collection of str
        Sources compiled after the vote that are given as if they had been public, by the day that
        they describe. No ranking may hold what reads them.
    by_station : bool
        Whether `outcomes` also holds the earlier rounds of this election by polling station
        (level ``station``); methods that speak of areas then speak of these.
    pair : tuple of str, optional
        For round 2 before the first is counted: the two who are supposed to meet, in place of
        those who did.
    poll_lag_days : int, optional
        Date polls whose publication no source states that many days after the last interview
        (23:59, within the law), instead of by the rule of the table.

    Returns
    -------
    Evidence
        Tables `polls` (this round), `past_polls` and `outcomes` (every other vote), `ballots`
        (of no later vote), `past_errors` (of every country), `ratings`, `online_ballot`, `buzz`,
        `claims`, `transfers`, `areas`.

    Raises
    ------
    ConfigError
        If `pair` names somebody who was not on the ballot of the first round, or comes too late.
    """
    this = election.round(round_number)
    ballot = _pair(election, round_number, as_of, pair) if pair else this.candidates
    until = as_of if learn_from == "earlier" else pd.Timestamp.max
    others = _others_of(election)  # refuses damaged ones, whoever reads what

    @cache
    def own_polls() -> tuple[pd.DataFrame, pd.DataFrame]:
        return _own_polls(election, round_number, as_of, ballot, poll_lag_days)

    def plain(name: str) -> pd.DataFrame:
        rows = _table(election, name)
        if "round" in rows:
            rows = rows[rows["round"] == round_number]
        if pair and "candidate" in rows:
            rows = rows[rows["candidate"].isna() | rows["candidate"].isin(ballot)]
        key = TABLES[name].key
        return cut(rows, as_of, key=key, owners_of=owners_of, hindsight_of=hindsight_of)

    def past_polls() -> pd.DataFrame:
        past = [_with_day(own_polls()[1], election)]
        past += [_with_day(_polls(o, until, poll_lag_days), o) for o in others.folders]
        past += [
            _but(election, _member_polls(*group, until, poll_lag_days)) for group in others.members
        ]
        return _stack(past)

    def outcomes() -> pd.DataFrame:
        votes = [_other_rounds(outcomes_of(election), round_number).pipe(cut, as_of)]
        votes += [cut(outcomes_of(o), until) for o in others.folders]
        votes += [_but(election, cut(member_outcomes(*group), until)) for group in others.members]
        if by_station:
            stations = _other_rounds(station_outcomes_of(election), round_number)
            votes.append(cut(stations, as_of))
        return _stack(votes)

    def ballots() -> pd.DataFrame:
        found = [_ballots(o) for o in others.folders]
        found += [_but(election, _member_ballots(*group)) for group in others.members]
        if learn_from == "earlier":
            found = [rows[rows["vote_on"] <= this.vote_on] for rows in found]
        # who is in a later round is its predecessor's outcome
        own = _ballots(election)
        if pair:
            final = own[(own["round"] == 1) & own["candidate"].isin(ballot)]
            final = final.assign(round=2, vote_on=this.vote_on)
            own = pd.concat([own[own["round"] == 1], final], ignore_index=True)
        return _stack([own[own["round"] <= round_number], *found])

    def past_errors() -> pd.DataFrame:
        from bench.data.past_errors import past_errors_for  # which reads polls itself

        return past_errors_for(election, round_number, as_of, learn_from)

    tables: dict[str, Maker] = {name: partial(plain, name) for name in TABLES if name != "polls"}
    tables["polls"] = lambda: own_polls()[0].reset_index(drop=True)
    tables |= {"past_polls": past_polls, "outcomes": outcomes, "ballots": ballots}
    tables["past_errors"] = past_errors
    evidence = Evidence(
        election=election.name,
        round=round_number,
        as_of=as_of,
        vote_on=this.vote_on,
        candidates=ballot,
        seats=this.seats,
        tables=Tables(tables),
    )
    # what an audit puts in the place of tables must be seen while it does
    return evidence.assembled() if interception.is_on() else evidence


def polled_pairs(polls: pd.DataFrame) -> dict[frozenset[str], list[str]]:
    """The polls of each set of people that a table of runoff polls holds, by their id.

    Examples
    --------
    >>> polls = pd.DataFrame({"poll_id": ["a", "a", "b", "b"],
    ...                       "candidate": ["ash", "birch", "birch", "cedar"]})
    >>> sorted(polled_pairs(polls)[frozenset({"ash", "birch"})])
    ['a']
    """
    found: dict[frozenset[str], list[str]] = {}
    for poll, people in polls.groupby("poll_id", sort=True)["candidate"]:
        found.setdefault(frozenset(people), []).append(str(poll))
    return found


def _pair(
    election: Election, round_number: int, as_of: pd.Timestamp, pair: tuple[str, str]
) -> tuple[str, ...]:
    first = election.round(1)
    if round_number != 2 or as_of >= first.known_at:
        raise ConfigError(
            f"a supposed pair of round {round_number} of {election.name} as of {as_of}; accepted: "
            f"round 2, before {first.known_at}, when the pair is known"
        )
    for name in pair:
        if name not in first.candidates:
            raise ConfigError(
                f"the pair names '{name}', who is not on the ballot of round 1 of {election.name} "
                f"({did_you_mean(name, first.candidates)})"
            )
    return tuple(sorted(pair))


def _own_polls(
    election: Election,
    round_number: int,
    as_of: pd.Timestamp,
    ballot: tuple[str, ...],
    lag_days: int | None,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The polls of the vote asked about, and those of the other round and of other pairs."""
    own = _polls(election, as_of, lag_days)
    if {1, 2} <= set(election.rounds):
        runoff = own[own["round"] == 2]
        pairs = polled_pairs(runoff)
        if len(pairs) < 2 and as_of < election.round(1).known_at:
            own = own.drop(runoff.index)
        elif round_number == 2:
            asked = own["poll_id"].isin(pairs.get(frozenset(ballot), []))
            return own[asked], own[~asked]
    in_round = own["round"] == round_number
    if in_round.all():
        return own, own.iloc[:0]
    return own[in_round], own[~in_round]


def polls_of(election: Election) -> pd.DataFrame:
    """Every poll of an election, uncut."""
    return _table(election, "polls")


def _polls(election: Election, until: pd.Timestamp, lag_days: int | None = None) -> pd.DataFrame:
    polls = polls_of(election)
    if lag_days is not None and len(polls):
        polls = polls.assign(published_on=_lagged(polls, list(election.rounds.values()), lag_days))
    return cut(polls, until, key=TABLES["polls"].key)


def _lagged(polls: pd.DataFrame, rounds: Sequence[Round], lag_days: int) -> pd.Series:
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


@dataclass(frozen=True)
class Others:
    """The other elections of a country and kind: those with a folder, and members unopened.

    `members` are pairs of the folder of a collection and all elections of the country and kind
    in it, the one asked about among them where it is a member.
    """

    folders: list[Election]
    members: list[tuple[Path, tuple[str, ...]]]


def _others_of(election: Election) -> Others:
    groups = collections_beside(election).items()
    return Others(
        same_country_elections(election, in_collections=False),
        list(groups),
    )


def _member_polls(
    folder: Path, elections: tuple[str, ...], until: pd.Timestamp, lag_days: int | None
) -> pd.DataFrame:
    """The polls of many elections of a collection, cut, with the day of their vote."""
    rows = uncut("polls", str(folder), _all_polls(folder, elections))
    if lag_days is not None and len(rows):
        moments = [
            _lagged(part, _rounds(folder, str(name)), lag_days)
            for name, part in rows.groupby("election", sort=False)
        ]
        rows = rows.assign(published_on=pd.concat(moments).reindex(rows.index))
    return cut(rows, until, key=("election", *TABLES["polls"].key))


@remembered(maxsize=64)
def _all_polls(folder: Path, elections: tuple[str, ...]) -> pd.DataFrame:
    rows = _of_collection(folder, "polls")[0]
    rows = rows[rows["election"].isin(elections)]
    days = load_collection(folder).elections[["election", "round", "vote_on"]]
    return rows.merge(days, how="left", on=["election", "round"])


def _rounds(folder: Path, name: str) -> list[Round]:
    return list(load_election(str(folder / name)).rounds.values())


def _member_ballots(folder: Path, elections: tuple[str, ...]) -> pd.DataFrame:
    return uncut("ballots", str(folder), _all_ballots(folder, elections))


@remembered(maxsize=64)
def _all_ballots(folder: Path, elections: tuple[str, ...]) -> pd.DataFrame:
    collection = load_collection(folder)
    rows = collection.table("candidates")
    rows = rows[rows["election"].isin(elections)]
    days = collection.elections[["election", "round", "vote_on"]]
    return rows.merge(days, how="left", on=["election", "round"])[[*CANDIDATES.columns, *days]]


def _but(election: Election, rows: pd.DataFrame) -> pd.DataFrame:
    """Rows of other elections: a collection tells of the one asked about as well."""
    if not election.collection:
        return rows
    return rows[rows["election"] != election.name]


def _stack(frames: list[pd.DataFrame]) -> pd.DataFrame:
    filled = [frame for frame in frames if len(frame)]
    return pd.concat(filled, ignore_index=True) if filled else frames[0].reset_index(drop=True)


def _with_day(polls: pd.DataFrame, election: Election) -> pd.DataFrame:
    days = {number: entry.vote_on for number, entry in election.rounds.items()}
    return polls.assign(vote_on=polls["round"].map(days).astype("datetime64[ns]"))


def _other_rounds(outcomes: pd.DataFrame, round_number: int) -> pd.DataFrame:
    return outcomes[outcomes["round"] < round_number]


def _ballots(election: Election) -> pd.DataFrame:
    address = str(election.address)
    return uncut("ballots", address, _everybody(address))


@remembered()
def _everybody(address: str) -> pd.DataFrame:
    """Who stood in which round of one election."""
    election = load_election(address)
    rows = [
        election.people[election.people["candidate"].isin(entry.candidates)].assign(
            election=election.name, round=number, vote_on=entry.vote_on
        )
        for number, entry in election.rounds.items()
    ]
    return pd.concat(rows, ignore_index=True)

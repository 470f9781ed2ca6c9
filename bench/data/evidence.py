"""Evidence assembled for one round of one election and cut at one moment."""

from __future__ import annotations

from collections.abc import Collection
from functools import cache
from typing import Literal

import pandas as pd

from bench.contract.evidence import Evidence
from bench.data import checksums
from bench.data.checksums import is_as_shipped
from bench.data.columns import TABLES
from bench.data.cut import cut
from bench.data.election import Election, _facts, _load, load_election, neighbours
from bench.data.outcome import _outcomes, outcomes_of
from bench.data.read import read_table, typed
from bench.data.short_form import SHORT, is_short, polls_to_check, without_left_out
from bench.data.stations import _station_rows, _stations, station_outcomes_of
from bench.data.uncut import uncut

LearnFrom = Literal["earlier", "others"]


def _table(folder_name: str, name: str) -> pd.DataFrame:
    return uncut(name, folder_name, _read(folder_name, name))


@cache
def _read(folder_name: str, name: str) -> pd.DataFrame:
    election = load_election(folder_name)
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


def forget() -> None:
    """Read every file again when it is next asked for: it may have been changed since."""
    for remembered in (_read, _everybody, _outcomes, _load, _facts, _station_rows, _stations):
        remembered.cache_clear()
    checksums.forget()


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
    by_station: bool = False,
) -> Evidence:
    """Everything about one round that was public at `as_of`.

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
        Sources of which everything counts that their owner held before the day of the vote,
        although it was published later. The tables of results mark it.
    by_station : bool
        Whether `outcomes` also holds the earlier rounds of this election by polling station
        (level ``station``); methods that speak of areas then speak of these.

    Returns
    -------
    Evidence
        Tables `polls` (this round), `past_polls` and `outcomes` (every other vote), `ballots`
        (of no later vote), `ratings`, `online_ballot`, `buzz`, `claims`, `transfers`, `areas`.
    """
    this = election.round(round_number)
    others = neighbours(election)
    tables: dict[str, pd.DataFrame] = {}
    for name in TABLES:
        rows = _table(str(election.folder), name)
        if name == "polls":
            continue
        if "round" in rows:
            rows = rows[rows["round"] == round_number]
        key = TABLES[name].key
        tables[name] = cut(rows, as_of, key=key, owners_of=owners_of, owners_until=this.vote_on)

    own_polls = _polls(election, as_of)
    in_round = own_polls["round"] == round_number
    tables["polls"] = own_polls[in_round].reset_index(drop=True)

    until = as_of if learn_from == "earlier" else pd.Timestamp.max
    past = [_with_day(own_polls[~in_round], election)]
    past += [_with_day(_polls(o, until), o) for o in others]
    tables["past_polls"] = _stack(past)

    votes = [_other_rounds(outcomes_of(election), round_number).pipe(cut, as_of)]
    votes += [cut(outcomes_of(o), until) for o in others]
    if by_station:
        votes.append(_other_rounds(station_outcomes_of(election), round_number).pipe(cut, as_of))
    tables["outcomes"] = _stack(votes)
    ballots = [_ballots(o) for o in others]
    if learn_from == "earlier":
        ballots = [rows[rows["vote_on"] <= this.vote_on] for rows in ballots]
    # who is in a later round is its predecessor's outcome
    own = _ballots(election)
    tables["ballots"] = _stack([own[own["round"] <= round_number], *ballots])
    return Evidence(
        election=election.name,
        round=round_number,
        as_of=as_of,
        vote_on=this.vote_on,
        candidates=this.candidates,
        seats=this.seats,
        tables=tables,
    )


def _polls(election: Election, until: pd.Timestamp) -> pd.DataFrame:
    return cut(_table(str(election.folder), "polls"), until, key=TABLES["polls"].key)


def _stack(frames: list[pd.DataFrame]) -> pd.DataFrame:
    filled = [frame for frame in frames if len(frame)]
    return pd.concat(filled, ignore_index=True) if filled else frames[0].reset_index(drop=True)


def _with_day(polls: pd.DataFrame, election: Election) -> pd.DataFrame:
    days = {number: entry.vote_on for number, entry in election.rounds.items()}
    return polls.assign(vote_on=polls["round"].map(days).astype("datetime64[ns]"))


def _other_rounds(outcomes: pd.DataFrame, round_number: int) -> pd.DataFrame:
    return outcomes[outcomes["round"] < round_number]


def _ballots(election: Election) -> pd.DataFrame:
    folder = str(election.folder)
    return uncut("ballots", folder, _everybody(folder))


@cache
def _everybody(folder: str) -> pd.DataFrame:
    """Who stood in which round of one election."""
    election = load_election(folder)
    rows = [
        election.people[election.people["candidate"].isin(entry.candidates)].assign(
            election=election.name, round=number, vote_on=entry.vote_on
        )
        for number, entry in election.rounds.items()
    ]
    return pd.concat(rows, ignore_index=True)

"""Evidence assembled for one round of one election and cut at one moment."""

from __future__ import annotations

from collections.abc import Collection
from functools import cache, partial
from typing import Literal

import numpy as np
import pandas as pd

from bench.core.arrays import BoolArray
from bench.core.errors import ConfigError, did_you_mean
from bench.core.evidence import Evidence, Maker, Tables
from bench.data.columns import TABLES
from bench.data.cut import cut
from bench.data.election import Election
from bench.data.past import groups_of, past_ballots, past_outcomes, past_polls, past_rows, stacked
from bench.data.tables import Gate, ballots_of, outcomes_of, polls_of, table_of, with_day

LearnFrom = Literal["earlier", "others"]


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
    slate: tuple[str, ...] | None = None,
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
    slate : tuple of str, optional
        Who is supposed to be on the ballot, in alphabetical order.
    poll_lag_days : int, optional
        Date polls whose publication no source states that many days after the last interview
        (23:59, within the law), instead of by the rule of the table.

    Returns
    -------
    Evidence
        Tables `polls` (this round), `past_polls` and `outcomes` (every other vote), `ballots`
        (of no later vote), `past_errors` and `past_quotes` (of every country), `past_approvals`
        and `past_buzz` (of other elections), `ratings`, `online_ballot`, `buzz`, `claims`,
        `transfers`, `areas`.

    Raises
    ------
    ConfigError
        If `pair` is not two people, names somebody who was not on the ballot of the first round,
        or comes too late.
    """
    this = election.round(round_number)
    ballot = _pair(election, round_number, as_of, pair) if pair else slate or this.candidates
    until = as_of if learn_from == "earlier" else pd.Timestamp.max
    groups = groups_of(election)  # refuses damaged ones, whoever reads what

    @cache
    def own_polls() -> tuple[pd.DataFrame, BoolArray]:
        return _own_polls(election, round_number, as_of, ballot, poll_lag_days)

    def plain(name: str) -> pd.DataFrame:
        rows = table_of(election, name)
        if "round" in rows:
            rows = rows[rows["round"] == round_number]
        if pair and "candidate" in rows:
            rows = rows[rows["candidate"].isna() | rows["candidate"].isin(ballot)]
        key = TABLES[name].key
        return cut(rows, as_of, key=key, owners_of=owners_of, hindsight_of=hindsight_of)

    def polls() -> pd.DataFrame:
        own, asked = own_polls()
        return own[asked].reset_index(drop=True)

    def of_other_votes() -> pd.DataFrame:
        own, asked = own_polls()
        others = with_day(own[~asked], election)
        return stacked([others, past_polls(election, groups, until, poll_lag_days)])

    def outcomes() -> pd.DataFrame:
        votes = [
            _other_rounds(outcomes_of(election), round_number).pipe(cut, as_of),
            past_outcomes(election, groups, until),
        ]
        if by_station:
            from bench.data.stations import station_outcomes_of

            stations = _other_rounds(station_outcomes_of(election), round_number)
            votes.append(cut(stations, as_of))
        return stacked(votes)

    def ballots() -> pd.DataFrame:
        found = past_ballots(election, groups)
        if learn_from == "earlier":
            found = found[found["vote_on"] <= this.vote_on]
        # who is in a later round is its predecessor's outcome
        own = ballots_of(election)
        if slate:
            people = election.people[election.people["candidate"].isin(slate)]
            people = people.assign(election=election.name, round=round_number, vote_on=this.vote_on)
            own = pd.concat([own[own["round"] < round_number], people], ignore_index=True)
        if pair:
            final = own[(own["round"] == 1) & own["candidate"].isin(ballot)]
            final = final.assign(round=2, vote_on=this.vote_on)
            own = pd.concat([own[own["round"] == 1], final], ignore_index=True)
        return stacked([own[own["round"] <= round_number], found])

    def past_errors() -> pd.DataFrame:
        from bench.data.past_errors import past_errors_for  # which reads polls itself

        return past_errors_for(election, round_number, as_of, learn_from)

    def past_quotes() -> pd.DataFrame:
        from bench.data.past_quotes import past_quotes_for

        return past_quotes_for(election, round_number, as_of, learn_from)

    past = partial(past_rows, election=election, groups=groups, until=until)
    tables: dict[str, Maker] = {name: partial(plain, name) for name in TABLES if name != "polls"}
    tables |= {
        "polls": polls,
        "past_polls": of_other_votes,
        "outcomes": outcomes,
        "ballots": ballots,
        "past_approvals": partial(past, "approvals"),
        "past_buzz": partial(past, "buzz", owners_of=owners_of, hindsight_of=hindsight_of),
        "past_errors": past_errors,
        "past_quotes": past_quotes,
    }
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
    return evidence.assembled() if Gate.replacement else evidence


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
    codes, names = pd.factorize(polls["poll_id"], sort=True)
    order = np.argsort(codes, kind="stable")
    people = polls["candidate"].to_numpy(object)[order]
    stops = np.flatnonzero(np.diff(codes[order])) + 1
    for poll, named in zip(names, np.split(people, stops), strict=False):
        found.setdefault(frozenset(named), []).append(str(poll))
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
    if len(set(pair)) != 2 or len(pair) != 2:
        raise ConfigError(f"the pair is {', '.join(pair)}; accepted: two candidates")
    known = first.candidates or tuple(sorted(election.people["candidate"]))
    for name in pair:
        if name not in known:
            raise ConfigError(
                f"the pair names '{name}', who is not on the ballot of round 1 of {election.name} "
                f"({did_you_mean(name, known)})"
            )
    return tuple(sorted(pair))


def _own_polls(
    election: Election,
    round_number: int,
    as_of: pd.Timestamp,
    ballot: tuple[str, ...],
    lag_days: int | None,
) -> tuple[pd.DataFrame, BoolArray]:
    """The public polls of an election, and which of them ask about the vote asked about.

    The others are those of the other round and of other pairs.
    """
    own = cut(polls_of(election, lag_days), as_of, key=TABLES["polls"].key)
    rounds = own["round"].to_numpy()
    if {1, 2} <= set(election.rounds) and (rounds == 2).any():
        pairs = polled_pairs(own.loc[rounds == 2, ["poll_id", "candidate"]])
        if len(pairs) < 2 and as_of < election.round(1).known_at:
            own, rounds = own[rounds != 2], rounds[rounds != 2]
        elif round_number == 2:
            return own, own["poll_id"].isin(pairs.get(frozenset(ballot), [])).to_numpy()
    return own, rounds == round_number


def _other_rounds(outcomes: pd.DataFrame, round_number: int) -> pd.DataFrame:
    return outcomes[outcomes["round"] < round_number]

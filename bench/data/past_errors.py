"""How far the polls of every shipped election were from its outcome, by days before the vote."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from bench.core import paths
from bench.core.arrays import BoolArray, FloatArray
from bench.core.errors import DataError
from bench.data.columns import KNOWN, TABLES, Table
from bench.data.cut import cut
from bench.data.election import Election, is_shipped, same_country_elections
from bench.data.readers import read_table, remembered
from bench.data.tables import is_audit, outcomes_of, polls_of, stacked, uncut
from bench.models.memoize import Memory, digest_of
from bench.models.polls.past_votes import PastVote, votes
from bench.models.polls.poll_table import (
    LAST_WITHIN_DAYS,
    MAE_COLUMNS,
    PollTable,
    half_life_errors,
    last_polls,
)

HORIZONS_DAYS = (2, 7, 14, 21, 30, 45, 60, 100, 150, 200)
WINDOW_DAYS = 21
"""A horizon needs a poll within so many days before it."""

OTHERS = "others"
FILE = "past_errors.parquet"
_ROWS: Memory[list[pd.DataFrame]] = Memory(max_answers=256)  # an audit asks for the same many times
CATEGORIES = ("election", "country", "kind", "system", "group", "candidate")

COLUMNS = KNOWN["past_errors"]


def past_errors_for(election: Election, round_number: int, as_of: pd.Timestamp) -> pd.DataFrame:
    """The errors of votes known at `as_of`, with what they have in common with that of a task.

    Returns
    -------
    pandas.DataFrame
        The columns of `COLUMNS`, and `same_country` and `same_group`.
    """
    about = election.country, group_of(election, round_number)
    rows = shipped()
    has_own = election.country.startswith("X") or not is_shipped(election.folder)
    if has_own:
        rows = stacked([rows, *_made_now(election, as_of)])
    rows = uncut("past_errors", rows)
    is_public = (rows["published_on"] <= as_of).to_numpy()
    if len(rows) > len(shipped()) or is_audit():
        return _public_errors(rows, is_public, *about)
    return _public_shipped_errors(is_public.tobytes(), *about)


def _public_errors(
    rows: pd.DataFrame, is_public: BoolArray, country: str, group: str
) -> pd.DataFrame:
    # no category tells of a vote that is not known yet
    rows = as_categories(rows[is_public].reset_index(drop=True))
    return rows.assign(same_country=rows["country"] == country, same_group=rows["group"] == group)


@remembered(maxsize=64)
def _public_shipped_errors(is_public: bytes, country: str, group: str) -> pd.DataFrame:
    """The same for all moments with one past, which then lies in one place of memory."""
    return _public_errors(shipped(), np.frombuffer(is_public, dtype=bool), country, group)


def _made_now(election: Election, until: pd.Timestamp) -> list[pd.DataFrame]:
    """The errors of a made-up country's elections, or of those that did not come with the bench.

    Nothing where no outcome was known by then.
    """
    teachers = [
        neighbour
        for neighbour in (election, *same_country_elections(election))
        if not neighbour.is_open
        and min(vote.known_at for vote in neighbour.rounds.values()) <= until
        and (neighbour.country.startswith("X") or not is_shipped(neighbour.folder))
    ]
    of_election = partial(errors_of, until=until) if is_audit() else _all_of_election
    return [rows for teacher in teachers for rows in of_election(teacher)]


@remembered()
def _all_of_election(election: Election) -> list[pd.DataFrame]:
    """All its errors in one frame, or none: every neighbour learns from them."""
    frames = list(errors_of(election))
    return [pd.concat(frames, ignore_index=True)] if frames else []


def shipped() -> pd.DataFrame:
    """The table as it lies in `datasets/past_errors`, made anew by ``python -m tools.past_errors``.

    Raises
    ------
    DataError
        If the file is missing or does not hold what it should.
    """
    return _shipped(paths.datasets() / "past_errors" / FILE)


@remembered()
def _shipped(path: Path) -> pd.DataFrame:
    return as_categories(shipped_table(path, COLUMNS))


def shipped_table(path: Path, columns: Table) -> pd.DataFrame:
    """A table that was made of all elections.

    Raises
    ------
    DataError
        If the file is missing or does not hold what it should.
    """
    if not path.is_file():
        raise DataError(f"{path} is missing; `python -m tools.past_errors` makes it anew")
    return read_table(path, columns)[list(columns.columns)]


def as_categories(rows: pd.DataFrame) -> pd.DataFrame:
    """Texts as categories, which are compared and hashed by their codes."""
    return rows.assign(**{name: _sorted_category(rows[name]) for name in CATEGORIES})


def _sorted_category(column: pd.Series) -> pd.Categorical:
    codes, texts = pd.factorize(column, use_na_sentinel=False)
    words = np.asarray(texts, dtype=object)
    order = np.argsort(words, kind="stable")
    kinds = pd.CategoricalDtype(list(words[order]))
    return pd.Categorical.from_codes(np.argsort(order, kind="stable")[codes], dtype=kinds)


def group_of(election: Election, round_number: int) -> str:
    """Votes of one electoral system, runoffs, or ballots of two candidates for one kind of office.

    Examples
    --------
    >>> from bench.data.election import load_election
    >>> fr2017 = load_election("fr2017")
    >>> group_of(fr2017, 1), group_of(fr2017, 2)
    ('two_round', 'runoff')
    """
    if round_number == 2:
        return "runoff"
    if len(election.rounds[round_number].candidates) == 2:
        return f"two candidates, {election.kind}"
    return election.system or "unknown"


def errors_of(election: Election, until: pd.Timestamp = pd.Timestamp.max) -> Iterator[pd.DataFrame]:
    """The errors before the votes of one election that were decided by a moment, in frames."""
    decided = {
        number: decided_round
        for number, decided_round in election.rounds.items()
        if decided_round.known_at <= until
    }
    if not decided:
        return
    all_polls = polls_of(election)
    all_outcomes = outcomes_of(election)
    for number, decided_round in decided.items():
        polls = all_polls[all_polls["round"] == number]
        polls = cut(polls, decided_round.known_at, key=TABLES["polls"].key)
        outcomes = all_outcomes[all_outcomes["round"] == number]
        outcomes = outcomes[outcomes["share"].notna()]
        if polls.empty or outcomes.empty:
            continue
        facts = {
            "election": election.name,
            "round": number,
            "country": election.country,
            "kind": election.kind,
            "system": election.system,
            "group": group_of(election, number),
            "vote_on": decided_round.vote_on,
            "published_on": decided_round.known_at,
        }
        for vote in votes(polls, outcomes):
            key = digest_of(vote.key, repr(facts).encode())
            yield from _ROWS.get(key, partial(_rows, facts, vote))


def _rows(facts: Mapping[str, object], vote: PastVote) -> list[pd.DataFrame]:
    table, official = vote.table()
    return [pd.DataFrame({**facts, **columns}) for columns in _by_horizon(table, official)]


def _by_horizon(table: PollTable, official: FloatArray) -> Iterator[dict[str, Any]]:
    """Polled and official shares at every horizon that rests on other latest polls."""
    latest = -1.0
    for horizon in HORIZONS_DAYS:
        near = (table.days >= horizon) & (table.days < horizon + WINDOW_DAYS)
        if not near.any() or table.days[near].min() == latest:
            continue
        part = table.take(near)
        latest = part.days.min()
        mean = last_polls(part, LAST_WITHIN_DAYS)
        aged = half_life_errors(table.take(table.days >= horizon), official)
        people = np.array(table.candidates, dtype=object)
        is_named = ~np.isnan(part.share).all(axis=0) & (people != OTHERS)
        polled = mean.share[is_named]
        came = official[is_named]
        if not is_named.all():
            people = np.append(people[is_named], OTHERS)
            polled = np.append(polled, mean.share[~is_named].sum())
            came = np.append(came, official[~is_named].sum())
        if len(people) < 2:
            continue
        yield {
            "horizon_days": horizon,
            "days": mean.days,
            "institutes": mean.institutes,
            "respondents": mean.respondents,
            "candidate": people,
            "polled": polled / polled.sum(),
            "share": came / came.sum(),
            **dict(zip(MAE_COLUMNS, aged.round(5).tolist(), strict=True)),
        }

"""How far polls of other votes were from the outcome, horizon by horizon."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from operator import itemgetter

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bench.core.arrays import BoolArray, FloatArray
from bench.models.log_ratio import closed
from bench.models.memoize import Memory, fingerprints, table_digest
from bench.models.polls.poll_mean import PollMean, poll_mean
from bench.models.polls.poll_table import PollTable, poll_table

HORIZONS_DAYS = (2, 5, 10, 20, 35, 60, 100, 150, 200, 300)
WINDOW_DAYS = 21
HALF_LIFE_DAYS = 2.0

VOTE = ("election", "round")
OUTCOME_COLUMNS = ("candidate", "share", "vote_on")
POLL_COLUMNS = (
    "poll_id",
    "institute",
    "fieldwork_start",
    "fieldwork_end",
    "sample_size",
    "sample_expressed",
    "rolling",
    "candidate",
    "share",
)

_VOTES: Memory[tuple[PastVote, ...]] = Memory(most=16)  # many tasks of a day have one past
_TABLES: Memory[tuple[PollTable, FloatArray]] = Memory(most=4096)


@dataclass(frozen=True)
class PastError:
    """What polls said of one vote at one horizon, and what came."""

    election: str
    round: int
    polled: PollMean  # categories with a share: candidates, and those whom no poll lists as one
    outcome: FloatArray  # [K]


@dataclass(frozen=True)
class PastVote:
    """A vote that has both polls and an outcome; ``key`` is a digest of all that it holds."""

    election: str
    round: int
    key: bytes
    past_polls: pd.DataFrame
    rows: NDArray[np.intp]  # of past_polls
    national: pd.DataFrame
    outcome_rows: NDArray[np.intp]  # of national

    def table(self) -> tuple[PollTable, FloatArray]:
        """The polls of the official ballot, and the outcome [C] in the order of its candidates.

        Polls that name anybody who is not in the outcome are left out: those of a hypothetical
        ballot, and before a runoff those of another pair. The table may be empty. It is made once
        for a key and shared: nobody may change its arrays.
        """
        return _TABLES.get(self.key + bytes([self.round]), self._table)

    def _table(self) -> tuple[PollTable, FloatArray]:
        outcome = self.national.iloc[self.outcome_rows].sort_values("candidate")
        ballot = outcome["candidate"].astype(str).tolist()
        polls = self.past_polls.iloc[self.rows]
        other = polls["poll_id"][~polls["candidate"].isin(ballot)].unique()
        if len(other):
            polls = polls[~polls["poll_id"].isin(other)]
        vote_on = pd.Timestamp(outcome["vote_on"].iloc[0])
        table = poll_table(polls, ballot, vote_on)
        official = outcome["share"].to_numpy(dtype=float, copy=True)
        for array in (table.institute, table.days, table.respondents, table.share, official):
            array.setflags(write=False)
        return table, official

    def errors(self) -> list[PastError]:
        """Compare poll averages with the outcome at fixed days before the vote.

        One for every horizon with a poll within the three weeks before it; horizons that rest on
        the same latest poll count once.
        """
        table, official = self.table()
        found: list[PastError] = []
        latest = -1.0
        for horizon in HORIZONS_DAYS:
            near = (table.days >= horizon) & (table.days < horizon + WINDOW_DAYS)
            if not near.any() or table.days[near].min() == latest:
                continue
            part = table.take(near)
            latest = part.days.min()
            mean = poll_mean(part, HALF_LIFE_DAYS)
            named = np.asarray(~np.isnan(part.share).all(axis=0))
            share, came = _merge(np.stack([mean.share, official]), named)
            polled = PollMean(share, mean.days, mean.respondents, mean.institutes)
            found.append(PastError(self.election, self.round, polled, came))
        return found


def votes(past_polls: pd.DataFrame, outcomes: pd.DataFrame) -> tuple[PastVote, ...]:
    """Every vote that has both polls and a national outcome, in order; found once for a content.

    Parameters
    ----------
    past_polls : DataFrame
        Polls of other votes, with ``election`` and ``round``.
    outcomes : DataFrame
        Their outcomes; rows with a ``level`` other than ``national`` are not read.
    """
    key = table_digest(past_polls, [*VOTE, *POLL_COLUMNS])
    key += table_digest(outcomes, ["level", *VOTE, *OUTCOME_COLUMNS])
    return _VOTES.get(key, partial(_votes, past_polls, outcomes))


def digest_of(past: Sequence[PastVote]) -> bytes:
    """A digest of all that these votes hold."""
    whole = b"".join(vote.key + bytes([vote.round]) for vote in past)
    return hashlib.blake2b(whole, digest_size=16).digest()


def _votes(past_polls: pd.DataFrame, outcomes: pd.DataFrame) -> tuple[PastVote, ...]:
    national = outcomes[outcomes["level"] == "national"]
    polled = fingerprints(past_polls, VOTE, POLL_COLUMNS)
    known = fingerprints(national, VOTE, OUTCOME_COLUMNS)
    return tuple(
        PastVote(
            str(vote[0]),
            int(vote[1]),
            key + known[vote][1],
            past_polls,
            rows,
            national,
            known[vote][0],
        )
        for vote, (rows, key) in sorted(polled.items(), key=itemgetter(0))
        if vote in known
    )


def _merge(shares: FloatArray, named: BoolArray) -> FloatArray:
    """Rows of shares [.., C] with those whom no poll lists as one piece."""
    if named.all():
        return closed(shares)
    rest = shares[:, ~named].sum(axis=1, keepdims=True)
    return closed(np.hstack([shares[:, named], rest]))

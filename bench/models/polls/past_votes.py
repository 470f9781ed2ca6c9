"""Other votes that have both polls and an outcome."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from operator import itemgetter
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bench.core.arrays import FloatArray
from bench.models.memoize import Memory, digest_of, table_digest
from bench.models.polls.poll_table import COLUMNS, PollTable, poll_table

VOTE = ("election", "round")
OUTCOME_COLUMNS = ("candidate", "share", "vote_on")

_VOTES: Memory[tuple[PastVote, ...]] = Memory(max_answers=16)  # many tasks of a day have one past
_TABLES: Memory[tuple[PollTable, FloatArray]] = Memory(max_answers=4096)


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
        outcome = self.national.iloc[self.outcome_rows].sort_values("candidate", kind="stable")
        ballot = outcome["candidate"].astype(str).tolist()
        polls = self.past_polls.iloc[self.rows]
        off_ballot = polls["poll_id"][~polls["candidate"].isin(ballot)].unique()
        if len(off_ballot):
            polls = polls[~polls["poll_id"].isin(off_ballot)]
        vote_on = pd.Timestamp(outcome["vote_on"].iloc[0])
        table = poll_table(polls, ballot, vote_on)
        official = outcome["share"].to_numpy(dtype=float, copy=True)
        for array in (table.institute, table.days, table.respondents, table.share, official):
            array.setflags(write=False)
        return table, official


def votes(past_polls: pd.DataFrame, outcomes: pd.DataFrame) -> tuple[PastVote, ...]:
    """Every vote that has both polls and a national outcome, in order; found once for a content.

    Parameters
    ----------
    past_polls : DataFrame
        Polls of other votes, with ``election`` and ``round``.
    outcomes : DataFrame
        Their outcomes; rows with a ``level`` other than ``national`` are not read.
    """
    key = table_digest(past_polls, [*VOTE, *COLUMNS])
    key += table_digest(outcomes, ["level", *VOTE, *OUTCOME_COLUMNS])
    return _VOTES.get(key, partial(_votes, past_polls, outcomes))


def _votes(past_polls: pd.DataFrame, outcomes: pd.DataFrame) -> tuple[PastVote, ...]:
    national = outcomes[outcomes["level"] == "national"]
    polled, counted = _by_vote(past_polls, COLUMNS), _by_vote(national, OUTCOME_COLUMNS)
    return tuple(
        PastVote(
            str(vote[0]),
            int(vote[1]),
            key + counted[vote][1],
            past_polls,
            rows,
            national,
            counted[vote][0],
        )
        for vote, (rows, key) in sorted(polled.items(), key=itemgetter(0))
        if vote in counted
    )


def _by_vote(
    table: pd.DataFrame, columns: Sequence[str]
) -> dict[tuple[str, int], tuple[NDArray[np.intp], bytes]]:
    """Positions of the rows of every vote, and a digest of their cells in these columns."""
    cells = pd.util.hash_pandas_object(table[[*columns]], index=False).to_numpy()
    groups: Any = table.groupby(list(VOTE), sort=True).indices
    return {vote: (rows, digest_of(cells[rows].tobytes())) for vote, rows in groups.items()}

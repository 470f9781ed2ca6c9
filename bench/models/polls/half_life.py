"""The half-life of polls that would have served earlier votes best."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Literal

import numpy as np
import pandas as pd

from bench.core.arrays import FloatArray
from bench.core.evidence import Evidence
from bench.models.memoize import Memory
from bench.models.polls.past_errors import PastVote, digest_of, votes
from bench.models.polls.poll_mean import age_weights
from bench.models.polls.poll_table import whole_ballots

Learned = Literal["learned"]

GRID_DAYS = (1.0, 2.0, 3.0, 5.0, 7.0, 10.0, 14.0, 21.0, 30.0)
FEWEST_VOTES = 3
BY_HAND_DAYS = 7.0
"""Taken where fewer votes teach anything: chosen by hand, before half-lives were learned."""

_BEST: Memory[float] = Memory(most=1024)
_ERRORS: Memory[FloatArray | None] = Memory(most=8192)


def half_life(evidence: Evidence, setting: float | Learned) -> float:
    """A half-life in days: the number that is set, or the one that this vote's evidence teaches.

    Parameters
    ----------
    evidence : Evidence
        With the tables `past_polls` and `outcomes` where the setting is ``"learned"``.
    setting : float or "learned"
    """
    if setting != "learned":
        return float(setting)
    return learned_half_life(
        evidence["past_polls"],
        evidence["outcomes"],
        number=evidence.round,
        days=evidence.days_to_vote,
    )


def learned_half_life(
    past_polls: pd.DataFrame, outcomes: pd.DataFrame, *, number: int, days: float
) -> float:
    """The half-life whose :func:`~bench.models.polls.poll_mean.poll_mean` erred least before.

    Of every other vote of the same round, the polls whose fieldwork ended at least `days` before
    it are averaged with each half-life of ``GRID_DAYS``; the error is the mean over candidates of
    the absolute difference from the outcome. The half-life with the smallest mean of these errors
    is taken, votes weighing the same, the shorter one of two that tie. Rounds teach apart: a
    runoff campaign lasts two weeks. Votes whose polls are all of one age teach nothing; with fewer
    than ``FEWEST_VOTES`` that do, the answer is ``BY_HAND_DAYS``. The caller cuts the tables.

    Parameters
    ----------
    past_polls, outcomes : DataFrame
        See :func:`bench.models.polls.past_errors.votes`.
    number : int
        The round, 1 or 2.
    days : float
        From the forecast to the vote, at least 0.

    Returns
    -------
    float
        Days, one of ``GRID_DAYS``.
    """
    past = [vote for vote in votes(past_polls, outcomes) if vote.round == number]
    return _BEST.get(digest_of(past) + np.float64(days).tobytes(), partial(_best, past, days))


def _best(past: Sequence[PastVote], days: float) -> float:
    errors = [
        _ERRORS.get(vote.key + np.float64(days).tobytes(), partial(_errors, vote, days))
        for vote in past
    ]
    known = [error for error in errors if error is not None]
    if len(known) < FEWEST_VOTES:
        return BY_HAND_DAYS
    # rounded, so that a tie is one in every order of adding up
    return GRID_DAYS[int(np.argmin(np.mean(known, axis=0).round(12)))]


def _errors(vote: PastVote, days: float) -> FloatArray | None:
    """Mean absolute error [H] of every half-life in one vote; None if its polls are of one age."""
    table, official = vote.table()
    table = table.take(table.days >= days)
    if len(np.unique(table.days)) < 2:
        return None
    weight = np.array([age_weights(table, each) for each in GRID_DAYS])  # [H, J]
    share = weight @ whole_ballots(table) / weight.sum(axis=1, keepdims=True)
    error = np.asarray(np.abs(share - official).mean(axis=1))
    error.setflags(write=False)
    return error

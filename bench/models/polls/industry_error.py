"""The error that all institutes share, its size learned from other votes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import product

import numpy as np
import pandas as pd

from bench.core.arrays import FloatArray
from bench.models.log_ratio import FLOOR, closed
from bench.models.memoize import Memory
from bench.models.polls.past_errors import PastError, PastVote, digest_of, votes
from bench.models.polls.shared_error import outcome_draws

REFERENCE_SHARE = 0.2
SIZE_POWER = 1.0 / 3.0
SMALLEST_SIZE = 0.01
TAIL_DF = 6.0
VOTE_WEIGHT = 2.0

# grid of the mixture, and (median, spread of the logarithm) of the prior on each axis
FINAL_SD = (0.03, 0.045, 0.06, 0.08, 0.10, 0.13, 0.17, 0.22)
DAILY_SD = (0.002, 0.006, 0.010, 0.014, 0.018, 0.024, 0.032)
RUNOFF_FACTOR = (0.35, 0.6, 1.0, 1.6)
HOUSE_SD = (0.03, 0.06, 0.10, 0.15, 0.22)
PRIOR = ((0.08, 1.0), (0.014, 0.8), (1.0, 0.7), (0.08, 1.0))

_GRID = np.array(list(product(FINAL_SD, DAILY_SD, RUNOFF_FACTOR, HOUSE_SD)))
_GRID.setflags(write=False)

# every poll method asks about the same votes, at every date: 9 kB each
_WHOLE: Memory[IndustryError] = Memory(most=64)
_LEARNED: Memory[FloatArray | None] = Memory(most=4096)


@dataclass(frozen=True)
class IndustryError:
    """Mixture over a grid of error sizes, one weight per grid point.

    The outcome is ``softmax(log(share) + e)``; the ``e_i`` are independent with variance
    ``(final^2 + house^2 / institutes + days daily^2) (0.2 / share_i)^(2/3)``, times
    ``runoff^2`` in a runoff, and one chi-square with 6 degrees of freedom scales them all:
    a multivariate t.
    """

    grid: FloatArray  # [G, 4]: final_sd, daily_sd, runoff_factor, house_sd
    weight: FloatArray  # [G], sums to one
    n_votes: int

    def draws(
        self,
        share: FloatArray,
        days: float,
        rng: np.random.Generator,
        n: int,
        *,
        institutes: float = 1.0,
        runoff: bool = False,
        sampling: FloatArray | None = None,
    ) -> FloatArray:
        """Draw outcomes given what the polls say: see `SharedError`."""
        base = closed(share)
        pick = rng.choice(len(self.weight), size=n, p=self.weight)
        sd = np.sqrt(_scale(self.grid, days, institutes, runoff))[pick]
        return outcome_draws(np.log(base), sd, _by_size(base), TAIL_DF, rng, sampling)


def learn(past_polls: pd.DataFrame, outcomes: pd.DataFrame) -> IndustryError:
    """Learn the size of the industry's error from other votes; the caller cuts them.

    Every vote weighs the same however often it was polled; what a vote teaches is remembered by
    the content of its tables. With no vote at all the answer is
    the prior: for a candidate at 20 % and eight institutes a standard deviation of 2.7 pp on the
    last day and 4.9 pp a hundred days before.

    Parameters
    ----------
    past_polls, outcomes : DataFrame
        See :func:`bench.models.polls.past_errors.votes`.
    """
    past = votes(past_polls, outcomes)
    whole = _WHOLE.get(digest_of(past), partial(_learn_votes, past))
    return replace(whole, weight=whole.weight.copy())


def _learn_votes(past: Sequence[PastVote]) -> IndustryError:
    return _weighed(
        [_LEARNED.get(vote.key + bytes([vote.round]), partial(_learn_vote, vote)) for vote in past]
    )


def _learn_vote(vote: PastVote) -> FloatArray | None:
    return _of_one_vote(vote.errors())


def _of_one_vote(rows: Sequence[PastError]) -> FloatArray | None:
    """Log likelihood [G] of a vote, as of two observations; None if it has none."""
    if not rows:
        return None
    total = sum((log_likelihood(_GRID, row) for row in rows), np.zeros(len(_GRID)))
    total *= VOTE_WEIGHT / len(rows)
    total.setflags(write=False)  # several learners share it
    return total


def _weighed(by_vote: Sequence[FloatArray | None]) -> IndustryError:
    middle, spread = np.array(PRIOR).T
    log_weight = -0.5 * np.square(np.log(_GRID / middle) / spread).sum(axis=1)
    known = [likelihood for likelihood in by_vote if likelihood is not None]
    for likelihood in known:
        log_weight += likelihood
    weight = np.exp(log_weight - log_weight.max())
    return IndustryError(_GRID, weight / weight.sum(), len(known))


def log_likelihood(grid: FloatArray, row: PastError) -> FloatArray:
    """Log density [G] of one past error: a multivariate t on the contrasts of log shares.

    With independent log-weight errors of variance ``d_i`` and a free common shift, the contrasts
    have quadratic form ``sum (e_i - m)^2 / d_i`` around the precision-weighted mean ``m`` and
    determinant ``prod d_i * sum 1 / d_i / n``.
    """
    from scipy.special import gammaln

    polled = row.polled
    error = np.log(row.outcome) - np.log(polled.share)
    scale = _scale(grid, polled.days, polled.institutes, row.round == 2)
    sampling = 1.0 / (polled.respondents * polled.share) + FLOOR**2 / 3.0 / polled.share**2
    d = scale[:, None] * _by_size(polled.share) + sampling
    precision = 1.0 / d
    mean = (precision @ error) / precision.sum(axis=1)
    form = (precision * (error - mean[:, None]) ** 2).sum(axis=1)
    log_det = np.log(d).sum(axis=1) + np.log(precision.sum(axis=1)) - np.log(len(error))
    m = len(error) - 1
    tail = (TAIL_DF + m) / 2.0
    constant = float(gammaln(tail) - gammaln(TAIL_DF / 2.0)) - m / 2.0 * np.log(TAIL_DF * np.pi)
    return np.asarray(constant - log_det / 2.0 - tail * np.log1p(form / TAIL_DF))


def _scale(grid: FloatArray, days: float, institutes: float, runoff: bool) -> FloatArray:
    final, daily, factor, house = grid.T
    scale = final**2 + house**2 / max(institutes, 1.0) + max(days, 0.0) * daily**2
    return np.asarray(scale * factor**2 if runoff else scale)


def _by_size(share: FloatArray) -> FloatArray:
    return np.asarray((REFERENCE_SHARE / np.maximum(share, SMALLEST_SIZE)) ** (2.0 * SIZE_POWER))

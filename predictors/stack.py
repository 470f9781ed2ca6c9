"""A pool of three poll estimates with weights learned on earlier votes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from itertools import product
from typing import ClassVar

import numpy as np
from typing_extensions import override

from bench.core import Evidence, Forecast, Predictor
from bench.core.arrays import FloatArray
from bench.models.log_ratio import softmax
from bench.models.memoize import Memory
from bench.models.polls.national_polls import Learned, NationalPolls, half_life
from bench.models.polls.past_votes import votes
from bench.models.polls.poll_filter import filter_polls
from bench.models.polls.poll_table import (
    PollTable,
    age_weights,
    last_polls,
    last_weights,
    poll_mean,
    polls_of,
    weighted,
)
from bench.models.polls.shared_error import shared_error

STEPS = 10  # of a weight from 0 to 1


@dataclass(frozen=True, kw_only=True)
class Stack(Predictor):
    """Weighted mean of the last polls, of a decaying average and of the filtered state.

    The weights minimise the relative squared error of the same three estimates in earlier votes,
    at the same number of days before each, and shrink to one third by ``prior_votes``. The draws
    add the industry-wide error and the sampling noise of the mean that the weights make of the last
    polls and the decaying average; the filtered state counts as the decaying average, whose polls
    it reads.

    Not better than `poll_tracker`: on 60 votes in 22 places, 2 to 30 days before, its CRPS was
    0.017 points higher (95 % interval -0.006 to 0.039), at 1.6 times the time.
    """

    family: ClassVar[str] = "hybrids"
    needs: ClassVar[frozenset[str]] = frozenset({"polls", "past_polls", "outcomes", "past_errors"})

    window_days: float
    half_life_days: float | Learned
    daily_sd: float
    house_sd: float
    poll_sd: float
    prior_votes: float
    design_effect: float
    n_draws: int

    @override
    def predict(self, evidence: Evidence, rng: np.random.Generator) -> Forecast:
        table = polls_of(evidence)
        days = half_life(evidence, self.half_life_days)
        weights = self._weights(evidence, float(table.days.min()), days)
        share = weights @ self._estimates(table, days, self._filtered(table))
        last = last_weights(table, self.window_days)
        aged = age_weights(table, days)
        poll_weights = weights[0] * last / last.sum() + (1.0 - weights[0]) * aged / aged.sum()
        polls = NationalPolls(
            candidates=evidence.candidates,
            mean=weighted(table, poll_weights),
            industry=shared_error(evidence),
            design_effect=self.design_effect,
        )
        return polls.forecast(rng, self.n_draws, share)

    def _filtered(self, table: PollTable) -> FloatArray:
        state = filter_polls(table, [self.daily_sd], [self.house_sd], [self.poll_sd])
        return softmax(state.log_weight)

    def _estimates(
        self, table: PollTable, half_life_days: float, filtered: FloatArray
    ) -> FloatArray:
        last = last_polls(table, self.window_days)
        return np.array([last.share, poll_mean(table, half_life_days).share, filtered])

    def _weights(self, evidence: Evidence, days: float, half_life_days: float) -> FloatArray:
        """Weights of the estimates from votes before this one, whatever else may be learned."""
        outcomes = evidence["outcomes"]
        earlier = outcomes[outcomes["vote_on"] < evidence.vote_on]
        errors = []
        for vote in votes(evidence["past_polls"], earlier):
            table, came = vote.table()
            table = table.take(table.days >= days)
            if len(table):
                cut = (vote.round, len(table), self.daily_sd, self.house_sd, self.poll_sd)
                key = vote.key + repr(cut).encode()
                filtered = _FILTERED.get(key, partial(self._filtered, table))
                errors.append(self._estimates(table, half_life_days, filtered) - came)
        return pool_weights(errors, self.prior_votes) if errors else np.full(3, 1.0 / 3.0)


# of a past vote the polls that are left on two dates near one another are often the same
_FILTERED: Memory[FloatArray] = Memory(max_answers=4096)


def pool_weights(errors: Sequence[FloatArray], prior_votes: float) -> FloatArray:
    """Weights of M estimates that would have erred least, shrunk to equal ones.

    Minimises ``sum_v |w E_v|^2 / mean_m |E_vm|^2 + prior_votes M |w - 1 / M|^2`` over weights in
    steps of a tenth. Every vote is measured by its own typical error, so that one bad year of all
    institutes does not decide.

    Parameters
    ----------
    errors : sequence of ndarray, shape [M, C]
        For every earlier vote, estimate minus outcome.
    prior_votes : float
        Strength of the pull to equal weights, in votes.

    Examples
    --------
    >>> pool_weights([np.array([[0.1, -0.1], [0.0, 0.0]])], prior_votes=0.0).tolist()
    [0.0, 1.0]
    """
    n = errors[0].shape[0]
    steps = [row for row in product(range(STEPS + 1), repeat=n) if sum(row) == STEPS]
    grid = np.array(steps, dtype=float) / STEPS
    loss = prior_votes * n * np.square(grid - 1.0 / n).sum(axis=1)
    for error in errors:
        typical = np.square(error).sum(axis=1).mean()
        if typical > 0:
            loss += np.square(grid @ error).sum(axis=1) / typical
    return np.asarray(grid[np.argmin(loss)])

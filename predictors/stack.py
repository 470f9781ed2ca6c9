"""A pool of three poll estimates with weights learned on earlier votes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import ClassVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from typing_extensions import override

from bench.core import Evidence, Forecast, Predictor
from bench.models.forecast_combination import pool_weights
from bench.models.log_ratio import closed, softmax
from bench.models.memoize import Memory
from bench.models.polls.national_polls import Learned, half_life
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
from bench.models.polls.shared_error import ErrorFrom, shared_error


@dataclass(frozen=True, kw_only=True)
class Stack(Predictor):
    """Weighted mean of the last polls, of a decaying average and of the filtered state.

    The weights minimise the relative squared error of the same three estimates in earlier votes,
    at the same number of days before each, and shrink to one third by ``prior_votes``. The draws
    add the industry-wide error and the sampling noise of the mean that the weights make of the last
    polls and the decaying average; the filtered state counts as the decaying average, whose polls
    it reads.
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
    error_from: ErrorFrom
    n_draws: int

    @override
    def predict(self, evidence: Evidence, rng: np.random.Generator) -> Forecast:
        names = list(evidence.candidates)
        table = polls_of(evidence)
        days = half_life(evidence, self.half_life_days)
        weights = self._weights(evidence, float(table.days.min()), days)
        share = weights @ self._estimates(table, days, self._filtered(table))
        last, aged = last_weights(table, self.window_days), age_weights(table, days)
        mean = weighted(
            table, weights[0] * last / last.sum() + (1.0 - weights[0]) * aged / aged.sum()
        )
        draws = shared_error(evidence, self.error_from).draws(
            share,
            mean.days,
            rng,
            self.n_draws,
            institutes=mean.institutes,
            sampling=self.design_effect / (mean.respondents * closed(share)),
        )
        return Forecast(share=pd.Series(share, index=names), draws=draws)

    def _filtered(self, table: PollTable) -> NDArray[np.float64]:
        state = filter_polls(table, [self.daily_sd], [self.house_sd], [self.poll_sd])
        return softmax(state.log_weight)

    def _estimates(
        self, table: PollTable, half_life_days: float, filtered: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        last = last_polls(table, self.window_days)
        return np.array([last.share, poll_mean(table, half_life_days).share, filtered])

    def _weights(
        self, evidence: Evidence, days: float, half_life_days: float
    ) -> NDArray[np.float64]:
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
_FILTERED: Memory[NDArray[np.float64]] = Memory(most=4096)

"""The poll tracker: a filtered walk plus the error that all institutes share."""

from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
import pandas as pd
from typing_extensions import override

from bench.core import Evidence, Forecast, Predictor
from bench.models.log_ratio import normal_draws, softmax
from bench.models.polls.poll_filter import filter_polls
from bench.models.polls.poll_table import LAST_WITHIN_DAYS, last_polls, polls_of
from bench.models.polls.shared_error import shared_error

DAYS_BETWEEN_ROUNDS = 14.0


@dataclass(frozen=True, kw_only=True)
class PollTracker(Predictor):
    """Kalman filter of polls in log-ratio space with house effects, plus industry-wide error.

    The forecast is the mean of outcomes that add to the state on the day of the latest poll, and
    to its own covariance, an error whose size was learned from other votes:
    ``outcome = softmax(state + N(0, P) + t(0, V(share, days)))``.
    """

    family: ClassVar[str] = "quota polls"
    needs: ClassVar[frozenset[str]] = frozenset({"polls", "past_errors"})

    window_days: float
    daily_sd: tuple[float, ...]
    house_sd: tuple[float, ...]
    poll_sd: tuple[float, ...]
    first_round_shock_sd: float
    has_shared_error: bool
    n_draws: int

    @override
    def predict(self, evidence: Evidence, rng: np.random.Generator) -> Forecast:
        names = evidence.candidates
        table = polls_of(evidence)
        table = table.take(table.days <= table.days.min() + self.window_days)
        shocks = {DAYS_BETWEEN_ROUNDS: self.first_round_shock_sd} if evidence.round == 2 else {}
        state = filter_polls(table, self.daily_sd, self.house_sd, self.poll_sd, shocks)
        share = softmax(state.log_weight)  # [C]
        if not self.has_shared_error:
            draws = softmax(state.log_weight + normal_draws(state.covariance, rng, self.n_draws))
            return Forecast(share=pd.Series(share, index=list(names)), draws=draws)
        mean = replace(last_polls(table, LAST_WITHIN_DAYS), share=share, days=state.days)
        error = shared_error(evidence)
        return error.forecast(names, mean, rng, self.n_draws, state.covariance)

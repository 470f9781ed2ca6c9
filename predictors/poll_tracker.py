"""The poll tracker: a filtered walk plus the error that all institutes share."""

from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
import pandas as pd
from typing_extensions import override

from bench.core import Evidence, Forecast, Predictor
from bench.models.log_ratio import normal_draws, softmax
from bench.models.polls.poll_filter import filter_polls
from bench.models.polls.poll_table import polls_of
from bench.models.polls.shared_error import ErrorFrom, shared_error

DAYS_BETWEEN_ROUNDS = 14.0


@dataclass(frozen=True, kw_only=True)
class PollTracker(Predictor):
    """Kalman filter of polls in log-ratio space with house effects, plus industry-wide error.

    The forecast is the state on the day of the latest poll; its draws add to the state's own
    covariance an error whose size was learned from other votes:
    ``share = softmax(state + N(0, P) + t(0, V(share, days)))``.
    """

    family: ClassVar[str] = "quota polls"
    needs: ClassVar[frozenset[str]] = frozenset({"polls", "past_errors"})

    window_days: float
    daily_sd: tuple[float, ...]
    house_sd: tuple[float, ...]
    poll_sd: tuple[float, ...]
    first_round_shock_sd: float
    error_from: ErrorFrom | Literal["none"]
    n_draws: int

    @override
    def predict(self, evidence: Evidence, rng: np.random.Generator) -> Forecast:
        names = evidence.candidates
        table = polls_of(evidence)
        table = table.take(table.days <= table.days.min() + self.window_days)
        shocks = {DAYS_BETWEEN_ROUNDS: self.first_round_shock_sd} if evidence.round == 2 else {}
        state = filter_polls(table, self.daily_sd, self.house_sd, self.poll_sd, shocks)
        share = softmax(state.log_weight)  # [C]
        if self.error_from == "none":
            draws = softmax(state.log_weight + normal_draws(state.covariance, rng, self.n_draws))
        else:
            draws = shared_error(evidence, self.error_from).draws(
                share,
                state.days,
                rng,
                self.n_draws,
                institutes=len(table.institutes),
                sampling=state.covariance,
            )
        return Forecast(share=pd.Series(share, index=list(names)), draws=draws)

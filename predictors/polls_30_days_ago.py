"""The baseline that has not read a poll for a while."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd
from typing_extensions import override

from bench.core import Abstain, Evidence, Forecast, Predictor
from bench.models.polls.national_polls import forecast_of_last_polls


@dataclass(frozen=True, kw_only=True)
class Polls30DaysAgo(Predictor):
    """The forecast of the last polls made ``days_back`` days ago, unchanged.

    Or, with ``calibrated_days``, at the end of the day that many days before the vote.
    Persistence, the floor of weather services: what a method has over it is what the campaign
    since then taught it. Polls count if they were public on that day, in the version that is
    public now; the intervals are those of polls that many days before a vote.
    """

    family: ClassVar[str] = "baselines"
    needs: ClassVar[frozenset[str]] = frozenset({"polls", "past_errors"})

    days_back: float | None
    calibrated_days: int | None
    window_days: float
    n_draws: int

    @override
    def predict(self, evidence: Evidence, rng: np.random.Generator) -> Forecast:
        if self.calibrated_days is None:
            moment = evidence.as_of - pd.Timedelta(days=self.days_back or 0.0)
        else:
            moment = evidence.vote_on - pd.Timedelta(days=self.calibrated_days - 1, seconds=1)
            if evidence.as_of < moment:
                raise Abstain(f"the day {self.calibrated_days} days before the vote is to come")
        polls = evidence.rows("polls", until=moment)
        if polls.empty:
            raise Abstain(f"no poll of this ballot was public on {moment:%d %B %Y}")
        return forecast_of_last_polls(
            evidence, polls, window_days=self.window_days, n_draws=self.n_draws, rng=rng
        )

"""The baseline that has not read a poll for a while."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd
from typing_extensions import override

from bench.core import Abstain, Evidence, Forecast, Predictor
from bench.models.polls.national_polls import forecast_of_last_polls


@dataclass(frozen=True, kw_only=True)
class PreviousForecast(Predictor):
    """The forecast of the last polls made ``days_back`` days ago, unchanged.

    Persistence, the floor of weather services: what a method has over it is what the campaign
    since then taught it. Polls count if they were public on that day, in the version that is
    public now; the intervals are those of polls that many days before a vote.
    """

    family: ClassVar[str] = "floors"
    needs: ClassVar[frozenset[str]] = frozenset({"polls", "past_errors"})

    days_back: float
    window_days: float
    n_draws: int

    @override
    def predict(self, evidence: Evidence, rng: np.random.Generator) -> Forecast:
        polls = evidence["polls"]
        moment = evidence.as_of - pd.Timedelta(days=self.days_back)
        then = polls[polls["published_on"] <= moment]
        if then.empty:
            raise Abstain(f"no poll of this ballot was public {self.days_back:g} days before")
        return forecast_of_last_polls(
            evidence, then, window_days=self.window_days, n_draws=self.n_draws, rng=rng
        )

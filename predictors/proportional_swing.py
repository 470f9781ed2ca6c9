"""The last first round by département, each candidate multiplied by the same factor everywhere."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd
from typing_extensions import override

from bench.core import Evidence, Forecast, Predictor
from bench.models.area_patterns import proportional
from bench.models.families import carried_over
from bench.models.polls.national_polls import Learned, national_polls
from bench.models.swing import national_level


@dataclass(frozen=True, kw_only=True)
class ProportionalSwing(Predictor):
    """Area share = share in the last first round x (national polls / last national share).

    The last first round is carried over by person and political family; the products are scaled
    until every département sums to 1 and all together give the poll average. Candidates who
    inherit no votes have their national share everywhere.
    """

    family: ClassVar[str] = "ecological"
    level_of: ClassVar[str] = "quota_poll"
    needs: ClassVar[frozenset[str]] = frozenset({"polls", "past_errors", "outcomes", "ballots"})

    half_life_days: float | Learned
    design_effect: float
    n_draws: int

    @override
    def predict(self, evidence: Evidence, rng: np.random.Generator) -> Forecast:
        polls = national_polls(evidence, self.half_life_days, self.design_effect)
        votes = carried_over(evidence, level="finest")
        votes = votes[votes.sum(axis=1) > 0]
        areas = proportional(votes, polls.share)
        share = national_level(areas, votes.sum(axis=1))
        return Forecast(
            share=pd.Series(share, index=list(evidence.candidates)),
            draws=polls.draws(share, rng, self.n_draws),
            areas=areas,
        )

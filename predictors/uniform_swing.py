"""The last first round by département, moved everywhere by the same number of points."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd
from typing_extensions import override

from bench.core import Evidence, Forecast, Predictor
from bench.models.families import carried_over
from bench.models.polls.national_polls import Learned, national_polls
from bench.models.swing import national_level, uniform_swing


@dataclass(frozen=True, kw_only=True)
class UniformSwing(Predictor):
    """Area share = share in the last first round + (national polls - last national share).

    The last first round is carried over by person and political family; the national level is
    the weighted poll average. Nationally the method therefore says what the polls say, but for
    shares that would turn negative somewhere and are cut at 0; its own claim is the map.
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
        weight = votes.sum(axis=1)
        votes, weight = votes[weight > 0], weight[weight > 0]
        areas = uniform_swing(votes.div(weight, axis=0), weight, polls.share)
        share = national_level(areas, weight)
        return Forecast(
            share=pd.Series(share, index=list(evidence.candidates)),
            draws=polls.draws(share, rng, self.n_draws),
            areas=pd.DataFrame(areas, index=votes.index, columns=list(evidence.candidates)),
        )

"""The floor of area forecasts: the poll average, the same in every département."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd
from typing_extensions import override

from bench.core import Evidence, Forecast, Predictor
from bench.models.families import carried_over
from bench.models.polls.national_polls import Learned, national_polls


@dataclass(frozen=True, kw_only=True)
class PollsEverywhere(Predictor):
    """Area share = national share in the weighted poll average, in every département alike.

    Nationally this is the poll average itself; by area it is what a method must beat that claims
    to know how départements differ.
    """

    family: ClassVar[str] = "baselines"
    needs: ClassVar[frozenset[str]] = frozenset({"polls", "past_errors", "outcomes", "ballots"})

    half_life_days: float | Learned
    design_effect: float
    n_draws: int

    @override
    def predict(self, evidence: Evidence, rng: np.random.Generator) -> Forecast:
        polls = national_polls(evidence, self.half_life_days, self.design_effect)
        places = carried_over(evidence, level="finest").index
        share = polls.share.to_numpy()
        names = list(evidence.candidates)
        return Forecast(
            share=pd.Series(share, index=names),
            draws=polls.draws(share, rng, self.n_draws),
            areas=pd.DataFrame(np.tile(share, (len(places), 1)), index=places, columns=names),
        )

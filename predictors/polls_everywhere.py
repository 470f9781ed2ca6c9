"""The floor of area forecasts: the poll average, the same in every département."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd
from typing_extensions import override

from bench.core import Evidence, Forecast, Predictor
from bench.models.families import carried_over
from bench.models.polls.national_polls import Learned, polls_to_start_from


@dataclass(frozen=True, kw_only=True)
class PollsEverywhere(Predictor):
    """Area share = national share in the weighted poll average, in every département alike.

    Nationally this is the poll average itself; by area it is what a method must beat that claims
    to know how départements differ. `institutes` are those whose polls give the level; empty for
    everybody's.
    """

    family: ClassVar[str] = "baselines"
    needs: ClassVar[frozenset[str]] = frozenset({"polls", "past_errors", "outcomes", "ballots"})

    institutes: tuple[str, ...]
    half_life_days: float | Learned
    design_effect: float
    n_draws: int

    def __post_init__(self) -> None:
        """Say whose level it is: that of everybody's polls, or of these institutes."""
        if self.institutes:
            object.__setattr__(self, "level_of", " ".join(self.institutes))

    @override
    def predict(self, evidence: Evidence, rng: np.random.Generator) -> Forecast:
        polls = polls_to_start_from(
            evidence, self.institutes, self.half_life_days, self.design_effect
        )
        places = carried_over(evidence, level="finest").index
        share = polls.share.to_numpy()
        names = list(evidence.candidates)
        return Forecast(
            share=pd.Series(share, index=names),
            draws=polls.draws(share, rng, self.n_draws),
            areas=pd.DataFrame(np.tile(share, (len(places), 1)), index=places, columns=names),
        )

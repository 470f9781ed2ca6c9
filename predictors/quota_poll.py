"""The weighted mean of quota polls."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from typing_extensions import override

from bench.contract import Evidence, Forecast, Predictor
from bench.kit.national_polls import national_polls


@dataclass(frozen=True, kw_only=True)
class QuotaPoll(Predictor):
    """Mean of published quota polls, weighted by new respondents and age.

    A poll of n new respondents whose fieldwork ended a days before the latest weighs
    ``n 0.5^(a / half_life_days)``. Draws add the industry-wide error learned from other votes
    and sampling noise of ``design_effect`` times the multinomial variance.
    """

    family: ClassVar[str] = "quota polls"
    needs: ClassVar[frozenset[str]] = frozenset({"polls", "past_polls", "outcomes"})

    half_life_days: float
    design_effect: float
    n_draws: int

    @override
    def predict(self, evidence: Evidence, rng: np.random.Generator) -> Forecast:
        polls = national_polls(evidence, self.half_life_days, self.design_effect)
        draws = polls.draws(polls.share.to_numpy(), rng, self.n_draws)
        return Forecast(share=polls.share, draws=draws)

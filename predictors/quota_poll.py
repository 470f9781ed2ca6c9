"""The weighted mean of quota polls."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from typing_extensions import override

from bench.core import Evidence, Forecast, Predictor
from bench.core.evidence import EvidenceBatch
from bench.models.polls.national_polls import (
    Learned,
    expected_batch,
    half_life,
    national_polls,
)
from bench.models.polls.poll_table import age_weights, poll_batch, weighted_batch


@dataclass(frozen=True, kw_only=True)
class QuotaPoll(Predictor):
    """Mean of published quota polls, weighted by new respondents and age.

    A poll of n new respondents whose fieldwork ended a days before the latest weighs
    ``n 0.5^(a / half_life_days)``. Draws add the industry-wide error learned from other votes
    and sampling noise of ``design_effect`` times the multinomial variance.
    """

    family: ClassVar[str] = "quota polls"
    needs: ClassVar[frozenset[str]] = frozenset({"polls", "past_errors"})

    half_life_days: float | Learned
    design_effect: float
    n_draws: int

    @override
    def predict(self, evidence: Evidence, rng: np.random.Generator) -> Forecast:
        polls = national_polls(evidence, self.half_life_days, self.design_effect)
        return polls.forecast(rng, self.n_draws)

    def predict_batch(self, batch: EvidenceBatch) -> NDArray[np.float64]:
        """Shares [B, C] of every replicate."""
        table, share = poll_batch(batch)
        weight = age_weights(table, half_life(batch.evidence, self.half_life_days))
        level = weighted_batch(table, share, weight)
        return expected_batch(batch.evidence, level, table, weight, self.design_effect)

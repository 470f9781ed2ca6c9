"""This file holds the weighted mean of quota polls."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from typing_extensions import override

from bench.contract import Evidence, Forecast, Predictor
from bench.contract.batch import EvidenceBatch
from bench.kit.industry_error import learn, poll_mean
from bench.kit.log_ratio import closed
from bench.kit.poll_batch import poll_batch, whole_ballots_batch
from bench.kit.poll_table import poll_table


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
        names = list(evidence.candidates)
        table = poll_table(evidence["polls"], names, evidence.vote_on)
        if len(table) == 0:
            return Forecast(share=pd.Series(np.nan, index=names, dtype=float))
        share, days, respondents = poll_mean(table, self.half_life_days, table.days.min())
        industry = learn(evidence["past_polls"], evidence["outcomes"])
        draws = industry.draws(
            share,
            days,
            rng,
            self.n_draws,
            runoff=evidence.round == 2,
            sampling=np.diag(self.design_effect / (respondents * closed(share))),
        )
        return Forecast(share=pd.Series(share, index=names), draws=draws)

    def predict_batch(self, batch: EvidenceBatch) -> NDArray[np.float64]:
        """Shares [B, C] of every replicate."""
        table, share = poll_batch(batch)
        weight = table.respondents * 0.5 ** ((table.days - table.days.min()) / self.half_life_days)
        whole = whole_ballots_batch(table, share)
        return np.asarray(np.tensordot(whole, weight, axes=(1, 0)) / weight.sum())

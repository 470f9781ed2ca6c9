"""Polls, nudged by whose share of the conversation grows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd
from typing_extensions import override

from bench.contract import Abstain, Evidence, Forecast, Predictor
from bench.kit.attention import recent, share_of_attention
from bench.kit.national_polls import national_polls


@dataclass(frozen=True, kw_only=True)
class PollsPlusBuzz(Predictor):
    """Poll share times (attention lately / attention before) to the power `elasticity`.

    Attention is the share of mentions over the last `window_days` measured, against the
    `window_days` before them. The elasticity is a convention, not an estimate: no earlier
    election with the same measurements exists to learn it from. Candidates whose attention is
    not measured keep their poll share before the sum is brought back to 1.
    """

    family: ClassVar[str] = "hybrids"
    needs: ClassVar[frozenset[str]] = frozenset({"polls", "past_polls", "outcomes", "buzz"})

    half_life_days: float
    source: str
    measure: str
    window_days: int
    max_age_days: int
    elasticity: float
    design_effect: float
    n_draws: int

    @override
    def predict(self, evidence: Evidence, rng: np.random.Generator) -> Forecast:
        polls = national_polls(evidence, self.half_life_days, self.design_effect)
        rows = recent(
            evidence,
            [self.measure],
            window_days=2 * self.window_days,
            max_age_days=self.max_age_days,
            sources=[self.source],
        )
        if rows["candidate"].nunique() < 2:
            raise Abstain(
                f"{self.source} measured no {self.measure.replace('_', ' ')} of two candidates in "
                f"the {self.max_age_days} days before {evidence.as_of:%d %B %Y}"
            )
        border = rows["day"].max() - pd.Timedelta(days=self.window_days)
        now = share_of_attention(rows[rows["day"] > border])
        before = share_of_attention(rows[rows["day"] <= border])
        trend = (now / before).where(before > 0).reindex(polls.share.index).fillna(1.0)
        share = polls.share * trend**self.elasticity
        share = share / share.sum()
        return Forecast(share=share, draws=polls.draws(share.to_numpy(), rng, self.n_draws))

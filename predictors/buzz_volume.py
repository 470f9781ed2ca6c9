"""Loudest wins: the share of posts is the share of votes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from typing_extensions import override

from bench.contract import Abstain, Evidence, Forecast, Predictor
from bench.kit.attention import recent, share_of_attention


@dataclass(frozen=True, kw_only=True)
class BuzzVolume(Predictor):
    """Mean mentions per candidate over the last `window_days` measured, divided by their sum.

    The reading of Tumasjan et al. (2010, ICWSM 4:178-185): party mentions as a plausible
    reflection of votes.
    """

    family: ClassVar[str] = "buzz"
    needs: ClassVar[frozenset[str]] = frozenset({"buzz"})

    source: str
    measure: str
    window_days: int
    max_age_days: int

    @override
    def predict(self, evidence: Evidence, rng: np.random.Generator) -> Forecast:
        rows = recent(
            evidence,
            [self.measure],
            window_days=self.window_days,
            max_age_days=self.max_age_days,
            sources=[self.source],
        )
        if rows["candidate"].nunique() < 2:
            raise Abstain(
                f"{self.source} measured no {self.measure.replace('_', ' ')} of two candidates in "
                f"the {self.max_age_days} days before {evidence.as_of:%d %B %Y}"
            )
        return Forecast(
            share=share_of_attention(rows),
            converted="share of mentions read as a vote share",
        )

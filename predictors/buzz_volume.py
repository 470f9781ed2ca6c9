"""Loudest wins: the share of posts is the share of votes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from typing_extensions import override

from bench.contract import Abstain, Evidence, Forecast, Predictor
from bench.contract.batch import EvidenceBatch, by_candidate
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
        return Forecast(
            share=share_of_attention(self._rows(evidence)),
            converted="share of mentions read as a vote share",
        )

    def predict_batch(self, batch: EvidenceBatch) -> NDArray[np.float64]:
        """Shares [B, C] of every replicate."""
        rows = self._rows(batch.replicate(0))
        table = batch["buzz"].take(rows.index.to_numpy())
        mean = by_candidate(table, "value", batch.candidates, np.mean)
        return np.asarray(mean / np.nansum(mean, axis=1, keepdims=True))

    def _rows(self, evidence: Evidence) -> pd.DataFrame:
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
        return rows

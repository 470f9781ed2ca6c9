"""Praise minus blame: posts weighed by the tone that a classifier read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from typing_extensions import override

from bench.core import Abstain, Evidence, Forecast
from bench.core.evidence import EvidenceBatch
from bench.models.attention import AttentionPredictor, mean_value
from bench.models.log_ratio import shares_of

TONES = ("positive", "negative")


@dataclass(frozen=True, kw_only=True)
class NetTone(AttentionPredictor):
    """Favourable minus unfavourable posts per candidate, cut at 0, divided by their sum.

    ``share_c = max(positive_c - negative_c, 0) / sum``, the counts being means over the last
    `window_days` measured. It needs posts counted by tone; the shares of attention within
    communities hold none.
    """

    family: ClassVar[str] = "buzz"
    needs: ClassVar[frozenset[str]] = frozenset({"buzz"})

    @override
    def predict(self, evidence: Evidence, rng: np.random.Generator) -> Forecast:
        mean = self._rows(evidence).pivot_table(
            index="candidate", columns="measure", values="value"
        )
        net = (mean["positive"] - mean["negative"]).clip(lower=0)
        if net.sum() <= 0:
            raise Abstain("no candidate has more favourable than unfavourable posts")
        return Forecast(
            share=net / net.sum(),
            converted="net_tone",
        )

    def predict_batch(self, batch: EvidenceBatch) -> NDArray[np.float64]:
        """Shares [B, C] of every replicate; NaN where it abstains."""
        rows = self._rows(batch.replicate(0))
        well, ill = (mean_value(batch, rows[rows["measure"] == tone]) for tone in TONES)
        return shares_of(np.maximum(well - ill, 0))

    def _rows(self, evidence: Evidence) -> pd.DataFrame:
        rows = self.recent(evidence, TONES, self.source)
        if set(rows["measure"]) != set(TONES):
            raise Abstain(f"{self.source} counted no posts by tone {self.days_searched(evidence)}")
        return rows

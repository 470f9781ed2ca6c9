"""Share of attention: whom the communities of a network speak of, every community alike."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from typing_extensions import override

from bench.core import Evidence, Forecast
from bench.core.evidence import EvidenceBatch
from bench.models.attention import AttentionPredictor, mean_value, share_of_attention
from bench.models.log_ratio import shares_of


@dataclass(frozen=True, kw_only=True)
class AttentionShare(AttentionPredictor):
    """Mean attention per candidate over communities and days, divided by its sum.

    With ``a_kc`` the fraction of community k's posts that mention candidate c,
    ``share_c = mean_k a_kc / sum_c mean_k a_kc``. Every community counts the same, so neither the
    size of a following nor the number of posts can enter: this is no volume. Counts without
    communities are read as those of a single one: the share of mentions, of unique authors, or
    of whatever `measure` counts.

    References
    ----------
    Mentions as "a plausible reflection" of votes: Tumasjan et al. (2010), ICWSM 4:178-185.
    """

    family: ClassVar[str] = "buzz"
    needs: ClassVar[frozenset[str]] = frozenset({"buzz"})

    measure: str

    @override
    def predict(self, evidence: Evidence, rng: np.random.Generator) -> Forecast:
        return Forecast(
            share=share_of_attention(self._rows(evidence)),
            converted="attention",
        )

    def predict_batch(self, batch: EvidenceBatch) -> NDArray[np.float64]:
        """Shares [B, C] of every replicate."""
        return shares_of(mean_value(batch, self._rows(batch.replicate(0))))

    def _rows(self, evidence: Evidence) -> pd.DataFrame:
        rows = self.recent(evidence, [self.measure], self.source)
        if rows["candidate"].nunique() < 2:
            raise self.silent(evidence, self.measure)
        return rows

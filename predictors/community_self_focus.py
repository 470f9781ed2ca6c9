"""Self-focus: how much more a candidate's community speaks of him than the others do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from typing_extensions import override

from bench.core import Abstain, Evidence, Forecast
from bench.core.evidence import EvidenceBatch
from bench.models.attention import AttentionPredictor
from bench.models.log_ratio import shares_of


@dataclass(frozen=True, kw_only=True)
class CommunitySelfFocus(AttentionPredictor):
    """Attention of the own community minus the mean of the others, cut at 0, divided by the sum.

    With ``a_kc`` the fraction of community k's posts that mention candidate c, of K communities,
    ``net_c = a_cc - sum_{k != c} a_kc / (K - 1)``. No tone is measured and no following is
    counted: a community that speaks of nothing but its own candidate wins, however small it is.
    """

    family: ClassVar[str] = "buzz"
    needs: ClassVar[frozenset[str]] = frozenset({"buzz"})

    measure: str

    @override
    def predict(self, evidence: Evidence, rng: np.random.Generator) -> Forecast:
        rows = self._rows(evidence)
        share = self._share(rows, rows["value"].to_numpy(float)[None], evidence.candidates)[0]
        if np.isnan(share).all():
            raise Abstain("no community speaks more of its own candidate than the others do")
        return Forecast(
            share=pd.Series(share, index=list(evidence.candidates)).dropna(),
            converted="self_focus",
        )

    def predict_batch(self, batch: EvidenceBatch) -> NDArray[np.float64]:
        """Shares [B, C] of every replicate, NaN in those where it abstains."""
        rows = self._rows(batch.replicate(0))
        table = batch["buzz"].take(rows.index.to_numpy())
        return self._share(table.rows, table.values["value"], batch.candidates)

    def _share(
        self, rows: pd.DataFrame, value: NDArray[np.float64], candidates: tuple[str, ...]
    ) -> NDArray[np.float64]:
        """Shares [B, C] from values [B, N]; NaN where a candidate has no community."""
        community, names = pd.factorize(rows["community"], sort=True)
        candidate = pd.Index(candidates).get_indexer(pd.Index(rows["candidate"]))
        attention = np.full((len(value), len(names), len(candidates)), np.nan)
        for k, c in set(zip(community.tolist(), candidate.tolist(), strict=True)):
            attention[:, k, c] = value[:, (community == k) & (candidate == c)].mean(axis=1)
        own = np.full((len(value), len(candidates)), np.nan)
        for c, k in enumerate(pd.Index(names).get_indexer(pd.Index(candidates))):
            if k >= 0:
                own[:, c] = attention[:, k, c]
        elsewhere = (np.nansum(attention, axis=1) - own) / (len(names) - 1)
        return shares_of(np.maximum(own - elsewhere, 0))

    def _rows(self, evidence: Evidence) -> pd.DataFrame:
        rows = self.recent(evidence, [self.measure], self.source)
        rows = rows[rows["community"].notna() & (rows["community"] != "")]
        if rows["candidate"].nunique() < 2 or rows["community"].nunique() < 2:
            raise self.silent(evidence, self.measure, "communities")
        return rows

"""All traces of a candidate on the web, tone ignored."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from typing_extensions import override

from bench.core import Abstain, Evidence, Forecast
from bench.core.evidence import EvidenceBatch
from bench.models.attention import BuzzPredictor, mean_value, share_of_attention
from bench.models.log_ratio import shares_of


@dataclass(frozen=True, kw_only=True)
class DigitalWeight(BuzzPredictor):
    """Mean over all traces of a candidate's share in each.

    Each measure (posts, followers, page fans, videos …) of each source gives a share over the
    candidates it covers; a candidate's weight is the mean of these shares over the measures
    that cover at least `least_named` candidates, divided by the sum of the weights. Being
    spoken of badly counts as much as being spoken of well.
    """

    family: ClassVar[str] = "buzz"
    needs: ClassVar[frozenset[str]] = frozenset({"buzz"})

    measures: tuple[str, ...]
    least_named: int

    @override
    def predict(self, evidence: Evidence, rng: np.random.Generator) -> Forecast:
        shares = [share_of_attention(trace) for trace in self._traces(evidence)]
        weight = pd.concat(shares, axis=1).mean(axis=1)
        return Forecast(
            share=weight / weight.sum(),
            converted=f"mean share over {len(shares)} traces read as a vote share",
        )

    def predict_batch(self, batch: EvidenceBatch) -> NDArray[np.float64]:
        """Shares [B, C] of every replicate."""
        traces = self._traces(batch.replicate(0))
        shares = [shares_of(mean_value(batch, trace)) for trace in traces]
        named = np.sum([~np.isnan(share) for share in shares], axis=0)
        return shares_of(np.nansum(shares, axis=0) / np.where(named > 0, named, np.nan))

    def _traces(self, evidence: Evidence) -> list[pd.DataFrame]:
        rows = self.recent(evidence, self.measures)
        min_named = min(self.least_named, len(evidence.candidates))
        traces = [
            trace
            for _, trace in rows.groupby(["source", "measure"])
            if trace["candidate"].nunique() >= min_named
        ]
        if not traces:
            raise Abstain(f"no trace of {min_named} candidates {self.days_searched(evidence)}")
        return traces

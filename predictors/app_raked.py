"""The app's users, weighted to what is known of the electorate."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from typing_extensions import override

from bench.core import ConfigError, Evidence, Forecast, Predictor
from bench.core.batch import EvidenceBatch
from bench.models.app_support import as_batch, support
from bench.models.raking import design_effect, rake_cells

COUNTS = ("users", "votes")


@dataclass(frozen=True, kw_only=True)
class AppRaked(Predictor):
    """Support by group of an app, raked to age, sex and recalled past vote.

    ``share_c = sum_r w_r n_rc / sum_r w_r n_r`` with raking weights w cut at `largest_weight`
    times their mean. The draws are Dirichlet around it with ``n / design effect`` (Kish) as
    size: the interval of somebody who believes that weighting removes self-selection.
    """

    family: ClassVar[str] = "app ratings"
    needs: ClassVar[frozenset[str]] = frozenset({"app_support", "quotas"})

    source: str
    count: str
    largest_weight: float
    n_draws: int

    @override
    def predict(self, evidence: Evidence, rng: np.random.Generator) -> Forecast:
        share, size = self._estimate(as_batch(evidence))
        draws = rng.dirichlet(share[0] * size[0] + 0.5, size=self.n_draws)
        return Forecast(share=pd.Series(share[0], index=list(evidence.candidates)), draws=draws)

    def predict_batch(self, batch: EvidenceBatch) -> NDArray[np.float64]:
        """Shares [B, C] of every replicate."""
        return self._estimate(batch)[0]

    def _estimate(self, batch: EvidenceBatch) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        if self.count not in COUNTS:
            raise ConfigError(f"count is '{self.count}'; accepted: {', '.join(COUNTS)}")
        found = support(batch, self.source, self.count)
        votes = found.counts.sum(axis=2)
        people = votes.sum(axis=2)
        weight = rake_cells(people, found.codes, found.margins, largest_weight=self.largest_weight)
        weighted = (weight[:, :, None] * votes).sum(axis=1)
        share = weighted / weighted.sum(axis=1, keepdims=True)
        return share, people.sum(axis=1) / design_effect(people, weight)

"""The app's users, counted so that a crowd of new accounts weighs little."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from typing_extensions import override

from bench.core import Abstain, Evidence, Forecast, Predictor
from bench.core.evidence import EvidenceBatch
from bench.models.app_support import as_batch, support
from bench.models.log_ratio import shares_of
from bench.models.raking import rake_cells


@dataclass(frozen=True, kw_only=True)
class AppRobust(Predictor):
    """Raked support, every person once, bursts cut, and the median over cohorts of accounts.

    A candidate's supporters in one cohort count at most `burst_factor` times the median of his
    cohorts. Each cohort is raked by itself (weights cut at `largest_weight`), and the share is
    the median of the cohorts' shares, divided by its sum: half of the cohorts would have to be
    bought. The draws resample cohorts.
    """

    family: ClassVar[str] = "app ratings"
    needs: ClassVar[frozenset[str]] = frozenset({"app_support", "quotas"})

    source: str
    largest_weight: float
    burst_factor: float
    n_draws: int

    @override
    def predict(self, evidence: Evidence, rng: np.random.Generator) -> Forecast:
        cohorts = self._cohorts(as_batch(evidence, self.source))[0]
        cohorts = cohorts[~np.isnan(cohorts).any(axis=1)]
        share = _middle(cohorts[None])[0]
        if np.isnan(share).any():
            raise Abstain("too few users: the median over cohorts supports nobody")
        chosen = rng.integers(len(cohorts), size=(self.n_draws, len(cohorts)))
        draws = _middle(cohorts[chosen])
        return Forecast(
            share=pd.Series(share, index=list(evidence.candidates)),
            draws=draws[~np.isnan(draws).any(axis=1)],
        )

    def predict_batch(self, batch: EvidenceBatch) -> NDArray[np.float64]:
        """Shares [B, C] of every replicate."""
        return _middle(self._cohorts(batch))

    def _cohorts(self, batch: EvidenceBatch) -> NDArray[np.float64]:
        arranged = support(batch, self.source, "users")
        arrivals = arranged.counts.sum(axis=1)  # [B, W, C]
        usual = np.median(arrivals, axis=1, keepdims=True)
        limit = self.burst_factor * np.maximum(usual, 1.0)
        keep = np.minimum(1.0, limit / np.maximum(arrivals, 1.0))
        votes = (arranged.counts * keep[:, None]).swapaxes(1, 2)  # [B, W, R, C]
        flat = votes.reshape(-1, *votes.shape[2:])
        people = flat.sum(axis=2)
        weight = rake_cells(
            people, arranged.codes, arranged.margins, largest_weight=self.largest_weight
        )
        weighted = (weight[:, :, None] * flat).sum(axis=1)
        share = shares_of(weighted)  # NaN in a cohort of nobody
        return np.asarray(share.reshape(votes.shape[0], votes.shape[1], -1))


def _middle(cohorts: NDArray[np.float64]) -> NDArray[np.float64]:
    """The median of the cohorts that have users, divided by its sum; NaN if that is 0."""
    is_complete = ~np.isnan(cohorts).any(axis=(1, 2))
    middle = np.empty((len(cohorts), cohorts.shape[2]))
    middle[is_complete] = np.median(cohorts[is_complete], axis=1)
    if not is_complete.all():
        middle[~is_complete] = np.nanmedian(cohorts[~is_complete], axis=1)
    return shares_of(middle)

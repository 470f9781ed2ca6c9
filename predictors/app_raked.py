"""The app's users, weighted to what is known of the electorate."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from typing_extensions import override

from bench.core import ConfigError, Evidence, Forecast, Predictor
from bench.core.arrays import IntArray
from bench.core.evidence import EvidenceBatch
from bench.models.app_support import as_batch, support
from bench.models.log_ratio import shares_of
from bench.models.multilevel import fit_choices
from bench.models.raking import design_effect, rake_cells

COUNTS = ("users", "votes")


@dataclass(frozen=True, kw_only=True)
class AppRaked(Predictor):
    """Support by group of an app, raked to age, sex and recalled past vote.

    ``share_c = sum_r w_r n_rc / sum_r w_r n_r`` with raking weights w cut at `largest_weight`
    times their mean. With ``pooling: none`` ``n_rc / n_r`` is what the users of the cell say, and
    the draws are Dirichlet around it with ``n / design effect`` (Kish) as size. With ``multilevel``
    it is the estimate of a multilevel logit (`bench.models.multilevel`), which believes small cells
    less, and the draws are those of its coefficients: post-stratified as in Wang, Rothschild, Goel
    and Gelman (2015). Either interval is that of somebody who believes that weighting removes
    self-selection.

    References
    ----------
    Wang, W., Rothschild, D., Goel, S. and Gelman, A. (2015). Forecasting elections with
    non-representative polls. doi:10.1016/j.ijforecast.2014.06.001
    """

    family: ClassVar[str] = "app ratings"
    needs: ClassVar[frozenset[str]] = frozenset({"app_support", "quotas"})

    source: str
    count: str
    pooling: Literal["none", "multilevel"]
    largest_weight: float
    n_draws: int

    @override
    def predict(self, evidence: Evidence, rng: np.random.Generator) -> Forecast:
        votes, weight, codes = self._weighted(as_batch(evidence, self.source))
        if self.pooling == "multilevel":
            frame = _frame(votes, weight)[0]
            cells = fit_choices(votes[0], codes)
            share = frame @ cells.share
            draws = frame @ cells.draws(rng, self.n_draws)
        else:
            people = votes.sum(axis=2)
            size = people.sum(axis=1) / design_effect(people, weight)
            share = _shares(votes, weight)[0]
            draws = rng.dirichlet(share * size[0] + 0.5, size=self.n_draws)
        return Forecast(share=pd.Series(share, index=list(evidence.candidates)), draws=draws)

    def predict_batch(self, batch: EvidenceBatch) -> NDArray[np.float64]:
        """Shares [B, C] of every replicate."""
        votes, weight, codes = self._weighted(batch)
        if self.pooling == "none":
            return _shares(votes, weight)
        frame = _frame(votes, weight)
        cells = np.stack([fit_choices(sample, codes).share for sample in votes])
        return np.asarray((frame[:, :, None] * cells).sum(axis=1))

    def _weighted(
        self, batch: EvidenceBatch
    ) -> tuple[NDArray[np.float64], NDArray[np.float64], dict[str, IntArray]]:
        """Users [B, R, C] by cell and choice, weights [B, R], and groups of the cells."""
        if self.count not in COUNTS:
            raise ConfigError(f"count is '{self.count}'; accepted: {', '.join(COUNTS)}")
        arranged = support(batch, self.source, self.count)
        votes = arranged.counts.sum(axis=2)
        people = votes.sum(axis=2)
        weight = rake_cells(
            people, arranged.codes, arranged.margins, largest_weight=self.largest_weight
        )
        return votes, weight, arranged.codes


def _shares(votes: NDArray[np.float64], weight: NDArray[np.float64]) -> NDArray[np.float64]:
    return shares_of((weight[:, :, None] * votes).sum(axis=1))


def _frame(votes: NDArray[np.float64], weight: NDArray[np.float64]) -> NDArray[np.float64]:
    """Fractions [B, R] of the electorate by cell: the raked numbers of users."""
    return shares_of(weight * votes.sum(axis=2))

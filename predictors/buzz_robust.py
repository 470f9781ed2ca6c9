"""Favourable authors, not favourable posts: everybody speaks once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from typing_extensions import override

from bench.core import Abstain, Evidence, Forecast
from bench.core.batch import EvidenceBatch, by_candidate
from bench.models.attention import AttentionPredictor


@dataclass(frozen=True, kw_only=True)
class BuzzRobust(AttentionPredictor):
    """Mean number of authors who speak well of a candidate, divided by its sum.

    Every author counts once per day measured and candidate, however much he posts, so repeated
    and automated posts of one account add nothing; ``share_c = authors_c / sum authors``.
    """

    family: ClassVar[str] = "buzz"
    needs: ClassVar[frozenset[str]] = frozenset({"buzz"})

    measure: str

    @override
    def predict(self, evidence: Evidence, rng: np.random.Generator) -> Forecast:
        rows = self._rows(evidence)
        authors = rows.groupby("candidate")["value"].mean().reindex(list(evidence.candidates))
        share = self._share(authors.to_numpy(float)[None])[0]
        return Forecast(
            share=pd.Series(share, index=authors.index).dropna(),
            converted="share of favourable authors read as a vote share",
        )

    def predict_batch(self, batch: EvidenceBatch) -> NDArray[np.float64]:
        """Shares [B, C] of every replicate."""
        rows = self._rows(batch.replicate(0))
        table = batch["buzz"].take(rows.index.to_numpy())
        return self._share(by_candidate(table, "value", batch.candidates, np.mean))

    def _rows(self, evidence: Evidence) -> pd.DataFrame:
        rows = self.recent(evidence, self.measure)
        if rows["candidate"].nunique() < 2:
            raise Abstain(f"{self.source} counted no {self.measure} of two candidates in time")
        return rows

    def _share(self, authors: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(authors / np.nansum(authors, axis=1, keepdims=True))

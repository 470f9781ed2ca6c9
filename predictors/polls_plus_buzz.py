"""Polls, nudged by whose share of the conversation grows."""

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
from bench.kit.poll_average import poll_average
from bench.kit.poll_batch import poll_batch


@dataclass(frozen=True, kw_only=True)
class PollsPlusBuzz(Predictor):
    """Poll share times (attention lately / attention before) to the power `elasticity`.

    Attention is the share of mentions over the last `window_days` measured, against the
    `window_days` before them. The elasticity is a convention, not an estimate: no earlier
    election with the same measurements exists to learn it from. Candidates whose attention is
    not measured keep their poll share before the sum is brought back to 1.
    """

    family: ClassVar[str] = "hybrids"
    needs: ClassVar[frozenset[str]] = frozenset({"polls", "buzz"})

    half_life_days: float
    source: str
    measure: str
    window_days: int
    max_age_days: int
    elasticity: float

    @override
    def predict(self, evidence: Evidence, rng: np.random.Generator) -> Forecast:
        polls = poll_average(evidence, self.half_life_days)
        rows, is_recent = self._rows(evidence)
        now = share_of_attention(rows[is_recent])
        before = share_of_attention(rows[~is_recent])
        trend = (now / before).where(before > 0).reindex(polls.index).fillna(1.0)
        share = polls * trend**self.elasticity
        return Forecast(share=share * polls.sum() / share.sum())

    def predict_batch(self, batch: EvidenceBatch) -> NDArray[np.float64]:
        """Shares [B, C] of every replicate."""
        table, listed = poll_batch(batch)
        if np.isnan(listed).any():
            every = (
                poll_average(batch.replicate(b), self.half_life_days) for b in range(batch.size)
            )
            polls = np.stack([one.to_numpy(float) for one in every])
        else:
            age = table.days - table.days.min()
            weight = table.respondents * 0.5 ** (age / self.half_life_days)
            polls = np.tensordot(listed, weight, axes=(1, 0)) / weight.sum()
            polls = polls / polls.sum(axis=1, keepdims=True)
        rows, is_recent = self._rows(batch.replicate(0))
        index = rows.index.to_numpy()
        now, before = (
            by_candidate(batch["buzz"].take(index[keep]), "value", batch.candidates, np.mean)
            for keep in (is_recent.to_numpy(), ~is_recent.to_numpy())
        )
        now, before = (mean / np.nansum(mean, axis=1, keepdims=True) for mean in (now, before))
        grown = np.divide(now, before, out=np.full_like(now, np.nan), where=before > 0)
        share = polls * np.where(np.isnan(grown), 1.0, grown) ** self.elasticity
        total = np.nansum(polls, axis=1, keepdims=True)
        return np.asarray(share * total / np.nansum(share, axis=1, keepdims=True))

    def _rows(self, evidence: Evidence) -> tuple[pd.DataFrame, pd.Series]:
        rows = recent(
            evidence,
            [self.measure],
            window_days=2 * self.window_days,
            max_age_days=self.max_age_days,
            sources=[self.source],
        )
        if rows["candidate"].nunique() < 2:
            raise Abstain(
                f"{self.source} measured no {self.measure.replace('_', ' ')} of two candidates in "
                f"the {self.max_age_days} days before {evidence.as_of:%d %B %Y}"
            )
        border = rows["day"].max() - pd.Timedelta(days=self.window_days)
        return rows, rows["day"] > border

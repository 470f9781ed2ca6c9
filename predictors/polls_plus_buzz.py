"""Polls, nudged by whose share of the conversation grows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from typing_extensions import override

from bench.core import Abstain, Evidence, Forecast, Predictor
from bench.core.batch import EvidenceBatch, by_candidate
from bench.models.attention import recent, share_of_attention
from bench.models.polls.national_polls import Learned, half_life, national_polls
from bench.models.polls.poll_table import age_weights, poll_batch, whole_ballots_batch


@dataclass(frozen=True, kw_only=True)
class PollsPlusBuzz(Predictor):
    """Poll share times (attention lately / attention before) to the power `elasticity`.

    Attention is that of `attention_share`, every community alike, over the last `window_days`
    measured, against the `window_days` before them. The elasticity is a convention, not an
    estimate: no earlier election was measured like this, and the daily polls of this campaign
    (27 February to 24 March 2017) give -0.03, no effect of attention on the polls. Candidates
    whose attention is not measured keep their poll share before the sum is brought back to 1.
    """

    family: ClassVar[str] = "hybrids"
    needs: ClassVar[frozenset[str]] = frozenset({"polls", "past_errors", "buzz"})

    half_life_days: float | Learned
    source: str
    measure: str
    window_days: int
    max_age_days: int
    elasticity: float
    design_effect: float
    n_draws: int

    @override
    def predict(self, evidence: Evidence, rng: np.random.Generator) -> Forecast:
        polls = national_polls(evidence, self.half_life_days, self.design_effect)
        rows, is_recent = self._rows(evidence)
        now = share_of_attention(rows[is_recent])
        before = share_of_attention(rows[~is_recent])
        trend = (now / before).where(before > 0).reindex(polls.share.index).fillna(1.0)
        share = polls.share * trend**self.elasticity
        share = share / share.sum()
        return Forecast(share=share, draws=polls.draws(share.to_numpy(), rng, self.n_draws))

    def predict_batch(self, batch: EvidenceBatch) -> NDArray[np.float64]:
        """Shares [B, C] of every replicate."""
        table, listed = poll_batch(batch)
        weight = age_weights(table, half_life(batch.evidence, self.half_life_days))
        whole = whole_ballots_batch(table, listed)
        polls = np.tensordot(whole, weight, axes=(1, 0)) / weight.sum()
        rows, is_recent = self._rows(batch.replicate(0))
        index = rows.index.to_numpy()
        now, before = (
            by_candidate(batch["buzz"].take(index[keep]), "value", batch.candidates, np.mean)
            for keep in (is_recent.to_numpy(), ~is_recent.to_numpy())
        )
        now, before = (mean / np.nansum(mean, axis=1, keepdims=True) for mean in (now, before))
        grown = np.divide(now, before, out=np.full_like(now, np.nan), where=before > 0)
        share = polls * np.where(np.isnan(grown), 1.0, grown) ** self.elasticity
        return np.asarray(share / share.sum(axis=1, keepdims=True))

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

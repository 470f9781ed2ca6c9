"""Polls, nudged by whose share of the conversation grows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
import pandas as pd
from typing_extensions import override

from bench.core import Evidence, Forecast
from bench.core.arrays import FloatArray
from bench.core.evidence import EvidenceBatch
from bench.models.attention import mean_value, share_of_attention
from bench.models.elasticity import CampaignPredictor, Elasticity
from bench.models.log_ratio import shares_of
from bench.models.polls.national_polls import (
    Learned,
    NationalPolls,
    expected_batch,
    half_life,
    polls_to_start_from,
)
from bench.models.polls.poll_table import age_weights, poll_batch, weighted_batch


@dataclass(frozen=True, kw_only=True)
class PollsPlusBuzz(CampaignPredictor):
    """Poll share times (attention lately / attention before) to the power of an elasticity.

    Attention is that of `attention_share`, every community alike, over the last `window_days`
    measured, against the window before. The elasticity is how far the polls of this campaign
    followed attention from week to week (``campaign``, see
    `bench.models.elasticity.Campaign.elasticity`), with its uncertainty in the draws, or a number.
    Candidates whose attention is not measured keep their poll share before the sum is brought
    back to 1. What it adds to the polls presumes that they have yet to follow. The polls are those
    of `polls_to_start_from`, of everybody or of some institutes; the elasticity is learned from
    everybody's.
    """

    family: ClassVar[str] = "hybrids"
    needs: ClassVar[frozenset[str]] = frozenset({"polls", "past_errors", "buzz"})

    institutes: tuple[str, ...]
    half_life_days: float | Learned
    elasticity: float | Literal["campaign"]
    design_effect: float
    n_draws: int

    @override
    def predict(self, evidence: Evidence, rng: np.random.Generator) -> Forecast:
        polls, growth, learned, share = self._moved(evidence)
        draws = polls.draws(share, rng, self.n_draws)
        moved = (learned.draws(rng, self.n_draws) - learned.value)[:, None] * growth
        draws = draws * np.exp(moved - moved.max(axis=1, keepdims=True))  # whatever the tails
        return Forecast(
            share=pd.Series(polls.expected(share), index=list(polls.candidates)),
            draws=draws / draws.sum(axis=1, keepdims=True),
        )

    def _moved(
        self, evidence: Evidence
    ) -> tuple[NationalPolls, FloatArray, Elasticity, FloatArray]:
        """The polls, log growth of attention [C], the elasticity, and shares [C] after it."""
        polls = polls_to_start_from(
            evidence, self.institutes, self.half_life_days, self.design_effect
        )
        growth = self._log_growth(evidence).reindex(list(polls.candidates)).fillna(0.0).to_numpy()
        learned = self.learned(evidence)
        share = polls.mean.share * np.exp(learned.value * growth)
        return polls, growth, learned, share / share.sum()

    def predict_batch(self, batch: EvidenceBatch) -> FloatArray:
        """Shares [B, C] of every replicate; what is learned is learned in each."""
        if self.institutes:
            expected = []
            for b in range(batch.size):
                polls, _, _, level = self._moved(batch.replicate(b))
                expected.append(polls.expected(level))
            return np.stack(expected)
        table, listed = poll_batch(batch)
        weight = age_weights(table, half_life(batch.evidence, self.half_life_days))
        level = weighted_batch(table, listed, weight)
        recent, before = (
            shares_of(mean_value(batch, rows)) for rows in self._windows(batch.replicate(0))
        )
        grown = np.divide(
            recent, before, out=np.full_like(recent, np.nan), where=(before > 0) & (recent > 0)
        )
        if self.elasticity == "campaign":
            each = [self.learned(batch.replicate(b)).value for b in range(batch.size)]
            elasticity = np.array(each)[:, None]
        else:
            elasticity = np.full((1, 1), float(self.elasticity))
        level = level * np.where(np.isnan(grown), 1.0, grown) ** elasticity
        level /= level.sum(axis=1, keepdims=True)
        return expected_batch(batch.evidence, level, table, weight, self.design_effect)

    def learned(self, evidence: Evidence) -> Elasticity:
        """The elasticity and what it rests on."""
        if self.elasticity == "campaign":
            return self.campaign(evidence).elasticity(evidence.as_of, self.learn_days)
        return Elasticity(value=float(self.elasticity))

    def _log_growth(self, evidence: Evidence) -> pd.Series:
        recent, before = (share_of_attention(rows) for rows in self._windows(evidence))
        ratio = (recent / before)[(recent > 0) & (before > 0)]
        return pd.Series(np.log(ratio.to_numpy(float)), index=ratio.index)

    def _windows(self, evidence: Evidence) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Rows of `buzz` in the last window measured, and in the one before it."""
        rows = self.campaign(evidence).buzz
        rows = rows[rows["candidate"].isin(evidence.candidates)]
        lately = self.latest(rows, evidence.as_of)
        if lately["candidate"].nunique() < 2:
            raise self.silent(evidence, self.measure)
        border = lately["day"].max() - pd.Timedelta(days=self.window_days)
        return lately, self.latest(rows, border)

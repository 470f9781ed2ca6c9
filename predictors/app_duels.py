"""The duels of an app: who would win against whom, among whoever comes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd
from typing_extensions import override

from bench.core import Abstain, Evidence, Forecast, Predictor
from bench.core.arrays import FloatArray
from bench.core.evidence import BatchTable, EvidenceBatch, one_replicate
from bench.models.bradley_terry import strengths
from bench.models.log_ratio import softmax


@dataclass(frozen=True, kw_only=True)
class AppDuels(Predictor):
    """Answers of self-selected users to duels between two candidates, read by Bradley–Terry.

    The likeliest strengths of the last day counted say the order. As shares they are read by
    Luce's axiom (1959): the odds of two candidates are the same in a duel as on the whole ballot,

        share_c = exp(s_c) / sum_k exp(s_k),

    which holds only where everybody would choose with the same chances. Nothing here corrects who
    takes part.
    """

    family: ClassVar[str] = "app ratings"
    needs: ClassVar[frozenset[str]] = frozenset({"duels"})

    source: str
    max_age_days: int

    @override
    def predict(self, evidence: Evidence, rng: np.random.Generator) -> Forecast:
        batch = one_replicate(evidence, {"duels": ("wins", "n")}, self.source)
        shares = self.predict_batch(batch)[0]
        share = pd.Series(shares, index=list(evidence.candidates)).dropna()
        return Forecast(share=share, converted="duels")

    def predict_batch(self, batch: EvidenceBatch) -> FloatArray:
        """Shares [B, C] of every replicate; NaN where nobody was asked about a candidate."""
        table = batch["duels"] if "duels" in batch.tables else None
        table = table and self._latest(table, batch)
        if table is None or table.rows.empty:
            raise Abstain(f"{self.source} published no duels in time")
        names = pd.Index(batch.candidates)
        first = names.get_indexer(pd.Index(table.rows["candidate"]))
        second = names.get_indexer(pd.Index(table.rows["opponent"]))
        compared = np.unique([first, second])
        wins = np.zeros((batch.size, len(names), len(names)))
        wins[:, first, second] = table.values["wins"]
        wins[:, second, first] = table.values["n"] - table.values["wins"]
        shares = np.full((batch.size, len(names)), np.nan)
        duels = wins[:, compared[:, None], compared]
        shares[:, compared] = [softmax(strengths(replicate)) for replicate in duels]
        return shares

    def _latest(self, table: BatchTable, batch: EvidenceBatch) -> BatchTable:
        rows = table.rows
        oldest = batch.evidence.as_of.normalize() - pd.Timedelta(days=self.max_age_days)
        on_ballot = rows[["candidate", "opponent"]].isin(batch.candidates).all(axis=1)
        is_recent = rows["source"].eq(self.source) & on_ballot & rows["day"].ge(oldest)
        is_latest = is_recent & rows["day"].eq(rows["day"][is_recent].max())
        return table.take(is_latest.to_numpy())

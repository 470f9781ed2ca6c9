"""This file holds the plain mean of every institute's last poll."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from typing_extensions import override

from bench.contract import Evidence, Forecast, Predictor
from bench.contract.batch import EvidenceBatch
from bench.kit.industry_error import learn
from bench.kit.log_ratio import closed
from bench.kit.poll_batch import poll_batch, whole_ballots_batch
from bench.kit.poll_table import PollTable, poll_table, whole_ballots


@dataclass(frozen=True, kw_only=True)
class LastPoll(Predictor):
    """Mean of the last poll of each institute, every institute counting the same.

    Institutes whose last poll ended more than ``window_days`` before the latest of all are left
    out. With K institutes of n_k respondents the sampling noise in the draws has variance
    ``sum 1 / n_k / K^2 / p``, to which the industry-wide error is added.
    """

    family: ClassVar[str] = "quota polls"
    needs: ClassVar[frozenset[str]] = frozenset({"polls", "past_polls", "outcomes"})

    window_days: float
    n_draws: int

    @override
    def predict(self, evidence: Evidence, rng: np.random.Generator) -> Forecast:
        names = list(evidence.candidates)
        table = poll_table(evidence["polls"], names, evidence.vote_on)
        if len(table) == 0:
            return Forecast(share=pd.Series(np.nan, index=names, dtype=float))
        last = self._last(table)
        share = whole_ballots(table)[last].mean(axis=0)  # [C]

        kept = table.take(last)
        respondents = len(kept) ** 2 / (1.0 / kept.respondents).sum()
        industry = learn(evidence["past_polls"], evidence["outcomes"])
        draws = industry.draws(
            share,
            float(kept.days.mean()),
            rng,
            self.n_draws,
            runoff=evidence.round == 2,
            sampling=np.diag(1.0 / (respondents * closed(share))),
        )
        return Forecast(share=pd.Series(share, index=names), draws=draws)

    def predict_batch(self, batch: EvidenceBatch) -> NDArray[np.float64]:
        """Shares [B, C] of every replicate."""
        table, share = poll_batch(batch)
        return np.asarray(whole_ballots_batch(table, share)[:, self._last(table)].mean(axis=1))

    def _last(self, table: PollTable) -> NDArray[np.bool_]:
        last = np.zeros(len(table), dtype=bool)
        for k in range(len(table.institutes)):
            last[np.flatnonzero(table.institute == k)[-1]] = True
        return np.asarray(last & (table.days <= table.days.min() + self.window_days))

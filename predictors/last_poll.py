"""The plain mean of every institute's last poll."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from typing_extensions import override

from bench.core import Evidence, Forecast, Predictor
from bench.core.evidence import EvidenceBatch
from bench.models.polls.national_polls import expected_batch, forecast_of_last_polls
from bench.models.polls.poll_table import last_weights, poll_batch, weighted_batch


@dataclass(frozen=True, kw_only=True)
class LastPoll(Predictor):
    """Mean of the last poll of each institute, every institute counting the same.

    Institutes whose last poll ended more than ``window_days`` before the latest of all are left
    out. With K institutes of n_k respondents the sampling noise in the draws has variance
    ``sum 1 / n_k / K^2 / p``, to which the industry-wide error is added.
    """

    family: ClassVar[str] = "quota polls"
    needs: ClassVar[frozenset[str]] = frozenset({"polls", "past_errors"})

    window_days: float
    n_draws: int

    @override
    def predict(self, evidence: Evidence, rng: np.random.Generator) -> Forecast:
        return forecast_of_last_polls(
            evidence,
            evidence["polls"],
            window_days=self.window_days,
            n_draws=self.n_draws,
            rng=rng,
        )

    def predict_batch(self, batch: EvidenceBatch) -> NDArray[np.float64]:
        """Shares [B, C] of every replicate."""
        table, share = poll_batch(batch)
        weight = last_weights(table, self.window_days)
        level = weighted_batch(table, share, weight)
        return expected_batch(batch.evidence, level, table, weight)

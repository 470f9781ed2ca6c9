"""The last polls, drawn towards the last election while the vote is far off."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd
from typing_extensions import override

from bench.core import Abstain, Evidence, Forecast, Predictor
from bench.core.arrays import FloatArray
from bench.models.families import last_first_round
from bench.models.log_ratio import FLOOR, closed, shares_of
from bench.models.polls.national_polls import forecast_of_last_polls
from bench.models.polls.poll_table import last_polls, polls_of

PAIR = 2  # on whose ballots the pull was not chosen


@dataclass(frozen=True, kw_only=True)
class PollsAndLastElection(Predictor):
    """The last polls, their centre pulled towards the last election, the more the older they are.

    The forecast of `last_poll`, draws and all, times ``exp(w d_i)`` and divided by its sum: in logs
    the centre moves and the spread stays; ``share`` is the mean of the draws.
    ``w = max_weight (1 - exp(-days / growth_days))``, days from the interviews to the vote;
    ``d_i = log(l_i / p_i)``, cut at ``max_log_ratio`` either way, of the share of the same person
    or party in the latest first round and in the polls, 0 for who did not stand then. A ballot of
    two is that of `last_poll`.
    """

    family: ClassVar[str] = "hybrids"
    needs: ClassVar[frozenset[str]] = frozenset({"polls", "past_errors", "outcomes"})

    window_days: float
    max_weight: float
    growth_days: float
    max_log_ratio: float
    n_draws: int

    @override
    def predict(self, evidence: Evidence, rng: np.random.Generator) -> Forecast:
        polled = forecast_of_last_polls(
            evidence,
            evidence["polls"],
            window_days=self.window_days,
            n_draws=self.n_draws,
            rng=rng,
        )
        if len(evidence.candidates) == PAIR:
            return polled
        return self.pulled(evidence, polled)

    def pulled(self, evidence: Evidence, polled: Forecast) -> Forecast:
        """A forecast from polls, with its centre moved.

        Raises
        ------
        Abstain
            If nobody on this ballot stood in an earlier first round.
        """
        mean = last_polls(polls_of(evidence), self.window_days)
        weight = self.max_weight * (1.0 - np.exp(-mean.days / self.growth_days))
        factor = np.exp(weight * self._distance(evidence, mean.share))
        assert polled.draws is not None
        draws = shares_of(polled.draws * factor)
        return Forecast(share=pd.Series(draws.mean(axis=0), index=polled.share.index), draws=draws)

    def _distance(self, evidence: Evidence, share: FloatArray) -> FloatArray:
        """How far the last election lies from the polls, in logs [C]."""
        election, votes = last_first_round(evidence)
        last = (votes.sum() / votes.to_numpy().sum()).reindex(list(evidence.candidates))
        stood = (last > FLOOR).to_numpy()
        if not stood.any():
            raise Abstain(f"nobody on this ballot stood in {election}")
        distance = np.zeros(len(share))
        distance[stood] = np.log(last[stood] / closed(share)[stood])
        return np.clip(distance, -self.max_log_ratio, self.max_log_ratio)

"""Any point forecast with draws from the record of its method."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from typing_extensions import override

from bench.core import Abstain, ConfigError, Evidence, Forecast, Predictor, on_ballot
from bench.models.dressing import Dressing, Record, learn_dressing, past_votes


@dataclass(frozen=True, kw_only=True)
class Dressed(Predictor):
    """The forecast of another method, as it is, with draws as wide as that method has erred.

    ``outcome = softmax(log(share) + e)``, e a multivariate t whose scale is learned from what the
    method says of the `most_votes` latest other votes of the same round, each with what was public
    as many days before it. A method without a record, such as an app of one campaign, has the
    prior, which is wide. Draws of its own are left out.
    """

    family: ClassVar[str] = "dressed forecasts"
    needs: ClassVar[frozenset[str]] = frozenset(
        {
            *("polls", "past_polls", "outcomes", "ballots", "past_errors", "past_approvals"),
            *("ratings", "online_ballot", "app_support", "quotas", "claims", "buzz"),
        }
    )

    of: Predictor
    most_votes: int
    n_draws: int

    @override
    def predict(self, evidence: Evidence, rng: np.random.Generator) -> Forecast:
        bare, name_of = self.of, type(self.of).__name__
        if not bare.needs <= self.needs:
            raise ConfigError(
                f"{name_of} reads {sorted(bare.needs - self.needs)}, of which no other vote "
                "has the like here; dress a method that does without"
            )
        mine = evidence.only(bare.needs)
        forecast = bare.predict(mine, rng)
        for name in mine.tables_read:
            evidence[name]  # the tables that it rests on are those of the bare forecast
        named = forecast.share.notna()
        if not named.any():
            raise Abstain(f"{name_of} gives no shares to dress")
        share = forecast.share[named].reindex([c for c in evidence.candidates if c in named[named]])
        whole = _whole(forecast, evidence.candidates)
        draws = self.dressing(evidence, rng).draws(whole, rng, self.n_draws)
        columns = [evidence.candidates.index(name) for name in share.index]
        return Forecast(share=share, draws=draws[:, columns], converted=forecast.converted)

    def dressing(self, evidence: Evidence, rng: np.random.Generator) -> Dressing:
        """How far the method has erred at other votes; `n_votes` says at how many."""
        records = []
        outcomes = evidence["outcomes"]
        official = outcomes[outcomes["level"] == "national"]
        for past in past_votes(evidence, self.of.needs, self.most_votes):
            try:
                said = self.of.predict(past, rng)
            except Abstain:
                continue
            rows = official[
                (official["election"] == past.election) & (official["round"] == past.round)
            ]
            came = rows.set_index("candidate")["share"].reindex(list(past.candidates)).fillna(0.0)
            outcome = came.to_numpy(dtype=float)
            records.append(Record(share=_whole(said, past.candidates), outcome=outcome))
        return learn_dressing(records)


def _whole(forecast: Forecast, candidates: tuple[str, ...]) -> np.ndarray[Any, Any]:
    """Shares [C] of the whole ballot, what is left of 1 divided between those not named."""
    share = forecast.share.reindex(list(candidates)).to_numpy(dtype=float)
    return on_ballot(share, ~np.isnan(share), np.ones(len(share), dtype=bool))

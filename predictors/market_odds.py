"""What bettors paid: chances, not shares."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd
from typing_extensions import override

from bench.core import Abstain, Evidence, Forecast, Predictor


@dataclass(frozen=True, kw_only=True)
class MarketOdds(Predictor):
    """The latest quoted probabilities of the final victory, over all markets.

    The latest day on which a market quoted at least two candidates counts; the probabilities
    are divided by their sum where that exceeds 1 (the bookmaker's margin). States no vote
    shares, so it has no share errors.
    """

    family: ClassVar[str] = "published claims"
    needs: ClassVar[frozenset[str]] = frozenset({"claims"})

    max_age_days: int

    @override
    def predict(self, evidence: Evidence, rng: np.random.Generator) -> Forecast:
        claims = evidence["claims"]
        quoted = claims[
            (claims["quantity"] == "win_probability")
            & claims["share"].notna()
            & claims["candidate"].isin(evidence.candidates)
            & (claims["day"] >= evidence.as_of.normalize() - pd.Timedelta(days=self.max_age_days))
        ]
        named = quoted.groupby(["publisher", "published_on"])["candidate"].transform("nunique")
        quoted = quoted[named >= 2]
        if quoted.empty:
            raise Abstain(f"no market quoted two candidates in the last {self.max_age_days} days")
        latest = quoted[quoted["published_on"] == quoted["published_on"].max()]
        chance = latest.groupby("candidate")["share"].mean()
        chance = (chance / max(1.0, chance.sum())).sort_values(ascending=False)
        said = ", ".join(f"{name} {100 * value:.0f} %" for name, value in chance.items())
        return Forecast(
            share=pd.Series(np.nan, index=list(evidence.candidates)),
            win_probability=chance,
            converted=f"chances of the final victory, no shares: {said}",
        )

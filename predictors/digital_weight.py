"""All traces of a candidate on the web, tone ignored."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd
from typing_extensions import override

from bench.contract import Abstain, Evidence, Forecast, Predictor
from bench.kit.attention import recent, share_of_attention


@dataclass(frozen=True, kw_only=True)
class DigitalWeight(Predictor):
    """Mean over all traces of a candidate's share in each.

    Each measure (posts, followers, page fans, videos …) of each source gives a share over the
    candidates it covers; a candidate's weight is the mean of these shares over the measures
    that cover at least `least_named` candidates, divided by the sum of the weights. Being
    spoken of badly counts as much as being spoken of well.
    """

    family: ClassVar[str] = "buzz"
    needs: ClassVar[frozenset[str]] = frozenset({"buzz"})

    measures: tuple[str, ...]
    window_days: int
    max_age_days: int
    least_named: int

    @override
    def predict(self, evidence: Evidence, rng: np.random.Generator) -> Forecast:
        rows = recent(
            evidence,
            self.measures,
            window_days=self.window_days,
            max_age_days=self.max_age_days,
        )
        least = min(self.least_named, len(evidence.candidates))
        shares = [
            share_of_attention(trace)
            for _, trace in rows.groupby(["source", "measure"])
            if trace["candidate"].nunique() >= least
        ]
        if not shares:
            raise Abstain(
                f"no trace of {least} candidates in the {self.max_age_days} days before "
                f"{evidence.as_of:%d %B %Y}"
            )
        weight = pd.concat(shares, axis=1).mean(axis=1)
        return Forecast(
            share=weight / weight.sum(),
            converted=f"mean share over {len(shares)} traces read as a vote share",
        )

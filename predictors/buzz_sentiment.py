"""Positive minus negative: mentions weighed by their tone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from typing_extensions import override

from bench.contract import Abstain, Evidence, Forecast, Predictor
from bench.contract.batch import EvidenceBatch, by_candidate
from bench.kit.attention import recent


@dataclass(frozen=True, kw_only=True)
class BuzzSentiment(Predictor):
    """Net favourable mentions per candidate, negative nets cut at 0, divided by their sum.

    Where posts are counted by tone, net = positive - negative. Where only the community of the
    author is known, a mention by a candidate's own community counts as positive and a mention by
    another community as negative with weight 1 / (number of other communities), so that a
    candidate spoken of equally everywhere nets 0.
    """

    family: ClassVar[str] = "buzz"
    needs: ClassVar[frozenset[str]] = frozenset({"buzz"})

    source: str
    measure: str
    window_days: int
    max_age_days: int

    @override
    def predict(self, evidence: Evidence, rng: np.random.Generator) -> Forecast:
        toned = self._toned(evidence)
        if len(toned):
            mean = toned.pivot_table(index="candidate", columns="measure", values="value")
            net = mean["positive"] - mean["negative"]
            rule = "positive minus negative mentions, negative nets cut at 0"
        else:
            net = self._by_community(evidence)
            rule = "own community's mentions minus those of the others, negative nets cut at 0"
        net = net.clip(lower=0)
        if net.sum() <= 0:
            raise Abstain("no candidate has more favourable than unfavourable mentions")
        return Forecast(share=net / net.sum(), converted=rule)

    def predict_batch(self, batch: EvidenceBatch) -> NDArray[np.float64]:
        """Shares [B, C] where posts are counted by tone, NaN in replicates where it abstains."""
        toned = self._toned(batch.replicate(0))
        if toned.empty:
            raise Abstain(f"{self.source} counted no posts by tone")
        well, ill = (
            by_candidate(
                batch["buzz"].take(toned.index[toned["measure"] == measure].to_numpy()),
                "value",
                batch.candidates,
                np.mean,
            )
            for measure in ("positive", "negative")
        )
        net = np.maximum(well - ill, 0)
        total = np.nansum(net, axis=1, keepdims=True)
        return np.asarray(np.divide(net, total, out=np.full_like(net, np.nan), where=total > 0))

    def _toned(self, evidence: Evidence) -> pd.DataFrame:
        return recent(
            evidence,
            ["positive", "negative"],
            window_days=self.window_days,
            max_age_days=self.max_age_days,
            sources=[self.source],
        )

    def _by_community(self, evidence: Evidence) -> pd.Series:
        rows = recent(
            evidence,
            [self.measure],
            window_days=self.window_days,
            max_age_days=self.max_age_days,
            sources=[self.source],
        )
        if rows["candidate"].nunique() < 2:
            raise Abstain(
                f"{self.source} measured no tone of two candidates in the {self.max_age_days} "
                f"days before {evidence.as_of:%d %B %Y}"
            )
        mean = rows.pivot_table(index="community", columns="candidate", values="value")
        own = pd.Series({c: mean.loc[c, c] for c in mean.columns if c in mean.index})
        others = mean.sum()[own.index] - own
        return own - others / (len(mean) - 1)

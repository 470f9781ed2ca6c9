"""Figures that somebody published before the vote, replayed as they stood."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd
from typing_extensions import override

from bench.core import Abstain, Evidence, Forecast, Predictor
from bench.models.quoted_chances import QUANTITIES, event_of, is_quoted, without_margin

PLACES = "rank"
SHARES = ("vote_share", "digital_weight")


@dataclass(frozen=True, kw_only=True)
class PublishedClaim(Predictor):
    """The latest figures of one publisher, unchanged.

    Of all publications known at `as_of` that name at least `least_named` candidates, the
    latest counts. Vote shares (and "digital weights", which their publisher set against votes)
    stay as published: candidates who are not named share what is left of 100 %. Volumes are
    divided by their sum over the named, which is our reading and no claim of the publisher. Chances
    (`win_probability` and the other `bench.models.quoted_chances.QUANTITIES`) are divided by their
    sum where a publication quotes the whole ballot; of two candidates one is enough. Places
    (`rank`) say an order and no shares.
    Abstains when nothing was published in the last `max_age_days`.
    """

    family: ClassVar[str] = "published claims"
    needs: ClassVar[frozenset[str]] = frozenset({"claims"})

    publisher: str
    quantity: str
    least_named: int
    max_age_days: int

    @override
    def predict(self, evidence: Evidence, rng: np.random.Generator) -> Forecast:
        claims = evidence.rows("claims", publisher=self.publisher, quantity=self.quantity)
        quoted = claims[
            claims["rank" if self.quantity == PLACES else "share"].notna()
            & claims["candidate"].isin(evidence.candidates)
            & (claims["day"] >= evidence.as_of.normalize() - pd.Timedelta(days=self.max_age_days))
        ]
        named = quoted.groupby("published_on")["candidate"].transform("nunique")
        n_candidates = len(evidence.candidates)
        if self.quantity in QUANTITIES:
            quoted = quoted[[is_quoted(n, self.least_named, n_candidates) for n in named]]
        else:
            quoted = quoted[named >= min(self.least_named, n_candidates)]
        if quoted.empty:
            raise Abstain(
                f"{self.publisher} published no {self.quantity.replace('_', ' ')} of at least "
                f"{self.least_named} candidates in the {self.max_age_days} days before "
                f"{evidence.as_of:%d %B %Y}{self._refusal(evidence)}"
            )
        latest = quoted[quoted["published_on"] == quoted["published_on"].max()]
        if self.quantity == PLACES:
            place = latest.groupby("candidate")["rank"].mean()
            before = place.max() + 1 - place
            return Forecast(share=before / before.sum(), order_only=True, converted="places")
        share = latest.groupby("candidate")["share"].mean()
        if self.quantity in QUANTITIES:
            event = event_of(self.quantity, evidence.n_advance, n_candidates)
            chances = without_margin(share, event, evidence.candidates, evidence.n_advance)
            return Forecast(chances={event: chances}, converted="chances")
        if self.quantity == "vote_share":
            whole = len(share) == len(evidence.candidates)
            # printed digits of a whole ballot need not sum to 1
            return Forecast(share=share / (share.sum() if whole else max(1.0, share.sum())))
        total = max(1.0, share.sum()) if self.quantity == "digital_weight" else share.sum()
        return Forecast(share=share / total, converted=self.quantity)

    @override
    def our_reading(self) -> bool:
        return self.quantity not in (*SHARES, *QUANTITIES, PLACES)

    def _refusal(self, evidence: Evidence) -> str:
        """Why no share is made of the chances that a market or a model states."""
        if self.quantity != "vote_share":
            return ""
        if evidence.rows("claims", publisher=self.publisher, quantity=QUANTITIES).empty:
            return ""
        return "; it quotes chances, and the price of a chance is no share of the vote"

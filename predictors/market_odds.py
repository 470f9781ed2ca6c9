"""What bettors paid: chances, not shares."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd
from typing_extensions import override

from bench.core import Abstain, Evidence, Forecast, Predictor
from bench.models.quoted_chances import (
    QUANTITIES,
    Learned,
    event_of,
    is_quoted,
    learned_slope,
    sharpened,
    without_margin,
)


@dataclass(frozen=True, kw_only=True)
class MarketOdds(Predictor):
    """The newest prices of every market, their margin divided out, averaged over markets.

        p_c = mean_m [ q_mc / sum_k q_mk ]

    for each event that markets quote: being elected, coming first, getting through. A market is
    read where it quoted two candidates on one day, or one side of a ballot of two. With a `slope`
    other than 1 log odds are multiplied by it, which takes from long shots; ``learned`` is the
    slope that other votes would have needed. A price of a chance is no vote share, so it has
    chances to be scored and no share errors; a market that quotes shares is a `published_claim`
    of its `vote_share`.
    """

    family: ClassVar[str] = "published claims"
    needs: ClassVar[frozenset[str]] = frozenset({"claims", "past_quotes"})

    publishers: tuple[str, ...]
    max_age_days: int
    slope: float | Learned

    @override
    def predict(self, evidence: Evidence, rng: np.random.Generator) -> Forecast:
        claims = evidence.rows("claims", publisher=self.publishers, quantity=QUANTITIES)
        ballot, n_advance = evidence.candidates, evidence.n_advance
        quoted = claims[
            claims["share"].notna()
            & claims["candidate"].isin(ballot)
            & (claims["day"] >= evidence.as_of.normalize() - pd.Timedelta(days=self.max_age_days))
        ]
        quoted = quoted.assign(
            event=[event_of(str(name), n_advance, len(ballot)) for name in quoted["quantity"]]
        )
        books: dict[str, list[pd.Series]] = {}
        for (event, _), rows in quoted.groupby(["event", "publisher"]):
            named = rows.groupby("published_on")["candidate"].nunique()
            whole = named[[is_quoted(n, 2, len(ballot)) for n in named]]
            if len(whole):
                newest = rows[rows["published_on"].eq(whole.index.max())]
                prices = newest.groupby("candidate")["share"].mean()
                book = without_margin(prices, str(event), ballot, n_advance)
                books.setdefault(str(event), []).append(book)
        if not books:
            raise Abstain(
                f"no market quoted two candidates in the last {self.max_age_days} days (markets: "
                f"{', '.join(self.publishers)})"
            )
        slope = self._slope(evidence)
        chances = {}
        for event, event_books in books.items():
            mean_book = pd.concat(event_books).groupby(level=0).mean()
            chance = without_margin(mean_book, event, ballot, n_advance)
            chances[event] = sharpened(chance, event, n_advance, slope)
        return Forecast(chances=chances, converted="chances")

    def _slope(self, evidence: Evidence) -> float:
        if self.slope != "learned":
            return float(self.slope)
        quotes = evidence.rows("past_quotes", publisher=self.publishers)
        return learned_slope(quotes, evidence.days_to_vote)

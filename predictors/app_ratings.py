"""The app's way: count whoever comes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from typing_extensions import override

from bench.core import Abstain, ConfigError, Evidence, Forecast, Predictor
from bench.core.evidence import EvidenceBatch, by_candidate
from bench.models.approval_votes import learn_conversion
from bench.models.log_ratio import shares_of

ACCEPTED = ("favourable", "declared_votes")
Reading = Literal["sum", "learned", "order"]


@dataclass(frozen=True, kw_only=True)
class AppRatings(Predictor):
    """Ratings or votes of self-selected users, taken as if they were the electorate.

    With ``count: favourable``: each candidate's latest published favourable fraction (not older
    than `max_age_days`), read as votes by a rule. ``sum`` divides by the sum over the rated;
    ``learned`` raises to the power under which approvals gave the votes at other elections
    (`bench.models.approval_votes`) and then divides; ``order`` takes the owner at his word, who
    published ratings and no votes: only who is before whom is scored. With ``count:
    declared_votes``: declared votes divided by their number; the draws are then Dirichlet(votes +
    1/2), the interval that an owner who trusts the sample would print. Nothing here corrects who
    takes part. An empty `source` is the one ballot that the evidence holds.
    """

    family: ClassVar[str] = "app ratings"
    needs: ClassVar[frozenset[str]] = frozenset({"ratings", "online_ballot", "past_approvals"})

    source: str
    count: str
    reading: Reading
    max_age_days: int
    n_draws: int

    @override
    def predict(self, evidence: Evidence, rng: np.random.Generator) -> Forecast:
        if self.count == "favourable" and not self.source:
            raise ConfigError("source is empty; accepted with count=favourable: the name of one")
        if self.count == "favourable":
            return self._favourable(evidence)
        if self.count == "declared_votes":
            return self._declared(evidence, rng)
        raise ConfigError(f"count is '{self.count}'; accepted: {', '.join(ACCEPTED)}")

    def predict_batch(self, batch: EvidenceBatch) -> NDArray[np.float64]:
        """Shares [B, C] of every replicate."""
        favourable = self.count == "favourable"
        name, column = ("ratings", "favourable") if favourable else ("online_ballot", self.count)
        rows = self._recent(batch[name].replicate(0), batch.evidence)
        if favourable:
            rows = rows.sort_values("day", kind="stable").groupby("candidate").tail(1)
        else:
            rows = rows[rows["day"] == rows["day"].max()]
        table = batch[name].take(rows.index.to_numpy())
        value = by_candidate(table, column, batch.candidates, np.sum)
        if favourable and self.reading == "learned":
            return learn_conversion(batch.evidence["past_approvals"]).votes(value)
        value = value if favourable else np.nan_to_num(value)
        return shares_of(value)

    def _favourable(self, evidence: Evidence) -> Forecast:
        rows = self._recent(evidence.rows("ratings", source=self.source), evidence)
        rows = rows[rows["favourable"].notna()]
        if rows["candidate"].nunique() < 2:
            raise Abstain(f"{self.source} published no ratings of two candidates in time")
        latest = rows.sort_values("day", kind="stable").groupby("candidate")["favourable"].last()
        share = latest / latest.sum()
        if self.reading == "learned":
            share[:] = learn_conversion(evidence["past_approvals"]).votes(latest.to_numpy(float))
        rule = f"ratings_{self.reading}"
        return Forecast(share=share, order_only=self.reading == "order", converted=rule)

    def _declared(self, evidence: Evidence, rng: np.random.Generator) -> Forecast:
        owner = self.source or "the ballot of volunteers"
        if evidence.round != 1:
            raise Abstain(f"{owner} asked for first-round votes only")
        rows = self._recent(evidence.rows("online_ballot", source=self.source or None), evidence)
        if rows.empty:
            raise Abstain(f"{owner} was not public, or too old, on this date")
        if rows["source"].nunique() > 1:
            owners = ", ".join(sorted(rows["source"].unique()))
            raise ConfigError(f"source is empty, and there are several ballots; name one: {owners}")
        rows = rows[rows["day"] == rows["day"].max()]
        votes = rows.groupby("candidate")["declared_votes"].sum().reindex(evidence.candidates)
        votes = votes.fillna(0.0)
        return Forecast(
            share=votes / votes.sum(), draws=rng.dirichlet(votes + 0.5, size=self.n_draws)
        )

    def _recent(self, table: pd.DataFrame, evidence: Evidence) -> pd.DataFrame:
        oldest = evidence.as_of.normalize() - pd.Timedelta(days=self.max_age_days)
        recent = table[table["candidate"].isin(evidence.candidates) & (table["day"] >= oldest)]
        return recent[recent["source"] == self.source] if self.source else recent

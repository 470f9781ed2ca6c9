"""Attention calibrated on early polls: who gained attention since then is given votes for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
import pandas as pd
from typing_extensions import override

from bench.core import Abstain, Evidence, Forecast
from bench.core.arrays import FloatArray
from bench.models.elasticity import (
    Campaign,
    CampaignPredictor,
    Elasticity,
    centred,
    learned_elsewhere,
    national_outcomes,
)
from bench.models.polls.national_polls import forecast_of_last_polls

Start = Literal["polls", "last_election", "nothing"]
Learned = Literal["campaign", "elections"]


@dataclass(frozen=True, kw_only=True)
class CalibratedAttention(CampaignPredictor):
    """A start, times the growth of attention since then to the power of an elasticity.

    ``share_c = start_c (a_c / a0_c)^e``, divided by the sum over the candidates whose attention is
    measured, who keep together what the start gives them; all others keep their share of the start.
    ``a`` is the share of attention now and ``a0`` that at the start, which is the last polls
    `calibrated_days` before the vote, the last election, or nothing (all alike, ``a0`` too: a
    nowcast). The elasticity is learned within the campaign up to the day of calibration
    (``campaign``), on outcomes of other elections that the task may use (``elections``), or set:
    0 is persistence of the very same start, 1 the ratio of the literature.

    References
    ----------
    Beauchamp, N. (2017). Predicting and interpolating state-level polls using Twitter textual
    data. doi:10.1111/ajps.12274. Elasticity 1 from polls or the last election: Behnert, J., Lajic,
    D. & Bauer, P. C. (2024). doi:10.1186/s40537-023-00868-4.
    """

    family: ClassVar[str] = "buzz"
    needs: ClassVar[frozenset[str]] = frozenset(
        {"polls", "past_polls", "past_errors", "outcomes", "buzz", "past_buzz"}
    )

    start: Start
    calibrated_days: int
    elasticity: float | Learned
    n_draws: int

    @override
    def predict(self, evidence: Evidence, rng: np.random.Generator) -> Forecast:
        campaign = self.campaign(evidence)
        started = self._started(campaign, evidence, rng)
        growth = self._growth(campaign, evidence, evidence.as_of)
        growth = growth[growth.index.isin(started.share.index[started.share > 0])]
        if len(growth) < 2:
            of = "candidates both at the start and since then,"
            raise self.silent(evidence, self.measure, of)
        learned = self.learned(evidence)
        place = started.share.index.get_indexer(growth.index)
        log_growth = np.zeros(len(started.share))
        log_growth[place] = growth.to_numpy()
        measured = np.isin(np.arange(len(log_growth)), place)
        share = _moved(started.share.to_numpy()[None], measured, learned.value * log_growth)[0]
        draws = None
        if started.draws is not None:
            slopes = learned.draws(rng, len(started.draws))
            draws = _moved(started.draws, measured, slopes[:, None] * log_growth)
        converted = f"growth of attention to the power {learned.value:.2f}" if learned.value else ""
        named = pd.Series(share, index=started.share.index).dropna()
        return Forecast(share=named, draws=draws, converted=converted)

    def learned(self, evidence: Evidence) -> Elasticity:
        """The elasticity and what it rests on.

        Raises
        ------
        Abstain
            If there is nothing to learn it from.
        """
        if self.elasticity == "campaign":
            return self.campaign(evidence).elasticity(
                self._calibrated_on(evidence), self.learn_days
            )
        if self.elasticity == "elections":
            return learned_elsewhere(self._elsewhere(evidence))
        return Elasticity(value=float(self.elasticity))

    def _started(
        self, campaign: Campaign, evidence: Evidence, rng: np.random.Generator
    ) -> Forecast:
        if self.start == "polls":
            polls = campaign.polls_until(self._calibrated_on(evidence))
            window = self.poll_window_days
            return forecast_of_last_polls(
                evidence, polls, window_days=window, n_draws=self.n_draws, rng=rng
            )
        level = self._level(campaign, evidence, evidence.election)
        level = level.reindex(list(evidence.candidates))
        # who is gone leaves votes to those who are all known
        return Forecast(share=level / level.sum() if level.notna().all() else level)

    def _level(self, campaign: Campaign, evidence: Evidence, election: str) -> pd.Series:
        """Shares at the start of one election."""
        if self.start == "nothing":
            names = campaign.candidates
            return pd.Series(1.0 / len(names), index=list(names))
        if self.start == "polls":
            return campaign.polled(self._days_before(campaign.vote_on))
        before = _before(national_outcomes(evidence), election, campaign.vote_on)
        return before.set_index("candidate")["share"]

    def _growth(self, campaign: Campaign, evidence: Evidence, moment: pd.Timestamp) -> pd.Series:
        """Log growth of attention from the start to a moment, by candidate."""
        attention = campaign.attention(moment)
        if self.start == "nothing":
            at_start = pd.Series(1.0, index=attention.index)
        elif self.start == "polls":
            start = self._days_before(campaign.vote_on)
            if not campaign.buzz["day"].between(start, moment).any():
                return pd.Series(dtype=float)  # nothing was measured since then
            at_start = campaign.attention(start)
        else:
            at_start = self._before_last_vote(evidence, campaign, moment)
        ratio = (attention / at_start)[(attention > 0) & (at_start > 0)].sort_index(kind="stable")
        return pd.Series(np.log(ratio.to_numpy(float)), index=ratio.index)

    def _before_last_vote(
        self, evidence: Evidence, campaign: Campaign, moment: pd.Timestamp
    ) -> pd.Series:
        """Attention as many days before the vote of the last election."""
        earlier = _before(national_outcomes(evidence), "", campaign.vote_on)
        if earlier.empty:
            return pd.Series(dtype=float)
        vote_on = earlier["vote_on"].iloc[0]
        past = self._past(evidence, str(earlier["election"].iloc[0]), vote_on)
        return past.attention(vote_on - (campaign.vote_on - moment))

    def _elsewhere(self, evidence: Evidence) -> list[tuple[FloatArray, FloatArray]]:
        """Of every other election, growth of attention and way from the start to the outcome."""
        pairs = []
        outcomes = national_outcomes(evidence)
        counted = set(self._past_buzz(evidence)["election"].astype(str)) - {evidence.election}
        for election in sorted(counted & set(outcomes["election"])):
            rows = outcomes[outcomes["election"].eq(election)]
            vote_on = rows["vote_on"].iloc[0]
            result = rows.set_index("candidate")["share"]
            past = self._past(evidence, election, vote_on, tuple(sorted(result.index)))
            growth = self._growth(past, evidence, vote_on - (evidence.vote_on - evidence.as_of))
            level = self._level(past, evidence, election)
            table = pd.DataFrame({"growth": growth, "level": level, "result": result}).dropna()
            table = table[(table["level"] > 0) & (table["result"] > 0)]
            if len(table) >= 2:
                x = table["growth"].to_numpy()
                y = centred((table["result"] / table["level"]).to_numpy())
                pairs.append((x - x.mean(), y))
        return pairs

    def _calibrated_on(self, evidence: Evidence) -> pd.Timestamp:
        moment = self._days_before(evidence.vote_on)
        if evidence.as_of < moment:
            raise Abstain(
                f"the day of calibration, {self.calibrated_days} days before the vote, is to come"
            )
        return moment

    def _days_before(self, vote_on: pd.Timestamp) -> pd.Timestamp:
        """The end of the day of calibration."""
        return vote_on - pd.Timedelta(days=self.calibrated_days - 1, seconds=1)

    def _past_buzz(self, evidence: Evidence) -> pd.DataFrame:
        return evidence.rows("past_buzz", source=self.source, measure=self.measure)

    @override
    def polls_until(self, vote_on: pd.Timestamp) -> pd.Timestamp | None:
        return self._days_before(vote_on)

    def _past(
        self,
        evidence: Evidence,
        election: str,
        vote_on: pd.Timestamp,
        candidates: tuple[str, ...] = (),
    ) -> Campaign:
        buzz, polls = self._past_buzz(evidence), evidence["past_polls"]
        polls = polls[polls["election"].eq(election) & polls["round"].eq(evidence.round)]
        buzz = buzz[buzz["election"].eq(election)]
        named = candidates or tuple(sorted(set(buzz["candidate"].dropna())))
        return self.campaign_of(buzz, polls, named, vote_on)


def _before(outcomes: pd.DataFrame, election: str, vote_on: pd.Timestamp) -> pd.DataFrame:
    """The rows of the last election before a vote."""
    earlier = outcomes[(outcomes["vote_on"] < vote_on) & outcomes["election"].ne(election)]
    return earlier[earlier["vote_on"].eq(earlier["vote_on"].max())]


def _moved(share: FloatArray, measured: np.ndarray, log_factor: FloatArray) -> FloatArray:
    """Shares [S, C] of the measured times a factor, which changes nothing of their sum."""
    moved = share * np.exp(log_factor - log_factor[..., measured].max(axis=-1, keepdims=True))
    total = share[:, measured].sum(axis=1, keepdims=True)
    scale = total / moved[:, measured].sum(axis=1, keepdims=True)
    return np.asarray(np.where(measured, moved * scale, share))

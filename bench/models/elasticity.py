"""How far votes follow attention: a slope between log changes, learned where both are known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, partial

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bench.core.arrays import FloatArray, IntArray
from bench.core.errors import Abstain
from bench.core.evidence import Evidence
from bench.models.attention import AttentionPredictor, share_of_attention
from bench.models.memoize import Memory, digest_of
from bench.models.polls.poll_table import COLUMNS, last_polls, poll_table

STEP_DAYS = 7
FEWEST_MOMENTS = 3


@dataclass(frozen=True, kw_only=True)
class Elasticity:
    """A slope through the origin: log votes per log attention, with what it rests on.

    Attributes
    ----------
    value : float
    se : float
        Standard error, robust within clusters; NaN where one cluster is all there is.
    df : int
        Clusters less one.
    n : int
        Pairs of changes.
    """

    value: float
    se: float = 0.0
    df: int = 0
    n: int = 0

    def draws(self, rng: np.random.Generator, n: int) -> FloatArray:
        """Draws [n] of the slope: Student's t around its value; the value itself without error."""
        if not self.se > 0:
            return np.full(n, self.value)
        return np.asarray(self.value + self.se * rng.standard_t(self.df, n))


def slope(attention: FloatArray, votes: FloatArray, cluster: IntArray) -> Elasticity:
    """Least squares through the origin with a cluster-robust standard error.

    ``e = sum x y / sum x^2`` and ``se^2 = G / (G - 1) sum_g (sum_g x u)^2 / (sum x^2)^2``
    with residuals ``u`` and G clusters.

    Parameters
    ----------
    attention, votes : numpy.ndarray [N]
        Log changes, measured from a mean that the caller has removed.
    cluster : numpy.ndarray [N]
        Whose errors belong together: candidates of one campaign, or elections.

    Raises
    ------
    Abstain
        If attention never moved.

    References
    ----------
    Liang, K.-Y. & Zeger, S. L. (1986). Longitudinal data analysis using generalized linear models.
    doi:10.1093/biomet/73.1.13

    Examples
    --------
    >>> x, y = np.array([1.0, -1.0, 2.0, -2.0]), np.array([0.5, -0.5, 1.0, -1.0])
    >>> found = slope(x, y, np.array([0, 0, 1, 1]))
    >>> found.value, found.se, found.df
    (0.5, 0.0, 1)
    """
    square = float(attention @ attention)
    if square <= 0:
        raise Abstain("attention never moved, so nothing says how far votes follow it")
    value = float(attention @ votes) / square
    score = np.bincount(cluster, weights=attention * (votes - value * attention))
    groups = len(np.unique(cluster))
    spread = float(score @ score) * groups / (groups - 1) if groups > 1 else np.nan
    return Elasticity(value=value, se=spread**0.5 / square, df=groups - 1, n=len(attention))


@dataclass(frozen=True, kw_only=True)
class Campaign:
    """Attention to the candidates of one vote by one count, and their polls.

    Attributes
    ----------
    buzz, polls : pandas.DataFrame
        Rows of the tables `buzz` (one source and measure) and `polls` (one round).
    candidates : tuple of str
    vote_on : pandas.Timestamp
        Day of the vote.
    window_days, max_age_days : int
        Days of attention that are averaged; from which age on it is too old.
    poll_window_days : float
        Institutes whose last poll ended more days than this before the latest are left out.
    """

    buzz: pd.DataFrame
    polls: pd.DataFrame
    candidates: tuple[str, ...]
    vote_on: pd.Timestamp
    window_days: int
    max_age_days: int
    poll_window_days: float

    @cached_property
    def _counts(self) -> pd.DataFrame:
        """What was counted of the candidates: the columns `day`, `candidate` and `value`."""
        rows = self.buzz["candidate"].isin(self.candidates)
        return self.buzz.loc[rows, ["day", "candidate", "value"]]

    def attention(self, moment: pd.Timestamp) -> pd.Series:
        """Share of attention by candidate up to a moment; empty where nothing was measured."""
        day = self._counts["day"]
        last = day[day <= moment].max()
        if not (moment.normalize() - last).days <= self.max_age_days:  # or nothing yet
            return pd.Series(dtype=float)
        fresh = (day <= moment) & (day > last - pd.Timedelta(days=self.window_days))
        return share_of_attention(self._counts[fresh])

    def polled(self, moment: pd.Timestamp) -> pd.Series:
        """Mean of the last polls that were public at a moment; empty if there was none."""
        table = poll_table(self.polls_until(moment), self.candidates, self.vote_on)
        if len(table) == 0:
            return pd.Series(dtype=float)
        mean = last_polls(table, self.poll_window_days)
        return pd.Series(mean.share, index=list(self.candidates))

    def week(self, moment: pd.Timestamp) -> FloatArray | None:
        """Attention and polls [2, C] beside each other at a moment; None if too few have both.

        Found once for what was public by then: one day after another teaches from the same weeks.
        """
        polls, counts = self._row_digests
        asked = (self.candidates, self.vote_on, self.window_days, self.max_age_days)
        key = digest_of(
            repr((*asked, self.poll_window_days, moment)).encode(),
            polls[self.polls["published_on"] <= moment].tobytes(),
            counts[self._counts["day"] <= moment].tobytes(),
        )
        return _WEEKS.get(key, partial(self._week, moment))

    def _week(self, moment: pd.Timestamp) -> FloatArray | None:
        polls = self.polled(moment)
        if polls.empty:
            return None
        both = np.stack([self.attention(moment).reindex(polls.index), polls])
        both.setflags(write=False)
        return both if (both > 0).all(axis=0).sum() >= 2 else None

    @cached_property
    def _row_digests(self) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
        """Of every row of the polls, and of every row of the counts."""
        polls, counts = (
            np.asarray(pd.util.hash_pandas_object(rows, index=False), dtype=np.uint64)
            for rows in (self.polls, self._counts)
        )
        return polls, counts

    def polls_until(self, moment: pd.Timestamp) -> pd.DataFrame:
        """The polls that were public at a moment."""
        return self.polls[self.polls["published_on"] <= moment]

    def elasticity(self, until: pd.Timestamp, learn_days: int) -> Elasticity:
        """Polls regressed on attention within the campaign, week by week up to a moment.

        Every seventh day back from `until`, for `learn_days` days, the last polls and the mean of
        attention are set beside each other as centred log-ratios over the candidates who have
        both at every moment. Each candidate's mean over the weeks is removed (fixed effects), so
        that only changes teach; errors are clustered by candidate, and by week where there are
        two candidates, who mirror each other.

        Raises
        ------
        Abstain
            If fewer than three weeks have both.
        """
        steps = range(0, learn_days + 1, STEP_DAYS)
        found = [self.week(until - pd.Timedelta(days=back)) for back in steps]
        weeks = [week for week in found if week is not None]
        if len(weeks) < FEWEST_MOMENTS:
            raise Abstain(
                f"{len(weeks)} weeks with polls and attention before {until:%d %B %Y} are too few "
                "to learn how the ones follow the other"
            )
        shared = (np.stack(weeks) > 0).all(axis=(0, 1))
        if shared.sum() < 2:
            raise Abstain("no two candidates have polls and attention in every week")
        logs = np.stack([centred(week[:, shared].T) for week in weeks])
        change = logs - logs.mean(axis=0)  # [T, C, 2]
        week, candidate = np.indices(change.shape[:2])
        cluster = candidate if shared.sum() > 2 else week
        return slope(change[..., 0].ravel(), change[..., 1].ravel(), cluster.ravel())


_WEEKS: Memory[FloatArray | None] = Memory(most=1024)


@dataclass(frozen=True, kw_only=True)
class CampaignPredictor(AttentionPredictor):
    """What every predictor is told that sets one count beside the polls of its campaign.

    Attributes
    ----------
    measure : str
        What was counted.
    learn_days : int
        Days back over which the campaign teaches an elasticity.
    poll_window_days : float
        Institutes whose last poll ended more days than this before the latest are left out.
    """

    measure: str
    learn_days: int
    poll_window_days: float

    def campaign(self, evidence: Evidence) -> Campaign:
        """The campaign that the evidence is about."""
        return self.campaign_of(
            evidence["buzz"], evidence["polls"], evidence.candidates, evidence.vote_on
        )

    def campaign_of(
        self,
        buzz: pd.DataFrame,
        polls: pd.DataFrame,
        candidates: tuple[str, ...],
        vote_on: pd.Timestamp,
    ) -> Campaign:
        """Any campaign, of rows of `buzz` by whatever source."""
        mine = buzz["source"].eq(self.source) & buzz["measure"].eq(self.measure)
        return Campaign(
            buzz=buzz[mine],
            polls=polls[[*COLUMNS, "published_on"]],
            candidates=candidates,
            vote_on=vote_on,
            window_days=self.window_days,
            max_age_days=self.max_age_days,
            poll_window_days=self.poll_window_days,
        )


def learned_elsewhere(pairs: Sequence[tuple[FloatArray, FloatArray]]) -> Elasticity:
    """Outcomes regressed on attention in other elections, which all count by their candidates.

    Parameters
    ----------
    pairs : sequence of (numpy.ndarray [C], numpy.ndarray [C])
        Of every election the log change of attention and that from the start to the outcome, both
        centred.

    Raises
    ------
    Abstain
        If there is no other election.
    """
    if not pairs:
        raise Abstain("no other election with this measure and an outcome may be learned from")
    sizes = [len(attention) for attention, _ in pairs]
    # one election has no others to be told apart from: its candidates stand in
    cluster = np.repeat(np.arange(len(pairs)), sizes) if len(pairs) > 1 else np.arange(sizes[0])
    return slope(
        np.concatenate([attention for attention, _ in pairs]),
        np.concatenate([votes for _, votes in pairs]),
        cluster,
    )


def centred(shares: FloatArray) -> FloatArray:
    """Centred log-ratios [C, ...] over the first axis.

    Examples
    --------
    >>> centred(np.array([1.0, np.e])).tolist()
    [-0.5, 0.5]
    """
    logs = np.log(shares)
    return np.asarray(logs - logs.mean(axis=0))


def national_outcomes(evidence: Evidence) -> pd.DataFrame:
    """The national rows of `outcomes` of the round asked about, of other elections."""
    rows = evidence["outcomes"]
    return rows[rows["level"].eq("national") & rows["round"].eq(evidence.round)]

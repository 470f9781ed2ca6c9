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
MIN_MOMENTS = 3
SINGULAR = 1e-10


@dataclass(frozen=True, kw_only=True)
class Elasticity:
    """A slope through the origin: log votes per log attention, with what it rests on.

    Attributes
    ----------
    value : float
    se : float
        Standard error, robust within clusters; NaN where the clusters are too few to tell.
    df : float
        Satterthwaite's degrees of freedom.
    n : int
        Pairs of changes.
    """

    value: float
    se: float = 0.0
    df: float = 0.0
    n: int = 0

    def draws(self, rng: np.random.Generator, n: int) -> FloatArray:
        """Draws [n] of the slope: Student's t around its value; the value itself without error."""
        if not self.se > 0:
            return np.full(n, self.value)
        return np.asarray(self.value + self.se * rng.standard_t(self.df, n))


def slope(
    attention: FloatArray,
    votes: FloatArray,
    cluster: IntArray,
    effects: FloatArray | None = None,
) -> Elasticity:
    """Least squares through the origin with a cluster-robust standard error for few clusters.

    Bell and McCaffrey's CR2: the residuals of a cluster are multiplied by the root of the inverse
    of what the fit leaves of them, ``(I - H_gg)^(-1/2)``, and the degrees of freedom are
    Satterthwaite's. Effects that cut across clusters, such as those of weeks, tie the residuals
    of clusters together, so they belong to the fit and are not to be removed before it.

    Parameters
    ----------
    attention, votes : numpy.ndarray [N]
        Log changes.
    cluster : numpy.ndarray [N]
        Whose errors belong together: candidates of one campaign, or elections.
    effects : numpy.ndarray [N, K], optional
        Further columns of the fit: indicators of whatever has a mean of its own.

    Raises
    ------
    Abstain
        If attention never moved.

    References
    ----------
    Bell, R. M., McCaffrey, D. F. (2002). Bias reduction in standard errors for linear regression
    with multi-stage samples. Survey Methodology 28(2), 169-181.
    Pustejovsky, J. E., Tipton, E. (2018). Small-sample methods for cluster-robust variance
    estimation and hypothesis testing in fixed effects models. JBES 36(4), 672-683,
    doi:10.1080/07350015.2016.1247004.

    Examples
    --------
    Clusters of one row and a slope on a constant: the standard error of a mean.

    >>> found = slope(np.ones(4), np.array([1.0, 2.0, 3.0, 6.0]), np.arange(4))
    >>> found.value, round(found.se, 4), round(found.df, 4)
    (3.0, 1.0801, 3.0)
    """
    n = len(attention)
    fit = np.column_stack([attention] if effects is None else [attention, effects])
    inverse = np.linalg.pinv(fit.T @ fit)
    residual_maker = np.eye(n) - fit @ inverse @ fit.T  # [N, N]: what the fit leaves of each value
    own = (
        attention
        if effects is None
        else attention - effects @ (np.linalg.pinv(effects) @ attention)
    )
    if float(own @ own) <= SINGULAR:
        raise Abstain("attention never moved, so nothing says how far votes follow it")
    weights = fit @ inverse[0]
    by_cluster = []
    for rows in (cluster == label for label in np.unique(cluster)):
        values, vectors = np.linalg.eigh(residual_maker[np.ix_(rows, rows)])
        root = np.where(values > SINGULAR, np.maximum(values, SINGULAR) ** -0.5, 0.0)
        adjusted = vectors @ (root * (vectors.T @ weights[rows]))
        by_cluster.append(residual_maker[:, rows] @ adjusted)
    scores = np.stack(by_cluster)  # [G, N]: of the residuals, by cluster
    joint = scores @ scores.T
    is_told = np.trace(joint) > SINGULAR * float(weights @ weights)
    return Elasticity(
        value=float(weights @ votes),
        se=float(np.linalg.norm(scores @ votes)) if is_told else np.nan,
        df=float(np.trace(joint) ** 2 / (joint**2).sum()) if is_told else 0.0,
        n=n,
    )


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
        ballot = (self.candidates, self.vote_on, self.window_days, self.max_age_days)
        key = digest_of(
            repr((*ballot, self.poll_window_days, moment)).encode(),
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
        return _hashed_rows(self.polls), _hashed_rows(self._counts)

    def polls_until(self, moment: pd.Timestamp) -> pd.DataFrame:
        """The polls that were public at a moment."""
        return self.polls[self.polls["published_on"] <= moment]

    def elasticity(self, until: pd.Timestamp, learn_days: int) -> Elasticity:
        """Polls regressed on attention within the campaign, week by week up to a moment.

        Every seventh day back from `until`, for `learn_days` days, the logarithms of the last
        polls and of the mean of attention are set beside each other, of the candidates who have
        both at every moment. Weeks and candidates have fixed effects, so that only changes beside
        the other candidates teach; errors are clustered by candidate, and by week where there are
        two candidates, who mirror each other.

        Raises
        ------
        Abstain
            If fewer than three weeks have both.
        """
        steps = range(0, learn_days + 1, STEP_DAYS)
        weeks_back = [self.week(until - pd.Timedelta(days=back)) for back in steps]
        weeks = [week for week in weeks_back if week is not None]
        if len(weeks) < MIN_MOMENTS:
            raise Abstain(
                f"{len(weeks)} weeks with polls and attention before {until:%d %B %Y} are too few "
                "to learn how the ones follow the other"
            )
        shared = (np.stack(weeks) > 0).all(axis=(0, 1))
        if shared.sum() < 2:
            raise Abstain("no two candidates have polls and attention in every week")
        logs = np.log(np.stack(weeks)[..., shared])  # [T, 2, C]
        week, candidate = (index.ravel() for index in np.indices(logs[:, 0].shape))
        indicators = [np.equal.outer(index, np.unique(index)) for index in (week, candidate)]
        effects = np.column_stack(indicators).astype(float)
        cluster = candidate if shared.sum() > 2 else week
        return slope(logs[:, 0].ravel(), logs[:, 1].ravel(), cluster, effects)


def _hashed_rows(table: pd.DataFrame) -> NDArray[np.uint64]:
    return np.asarray(pd.util.hash_pandas_object(table, index=False), dtype=np.uint64)


_WEEKS: Memory[FloatArray | None] = Memory(max_answers=1024)


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
        buzz = evidence.rows("buzz", source=self.source, measure=self.measure)
        polls = evidence.rows("polls", until=self.polls_until(evidence.vote_on))
        return self.campaign_of(buzz, polls, evidence.candidates, evidence.vote_on)

    def polls_until(self, vote_on: pd.Timestamp) -> pd.Timestamp | None:
        """Until when polls are read; None for all that are public."""
        return None

    def campaign_of(
        self,
        buzz: pd.DataFrame,
        polls: pd.DataFrame,
        candidates: tuple[str, ...],
        vote_on: pd.Timestamp,
    ) -> Campaign:
        """Any campaign, of the rows of `buzz` by this source and measure."""
        return Campaign(
            buzz=buzz,
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
    cluster = np.repeat(np.arange(len(pairs)), sizes)
    effects = None
    if len(pairs) == 1:
        # there is no other election to be told apart from: the candidates are the clusters, and
        # their mean, which was removed, ties these together
        cluster = np.arange(sizes[0])
        effects = np.ones((sizes[0], 1))
    attention = np.concatenate([changes for changes, _ in pairs])
    votes = np.concatenate([changes for _, changes in pairs])
    return slope(attention, votes, cluster, effects)


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

"""The national level from polls, with its uncertainty, for every method that starts from polls."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import pandas as pd

from bench.core.arrays import BoolArray, FloatArray, IntArray
from bench.core.errors import Abstain
from bench.core.evidence import Evidence
from bench.core.forecast import Forecast
from bench.models.log_ratio import closed
from bench.models.polls.poll_table import (
    HALF_LIVES_DAYS,
    MAE_COLUMNS,
    PollMean,
    PollTable,
    last_polls,
    poll_mean,
    polls_of,
    weighted,
)
from bench.models.polls.shared_error import OTHERS, ErrorFrom, SharedError, shared_error

WEEK_DAYS = 7.0
THIRD_TIER = (0.04, 0.08)
"""Whom a squeeze concerns: polled at these shares, and not the remainder."""

USUAL_UNDECIDED = 0.2
"""Part of a sample that states no vote, for which `undecided_sd` is the spread that it adds."""


@dataclass(frozen=True, kw_only=True)
class Adjustments:
    """Switches of a weighted mean of polls, all off.

    Attributes
    ----------
    institute_sd : float
        Error of one institute that is not its sample's, in the log share of a candidate at 20 %:
        weights saturate. See `bench.models.polls.poll_table.poll_mean`.
    momentum : float
        See `moved_on`.
    squeeze : float
        See `squeezed`.
    undecided_sd : float
        See `undecided_variance`.
    """

    institute_sd: float = 0.0
    momentum: float = 0.0
    squeeze: float = 0.0
    undecided_sd: float = 0.0

    def shares(self, table: PollTable, share: FloatArray) -> FloatArray:
        """Shares [C] of a mean of these polls after momentum and squeeze."""
        others = np.array([name == OTHERS for name in table.candidates])
        return squeezed(moved_on(table, share, self.momentum), others, self.squeeze)


OFF = Adjustments()


def moved_on(table: PollTable, share: FloatArray, momentum: float) -> FloatArray:
    """Shares moved on by a part of their change within the last week of polls.

        share_i ∝ share_i (last week_i / week before_i)^momentum

    Parameters
    ----------
    table : PollTable
        At least one poll.
    share : ndarray, shape [C]
        Sums to one.
    momentum : float
        Part of the change of log shares that goes on; 0 leaves everything as it is.

    Returns
    -------
    ndarray, shape [C]
        Unchanged where one of the two weeks has no poll.
    """
    return moved(share, momentum * weekly_change(table)) if momentum else share


def weekly_change(table: PollTable) -> FloatArray:
    """Change of log shares [C] from the week before the last to the last, 0 if one has no poll."""
    age = table.days - table.days.min()
    late, early = age < WEEK_DAYS, (age >= WEEK_DAYS) & (age < 2 * WEEK_DAYS)
    if not early.any():
        return np.zeros(len(table.candidates))
    now, before = (
        closed(weighted(table, np.where(rows, table.respondents, 0.0)).share)
        for rows in (late, early)
    )
    return np.asarray(np.log(now) - np.log(before))


def squeezed(share: FloatArray, is_others: BoolArray, squeeze: float) -> FloatArray:
    """Shares of the third tier times ``exp(-squeeze)``, closed.

    Parameters
    ----------
    share : ndarray, shape [C]
        Sums to one.
    is_others : ndarray of bool, shape [C]
        The remainder, which is no candidate.
    squeeze : float
        What tactical voters take from candidates at ``THIRD_TIER``, in log shares; 0 for nothing.
    """
    return moved(share, -squeeze * third_tier(share, is_others))


def third_tier(share: FloatArray, is_others: BoolArray) -> FloatArray:
    """1 for candidates [C] of the third tier, else 0."""
    low, high = THIRD_TIER
    return np.asarray(((share >= low) & (share < high) & ~is_others).astype(float))


def moved(share: FloatArray, log_change: FloatArray) -> FloatArray:
    """Shares [C] after a change of their logarithms, closed."""
    if not log_change.any():
        return share
    new = share * np.exp(log_change)
    return np.asarray(new / new.sum())


def undecided_part(polls: pd.DataFrame) -> float:
    """Part of the samples of these polls that stated no vote; 0 where no poll says.

    Parameters
    ----------
    polls : DataFrame
        Columns poll_id, sample_size, sample_expressed.
    """
    said = polls.drop_duplicates("poll_id")
    asked = pd.to_numeric(said["sample_size"]).to_numpy(dtype=float, na_value=np.nan)
    voted = pd.to_numeric(said["sample_expressed"]).to_numpy(dtype=float, na_value=np.nan)
    known = (asked > 0) & (voted > 0) & (voted < asked)
    return float(1.0 - (voted[known] / asked[known]).mean()) if known.any() else 0.0


def undecided_variance(part: float, undecided_sd: float) -> float:
    """Variance that undecided voters add to the log weight of every candidate.

    Parameters
    ----------
    part : float
        Of the samples that stated no vote, 0 to 1.
    undecided_sd : float
        Standard deviation where a fifth of the sample states no vote; it grows in proportion.
    """
    return (undecided_sd * part / USUAL_UNDECIDED) ** 2


Learned = Literal["learned"]

MIN_VOTES = 3
BY_HAND_DAYS = 7.0
"""Half-life where fewer votes of the whole world teach anything: chosen by hand."""


@dataclass(frozen=True, kw_only=True)
class NationalPolls:
    """Weighted mean of the polls of one round, and the error that its industry made before.

    Attributes
    ----------
    share : pandas.Series [C]
        Sums to 1.
    """

    share: pd.Series
    mean: PollMean
    industry: SharedError
    design_effect: float
    undecided: float

    def draws(self, share: FloatArray, rng: np.random.Generator, n: int) -> FloatArray:
        """Draws [n, C] around a national level that starts from these polls.

        The error of the whole industry, learned from other votes, plus sampling noise of
        `design_effect` times the multinomial variance, and what undecided voters add.

        Parameters
        ----------
        share : numpy.ndarray [C]
            The centre, summing to 1: the mean itself or what a method made of it.
        rng : numpy.random.Generator
        n : int
            Number of draws.
        """
        sampling = self.design_effect / (self.mean.respondents * closed(share)) + self.undecided
        return self.industry.draws(
            share, self.mean.days, rng, n, institutes=self.mean.institutes, sampling=sampling
        )


def half_life(evidence: Evidence, setting: float | Learned) -> float:
    """A half-life in days: the number that is set, or the one that this vote's evidence teaches.

    Parameters
    ----------
    evidence : Evidence
        With the table `past_errors` where the setting is ``"learned"``.
    setting : float or "learned"
    """
    if setting != "learned":
        return float(setting)
    return learned_half_life(
        evidence["past_errors"], number=evidence.round, days=evidence.days_to_vote
    )


def learned_half_life(past_errors: pd.DataFrame, *, number: int, days: float) -> float:
    """The half-life whose :func:`~bench.models.polls.poll_table.poll_mean` erred least before.

    Of every other vote of the same country and round the polls that ended at least `days` before
    it have been averaged with each half-life of ``HALF_LIVES_DAYS``, up to the horizons of the
    table; the error is the mean over candidates of the absolute difference from the outcome. The
    half-life with the smallest mean of these errors is taken, votes weighing the same, the shorter
    one of two that tie. Rounds teach apart: a runoff campaign lasts two weeks. Votes whose polls
    are all of one age teach nothing; with fewer than ``MIN_VOTES`` that do, those of all
    countries are asked, ballots of two apart, and only where these are too few as well the answer
    is ``BY_HAND_DAYS``. The caller cuts the table.

    Parameters
    ----------
    past_errors : DataFrame
        The table of the evidence.
    number : int
        The round, 1 or 2.
    days : float
        From the forecast to the vote, at least 0.

    Returns
    -------
    float
        Days, one of ``HALF_LIVES_DAYS``.
    """
    alike = past_errors["round"].to_numpy() == number
    here = alike & past_errors["same_country"].to_numpy()
    # ballots of two are polled in other ways: they teach one another
    group = past_errors["group"].cat
    is_two = np.asarray(group.categories.str.startswith("two candidates"))[group.codes]
    two = bool((is_two & past_errors["same_group"].to_numpy()).any())
    for rows in (here, alike & (is_two == two)):
        known = _half_life_errors(past_errors, np.flatnonzero(rows), days)
        if len(known) >= MIN_VOTES:
            # rounded, so that a tie is one in every order of adding up
            return HALF_LIVES_DAYS[int(np.argmin(known.mean(axis=0).round(12)))]
    return BY_HAND_DAYS


def _half_life_errors(past_errors: pd.DataFrame, rows: IntArray, days: float) -> FloatArray:
    """Mean absolute errors [V, H] of the votes whose polls are of several ages, by rows [N]."""
    horizon = past_errors["horizon_days"].to_numpy(dtype=float)[rows]
    # of every vote the furthest horizon within these days, else the nearest beyond
    order = np.argsort(np.where(horizon <= days, horizon, -horizon), kind="stable")[::-1]
    vote = past_errors["election"].cat.codes.to_numpy()[rows]
    last = rows[order[np.unique(vote[order], return_index=True)[1]]]
    errors = np.column_stack([past_errors[name].to_numpy(float)[last] for name in MAE_COLUMNS])
    return np.asarray(errors[~np.isnan(errors).any(axis=1)])


def national_polls(
    evidence: Evidence,
    half_life_days: float | Learned,
    design_effect: float,
    error_from: ErrorFrom = "country",
    adjustments: Adjustments = OFF,
) -> NationalPolls:
    """The weighted mean of this round's polls.

    Parameters
    ----------
    evidence : Evidence
        With the tables `polls` and `past_errors`.
    half_life_days : float or "learned"
        A poll this many days older than the latest counts half; see `half_life`.
    design_effect : float
        Sampling variance over the multinomial's, at least 0.
    error_from : {"country", "world"}
        See `shared_error`.
    adjustments : Adjustments
        What is done to the mean beyond averaging.

    Raises
    ------
    Abstain
        If there is no poll yet.
    """
    days = half_life(evidence, half_life_days)
    table = polls_of(evidence)
    mean = poll_mean(table, days, adjustments.institute_sd)
    mean = replace(mean, share=adjustments.shares(table, mean.share))
    undecided = 0.0
    if adjustments.undecided_sd:
        part = undecided_part(evidence["polls"])
        undecided = undecided_variance(part, adjustments.undecided_sd)
    return _national(evidence, mean, design_effect, error_from, undecided)


def polls_by(
    evidence: Evidence, institutes: Sequence[str], modes: Sequence[str] = ()
) -> pd.DataFrame:
    """The rows of `polls` by some institutes, in some modes of interview.

    Parameters
    ----------
    evidence : Evidence
        With the table `polls`.
    institutes, modes : sequence of str
        As in the table; empty for all.

    Raises
    ------
    Abstain
        If there is none yet.
    """
    chosen = evidence["polls"]
    for column, wanted in (("mode", modes), ("institute", institutes)):
        if wanted:
            chosen = chosen[chosen[column].isin(wanted)]
    if chosen.empty:
        words = [*modes, *institutes]
        raise Abstain(f"no poll by {' or '.join(words) or 'anybody'} was public yet")
    return chosen


def polls_to_start_from(
    evidence: Evidence,
    institutes: Sequence[str],
    half_life_days: float | Learned,
    design_effect: float,
) -> NationalPolls:
    """The polls that a method adds something to: of everybody, or of the institutes it works with.

    Of everybody their weighted mean (`national_polls`); of named institutes the last poll of each,
    however old, all counting the same, with the spread of `forecast_of_last_polls`. So the level of
    a method that works with one institute is the row of that institute alone.

    Parameters
    ----------
    evidence : Evidence
        With the tables `polls` and `past_errors`.
    institutes : sequence of str
        By name; empty for everybody.
    half_life_days, design_effect
        Of the weighted mean, as in `national_polls`.

    Raises
    ------
    Abstain
        If there is no poll yet.
    """
    if not institutes:
        return national_polls(evidence, half_life_days, design_effect)
    mean = last_polls(polls_of(evidence, polls_by(evidence, institutes)), math.inf)
    return _national(evidence, mean, 1.0, "country")


def forecast_of_last_polls(
    evidence: Evidence,
    polls: pd.DataFrame,
    *,
    window_days: float,
    n_draws: int,
    rng: np.random.Generator,
    error_from: ErrorFrom = "country",
) -> Forecast:
    """Mean of every institute's last poll, with the error that such means have made before.

    With K institutes of n_k respondents the sampling noise in the draws has variance
    ``sum 1 / n_k / K^2 / p``, to which the industry-wide error at that many days before the vote
    is added.

    Parameters
    ----------
    evidence : Evidence
        With the table `past_errors`.
    polls : pandas.DataFrame
        Those that count: all of `evidence["polls"]`, or a part of its rows.
    window_days : float
        Institutes whose last poll ended more days than this before the latest are left out.
    n_draws : int
        Rows of the draws.
    rng : numpy.random.Generator
    error_from : {"country", "world"}
        See `shared_error`.

    Raises
    ------
    Abstain
        If there is no poll.
    """
    mean = last_polls(polls_of(evidence, polls), window_days)
    national = _national(evidence, mean, 1.0, error_from)
    return Forecast(share=national.share, draws=national.draws(mean.share, rng, n_draws))


def _national(
    evidence: Evidence,
    mean: PollMean,
    design_effect: float,
    error_from: ErrorFrom,
    undecided: float = 0.0,
) -> NationalPolls:
    return NationalPolls(
        share=pd.Series(mean.share, index=list(evidence.candidates)),
        mean=mean,
        industry=shared_error(evidence, error_from),
        design_effect=design_effect,
        undecided=undecided,
    )

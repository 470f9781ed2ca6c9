"""What can be done to a mean of polls beyond averaging; each is off at zero."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from bench.core.arrays import BoolArray, FloatArray
from bench.models.log_ratio import closed
from bench.models.polls.poll_table import PollMean, PollTable, poll_mean, weighted
from bench.models.polls.shared_error import OTHERS

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

    def mean(self, table: PollTable, half_life_days: float) -> PollMean:
        """The weighted mean with what is switched on done to it."""
        mean = poll_mean(table, half_life_days, self.institute_sd)
        return replace(mean, share=self.shares(table, mean.share))

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
    return moved(share, momentum * weekly_change(table))


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

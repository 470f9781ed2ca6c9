"""The national level from polls, with its uncertainty, for every method that starts from polls."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import pandas as pd

from bench.core.arrays import FloatArray, IntArray
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
from bench.models.polls.shared_error import SharedError, shared_error

Learned = Literal["learned"]

MIN_VOTES = 3
BY_HAND_DAYS = 7.0
"""Half-life where fewer votes of the whole world teach anything: chosen by hand."""


@dataclass(frozen=True, kw_only=True)
class NationalPolls:
    """Weighted mean of the polls of one round, and the error that its industry made before."""

    candidates: tuple[str, ...]
    mean: PollMean
    industry: SharedError
    design_effect: float

    def forecast(
        self, rng: np.random.Generator, n: int, share: FloatArray | None = None
    ) -> Forecast:
        """Outcomes that polls at this level have to expect, and their mean.

        Parameters
        ----------
        rng : numpy.random.Generator
        n : int
            Number of draws.
        share : numpy.ndarray [C], optional
            What a method made of the polls, summing to 1; their mean if left out.
        """
        mean = self.mean if share is None else replace(self.mean, share=share)
        return self.industry.forecast(self.candidates, mean, rng, n, self._sampling(mean.share))

    def draws(self, share: FloatArray, rng: np.random.Generator, n: int) -> FloatArray:
        """Draws [n, C] of the outcome, at a national level [C] that starts from these polls.

        The error of the whole industry, learned from other votes, plus sampling noise of
        `design_effect` times the multinomial variance.
        """
        mean = replace(self.mean, share=share)
        return self.industry.draws(mean, rng, n, self._sampling(share))

    def expected(self, share: FloatArray) -> FloatArray:
        """Mean [C] of the outcomes of `draws`, by `SharedError.expected`."""
        return self.industry.expected(replace(self.mean, share=share), self._sampling(share))

    def _sampling(self, share: FloatArray) -> FloatArray:
        return np.asarray(self.design_effect / (self.mean.respondents * closed(share)))


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
    domestic = alike & past_errors["same_country"].to_numpy()
    # ballots of two are polled in other ways: they teach one another
    group = past_errors["group"].cat
    is_two = np.asarray(group.categories.str.startswith("two candidates"))[group.codes]
    two = bool((is_two & past_errors["same_group"].to_numpy()).any())
    for rows in (domestic, alike & (is_two == two)):
        vote_errors = _half_life_errors(past_errors, np.flatnonzero(rows), days)
        if len(vote_errors) >= MIN_VOTES:
            # rounded, so that a tie is one in every order of adding up
            return HALF_LIVES_DAYS[int(np.argmin(vote_errors.mean(axis=0).round(12)))]
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
    evidence: Evidence, half_life_days: float | Learned, design_effect: float
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

    Raises
    ------
    Abstain
        If there is no poll yet.
    """
    days = half_life(evidence, half_life_days)
    mean = poll_mean(polls_of(evidence), days)
    return _national(evidence, mean, design_effect)


def expected_batch(
    evidence: Evidence,
    share: FloatArray,
    table: PollTable,
    weight: FloatArray,
    design_effect: float = 1.0,
) -> FloatArray:
    """The shares [B, C] that `NationalPolls.forecast` states at the levels of replicates.

    Parameters
    ----------
    evidence : Evidence
        With the table `past_errors`.
    share : ndarray [B, C]
        Means of the polls of every replicate, or what a method made of them.
    table : PollTable
        Of the mean replicate, as of `bench.models.polls.poll_table.poll_batch`.
    weight : ndarray [J]
        Of the polls in their mean.
    design_effect : float
        As of `national_polls`.
    """
    national = _national(evidence, weighted(table, weight), design_effect)
    return np.stack([national.expected(level) for level in share])


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
    chosen = evidence.rows("polls", mode=modes or None, institute=institutes or None)
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
    return _national(evidence, mean, 1.0)


def forecast_of_last_polls(
    evidence: Evidence,
    polls: pd.DataFrame,
    *,
    window_days: float,
    n_draws: int,
    rng: np.random.Generator,
) -> Forecast:
    """What the mean of every institute's last poll lets expect, after the error of such means.

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

    Raises
    ------
    Abstain
        If there is no poll.
    """
    mean = last_polls(polls_of(evidence, polls), window_days)
    return _national(evidence, mean, 1.0).forecast(rng, n_draws)


def _national(evidence: Evidence, mean: PollMean, design_effect: float) -> NationalPolls:
    return NationalPolls(
        candidates=evidence.candidates,
        mean=mean,
        industry=shared_error(evidence),
        design_effect=design_effect,
    )

"""The national level from polls, with its uncertainty, for every method that starts from polls."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from bench.core.arrays import FloatArray
from bench.core.errors import Abstain
from bench.core.evidence import Evidence
from bench.core.forecast import Forecast
from bench.models.log_ratio import closed
from bench.models.polls.half_life import Learned, half_life
from bench.models.polls.industry_error import learn
from bench.models.polls.poll_mean import PollMean, last_polls, poll_mean
from bench.models.polls.poll_table import PollTable, poll_table
from bench.models.polls.shared_error import ErrorFrom, SharedError
from bench.models.polls.world_error import world_error


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
    runoff: bool
    design_effect: float

    def draws(self, share: FloatArray, rng: np.random.Generator, n: int) -> FloatArray:
        """Draws [n, C] around a national level that starts from these polls.

        The error of the whole industry, learned from other votes, plus sampling noise of
        `design_effect` times the multinomial variance.

        Parameters
        ----------
        share : numpy.ndarray [C]
            The centre, summing to 1: the mean itself or what a method made of it.
        rng : numpy.random.Generator
        n : int
            Number of draws.
        """
        sampling = np.diag(self.design_effect / (self.mean.respondents * closed(share)))
        return self.industry.draws(
            share,
            self.mean.days,
            rng,
            n,
            institutes=self.mean.institutes,
            runoff=self.runoff,
            sampling=sampling,
        )


def shared_error(evidence: Evidence, error_from: ErrorFrom) -> SharedError:
    """The error that all institutes share, as other votes teach it.

    Parameters
    ----------
    evidence : Evidence
        With the tables `past_polls` and `outcomes`, or `past_errors`.
    error_from : {"country", "world"}
        Learned from votes of the same country alone, or from those of all countries.
    """
    if error_from == "world":
        return world_error(evidence)
    return learn(evidence["past_polls"], evidence["outcomes"])


def national_polls(
    evidence: Evidence,
    half_life_days: float | Learned,
    design_effect: float,
    error_from: ErrorFrom = "country",
) -> NationalPolls:
    """The weighted mean of this round's polls.

    Parameters
    ----------
    evidence : Evidence
        With the tables `polls`, `past_polls` and `outcomes`.
    half_life_days : float or "learned"
        A poll this many days older than the latest counts half; see `half_life`.
    design_effect : float
        Sampling variance over the multinomial's, at least 0.
    error_from : {"country", "world"}
        See `shared_error`.

    Raises
    ------
    Abstain
        If there is no poll yet.
    """
    days = half_life(evidence, half_life_days)
    return _national(
        evidence, evidence["polls"], lambda table: poll_mean(table, days), design_effect, error_from
    )


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
        With the tables `past_polls` and `outcomes`.
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
    national = _national(
        evidence, polls, lambda table: last_polls(table, window_days), 1.0, error_from
    )
    return Forecast(share=national.share, draws=national.draws(national.mean.share, rng, n_draws))


def _national(
    evidence: Evidence,
    polls: pd.DataFrame,
    average: Callable[[PollTable], PollMean],
    design_effect: float,
    error_from: ErrorFrom,
) -> NationalPolls:
    table = poll_table(polls, evidence.candidates, evidence.vote_on)
    if len(table) == 0:
        raise Abstain("no poll of this ballot was public yet")
    mean = average(table)
    return NationalPolls(
        share=pd.Series(mean.share, index=list(evidence.candidates)),
        mean=mean,
        industry=shared_error(evidence, error_from),
        runoff=evidence.round == 2,
        design_effect=design_effect,
    )

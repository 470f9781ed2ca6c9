"""This file holds the error that all institutes share, learned from other votes."""

from dataclasses import dataclass
from itertools import product

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bench.kit.log_ratio import FLOOR, closed, softmax, softmax_jacobian
from bench.kit.poll_table import PollTable, poll_table, whole_ballots

REFERENCE_SHARE = 0.2

HORIZONS_DAYS = (2, 5, 10, 20, 35, 60, 100, 150, 200, 300)
WINDOW_DAYS = 21
HALF_LIFE_DAYS = 5.0
VOTE_WEIGHT = 2.0

FINAL_SD = (0.04, 0.06, 0.08, 0.10, 0.13, 0.17, 0.22, 0.30)
DAILY_SD = (0.002, 0.006, 0.010, 0.014, 0.018, 0.024, 0.032)
SIZE_POWER = (0.0, 0.2, 0.35, 0.5)
RUNOFF_FACTOR = (0.35, 0.6, 1.0, 1.6)
TAIL_DF = 6.0
PRIOR_FINAL_SD = (0.10, 0.6)
PRIOR_DAILY_SD = (0.014, 0.8)
PRIOR_SIZE_POWER = (0.3, 0.2)
PRIOR_RUNOFF_FACTOR = (1.0, 0.7)


@dataclass(frozen=True)
class PastError:
    """What polls said of one vote at one horizon, and what came: a row of the learning set."""

    election: str
    round: int
    days: float
    share: NDArray[np.float64]  # [K], polled, categories with a share
    outcome: NDArray[np.float64]  # [K]
    respondents: float


def poll_mean(
    table: PollTable, half_life_days: float, at_days: float = 0.0
) -> tuple[NDArray[np.float64], float, float]:
    """Mean of whole ballots, weighted by new respondents and by age.

    Returns
    -------
    share : ndarray, shape [C]
    days : float
        Weighted mean of the days from fieldwork to the vote.
    respondents : float
        Effective number, ``(sum w n)^2 / sum w^2 n`` for weights ``w`` of age.
    """
    weight = 0.5 ** ((table.days - at_days) / half_life_days)
    mass = weight * table.respondents
    share = mass @ whole_ballots(table) / mass.sum()
    effective = mass.sum() ** 2 / (weight * mass).sum()
    return share, float(mass @ table.days / mass.sum()), float(effective)


def past_errors(past_polls: pd.DataFrame, outcomes: pd.DataFrame) -> list[PastError]:
    """Compare polls with outcomes, vote by vote, at fixed days before the vote.

    Parameters
    ----------
    past_polls : DataFrame
        Polls of other votes, with ``election``, ``round`` and ``vote_on``.
    outcomes : DataFrame
        Their outcomes; rows with ``level`` other than ``national`` are not read.

    Returns
    -------
    list of PastError
        Candidates whom no poll of the window lists are merged into one category.
    """
    national = outcomes[outcomes["level"] == "national"]
    votes = dict(list(national.groupby(["election", "round"], sort=True)))
    rows: list[PastError] = []
    for key, polls in past_polls.groupby(["election", "round"], sort=True):
        if key not in votes:
            continue
        outcome = votes[key].sort_values("candidate")
        names = tuple(outcome["candidate"].astype(str))
        official = outcome["share"].to_numpy(dtype=float)
        table = poll_table(polls, names, pd.Timestamp(outcome["vote_on"].iloc[0]))
        for horizon in HORIZONS_DAYS:
            near = (table.days >= horizon) & (table.days < horizon + WINDOW_DAYS)
            if not near.any():
                continue
            part = table.take(near)
            share, days, respondents = poll_mean(part, HALF_LIFE_DAYS, horizon)
            named = ~np.isnan(part.share).all(axis=0)
            polled, came = share[named], official[named]
            if not named.all():
                polled = np.append(polled, share[~named].sum())
                came = np.append(came, official[~named].sum())
            rows.append(
                PastError(str(key[0]), int(key[1]), days, closed(polled), closed(came), respondents)
            )
    return rows


@dataclass(frozen=True)
class IndustryError:
    """Mixture over a grid of variances of log-weight errors; one weight per grid point.

    The outcome is ``softmax(log(share) + e)`` with independent errors ``e_i`` of variance
    ``(final_sd^2 + days daily_sd^2) (0.2 / share_i)^(2 size_power)``, times ``runoff_factor^2``
    in a runoff, all scaled by one chi-square: a multivariate t.
    """

    grid: NDArray[np.float64]  # [G, 4]: final_sd, daily_sd, size_power, runoff_factor
    weight: NDArray[np.float64]  # [G], sums to one
    n_votes: int

    def variance(
        self, share: NDArray[np.float64], days: float, runoff: bool = False
    ) -> NDArray[np.float64]:
        """Variances [G, C] of the log-weight errors, one row per grid point."""
        return _variance(self.grid, closed(share), days, runoff)

    def covariance(
        self, share: NDArray[np.float64], days: float, runoff: bool = False
    ) -> NDArray[np.float64]:
        """Covariance [C, C] of the centred log-ratio errors, averaged over the grid.

        Parameters
        ----------
        share : ndarray, shape [C]
            Polled fractions, 0 to 1.
        days : float
            From the fieldwork to the vote.
        runoff : bool
            Whether the vote is a runoff.
        """
        diagonal = np.diag(self.weight @ self.variance(share, days, runoff))
        centre = np.eye(len(diagonal)) - 1.0 / len(diagonal)
        return np.asarray(centre @ diagonal @ centre * TAIL_DF / (TAIL_DF - 2.0))

    def share_covariance(
        self, share: NDArray[np.float64], days: float, runoff: bool = False
    ) -> NDArray[np.float64]:
        """Covariance [C, C] of the shares by the delta method, ``J V J'``."""
        jacobian = softmax_jacobian(closed(share))
        return np.asarray(jacobian @ self.covariance(share, days, runoff) @ jacobian.T)

    def draws(
        self,
        share: NDArray[np.float64],
        days: float,
        rng: np.random.Generator,
        n: int,
        *,
        runoff: bool = False,
        sampling: NDArray[np.float64] | None = None,
    ) -> NDArray[np.float64]:
        """Draw outcomes given what the polls say.

        Parameters
        ----------
        share : ndarray, shape [C]
            Polled fractions, 0 to 1.
        days : float
            From the fieldwork to the vote.
        rng : numpy.random.Generator
        n : int
            Number of draws S.
        runoff : bool
            Whether the vote is a runoff.
        sampling : ndarray, shape [C, C], optional
            Covariance of the log weights of ``share`` itself (sampling, house effects, age).

        Returns
        -------
        ndarray, shape [S, C]
            Rows sum to one.
        """
        base = closed(share)
        pick = rng.choice(len(self.weight), size=n, p=self.weight)
        sd = np.sqrt(_variance(self.grid, base, days, runoff))[pick]
        error = sd * rng.standard_normal((n, len(base)))
        error *= np.sqrt(TAIL_DF / rng.chisquare(TAIL_DF, size=(n, 1)))
        if sampling is not None:
            value, vector = np.linalg.eigh(sampling)
            root = vector * np.sqrt(np.maximum(value, 0.0))
            error += rng.standard_normal((n, len(base))) @ root.T
        return softmax(np.log(base) + error)


def learn(past_polls: pd.DataFrame, outcomes: pd.DataFrame) -> IndustryError:
    """Learn the size of the industry's error from other votes.

    Every vote gets the same weight however often it was polled; with no vote at all the
    answer is the prior (2 pp for a candidate at 20 % on the last day).

    Parameters
    ----------
    past_polls, outcomes : DataFrame
        Other votes only; the caller cuts.
    """
    return learn_from(past_errors(past_polls, outcomes))


def learn_from(rows: list[PastError]) -> IndustryError:
    """Learn from rows of :func:`past_errors`."""
    grid = np.array(list(product(FINAL_SD, DAILY_SD, SIZE_POWER, RUNOFF_FACTOR)))
    log_weight = _log_prior(grid)
    votes = [(row.election, row.round) for row in rows]
    for row, vote in zip(rows, votes, strict=True):
        log_weight = log_weight + VOTE_WEIGHT / votes.count(vote) * log_likelihood(grid, row)
    weight = np.exp(log_weight - log_weight.max())
    return IndustryError(grid, weight / weight.sum(), len(set(votes)))


def log_likelihood(grid: NDArray[np.float64], row: PastError) -> NDArray[np.float64]:
    """Log density [G] of one past error: a multivariate t on the contrasts of log shares.

    With independent log-weight errors of variance ``d_i`` and a free common shift, the contrasts
    have quadratic form ``sum (e_i - m)^2 / d_i`` around the precision-weighted mean ``m`` and
    determinant ``prod d_i * sum 1 / d_i`` (up to a constant).
    """
    from scipy.special import gammaln

    error = np.log(row.outcome) - np.log(row.share)
    sampling = 1.0 / (row.respondents * row.share) + FLOOR**2 / 3.0 / row.share**2
    d = _variance(grid, row.share, row.days, row.round == 2) + sampling
    precision = 1.0 / d
    mean = (precision @ error) / precision.sum(axis=1)
    form = (precision * (error - mean[:, None]) ** 2).sum(axis=1)
    log_det = np.log(d).sum(axis=1) + np.log(precision.sum(axis=1)) - np.log(len(error))
    m = len(error) - 1
    tail = (TAIL_DF + m) / 2.0
    constant = float(gammaln(tail) - gammaln(TAIL_DF / 2.0)) - m / 2.0 * np.log(TAIL_DF * np.pi)
    return np.asarray(constant - log_det / 2.0 - tail * np.log1p(form / TAIL_DF))


def _variance(
    grid: NDArray[np.float64], share: NDArray[np.float64], days: float, runoff: bool
) -> NDArray[np.float64]:
    final, daily, power, factor = grid.T
    scale = (final**2 + max(days, 0.0) * daily**2) * (factor**2 if runoff else 1.0)
    size = (REFERENCE_SHARE / share) ** (2.0 * power[:, None])
    return np.asarray(scale[:, None] * size)


def _log_prior(grid: NDArray[np.float64]) -> NDArray[np.float64]:
    final, daily, power, factor = grid.T
    z = [
        np.log(final / PRIOR_FINAL_SD[0]) / PRIOR_FINAL_SD[1],
        np.log(daily / PRIOR_DAILY_SD[0]) / PRIOR_DAILY_SD[1],
        (power - PRIOR_SIZE_POWER[0]) / PRIOR_SIZE_POWER[1],
        np.log(factor / PRIOR_RUNOFF_FACTOR[0]) / PRIOR_RUNOFF_FACTOR[1],
    ]
    return np.asarray(-0.5 * np.sum(np.square(z), axis=0))

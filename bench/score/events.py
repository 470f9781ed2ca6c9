"""This file holds the scores of events: who wins, who qualifies, in which order."""

import math

import numpy as np
from numpy.typing import ArrayLike

from bench.contract.errors import ForecastError
from bench.score.arrays import (
    BoolArray,
    FloatArray,
    finite,
    fractions,
    same_shape,
    share_and_outcome,
)


def qualifies(share: ArrayLike, seats: int) -> FloatArray:
    """Say who is among the first `seats`; equal candidates divide what is left.

    1 for every candidate above the threshold, (free seats) / (tied candidates) for those on
    it, 0 below; the sum is `seats`. Unit: probability under a fair drawing of lots.

    Parameters
    ----------
    share : array_like [C] or [S, C]
        Shares, or draws of them, ranked within each row.
    seats : int
        1 for the first place, 2 for a French first round; at most C.

    Raises
    ------
    ForecastError
        If a value is missing, or `seats` is not between 1 and C.

    Examples
    --------
    One seat is sure, three candidates draw lots for the other:

    >>> qualifies([0.4, 0.2, 0.2, 0.2], seats=2).round(3)
    array([1.   , 0.333, 0.333, 0.333])
    """
    rows = np.asarray(share, dtype=np.float64)
    rows = finite("share", rows, ndim=2 if rows.ndim == 2 else 1)
    above, tied, free = _thresholds(np.atleast_2d(rows), seats)
    weight = above + tied * (free / tied.sum(axis=1))[:, None]
    return np.asarray(weight.reshape(rows.shape), dtype=np.float64)


def first_place(share: ArrayLike) -> FloatArray:
    """Say who comes first; equal candidates divide the place.

    Unit: probability under a fair drawing of lots; the sum is 1.

    Parameters
    ----------
    share : array_like [C] or [S, C]

    Raises
    ------
    ForecastError
        If a value is missing.

    Examples
    --------
    >>> first_place([0.4, 0.4, 0.2])
    array([0.5, 0.5, 0. ])
    """
    return qualifies(share, seats=1)


def event_probability(draws: ArrayLike, seats: int) -> FloatArray:
    """Give each candidate's probability of being among the first `seats`, from draws.

        p_c = mean_s qualifies(x_s, seats)_c

    Unit: probability. Range: 0 to 1; the sum is `seats`. `seats=1` is the probability to win.

    Parameters
    ----------
    draws : array_like [S, C]
    seats : int

    Raises
    ------
    ForecastError
        As `qualifies`.

    Examples
    --------
    The first leads in one draw and ties in the other:

    >>> event_probability([[0.6, 0.4], [0.5, 0.5]], seats=1)
    array([0.75, 0.25])
    """
    return np.asarray(qualifies(finite("draws", draws, ndim=2), seats).mean(axis=0))


def pair_probability(draws: ArrayLike) -> FloatArray:
    """Give the probability that exactly these two candidates come first and second.

    Of tied candidates every pair is equally likely. Unit: probability. The matrix is
    symmetric with an empty diagonal; its upper triangle sums to 1, its rows to the
    probabilities of qualifying.

    Parameters
    ----------
    draws : array_like [S, C]
        At least two candidates.

    Returns
    -------
    ndarray [C, C]

    Raises
    ------
    ForecastError
        If a value is missing, or there is only one candidate.

    Examples
    --------
    >>> pair_probability([[0.5, 0.3, 0.2], [0.5, 0.2, 0.3]])
    array([[0. , 0.5, 0.5],
           [0.5, 0. , 0. ],
           [0.5, 0. , 0. ]])
    """
    sample = finite("draws", draws, ndim=2)
    above, tied, free = _thresholds(sample, 2)
    n_tied = tied.sum(axis=1)
    with_leader = (above * (free == 1)[:, None] / n_tied[:, None]).T @ tied
    two_of_tied = np.where(free == 2, 1 / np.maximum(n_tied * (n_tied - 1) / 2, 1), 0.0)
    among_tied = (tied * two_of_tied[:, None]).T @ tied
    pairs = with_leader + with_leader.T + among_tied
    np.fill_diagonal(pairs, 0.0)
    return np.asarray(pairs / sample.shape[0], dtype=np.float64)


def qualified_hit(share: ArrayLike, outcome: ArrayLike, seats: int) -> float:
    """Say whether the forecast names the right set of qualifiers.

    The probability that a fair drawing of lots among equal shares gives exactly the set
    that qualified: 1 or 0 where nothing is tied. A uniform forecast of 11 candidates has
    1/55 for two seats. Unit: probability. Range: 0 to 1. Higher is better.

    Parameters
    ----------
    share, outcome : array_like [C]
    seats : int
        1 scores the winner, 2 the pair of a runoff.

    Raises
    ------
    ForecastError
        As `qualifies`, and if the outcome itself is tied at the threshold.

    Examples
    --------
    >>> qualified_hit([0.3, 0.4, 0.3], [0.2, 0.5, 0.3], seats=2)
    0.5
    """
    forecast, official = share_and_outcome(share, outcome)
    right = qualified(official, seats)
    above, tied, free = _thresholds(forecast[None, :], seats)
    if (above[0].astype(bool) & ~right).any():
        return 0.0
    n_free, n_tied = int(free[0]), int(tied[0].sum())
    if int((tied[0].astype(bool) & right).sum()) != n_free:
        return 0.0
    return 1 / math.comb(n_tied, n_free)


def qualified(outcome: ArrayLike, seats: int) -> BoolArray:
    """Say who qualified in a vote.

    Parameters
    ----------
    outcome : array_like [C]
    seats : int

    Raises
    ------
    ForecastError
        As `qualifies`, and if candidates are tied at the threshold: votes do not tell then.

    Examples
    --------
    >>> qualified([0.24, 0.20, 0.21], seats=2)
    array([ True, False,  True])
    """
    weight = qualifies(finite("outcome", outcome, ndim=1), seats)
    if not np.isin(weight, (0.0, 1.0)).all():
        raise ForecastError(
            f"outcome has candidates tied for the last of {seats} seats; "
            "an outcome must say who qualified"
        )
    return np.asarray(weight == 1.0)


def kendall_tau(share: ArrayLike, outcome: ArrayLike) -> float:
    """Compare the order of the candidates with the official one.

        tau = (concordant pairs - discordant pairs) / (C (C - 1) / 2)

    Pairs that are equal in either list count 0 (tau-a), so a uniform forecast has 0 and
    nobody gains by leaving pairs undecided. Without ties it is SciPy's tau-b.
    Unit: none. Range: -1 (reversed) to 1 (right order). Higher is better.

    Parameters
    ----------
    share, outcome : array_like [C]
        At least two candidates.

    Raises
    ------
    ForecastError
        As `bench.score.shares.signed_error`, and if there is only one candidate.

    References
    ----------
    Kendall, M. G. (1938). A new measure of rank correlation. Biometrika 30, 81-93,
    doi:10.1093/biomet/30.1-2.81.

    Examples
    --------
    Of three pairs two are in order:

    >>> round(kendall_tau([0.5, 0.2, 0.3], [0.5, 0.3, 0.2]), 4)  # (2 - 1) / 3
    0.3333
    """
    forecast, official = share_and_outcome(share, outcome)
    n_candidates = official.size
    if n_candidates < 2:
        raise ForecastError("there is 1 candidate; an order needs at least 2")
    agreement = np.sign(forecast[:, None] - forecast) * np.sign(official[:, None] - official)
    return float(agreement.sum() / (n_candidates * (n_candidates - 1)))


def brier_score(probability: ArrayLike, happened: ArrayLike) -> FloatArray:
    """Score probabilities of events that happen or not.

        (p - o)^2,  o = 1 if it happened

    Brier's own score sums over both answers and is twice this one.
    Unit: squared probability. Range: 0 to 1. Lower is better; 1/4 for always saying 1/2.

    Parameters
    ----------
    probability : array_like [E]
    happened : array_like [E]
        0 or 1 (or booleans).

    Raises
    ------
    ForecastError
        If a probability is missing or outside 0 to 1, `happened` is not 0 or 1, or lengths differ.

    References
    ----------
    Brier, G. W. (1950). Verification of forecasts expressed in terms of probability. Monthly
    Weather Review 78, 1-3, doi:10.1175/1520-0493(1950)078<0001:VOFEIT>2.0.CO;2.

    Examples
    --------
    >>> brier_score([0.8, 0.8], [1, 0]).round(2)
    array([0.04, 0.64])
    """
    chance, fact = _events(probability, happened)
    return np.square(chance - fact)


def log_score(
    probability: ArrayLike, happened: ArrayLike, *, n_draws: int | None = None
) -> FloatArray:
    """Score probabilities of events by the surprise at what came.

        -ln p if it happened, -ln(1 - p) if not

    Unit: nats. Range: 0 upwards, infinite for a certainty that failed. Lower is better;
    ln 2 for always saying 1/2. A probability counted in S draws is floored by
    `floored_probability` if `n_draws` is given.

    Parameters
    ----------
    probability, happened : array_like [E]
        As `brier_score`.
    n_draws : int, optional
        Number S of draws in which the probability was counted.

    Raises
    ------
    ForecastError
        As `brier_score` and `floored_probability`.

    References
    ----------
    Good, I. J. (1952). Rational decisions. JRSS B 14, 107-114,
    doi:10.1111/j.2517-6161.1952.tb00104.x.

    Examples
    --------
    -ln 0.8 and -ln 0.2, then a certainty from 9 draws that failed, -ln(0.5 / 10):

    >>> log_score([0.8, 0.8], [1, 0]).round(4)
    array([0.2231, 1.6094])
    >>> log_score([1.0], [0], n_draws=9).round(4)
    array([2.9957])
    """
    chance, fact = _events(probability, happened)
    if n_draws is not None:
        chance = floored_probability(chance, n_draws)
    with np.errstate(divide="ignore"):
        return np.asarray(-np.log(np.where(fact == 1, chance, 1 - chance)) + 0.0, dtype=np.float64)


def floored_probability(probability: ArrayLike, n_draws: int) -> FloatArray:
    """Move a probability counted in finitely many draws away from 0 and 1.

        (k + 1/2) / (S + 1),  k = p S

    the mean of the Jeffreys posterior: no event is impossible because 1,000 draws missed it.
    Unit: probability. Range: 1 / (2S + 2) to its complement.

    Parameters
    ----------
    probability : array_like [E]
    n_draws : int
        S, at least 1.

    Raises
    ------
    ForecastError
        If a probability is outside 0 to 1, or `n_draws` is below 1.

    References
    ----------
    Krichevsky, R. E., Trofimov, V. K. (1981). The performance of universal encoding. IEEE
    Transactions on Information Theory 27, 199-207, doi:10.1109/TIT.1981.1056331.

    Examples
    --------
    >>> floored_probability([0.0, 0.5, 1.0], n_draws=9)  # 0.5, 5 and 9.5 of 10
    array([0.05, 0.5 , 0.95])
    """
    if n_draws < 1:
        raise ForecastError(f"n_draws is {n_draws}; at least 1 draw is needed")
    return (fractions("probability", probability) * n_draws + 0.5) / (n_draws + 1)


def _events(probability: ArrayLike, happened: ArrayLike) -> tuple[FloatArray, FloatArray]:
    chance = np.clip(fractions("probability", probability), 0.0, 1.0)
    fact = finite("happened", happened, ndim=1)
    same_shape("probability", chance, "happened", fact)
    if not np.isin(fact, (0.0, 1.0)).all():
        raise ForecastError("happened holds values other than 0 and 1 (or False and True)")
    return chance, fact


def _thresholds(rows: FloatArray, seats: int) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Per row: who lies above the last seat's share, who on it, how many seats these divide."""
    n_candidates = rows.shape[1]
    if not 1 <= seats <= n_candidates:
        raise ForecastError(
            f"seats is {seats}; it must lie between 1 and the {n_candidates} candidates"
        )
    last_seat = np.partition(rows, n_candidates - seats, axis=1)[:, [n_candidates - seats]]
    above, tied = (rows > last_seat).astype(np.float64), (rows == last_seat).astype(np.float64)
    return above, tied, seats - above.sum(axis=1)

"""This file holds the events of a vote: who wins, who qualifies, in which order."""

import math

import numpy as np
from numpy.typing import ArrayLike

from bench.core.errors import ForecastError
from bench.metrics.arrays import BoolArray, FloatArray, finite, share_and_outcome


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

    References
    ----------
    Counting; no source needed.

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

    References
    ----------
    Counting; no source needed.

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

    References
    ----------
    Counting; no source needed.

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

    References
    ----------
    Counting; no source needed.

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
    with_leader = (above / n_tied[:, None]).T @ tied
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

    References
    ----------
    Counting; no source needed.

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

    References
    ----------
    Counting; no source needed.

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
        As `bench.metrics.shares.signed_error`, and if there is only one candidate.

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

"""This file holds the scores of probabilities of events."""

import numpy as np
from numpy.typing import ArrayLike

from bench.core.errors import ForecastError
from bench.metrics.arrays import FloatArray, finite, fractions, same_shape


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

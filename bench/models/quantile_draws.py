"""Draws from marginal quantiles, for forecasts that state nothing else."""

import numpy as np
from scipy.special import ndtri

from bench.core import ForecastError
from bench.core.arrays import FloatArray


def draws_from_quantiles(
    levels: FloatArray,
    values: FloatArray,
    n_draws: int,
    rng: np.random.Generator,
) -> FloatArray:
    """Independent draws of every column from its quantiles.

    Between two levels the quantile function is linear in the normal score
    ``z = Phi^-1(level)``; beyond the outermost levels it goes on with the slope of the last
    piece. Draws are cut to 0 to 1.

    Parameters
    ----------
    levels : ndarray [Q]
        Rising, strictly between 0 and 1, two at least.
    values : ndarray [Q, C]
        Fractions, not falling with the level.
    n_draws : int
        S.
    rng : numpy.random.Generator
        Uniform numbers come from it.

    Returns
    -------
    ndarray [S, C]

    Raises
    ------
    ForecastError
        If levels or quantiles are out of order.

    Examples
    --------
    >>> levels, quantiles = np.array([0.025, 0.975]), np.array([[0.2], [0.4]])
    >>> draws = draws_from_quantiles(levels, quantiles, 20_000, np.random.default_rng(0))
    >>> round(float(draws.mean()), 2)
    0.3
    """
    if len(levels) < 2 or not ((levels > 0) & (levels < 1)).all() or (np.diff(levels) <= 0).any():
        raise ForecastError(
            f"quantile levels are {levels.tolist()}; accepted: two or more, rising, inside 0 to 1"
        )
    if (np.diff(values, axis=0) < 0).any():
        raise ForecastError("a quantile falls while its level rises; sort them")
    score = ndtri(levels)
    z = ndtri(rng.random((n_draws, values.shape[1])))
    piece = np.clip(np.searchsorted(score, z) - 1, 0, len(score) - 2)
    column = np.arange(values.shape[1])
    low, high = values[piece, column], values[piece + 1, column]
    part = (z - score[piece]) / (score[piece + 1] - score[piece])
    return np.asarray(np.clip(low + part * (high - low), 0.0, 1.0))

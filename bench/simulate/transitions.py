"""This file holds the estimate of how votes moved between two elections, from their areas."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bench.contract import DataError

FloatArray = NDArray[np.float64]


def transitions(
    before: ArrayLike, after: ArrayLike, *, iterations: int = 200, pooled: float = 0.1
) -> FloatArray:
    """Share of every group of an earlier vote that chose each option of a later one.

    Every area's later votes are taken as Poisson counts of mean ``before @ P``; the matrix P
    that makes them most likely is found by expectation-maximisation,

        P[r, k] <- P[r, k] sum_u before[u, r] after[u, k] / (before @ P)[u, k], rows brought to 1.

    The answer is then mixed with `pooled` parts of independence, because the likelihood favours
    empty cells. One matrix is assumed for all areas: the ecological fallacy is not removed.

    Parameters
    ----------
    before : array_like [U, R]
        People by area and group in the earlier vote; every area with the total of `after`.
    after : array_like [U, K]
        People by area and option in the later vote.
    iterations : int
        Steps of the algorithm.
    pooled : float
        Weight of independence, 0 to 1.

    Raises
    ------
    DataError
        If the tables do not have the same areas, or a count is negative or missing.

    References
    ----------
    Dempster, A. P., Laird, N. M., Rubin, D. B. (1977). Maximum likelihood from incomplete data
    via the EM algorithm. doi:10.1111/j.2517-6161.1977.tb01600.x

    Examples
    --------
    Two areas of one group each leave no choice:

    >>> transitions([[10, 0], [0, 10]], [[8, 2], [1, 9]], pooled=0.0).round(3).tolist()
    [[0.8, 0.2], [0.1, 0.9]]
    """
    x, y = np.asarray(before, dtype=float), np.asarray(after, dtype=float)
    if x.ndim != 2 or y.ndim != 2 or len(x) != len(y):
        raise DataError(f"areas differ: before is {x.shape} and after {y.shape}; join them first")
    if not (np.isfinite(x).all() and np.isfinite(y).all()) or min(x.min(), y.min()) < 0:
        raise DataError("a count of people is missing or negative; drop such areas first")
    overall = y.sum(axis=0) / y.sum()
    matrix = np.tile(overall, (x.shape[1], 1))
    matrix += 0.01 * np.eye(*matrix.shape)
    matrix /= matrix.sum(axis=1, keepdims=True)
    for _ in range(iterations):
        mean = x @ matrix
        ratio = np.divide(y, mean, out=np.zeros_like(y), where=mean > 0)
        matrix *= x.T @ ratio
        matrix /= np.maximum(matrix.sum(axis=1, keepdims=True), 1e-300)
    return np.asarray((1 - pooled) * matrix + pooled * overall)

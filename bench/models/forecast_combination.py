"""Weights for several poll estimates, learned from earlier votes."""

from collections.abc import Sequence
from itertools import product

import numpy as np

from bench.core.arrays import FloatArray

STEPS = 10


def simplex_grid(n: int, steps: int = STEPS) -> FloatArray:
    """All weights [G, n] that sum to one in steps of ``1 / steps``.

    Examples
    --------
    >>> simplex_grid(2, 2).tolist()
    [[0.0, 1.0], [0.5, 0.5], [1.0, 0.0]]
    """
    rows = [r for r in product(range(steps + 1), repeat=n - 1) if sum(r) <= steps]
    grid = np.array([[*r, steps - sum(r)] for r in rows], dtype=float)
    return grid / steps


def pool_weights(errors: Sequence[FloatArray], prior_votes: float) -> FloatArray:
    """Weights of M estimates that would have erred least, shrunk to equal ones.

    Minimises ``sum_v |w E_v|^2 / mean_m |E_vm|^2 + prior_votes M |w - 1 / M|^2``. Every vote is
    measured by its own typical error, so that one bad year of all institutes does not decide.

    Parameters
    ----------
    errors : sequence of ndarray, shape [M, C]
        For every earlier vote, estimate minus outcome.
    prior_votes : float
        Strength of the pull to equal weights, in votes.

    Examples
    --------
    >>> pool_weights([np.array([[0.1, -0.1], [0.0, 0.0]])], prior_votes=0.0).tolist()
    [0.0, 1.0]
    """
    n = errors[0].shape[0]
    grid = simplex_grid(n)
    loss = prior_votes * n * np.square(grid - 1.0 / n).sum(axis=1)
    for error in errors:
        typical = np.square(error).sum(axis=1).mean()
        if typical > 0:
            loss += np.square(grid @ error).sum(axis=1) / typical
    return np.asarray(grid[np.argmin(loss)])

"""This file holds what the margins alone say for certain about the cells of a table."""

import numpy as np
import numpy.typing as npt

from bench.models.ecological_inference.margins import check_margins
from bench.models.ecological_inference.types import Floats


def unit_bounds(row_votes: npt.ArrayLike, column_votes: npt.ArrayLike) -> tuple[Floats, Floats]:
    """Least and greatest number of votes in every cell of every unit, [U, R, K] each.

    max(0, x_ir + y_ic - n_i) ≤ N_irc ≤ min(x_ir, y_ic), votes.

    References
    ----------
    Duncan & Davis (1953), doi:10.2307/2088122.

    Examples
    --------
    >>> low, high = unit_bounds([[7, 3]], [[8, 2]])
    >>> low.tolist(), high.tolist()
    ([[[5.0, 0.0], [1.0, 0.0]]], [[[7.0, 2.0], [3.0, 2.0]]])
    """
    rows, columns = check_margins(row_votes, column_votes)
    size = rows.sum(axis=1)[:, None, None]
    low = np.maximum(rows[:, :, None] + columns[:, None, :] - size, 0.0)
    return low, np.minimum(rows[:, :, None], columns[:, None, :])


def total_bounds(row_votes: npt.ArrayLike, column_votes: npt.ArrayLike) -> tuple[Floats, Floats]:
    """Sums of the unit bounds, [R, K] each: no assumption can lead outside of them.

    References
    ----------
    King (1997), A Solution to the Ecological Inference Problem, ch. 5.

    Examples
    --------
    >>> low, high = total_bounds([[7, 3], [0, 4]], [[8, 2], [1, 3]])
    >>> low.tolist(), high.tolist()
    ([[5.0, 0.0], [2.0, 3.0]], [[7.0, 2.0], [4.0, 5.0]])
    """
    low, high = unit_bounds(row_votes, column_votes)
    return low.sum(axis=0), high.sum(axis=0)

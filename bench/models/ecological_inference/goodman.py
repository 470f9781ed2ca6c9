"""This file holds ecological regression as Goodman proposed it."""

import numpy as np

from bench.models.ecological_inference.types import Floats


def goodman(row_votes: Floats, column_votes: Floats) -> Floats:
    """Row profiles by weighted least squares of column shares on row shares, [R, K].

    Σ_i n_i |y_i/n_i - (x_i/n_i) P|² is least; the shares may leave the range 0 to 1,
    and the rows add up to one by themselves.

    References
    ----------
    Goodman (1953), doi:10.2307/2088121.

    Examples
    --------
    >>> rows, columns = np.array([[8.0, 2.0], [3.0, 7.0]]), np.array([[6.0, 4.0], [6.0, 4.0]])
    >>> goodman(rows, columns).round(3).tolist()
    [[0.6, 0.4], [0.6, 0.4]]
    """
    root = np.sqrt(np.maximum(row_votes.sum(axis=1, keepdims=True), 1e-300))
    return np.asarray(np.linalg.lstsq(row_votes / root, column_votes / root, rcond=None)[0])

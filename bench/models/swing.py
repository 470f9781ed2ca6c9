"""Swing: how an earlier vote by area is moved to a new national level."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt


def uniform_swing(
    past_share: npt.ArrayLike, weight: npt.ArrayLike, national_share: npt.ArrayLike
) -> npt.NDArray[np.float64]:
    """Add the same national change to every area, then put negative shares to 0.

    Parameters
    ----------
    past_share : array_like [U, C]
        Shares of the earlier vote, rows summing to 1.
    weight : array_like [U]
        Votes of the areas, at least 0.
    national_share : array_like [C]
        The new national level, summing to 1.

    Returns
    -------
    numpy.ndarray [U, C]
        Rows sum to 1. The weighted mean equals `national_share` unless a share was cut at 0.

    References
    ----------
    Butler, D. and Stokes, D. (1969). Political Change in Britain.

    Examples
    --------
    >>> uniform_swing([[0.6, 0.4], [0.2, 0.8]], [1, 1], [0.5, 0.5]).round(3).tolist()
    [[0.7, 0.3], [0.3, 0.7]]
    """
    past = np.asarray(past_share, dtype=float)
    mass = np.asarray(weight, dtype=float)
    before = mass @ past / mass.sum()
    moved = np.clip(past + (np.asarray(national_share, dtype=float) - before), 0, None)
    return np.asarray(moved / moved.sum(axis=1, keepdims=True))


def national_level(areas: npt.ArrayLike, weight: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """National shares [C] of area shares [U, C] weighted by votes [U].

    Examples
    --------
    >>> national_level([[1.0, 0.0], [0.0, 1.0]], [3, 1]).tolist()
    [0.75, 0.25]
    """
    mass = np.asarray(weight, dtype=float)
    return np.asarray(mass @ np.asarray(areas, dtype=float) / mass.sum())

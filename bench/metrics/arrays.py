"""This file holds the checks that every score makes on its arrays."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bench.core.errors import ForecastError

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
IntArray = NDArray[np.int64]

_ROUNDING = 1e-9  # sums of floating-point shares overshoot 1 by less than this


def finite(name: str, value: ArrayLike, *, ndim: int) -> FloatArray:
    """Return `value` as floats, refusing another shape, emptiness, NaN and infinity.

    Raises
    ------
    ForecastError
        If `value` has not `ndim` dimensions, is empty, or holds NaN or infinity.

    Examples
    --------
    >>> finite("share", [0.6, 0.4], ndim=1)
    array([0.6, 0.4])
    """
    array = np.asarray(value, dtype=np.float64)
    if array.ndim != ndim:
        raise ForecastError(
            f"{name} has {array.ndim} dimensions (shape {array.shape}); {ndim} are expected"
        )
    if array.size == 0:
        raise ForecastError(f"{name} is empty; at least one value is needed")
    bad = np.argwhere(~np.isfinite(array))
    if bad.size:
        place = tuple(int(i) for i in bad[0])
        raise ForecastError(
            f"{name}{list(place)} is {array[place]}; finite numbers are expected: "
            "leave out what the method does not name and renormalise before scoring"
        )
    return array


def fractions(name: str, value: ArrayLike, *, ndim: int = 1) -> FloatArray:
    """Return `value` as fractions between 0 and 1, refusing percent.

    Raises
    ------
    ForecastError
        As `finite`, and if a value lies outside 0 to 1.

    Examples
    --------
    >>> fractions("share", [0.6, 0.4])
    array([0.6, 0.4])
    """
    array = finite(name, value, ndim=ndim)
    bad = np.argwhere((array < -_ROUNDING) | (array > 1 + _ROUNDING))
    if bad.size:
        place = tuple(int(i) for i in bad[0])
        raise ForecastError(
            f"{name}{list(place)} is {array[place]:g}; it must lie between 0 and 1 "
            "(a fraction of the valid votes, not percent)"
        )
    return array


def positive(name: str, value: ArrayLike, *, ndim: int = 1, because: str) -> FloatArray:
    """Return `value` as finite numbers above 0.

    Raises
    ------
    ForecastError
        As `finite`, and if a value is 0 or less; the message says `because`.

    Examples
    --------
    >>> positive("counts", [3, 1], because="odds of 0 have no logarithm")
    array([3., 1.])
    """
    array = finite(name, value, ndim=ndim)
    bad = np.argwhere(array <= 0)
    if bad.size:
        place = tuple(int(i) for i in bad[0])
        raise ForecastError(
            f"{name}{list(place)} is {array[place]:g}; it must be above 0: {because}"
        )
    return array


def same_shape(
    name: str, array: NDArray[np.generic], like: str, other: NDArray[np.generic]
) -> None:
    """Refuse two arrays of different shapes.

    Raises
    ------
    ForecastError
        If the shapes differ.

    Examples
    --------
    >>> same_shape("share", np.zeros(2), "outcome", np.zeros(2))
    """
    if array.shape != other.shape:
        raise ForecastError(
            f"{name} has shape {array.shape} but {like} has {other.shape}; "
            "both must list the same candidates in the same order"
        )


def share_and_outcome(share: ArrayLike, outcome: ArrayLike) -> tuple[FloatArray, FloatArray]:
    """Return both as fractions [C] of one length.

    Raises
    ------
    ForecastError
        As `fractions` and `same_shape`.

    Examples
    --------
    >>> share_and_outcome([0.6, 0.4], [0.5, 0.5])
    (array([0.6, 0.4]), array([0.5, 0.5]))
    """
    forecast, official = fractions("share", share), fractions("outcome", outcome)
    same_shape("share", forecast, "outcome", official)
    return forecast, official


def draws_and_outcome(draws: ArrayLike, outcome: ArrayLike) -> tuple[FloatArray, FloatArray]:
    """Return draws [S, C] and outcome [C] as finite floats.

    Raises
    ------
    ForecastError
        As `finite`, and if the number of candidates differs.

    Examples
    --------
    >>> draws_and_outcome([[0.6, 0.4]], [0.5, 0.5])
    (array([[0.6, 0.4]]), array([0.5, 0.5]))
    """
    sample, official = finite("draws", draws, ndim=2), finite("outcome", outcome, ndim=1)
    same_shape("one draw", sample[0], "outcome", official)
    return sample, official

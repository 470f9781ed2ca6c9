"""The arrays that metrics are given: checked once, and draws also sorted once."""

from __future__ import annotations

from functools import cached_property
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bench.core.arrays import BoolArray, FloatArray
from bench.core.errors import ForecastError

# a value per ballot: a float of one forecast, an array [...] of many
PerBallot: TypeAlias = Any

_ROUNDING = 1e-9  # sums of floating-point shares overshoot 1 by less than this


def finite(name: str, value: ArrayLike, *, ndim: int, batch: bool = False) -> FloatArray:
    """Return `value` as floats, refusing another shape, emptiness, NaN and infinity.

    With `batch` any leading dimensions (tasks, replicates) may stand before the `ndim` last.

    Raises
    ------
    ForecastError
        If `value` has not `ndim` dimensions (fewer, with `batch`), is empty, or holds NaN or
        infinity.

    Examples
    --------
    >>> finite("share", [0.6, 0.4], ndim=1)
    array([0.6, 0.4])
    """
    array = np.asarray(value, dtype=np.float64)
    if array.ndim != ndim and not (batch and array.ndim > ndim):
        raise ForecastError(
            f"{name} has {array.ndim} dimensions (shape {array.shape}); {ndim} are expected"
        )
    if array.size == 0:
        raise ForecastError(f"{name} is empty; at least one value is needed")
    is_finite = np.isfinite(array)
    if not is_finite.all():
        place = tuple(int(i) for i in np.argwhere(~is_finite)[0])
        raise ForecastError(
            f"{name}{list(place)} is {array[place]}; finite numbers are expected: "
            "leave out what the method does not name and renormalise before scoring"
        )
    return array


def fractions(name: str, value: ArrayLike, *, ndim: int = 1, batch: bool = False) -> FloatArray:
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
    array = np.asarray(value, dtype=np.float64)
    right_ndim = array.ndim == ndim or (batch and array.ndim > ndim)
    # quickest first, since every metric asks; NaN compares as false
    if right_ndim and array.size and array.min() >= -_ROUNDING and array.max() <= 1 + _ROUNDING:
        return array
    array = finite(name, array, ndim=ndim, batch=batch)
    bad = np.argwhere((array < -_ROUNDING) | (array > 1 + _ROUNDING))
    place = tuple(int(i) for i in bad[0])
    raise ForecastError(
        f"{name}{list(place)} is {array[place]:g}; it must lie between 0 and 1 "
        "(a fraction of the valid votes, not percent)"
    )


def positive(
    name: str, value: ArrayLike, *, ndim: int = 1, batch: bool = False, because: str
) -> FloatArray:
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
    array = finite(name, value, ndim=ndim, batch=batch)
    if array.min() <= 0:
        place = tuple(int(i) for i in np.argwhere(array <= 0)[0])
        raise ForecastError(
            f"{name}{list(place)} is {array[place]:g}; it must be above 0: {because}"
        )
    return array


def same_shape(
    name: str, array: NDArray[np.generic], reference_name: str, reference: NDArray[np.generic]
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
    if array.shape != reference.shape:
        raise ForecastError(
            f"{name} has shape {array.shape} but {reference_name} has {reference.shape}; "
            "both must list the same candidates in the same order"
        )


def zero_or_one(name: str, value: ArrayLike, *, batch: bool = False) -> FloatArray:
    """Return `value` [N] as 0.0 and 1.0, refusing anything else.

    Raises
    ------
    ForecastError
        As `finite`, and if a value is neither 0 nor 1.

    Examples
    --------
    >>> zero_or_one("happened", [True, False])
    array([1., 0.])
    """
    array = finite(name, value, ndim=1, batch=batch)
    if not ((array == 0) | (array == 1)).all():
        raise ForecastError(f"{name} holds values other than 0 and 1 (or False and True)")
    return array


def share_and_outcome(share: ArrayLike, outcome: ArrayLike) -> tuple[FloatArray, FloatArray]:
    """Return both as fractions [..., C] of the same candidates.

    Raises
    ------
    ForecastError
        As `fractions`, and if the numbers of candidates differ or the leading dimensions do not
        fit together.

    Examples
    --------
    >>> share_and_outcome([0.6, 0.4], [0.5, 0.5])
    (array([0.6, 0.4]), array([0.5, 0.5]))
    """
    forecast = fractions("share", share, batch=True)
    official = fractions("outcome", outcome, batch=True)
    same_candidates("share", forecast.shape, "outcome", official.shape)
    return forecast, official


def same_candidates(
    name: str, shape: tuple[int, ...], reference_name: str, reference_shape: tuple[int, ...]
) -> tuple[int, ...]:
    """Return the common shape of two arrays [..., C] whose leading dimensions may be repeated.

    Raises
    ------
    ForecastError
        If the numbers of candidates differ or the leading dimensions do not fit together.

    Examples
    --------
    >>> same_candidates("share", (3, 2), "outcome", (2,))
    (3, 2)
    """
    if shape == reference_shape:
        return shape
    try:
        if shape[-1] == reference_shape[-1]:
            return np.broadcast_shapes(shape, reference_shape)
    except ValueError:
        pass  # told below
    raise ForecastError(
        f"{name} has shape {shape} but {reference_name} has {reference_shape}; "
        "both must list the same candidates in the same order"
    )


def per_ballot(values: FloatArray | np.float64) -> PerBallot:
    """Return values [...] of ballots; that of a single one as a float.

    Examples
    --------
    >>> per_ballot(np.float64(0.5)), per_ballot(np.array([0.5, 0.25]))
    (0.5, array([0.5 , 0.25]))
    """
    return float(values) if np.ndim(values) == 0 else values


class Ensemble:
    """Draws [..., S, C] that are checked and sorted once, whatever is computed from them.

    Every metric that takes draws takes an ensemble as well.

    Parameters
    ----------
    draws : array_like [..., S, C]

    Raises
    ------
    ForecastError
        If a value is missing or infinite.

    Examples
    --------
    >>> Ensemble([[0.3, 0.7], [0.1, 0.9]]).ordered
    array([[0.1, 0.3],
           [0.7, 0.9]])
    """

    def __init__(self, draws: ArrayLike) -> None:
        self.values = finite("draws", draws, ndim=2, batch=True)
        self.n_draws, self.n_candidates = self.values.shape[-2:]
        self.intervals: dict[float, tuple[FloatArray, FloatArray]] = {}  # by level: the bounds
        # by number of seats: who has one in every draw (bench.metrics.events)
        self.places: dict[int, tuple[BoolArray, BoolArray, FloatArray]] = {}

    @cached_property
    def columns(self) -> FloatArray:
        """The draws of every candidate, [..., C, S]."""
        return np.ascontiguousarray(self.values.swapaxes(-1, -2))

    @cached_property
    def order(self) -> np.ndarray[tuple[int, ...], np.dtype[np.intp]]:
        """Which draw stands at every place of `ordered`, [..., C, S]."""
        return np.argsort(self.columns, axis=-1, kind="stable")

    @cached_property
    def ordered(self) -> FloatArray:
        """The draws of every candidate, ascending, [..., C, S]."""
        return np.take_along_axis(self.columns, self.order, axis=-1)

    def first(self, n: int) -> Ensemble:
        """The first `n` draws."""
        return self if n >= self.n_draws else Ensemble(self.values[..., :n, :])


Draws: TypeAlias = ArrayLike | Ensemble


def ensemble(draws: Draws) -> Ensemble:
    """Return draws as an ensemble; what is one already keeps its sorted values.

    Raises
    ------
    ForecastError
        As `Ensemble`.

    Examples
    --------
    >>> given = Ensemble([[0.3, 0.7]])
    >>> ensemble(given) is given
    True
    """
    return draws if isinstance(draws, Ensemble) else Ensemble(draws)


def ensemble_and_outcome(draws: Draws, outcome: ArrayLike) -> tuple[Ensemble, FloatArray]:
    """Return draws [..., S, C] and outcome [..., C] of the same candidates.

    Raises
    ------
    ForecastError
        As `Ensemble`, and if the outcome is not finite or has other candidates.

    Examples
    --------
    >>> ensemble_and_outcome([[0.6, 0.4]], [0.5, 0.5])[0].values
    array([[0.6, 0.4]])
    """
    sample = ensemble(draws)
    official = finite("outcome", outcome, ndim=1, batch=True)
    one_draw = sample.values.shape[:-2] + sample.values.shape[-1:]
    same_candidates("one draw", one_draw, "outcome", official.shape)
    return sample, official

"""This file holds the model confidence set: the methods that may be the best."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from bench.contract.errors import ForecastError
from bench.score.arrays import BoolArray, FloatArray, finite
from bench.score.resamples import resampled_means


@dataclass(frozen=True)
class ConfidenceSet:
    """Methods [M] that may be the best: `p_value > size`, and the order of elimination."""

    included: BoolArray
    p_value: FloatArray
    eliminated: tuple[int, ...]


def model_confidence_set(
    losses: ArrayLike, counts: ArrayLike, *, size: float = 0.1, statistic: str = "range"
) -> ConfidenceSet:
    """Keep the methods that cannot be told from the best one.

        t_ij = dbar_ij / sd_ij,  T_range = max_ij |t_ij|
        t_i = dbar_i / sd_i,     T_max = max_i t_i

    with mean loss differences dbar (of two methods, or of one from the average of those
    left) and their bootstrap standard deviations. If T exceeds the 1 - size quantile of its
    recentred bootstrap, the method with the largest t is dropped and the test repeated.
    A method's p-value is the largest seen until it was dropped; the last one's is 1.
    The set holds the best method with probability 1 - size as the data grow; with few
    elections it is large, and says so.

    Parameters
    ----------
    losses : array_like [N, M]
        One column per method, the same rows for all.
    counts : array_like [B, N]
        From `bench.score.resamples`.
    size : float
        Of the test, between 0 and 1.
    statistic : {"range", "max"}

    Raises
    ------
    ForecastError
        If a loss is missing, there is one method, or size or statistic is not accepted.

    References
    ----------
    Hansen, P. R., Lunde, A., Nason, J. M. (2011). The model confidence set. Econometrica
    79(2), 453-497, doi:10.3982/ECTA5771.

    Examples
    --------
    The second method is 10 worse in every row and in every resample:

    >>> found = model_confidence_set([[1, 11], [2, 12], [3, 13]], [[2, 1, 0], [0, 1, 2]])
    >>> found.included, found.p_value, found.eliminated
    (array([ True, False]), array([1., 0.]), (1,))
    """
    loss = finite("losses", losses, ndim=2)
    n_methods = loss.shape[1]
    if n_methods < 2 or not 0 < size < 1 or statistic not in _STATISTICS:
        raise ForecastError(
            f"there are {n_methods} methods, size is {size}, statistic is {statistic!r}; at least "
            f"2 methods, a size between 0 and 1 and one of {sorted(_STATISTICS)} are accepted"
        )
    mean = loss.mean(axis=0)
    shift = resampled_means(loss, finite("counts", counts, ndim=2)) - mean
    negligible = 1e-12 * float(np.abs(loss).max())

    left = list(range(n_methods))
    p_value, eliminated, highest = np.ones(n_methods), [], 0.0
    while len(left) > 1:
        t, simulated = _STATISTICS[statistic](mean[left], shift[:, left], negligible)
        worst = left[int(np.argmax(t))]
        highest = max(highest, float((simulated >= t.max()).mean()))
        p_value[worst] = highest
        eliminated.append(worst)
        left.remove(worst)
    return ConfidenceSet(p_value > size, p_value, tuple(eliminated))


def _standardised(value: FloatArray, deviation: FloatArray, negligible: float) -> FloatArray:
    """Divide, taking a difference that never varies as infinitely sure, or as none if it is 0."""
    certain = np.where(np.abs(value) > negligible, np.copysign(np.inf, value), 0.0)
    varies = deviation > negligible
    return np.where(varies, value / np.where(varies, deviation, 1.0), certain)


def _range_statistic(
    mean: FloatArray, shift: FloatArray, negligible: float
) -> tuple[FloatArray, FloatArray]:
    gap = shift[:, :, None] - shift[:, None, :]
    deviation = np.sqrt(np.mean(gap**2, axis=0))
    t = _standardised(mean[:, None] - mean, deviation, negligible).max(axis=1)
    scaled = np.abs(gap) / np.where(deviation > negligible, deviation, np.inf)
    return t, scaled.max(axis=(1, 2))


def _max_statistic(
    mean: FloatArray, shift: FloatArray, negligible: float
) -> tuple[FloatArray, FloatArray]:
    gap = shift - shift.mean(axis=1, keepdims=True)
    deviation = np.sqrt(np.mean(gap**2, axis=0))
    t = _standardised(mean - mean.mean(), deviation, negligible)
    scaled = gap / np.where(deviation > negligible, deviation, np.inf)
    return t, scaled.max(axis=1)


_STATISTICS = {"range": _range_statistic, "max": _max_statistic}

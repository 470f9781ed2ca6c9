"""The model confidence set: the methods that may be the best."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from bench.core.arrays import BoolArray, FloatArray
from bench.core.errors import ForecastError
from bench.metrics.arrays import finite
from bench.metrics.comparison.significance import ROUNDING, flipped_statistics, sign_flips


@dataclass(frozen=True)
class ConfidenceSet:
    """Methods [M] that may be the best: `p_value > size`, and the order of elimination."""

    included: BoolArray
    p_value: FloatArray
    eliminated: tuple[int, ...]


def model_confidence_set(
    differences: ArrayLike, rng: np.random.Generator, *, size: float = 0.1
) -> ConfidenceSet:
    """Keep the methods that cannot be told from the best one.

        t_ij = dbar_ij / se_ij,  T = max_ij |t_ij|

    over the pairs of the methods left. If T exceeds the 1 - size quantile of its distribution
    under turned signs, the method with the largest t against another is dropped and the test
    repeated. A method's p-value is the largest seen until it was dropped; the last one's is 1.
    The set holds a given best method with probability 1 - size where differences are as likely
    with all signs turned; `docs/inference.md` has the size where they are not.

    Parameters
    ----------
    differences : array_like [n, M, M]
        Loss of method i less that of j, one table per election, such as from
        `bench.metrics.skill.log_ratios`.
    rng : numpy.random.Generator
        For the random signs of many elections.
    size : float
        Of the test, between 0 and 1.

    Raises
    ------
    ForecastError
        If a difference is missing, there is one method, or the size is out of range.

    References
    ----------
    Hansen, P. R., Lunde, A., Nason, J. M. (2011). The model confidence set. Econometrica
    79(2), 453-497, doi:10.3982/ECTA5771: their T_R and its elimination rule. Turned signs
    instead of their bootstrap, which drops good methods far too often with few elections.

    Examples
    --------
    The second method is worse in every one of six elections, by about 10:

    >>> loss = np.array([[1, 11], [2, 12], [3, 12], [1, 12], [2, 11], [3, 14]], dtype=float)
    >>> found = model_confidence_set(loss[:, :, None] - loss[:, None], np.random.default_rng(1))
    >>> found.included, found.p_value, found.eliminated
    (array([ True, False]), array([1.     , 0.03125]), (1,))
    """
    difference = finite("differences", differences, ndim=3)
    n, n_methods = difference.shape[:2]
    if n_methods < 2 or not 0 < size < 1:
        raise ForecastError(
            f"differences has shape {difference.shape} and size is {size}; "
            "at least 2 methods and a size between 0 and 1 are accepted"
        )
    one, other = np.triu_indices(n_methods, k=1)
    statistic = flipped_statistics(difference[:, one, other], sign_flips(n, rng))
    worse = np.where(difference[:, one, other].sum(axis=0) > 0, one, other)  # of each pair

    left = np.ones(n_methods, dtype=bool)
    p_value, eliminated, highest = np.ones(n_methods), [], 0.0
    while left.sum() > 1:
        pairs = np.flatnonzero(left[one] & left[other])
        largest = statistic[:, pairs].max(axis=1)
        highest = max(highest, float((largest >= largest[0] - ROUNDING).mean()))
        worst = int(worse[pairs[int(np.argmax(statistic[0, pairs]))]])
        p_value[worst] = highest
        eliminated.append(worst)
        left[worst] = False
    return ConfidenceSet(p_value > size, p_value, tuple(eliminated))

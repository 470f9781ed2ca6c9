"""Ratios of means over clusters of votes, and what an error is worth in interviews."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from bench.core.arrays import FloatArray
from bench.core.errors import ForecastError
from bench.metrics.arrays import finite


def ratio_of_means(
    above: ArrayLike,
    below: ArrayLike,
    cluster: ArrayLike,
    *,
    level: float = 0.95,
    fewest_clusters: int = 6,
) -> tuple[float, float, float]:
    """Ratio of two means over clusters, each cluster counting alike, with an interval.

        r = mean_k mean_{v in k} a_v / mean_k mean_{v in k} b_v

    The interval is a jackknife over clusters k on the logarithm of r, with Student's quantile of
    one degree less than there are clusters. Unit: none. Range: 0 and above.

    Parameters
    ----------
    above, below : array_like [V]
        At least 0, one value per vote.
    cluster : array_like [V]
        Any labels.
    level : float
    fewest_clusters : int
        Below as many the bounds are NaN.

    Returns
    -------
    (float, float, float)
        The ratio, infinite where all of `below` is 0, and the bounds.

    Raises
    ------
    ForecastError
        If a value is missing or negative.

    References
    ----------
    Miller, R. G. (1974). The jackknife - a review. Biometrika 61(1), 1-15,
    doi:10.1093/biomet/61.1.1.

    Examples
    --------
    >>> ratio_of_means([1.0, 3.0, 2.0], [1.0, 1.0, 2.0], ["a", "a", "b"])[0].__round__(3)
    1.333
    """
    from scipy import stats

    a, b = finite("above", above, ndim=1), finite("below", below, ndim=1)
    if a.min() < 0 or b.min() < 0:
        raise ForecastError("above or below holds a number below 0; accepted: 0 and above")
    _, code = np.unique(np.asarray(cluster), return_inverse=True)
    count = np.bincount(code)
    top, bottom = (np.bincount(code, weights=one) / count for one in (a, b))
    if not bottom.sum() > 0:
        return math.inf, math.nan, math.nan
    ratio = float(top.sum() / bottom.sum())
    k = len(count)
    with_top, with_bottom = top.sum() - top, bottom.sum() - bottom
    if k < max(fewest_clusters, 2) or not ((with_top > 0).all() and (with_bottom > 0).all()):
        return ratio, math.nan, math.nan
    each = np.log(with_top / with_bottom)
    error = math.sqrt((k - 1) / k * float(((each - each.mean()) ** 2).sum()))
    half = float(stats.t.ppf((1 + level) / 2, k - 1)) * error
    return ratio, ratio * math.exp(-half), ratio * math.exp(half)


def interviews_worth(
    squared_error: ArrayLike,
    outcome_variance: ArrayLike,
    cluster: ArrayLike,
    *,
    fewest_clusters: int = 6,
) -> tuple[float, float, float]:
    """Interviews of a simple random sample with the same mean squared error, and an interval.

        n = mean sum_c p_c (1 - p_c) / mean sum_c (x_c - p_c)^2

    with official shares p and forecasts x, means as of `ratio_of_means`: n interviews have the
    expected squared error sum_c p_c (1 - p_c) / n. Unit: interviews. Higher is better.

    Parameters
    ----------
    squared_error, outcome_variance : array_like [V]
        Sums over the candidates of each vote: of squared errors, and as `outcome_variances`.
    cluster : array_like [V]
    fewest_clusters : int

    References
    ----------
    The sample that a design is worth: Kish, L. (1965). Survey Sampling, section 8.2. Wiley.

    Examples
    --------
    Two candidates at 50 %, each off by 1 point: the standard error of 2,500 interviews.

    >>> round(interviews_worth([2 * 0.01**2], [2 * 0.25], ["a"])[0])
    2500
    """
    return ratio_of_means(outcome_variance, squared_error, cluster, fewest_clusters=fewest_clusters)


def outcome_variances(outcome: FloatArray) -> FloatArray:
    """Sum over the candidates [..., C] of p (1 - p): the expected squared error of one interview.

    Examples
    --------
    >>> float(outcome_variances(np.array([0.5, 0.5])))
    0.5
    """
    return np.asarray((outcome * (1.0 - outcome)).sum(axis=-1))

"""Ratios of the errors of two methods over clusters of common votes, with their intervals."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from bench.core.arrays import FloatArray
from bench.core.errors import ForecastError
from bench.metrics.arrays import finite
from bench.metrics.comparison.verdict import Verdict, verdict

MIN_CLUSTERS = 6
"""An interval needs the degrees of freedom of as many clusters of equal size, less one."""

ALMOST = 1e-6


@dataclass(frozen=True, kw_only=True)
class Ratio:
    """How many times the error of one method that of another is.

    Attributes
    ----------
    value : float
        Below 1 the first method errs less.
    low, high : float
        95 % interval; NaN with fewer degrees of freedom than `MIN_CLUSTERS` clusters have.
    p : float
        Two-sided, of a ratio of 1; NaN where there is no interval.
    verdict : {"equivalent", "better", "worse", "not_enough"}
        See `bench.metrics.comparison.verdict`.
    """

    value: float
    low: float
    high: float
    p: float
    verdict: Verdict


def _ratio(logarithm: float, error: float, degrees: float) -> Ratio:
    from scipy import stats

    if not degrees > MIN_CLUSTERS - 1 - ALMOST:
        error = math.nan
    half90, half95 = (float(stats.t.ppf(at, degrees)) * error for at in (0.95, 0.975))
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        bounds = logarithm + np.array([-half90, half90, -half95, half95])
        low90, high90, low95, high95 = np.exp(bounds).tolist()
        p = float(2 * stats.t.sf(np.abs(np.float64(logarithm) / error), degrees))
    judged = verdict(low90, high90, low95, high95)
    return Ratio(value=math.exp(logarithm), low=low95, high=high95, p=p, verdict=judged)


def mean_ratio(log_ratio: ArrayLike, cluster: ArrayLike | None = None) -> Ratio:
    """Geometric mean of ratios, each counting alike, with an interval by clusters.

        r = exp( mean_k d_k ),    d_k = log(error of the first / error of the second) on day k

    Without clusters the interval is Student's. With them (days of one country) the standard error
    allows for any dependence within a cluster: Bell and McCaffrey's CR2 of a mean, with
    Satterthwaite's degrees of freedom; where each cluster holds one value it is Student's again.
    Unit: none. Range: above 0.

    Parameters
    ----------
    log_ratio : array_like [K]
    cluster : array_like [K], optional
        Any labels.

    Raises
    ------
    ForecastError
        If there is no value, or one is missing.

    References
    ----------
    Bell, R. M., McCaffrey, D. F. (2002). Bias reduction in standard errors for linear regression
    with multi-stage samples. Survey Methodology 28(2), 169-181.

    Examples
    --------
    >>> found = mean_ratio(np.log([2.0, 2.0, 2.0, 1.0, 1.0, 1.0]))
    >>> round(found.value, 3), round(found.low, 2), round(found.high, 2), found.verdict
    (1.414, 0.95, 2.11, 'not_enough')
    """
    d = finite("log_ratio", log_ratio, ndim=1)
    n = len(d)
    labels = np.arange(n) if cluster is None else np.asarray(cluster)
    _, code = np.unique(labels, return_inverse=True)
    size = np.bincount(code)
    mean = float(d.mean())
    if len(size) < 2:
        return _ratio(mean, math.nan, math.nan)
    total = np.bincount(code, weights=d - mean)
    scale = 1.0 / (n * np.sqrt(1.0 - size / n))
    error = math.sqrt(float(((scale * total) ** 2).sum()))
    joint = np.outer(scale, scale) * (np.diag(size) - np.outer(size, size) / n)
    return _ratio(mean, error, float(np.trace(joint) ** 2 / (joint**2).sum()))


def ratio_of_means(above: ArrayLike, below: ArrayLike, cluster: ArrayLike) -> Ratio:
    """Ratio of two means over clusters, each cluster counting alike, with an interval.

        r = mean_k mean_{v in k} a_v / mean_k mean_{v in k} b_v

    The interval is a jackknife over clusters k on the logarithm of r. A few clusters with large
    errors make most of both means, so Student's quantile has one degree less than the effective
    number of clusters, (sum w)^2 / sum w^2 of their parts w of the two means (Kish 1965, section
    8.2). Unit: none. Range: 0 and above.

    Parameters
    ----------
    above, below : array_like [V]
        At least 0, one value per vote.
    cluster : array_like [V]
        Any labels.

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
    >>> round(ratio_of_means([1.0, 3.0, 2.0], [1.0, 1.0, 2.0], ["a", "a", "b"]).value, 3)
    1.333
    """
    a, b = finite("above", above, ndim=1), finite("below", below, ndim=1)
    if a.min() < 0 or b.min() < 0:
        raise ForecastError("above or below holds a number below 0; accepted: 0 and above")
    _, code = np.unique(np.asarray(cluster), return_inverse=True)
    count = np.bincount(code)
    top, bottom = (np.bincount(code, weights=one) / count for one in (a, b))
    with np.errstate(divide="ignore"):
        logarithm = float(np.log(top.sum()) - np.log(bottom.sum())) if bottom.sum() else math.inf
    if not top.sum() and not bottom.sum():
        logarithm = math.nan
    k = len(count)
    with_top, with_bottom = top.sum() - top, bottom.sum() - bottom
    if k < 2 or not ((with_top > 0).all() and (with_bottom > 0).all()):
        return _ratio(logarithm, math.nan, math.nan)
    each = np.log(with_top / with_bottom)
    error = math.sqrt((k - 1) / k * float(((each - each.mean()) ** 2).sum()))
    weight = top / top.sum() + bottom / bottom.sum()
    return _ratio(logarithm, error, float(weight.sum() ** 2 / (weight**2).sum()) - 1)


def outcome_variances(outcome: FloatArray) -> FloatArray:
    """Sum over the candidates [..., C] of p (1 - p): the expected squared error of one interview.

    A forecast with the mean squared error (summed over candidates) of a simple random sample of n
    interviews is worth n: the ratio of the mean of this and the mean squared error.

    Examples
    --------
    >>> float(outcome_variances(np.array([0.5, 0.5])))
    0.5
    """
    return np.asarray((outcome * (1.0 - outcome)).sum(axis=-1))


def holm(p_values: ArrayLike) -> FloatArray:
    """Holm's adjusted p-values: the chance that any true hypothesis is rejected stays below level.

        p_(k) adjusted = max_{j <= k} min(1, (n - j + 1) p_(j))

    Computed by statsmodels.

    Parameters
    ----------
    p_values : array_like [K]
        NaN where nothing was tested, which stays NaN and is not counted.

    References
    ----------
    Holm, S. (1979). A simple sequentially rejective multiple test procedure. Scandinavian Journal
    of Statistics 6, 65-70.

    Examples
    --------
    >>> holm([0.01, float("nan"), 0.04, 0.03]).round(3).tolist()
    [0.03, nan, 0.06, 0.06]
    """
    from statsmodels.stats.multitest import multipletests

    adjusted = np.array(p_values, dtype=np.float64)
    tested = ~np.isnan(adjusted)
    if tested.any():
        adjusted[tested] = multipletests(adjusted[tested], method="holm")[1]
    return adjusted

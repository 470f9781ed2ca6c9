"""Ratios of the errors of two methods on common votes, their intervals, and what these allow."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from bench.core.arrays import FloatArray
from bench.core.errors import ForecastError
from bench.metrics.arrays import finite
from bench.metrics.comparison.significance import mean_error

MIN_CLUSTERS = 6
"""An interval needs the degrees of freedom of as many clusters of equal size, less one."""

ALMOST = 1e-6
MAX_RATIO = 100.0  # a loss counts as at most a hundred times another
NEAR = (0.90, 1 / 0.90)  # what counts as within 10 %
LEVEL = 0.05  # of both directions together
POWER = 0.8

Direction = Literal["better", "worse", "not_shown"]


def log_ratios(losses: ArrayLike, elections: ArrayLike) -> FloatArray:
    """Compare methods two at a time, so that votes of any size count alike.

        L_eij = mean_{n in e} log clip(loss_ni / loss_nj, 1/100, 100)

    over the rows n of election e that both methods answered; 0 / 0 is 1, and a loss below 0 (a fair
    score can be) is 0. A loss of 1 point is small among 2 candidates and large among 16; the ratio
    of two losses on one ballot has no such unit. The mean over elections of L is the logarithm
    of the geometric mean of the ratios. Unit: none. Range: -4.6 to 4.6. Below 0 the first method
    is better. L_eij = -L_eji.

    Parameters
    ----------
    losses : array_like [N, M]
        Mean over the candidates of one vote and date; NaN where a method gave no forecast.
    elections : array_like [N]
        The election of each row, any labels: its rounds and dates become one value.

    Returns
    -------
    ndarray [E, M, M]
        In the sorted order of the labels; NaN where two methods share no row of an election.

    Raises
    ------
    ForecastError
        If a loss is infinite, or there is not one label for every row.

    References
    ----------
    Geometric mean of ratios to a baseline: Fleming, P. J., Wallace, J. J. (1986). How not to lie
    with statistics: the correct way to summarize benchmark results. doi:10.1145/5666.5673.
    Errors relative to a baseline, clipped to 1/100 and 100, one value per task: Shchur, O. et al.
    (2025). fev-bench: a realistic benchmark for time series forecasting. arXiv:2509.26468.
    Pairs of methods on common votes: Cramer, E. Y. et al. (2022), doi:10.1073/pnas.2113561119.

    Examples
    --------
    Ratios 1/2 (of two candidates) and 2 (of eleven) cancel, whatever their size in points:

    >>> log_ratios([[1.0, 2.0], [0.2, 0.1]], ["a", "b"])[:, 0, 1].round(3)
    array([-0.693,  0.693])
    """
    loss, label = np.asarray(losses, dtype=np.float64), np.asarray(elections)
    if loss.ndim != 2 or loss.size == 0 or np.isinf(loss).any():
        raise ForecastError(
            f"losses has shape {loss.shape}; rows x methods of finite numbers (or NaN) are expected"
        )
    if label.shape != loss.shape[:1]:
        raise ForecastError(
            f"elections has shape {label.shape}; one label for each of {len(loss)} rows of losses "
            "is expected"
        )
    not_negative = np.maximum(loss, 0.0)  # NaN stays NaN
    numerator, denominator = not_negative[:, :, None], not_negative[:, None, :]
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.clip(numerator / denominator, 1 / MAX_RATIO, MAX_RATIO)
    ratio = np.where((numerator == 0) & (denominator == 0), 1.0, ratio)
    logs = np.log(ratio)
    both = ~np.isnan(logs)
    by_election = []
    for name in np.unique(label):
        in_election = label == name
        count = both[in_election].sum(axis=0)
        total = np.where(both[in_election], logs[in_election], 0.0).sum(axis=0)
        by_election.append(np.where(count > 0, total / np.maximum(count, 1), np.nan))
    return np.stack(by_election)


@dataclass(frozen=True, kw_only=True)
class Ratio:
    """How many times the error of one method that of another is.

    Attributes
    ----------
    ratio : float
        Below 1 the first method errs less.
    error : float
        Standard error of its logarithm; NaN with fewer degrees of freedom than `MIN_CLUSTERS`
        clusters have.
    degrees : float
        Degrees of freedom of that error.
    low, high : float
        95 % interval; NaN where there is no standard error.
    p : float
        Two-sided, of a ratio of 1; NaN where there is no interval.
    """

    ratio: float
    error: float
    degrees: float
    low: float
    high: float
    p: float


def _ratio(logarithm: float, error: float, degrees: float) -> Ratio:
    from scipy import stats

    if not degrees > MIN_CLUSTERS - 1 - ALMOST:
        error = math.nan
    half = float(stats.t.ppf(1 - LEVEL / 2, degrees)) * error
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        low, high = np.exp([logarithm - half, logarithm + half]).tolist()
        p = float(2 * stats.t.sf(np.abs(np.float64(logarithm) / error), degrees))
    ratio = math.exp(logarithm)
    return Ratio(ratio=ratio, error=error, degrees=degrees, low=low, high=high, p=p)


def judged(rows: pd.DataFrame) -> pd.DataFrame:
    """What the ratios of one table show: in which direction, and how large.

    *Direction* and *size* are two questions. A direction is shown where Holm's p over the rows of
    the table is at most `LEVEL`. The size is the ratio with its 95 % interval: it is within 10 %
    where the whole interval lies between the bounds of `NEAR`, and is not where the whole interval
    lies outside. A method can be better and within 10 %.

    Parameters
    ----------
    rows : pandas.DataFrame
        The rows of one table, with the attributes of a `Ratio`.

    Returns
    -------
    pandas.DataFrame
        With the same index: `p_holm`; `tests`, how many rows have a p; `direction` ("better",
        "worse", "not_shown"); `within` ("yes", "no", "not_shown"); `detectable`, the smallest
        ratio above 1 for which the row would have shown a direction with a chance of `POWER`, by
        the days and the spread that it has and the level that Holm leaves it. NaN without an
        interval.

    References
    ----------
    Holm: as of :func:`holm`. Power of a t test: Cohen, J. (1988). Statistical Power Analysis for
    the Behavioral Sciences, chapter 2.

    Examples
    --------
    Ten days with a standard deviation of .05: better by 4 %, and within 10 %.

    >>> found = mean_ratio(np.log(0.96) + 0.05 * np.resize([-1.0, 1.0], 10))
    >>> row = judged(pd.DataFrame([vars(found)])).iloc[0]
    >>> row["direction"], row["within"], float(round(row["detectable"], 2))
    ('better', 'yes', 1.05)
    """
    p = rows["p"].to_numpy(dtype=float)
    p_holm = holm(p)
    is_shown = p_holm <= LEVEL
    is_near = rows["low"].ge(NEAR[0]) & rows["high"].le(NEAR[1])
    is_far = rows["high"].lt(NEAR[0]) | rows["low"].gt(NEAR[1])
    return pd.DataFrame(
        {
            "p_holm": p_holm,
            "tests": int(np.isfinite(p).sum()),
            "direction": np.select(
                [is_shown & rows["ratio"].lt(1), is_shown & rows["ratio"].gt(1)],
                ["better", "worse"],
                "not_shown",
            ),
            "within": np.select([is_near, is_far], ["yes", "no"], "not_shown"),
            "detectable": list(map(_detectable, rows["error"], rows["degrees"], holm_levels(p))),
        },
        index=rows.index,
    )


def _detectable(error: float, degrees: float, level: float) -> float:
    """The ratio at which a noncentral t exceeds the quantile of the level in `POWER` of cases."""
    from scipy import special, stats

    if not error > 0 or math.isnan(level):
        return math.nan
    quantile = float(stats.t.ppf(1 - level / 2, degrees))
    return math.exp(float(special.nctdtrinc(degrees, 1 - POWER, quantile)) * error)


def mean_ratio(
    log_ratio: ArrayLike,
    cluster: ArrayLike | None = None,
    correlation: ArrayLike | None = None,
) -> Ratio:
    """Geometric mean of ratios, each counting alike, with an interval by clusters.

        r = exp( mean_k d_k ),    d_k = log(error of the first / error of the second) on day k

    Without clusters the interval is Student's. With them (days of one country) the standard error
    allows for any dependence within a cluster: Bell and McCaffrey's CR2 of a mean, with
    Satterthwaite's degrees of freedom; where each cluster holds one value it is Student's again.
    With a correlation it is that of `bench.metrics.comparison.significance.mean_interval`.
    Unit: none. Range: above 0.

    Parameters
    ----------
    log_ratio : array_like [K]
    cluster : array_like [K], optional
        Any labels.
    correlation : array_like [K, K], optional
        Of the values, instead of clusters.

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
    >>> round(found.ratio, 3), round(found.low, 2), round(found.high, 2)
    (1.414, 0.95, 2.11)
    """
    d = finite("log_ratio", log_ratio, ndim=1)
    n = len(d)
    labels = np.arange(n) if cluster is None else np.asarray(cluster)
    _, code = np.unique(labels, return_inverse=True)
    size = np.bincount(code)
    mean = float(d.mean())
    if len(size) < 2:
        return _ratio(mean, math.nan, math.nan)
    if correlation is not None:
        (error,), degrees = mean_error(d[:, None], correlation)
        return _ratio(mean, float(error), degrees)
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
    >>> round(ratio_of_means([1.0, 3.0, 2.0], [1.0, 1.0, 2.0], ["a", "a", "b"]).ratio, 3)
    1.333
    """
    a, b = finite("above", above, ndim=1), finite("below", below, ndim=1)
    if a.min() < 0 or b.min() < 0:
        raise ForecastError("above or below holds a number below 0; accepted: 0 and above")
    _, code = np.unique(np.asarray(cluster), return_inverse=True)
    count = np.bincount(code)
    top, bottom = (np.bincount(code, weights=values) / count for values in (a, b))
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


def holm_levels(p_values: ArrayLike) -> FloatArray:
    """The level at which Holm's procedure tests each hypothesis, given the p-values of the others.

        a_k = LEVEL / (n - r_k),   r_k = rejections among the others, each tested as if k came last

    A hypothesis is rejected if and only if its own p-value is at most a_k.

    Parameters
    ----------
    p_values : array_like [K]
        NaN where nothing was tested, which stays NaN and is not counted.

    Examples
    --------
    >>> holm_levels([0.01, float("nan"), 0.04, 0.03]).round(4).tolist()
    [0.0167, nan, 0.025, 0.025]
    """
    p = np.array(p_values, dtype=np.float64)
    levels = np.full(len(p), np.nan)
    tested = np.flatnonzero(~np.isnan(p))
    steps = LEVEL / (len(tested) - np.arange(len(tested) - 1))
    for place in tested:  # statsmodels collects garbage in every call, which takes seconds here
        other_p = np.sort(p[tested[tested != place]], kind="stable")
        n_rejected = int(np.logical_and.accumulate(other_p <= steps).sum())
        levels[place] = LEVEL / (len(tested) - n_rejected)
    return levels

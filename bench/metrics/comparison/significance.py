"""Comparisons of methods over elections: is one really better, and by how much?"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from bench.core.arrays import FloatArray
from bench.core.errors import ForecastError
from bench.metrics.arrays import finite, fractions, same_shape

EXACT_UP_TO = 14  # elections: 2^13 rows of signs
N_RANDOM = 999
ROUNDING = 1e-12


@dataclass(frozen=True)
class DieboldMariano:
    """Statistic and two-sided p-value of equal expected losses; above 0 B is better."""

    statistic: float
    p_value: float
    lags: int


def sign_flips(n: int, rng: np.random.Generator) -> FloatArray:
    """Signs [F, n] under which differences of equally good methods are as likely as they stand.

    All of them up to `EXACT_UP_TO` elections, the first sign held at +1 because turning every
    sign changes no absolute value; beyond that the signs as they are and `N_RANDOM` random rows.

    Raises
    ------
    ForecastError
        If n is below 2.

    Examples
    --------
    >>> sign_flips(3, np.random.default_rng(1)).tolist()
    [[1.0, 1.0, 1.0], [1.0, 1.0, -1.0], [1.0, -1.0, 1.0], [1.0, -1.0, -1.0]]
    """
    if n < 2:
        raise ForecastError(f"there is {n} election; a test needs at least 2")
    if n <= EXACT_UP_TO:
        bits = (np.arange(2 ** (n - 1))[:, None] >> np.arange(n - 1, -1, -1)) & 1
        return np.asarray(1.0 - 2.0 * bits)
    drawn = rng.integers(0, 2, size=(N_RANDOM, n))
    return np.vstack([np.ones(n), 1.0 - 2.0 * drawn])


def flipped_statistics(differences: ArrayLike, flips: FloatArray) -> FloatArray:
    """The statistic of every comparison under every row of signs; the first row is as observed.

        u_fk = (sum_e s_fe d_ek)^2 / (n sum_e d_ek^2),    |t_fk| = sqrt[(n - 1) u_fk / (1 - u_fk)]

    u grows with the absolute t of a paired t test and stays finite where all differences are
    equal. It is 0 where all are 0. Unit: none. Range: 0 to 1.

    Parameters
    ----------
    differences : array_like [n, K]
        Of losses, one row per election, one column per comparison.
    flips : numpy.ndarray [F, n]
        From :func:`sign_flips`.

    Raises
    ------
    ForecastError
        If a difference is missing.

    Examples
    --------
    >>> flipped_statistics([[1.0], [3.0]], sign_flips(2, np.random.default_rng(1))).ravel()
    array([0.8, 0.2])
    """
    difference = finite("differences", differences, ndim=2)
    total = len(difference) * (difference**2).sum(axis=0)
    varies = total > 0
    return np.asarray((flips @ difference) ** 2 / np.where(varies, total, 1.0) * varies)


def sign_flip_test(differences: ArrayLike, rng: np.random.Generator) -> FloatArray:
    """Test many mean differences at once: adjusted two-sided p-values.

        p_(k) = max_{j <= k} #{f : max_{l >= j} u_fl >= u_(j)} / F,   u_(1) >= u_(2) >= ...

    with u of :func:`flipped_statistics`. If the methods are equally good and an election's
    differences are as likely with all signs turned (they are if the methods err alike), the
    chance that any true hypothesis is rejected is at most the level, for every n. The smallest
    possible p-value is 2^(1 - n): below 6 elections nothing can be found at 5 %.
    Unit: probability. Range: 2^(1 - n) to 1.

    Parameters
    ----------
    differences : array_like [n, K]
        Of losses, one row per election (the mean over its rounds and dates), one column per
        comparison.
    rng : numpy.random.Generator
        For the random signs of more than `EXACT_UP_TO` elections.

    Returns
    -------
    ndarray [K]

    Raises
    ------
    ForecastError
        If a difference is missing or there are fewer than 2 elections.

    References
    ----------
    Fisher, R. A. (1935). The Design of Experiments, section 21. Oliver & Boyd.
    Step-down: Romano, J. P., Wolf, M. (2005). Exact and approximate stepdown methods for
    multiple hypothesis testing. JASA 100, 94-108, doi:10.1198/016214504000000539.
    Random signs, the observed row counted: Phipson, B., Smyth, G. K. (2010). Permutation p-values
    should never be zero. doi:10.2202/1544-6115.1585.

    Examples
    --------
    All of six differences have one sign and only two of 64 rows of signs do so well:

    >>> sign_flip_test([[1], [2], [1], [2], [1], [2]], np.random.default_rng(1))
    array([0.03125])
    """
    difference = finite("differences", differences, ndim=2)
    statistic = flipped_statistics(difference, sign_flips(len(difference), rng))
    order = np.argsort(-statistic[0], kind="stable")
    # largest of the statistics that stand at a place or behind it
    largest = np.maximum.accumulate(statistic[:, order[::-1]], axis=1)[:, ::-1]
    p = (largest >= largest[0] - ROUNDING).mean(axis=0)
    adjusted = np.empty_like(p)
    adjusted[order] = np.maximum.accumulate(p)
    return np.asarray(adjusted, dtype=np.float64)


def mean_interval(values: ArrayLike, *, level: float = 0.95) -> tuple[FloatArray, FloatArray]:
    """Bounds of Student's interval for the mean over elections, column by column.

        mean +- t_(n - 1, (1 + level) / 2) * sd / sqrt(n)

    Exact for normal values; `docs/inference.md` has its coverage for others. Unit: that of the
    values.

    Parameters
    ----------
    values : array_like [n, K]
        One row per election (the mean over its rounds and dates).
    level : float
        Between 0 and 1.

    Raises
    ------
    ForecastError
        If a value is missing, there are fewer than 2 elections, or the level is out of range.

    References
    ----------
    Student (1908). The probable error of a mean. Biometrika 6, 1-25, doi:10.1093/biomet/6.1.1.

    Examples
    --------
    Mean 2, sd / sqrt(n) = 1, t = 12.706:

    >>> [round(float(bound[0]), 3) for bound in mean_interval([[1.0], [3.0]])]
    [-10.706, 14.706]
    """
    value = finite("values", values, ndim=2)
    n = len(value)
    if n < 2 or not 0 < level < 1:
        raise ForecastError(
            f"there are {n} elections and the level is {level}; at least 2 elections and a level "
            "between 0 and 1, exclusive, are needed"
        )
    mean = value.mean(axis=0)
    half = stats.t.ppf((1 + level) / 2, n - 1) * value.std(axis=0, ddof=1) / math.sqrt(n)
    return mean - half, mean + half


def diebold_mariano(
    losses_a: ArrayLike, losses_b: ArrayLike, *, horizon: int = 1, lags: int | None = None
) -> DieboldMariano:
    """Test whether two methods have equal expected losses in a series of dates.

        DM = sqrt[(T + 1 - 2h + h (h - 1) / T) / T] * mean(d) / sqrt(V / T),  d = loss_a - loss_b
        V = g_0 + 2 sum_{l=1}^{L} (1 - l / (L + 1)) g_l

    with the autocovariances g_l of d, compared with Student's t on T - 1 degrees (the
    adjustment of Harvey, Leybourne and Newbold; theirs weighs h - 1 lags equally, Bartlett's
    weights keep V above 0). It needs a series that is stationary: dates of one campaign
    hardly are, and elections are few. Unit: none. Best for A: below 0.

    Parameters
    ----------
    losses_a, losses_b : array_like [T]
        In order of time, without gaps.
    horizon : int
        h, steps ahead, 1 to T / 2.
    lags : int, optional
        L; max(h - 1, ceil(T^(1/3))) if left out.

    Raises
    ------
    ForecastError
        If a loss is missing, lengths differ, T is below 3, the horizon or lags are out of
        range, or all differences are equal: then there is nothing to test against.

    References
    ----------
    Diebold, F. X., Mariano, R. S. (1995). Comparing predictive accuracy. Journal of Business &
    Economic Statistics 13(3), 253-263, doi:10.1080/07350015.1995.10524599.
    Harvey, D., Leybourne, S., Newbold, P. (1997). Testing the equality of prediction mean
    squared errors. International Journal of Forecasting 13, 281-291,
    doi:10.1016/S0169-2070(96)00719-4.

    Examples
    --------
    d = (1, -1, 1, 3): mean 1, g_0 = 2; without lags DM = sqrt(3/4) * 1 / sqrt(2/4):

    >>> test = diebold_mariano([2, 0, 2, 4], [1, 1, 1, 1], lags=0)
    >>> round(test.statistic, 4), round(test.p_value, 4)
    (1.2247, 0.3081)
    """
    a, b = finite("losses_a", losses_a, ndim=1), finite("losses_b", losses_b, ndim=1)
    same_shape("losses_a", a, "losses_b", b)
    n = a.size
    if n < 3 or not 1 <= horizon <= n / 2:
        raise ForecastError(
            f"there are {n} dates and the horizon is {horizon}; "
            "at least 3 dates and a horizon between 1 and half of them are needed"
        )
    n_lags = max(horizon - 1, math.ceil(n ** (1 / 3))) if lags is None else lags
    if not 0 <= n_lags < n:
        raise ForecastError(f"lags is {n_lags}; it must lie between 0 and {n - 1}")
    difference = a - b
    deviation = difference - difference.mean()
    covariance = [float(deviation[lag:] @ deviation[: n - lag]) / n for lag in range(n_lags + 1)]
    variance = covariance[0] + 2 * sum(
        (1 - lag / (n_lags + 1)) * covariance[lag] for lag in range(1, n_lags + 1)
    )
    if variance <= 1e-24 * float(np.abs(difference).max()) ** 2:
        raise ForecastError("all loss differences are equal; the test is not defined")
    adjustment = math.sqrt((n + 1 - 2 * horizon + horizon * (horizon - 1) / n) / n)
    statistic = adjustment * float(difference.mean()) / math.sqrt(variance / n)
    return DieboldMariano(statistic, float(2 * stats.t.sf(abs(statistic), df=n - 1)), n_lags)


def holm(p_values: ArrayLike) -> FloatArray:
    """Adjust p-values for testing many pairs (family-wise error, any dependence).

        p'_(k) = max_{j <= k} min(1, (m - j + 1) p_(j))

    Unit: probability. Range: 0 to 1, never below the raw value.

    Parameters
    ----------
    p_values : array_like [m]

    Raises
    ------
    ForecastError
        If a p-value is missing or outside 0 to 1.

    References
    ----------
    Holm, S. (1979). A simple sequentially rejective multiple test procedure. Scandinavian
    Journal of Statistics 6(2), 65-70 (no DOI; JSTOR 4615733).

    Examples
    --------
    0.01 * 3, then max(0.03, 0.02 * 2), then max(0.04, 0.03 * 1):

    >>> holm([0.02, 0.01, 0.03])
    array([0.04, 0.03, 0.04])
    """
    p = fractions("p_values", p_values)
    order = np.argsort(p, kind="stable")
    stepped = np.maximum.accumulate((p.size - np.arange(p.size)) * p[order])
    adjusted = np.empty_like(p)
    adjusted[order] = np.minimum(stepped, 1.0)
    return adjusted

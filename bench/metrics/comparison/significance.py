"""Comparisons of methods over elections: is one really better, and by how much?"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from bench.core.arrays import BoolArray, FloatArray
from bench.core.errors import ForecastError
from bench.metrics.arrays import finite

EXACT_UP_TO = 14  # elections: 2^13 rows of signs
N_RANDOM = 999
ROUNDING = 1e-12
SERIAL = 0.6  # correlation of consecutive elections of a series; docs/inference.md


def serial_correlation(
    series: Sequence[Hashable], days: Sequence[pd.Timestamp], *, rho: float = SERIAL
) -> FloatArray:
    """Correlation [n, n] of the differences of n elections, an AR(1) process within each series.

        R_ij = rho^|k_i - k_j| where i and j are the k_i-th and k_j-th of one series, else 0

    Parameters
    ----------
    series : sequence [n]
        The series of each election, any labels; an election alone in its series is independent.
    days : sequence of pandas.Timestamp [n]
        By which the elections of a series are numbered.
    rho : float
        0 to 1, 1 excluded.

    Examples
    --------
    Two elections of one series, the later first, and one by itself:

    >>> days = pd.to_datetime(["2022-04-10", "2017-04-23", "2019-05-26"])
    >>> serial_correlation(["a", "a", "b"], days).tolist()
    [[1.0, 0.6, 0.0], [0.6, 1.0, 0.0], [0.0, 0.0, 1.0]]
    """
    frame = pd.DataFrame({"series": pd.factorize(pd.Series(list(series), dtype=object))[0]})
    frame["day"] = np.asarray(days)
    label = frame["series"].to_numpy()
    place = frame.groupby("series")["day"].rank(method="first").to_numpy()
    together = label[:, None] == label
    return np.asarray(np.where(together, rho ** np.abs(place[:, None] - place), 0.0))


def day_correlation(
    days: Sequence[Hashable], series: Sequence[Hashable], dates: Sequence[pd.Timestamp]
) -> FloatArray:
    """Correlation [K, K] of the means over the votes of each election day.

        R_kl = sum_{v in k, w in l} C_vw / sqrt(n_k n_l),   divided by sqrt(R_kk R_ll)

    with C of :func:`serial_correlation` for the n_k votes of day k, which are as spread as one
    another. Days whose votes belong to the same series correlate as these do; days that share few
    hardly.

    Parameters
    ----------
    days, series, dates : sequence [V]
        Of each vote: its election day and series, any labels, and its date.

    Returns
    -------
    ndarray [K, K]
        In the sorted order of the days.

    Examples
    --------
    Two days of the same two series, and one of a third:

    >>> dates = pd.to_datetime(["2016", "2016", "2020", "2020", "2022"])
    >>> day_correlation([1, 1, 2, 2, 3], list("ababc"), list(dates)).round(2).tolist()
    [[1.0, 0.6, 0.0], [0.6, 1.0, 0.0], [0.0, 0.0, 1.0]]
    """
    _, code = np.unique(np.asarray(days), return_inverse=True)
    counts = np.bincount(code)
    weight = (code == np.arange(len(counts))[:, None]) / np.sqrt(counts)[:, None]
    joint = weight @ serial_correlation(series, dates) @ weight.T
    spread = np.sqrt(np.diag(joint))
    return np.asarray(joint / np.outer(spread, spread))


def innovations(differences: ArrayLike, correlation: ArrayLike) -> FloatArray:
    """Differences of elections, what follows from the other elections of their series taken out.

        z = (L^-1 1) * (L^-1 d),   R = L L'

    for every column d: of an AR(1) series d_t - rho d_(t-1), weighted as the mean by generalised
    least squares weighs it. If the methods are equally good and R is right, the signs of z are as
    likely turned, so that z can be given to :func:`sign_flip_test` and
    :func:`model_confidence_set`. For independent elections z = d. Unit: that of the differences.

    Parameters
    ----------
    differences : array_like [n, ...]
    correlation : array_like [n, n]
        R, from :func:`serial_correlation`.

    Returns
    -------
    ndarray [n, ...]

    References
    ----------
    Prais, S. J., Winsten, C. B. (1954). Trend estimators and serial correlation. Cowles Commission
    Discussion Paper 383.

    Examples
    --------
    >>> innovations([[1.0], [1.0]], [[1.0, 0.6], [0.6, 1.0]]).ravel().round(2).tolist()
    [1.0, 0.25]
    """
    difference = np.asarray(differences, dtype=np.float64)
    n = len(difference)
    stacked = np.column_stack([np.ones(n), difference.reshape(n, -1)])
    white = np.linalg.solve(np.linalg.cholesky(np.asarray(correlation)), stacked)
    return np.asarray((white[:, :1] * white[:, 1:]).reshape(difference.shape))


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
    adjusted: FloatArray = np.empty_like(p)
    adjusted[order] = np.maximum.accumulate(p)
    return adjusted


def mean_interval(
    values: ArrayLike, *, level: float = 0.95, correlation: ArrayLike | None = None
) -> tuple[FloatArray, FloatArray]:
    """Bounds of Student's interval for the mean over elections, column by column.

        mean +- t_(f, (1 + level) / 2) * s * sqrt(1'R1) / n
        s^2 = sum (x - mean)^2 / tr(MR),   f = tr(MR)^2 / tr(MRMR),   M = I - 11'/n

    For independent values R is I, f = n - 1 and s the usual standard deviation. Exact for normal
    independent values; `docs/inference.md` has its coverage for others. Unit: that of the values.

    Parameters
    ----------
    values : array_like [n, K]
        One row per election (the mean over its rounds and dates).
    level : float
        Between 0 and 1.
    correlation : array_like [n, n], optional
        R, from :func:`serial_correlation`.

    Raises
    ------
    ForecastError
        If a value is missing, there are fewer than 2 elections, or the level is out of range.

    References
    ----------
    Student (1908). The probable error of a mean. Biometrika 6, 1-25, doi:10.1093/biomet/6.1.1.
    f: Satterthwaite, F. E. (1946). An approximate distribution of estimates of variance components.
    Biometrics Bulletin 2, 110-114, doi:10.2307/3002019.

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
    from scipy import stats

    error, freedom = mean_error(value, np.eye(n) if correlation is None else correlation)
    mean, half = value.mean(axis=0), stats.t.ppf((1 + level) / 2, freedom) * error
    return mean - half, mean + half


def mean_error(values: FloatArray, correlation: ArrayLike) -> tuple[FloatArray, float]:
    """Standard error of the mean over elections, column by column, and its degrees of freedom.

    As of :func:`mean_interval`: s * sqrt(1'R1) / n, and f.

    Parameters
    ----------
    values : numpy.ndarray [n, K]
    correlation : array_like [n, n]
        R.
    """
    r = np.asarray(correlation, dtype=np.float64)
    trace = np.trace(r - r.mean(axis=0))  # of MR
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = np.sqrt(((values - values.mean(axis=0)) ** 2).sum(axis=0) / trace)
    return np.asarray(spread * np.sqrt(r.sum()) / len(values)), freedom_of(r)


def freedom_of(correlation: ArrayLike) -> float:
    """Degrees of freedom of a mean of correlated values: f of :func:`mean_interval`.

    Parameters
    ----------
    correlation : array_like [n, n]
        R.

    Examples
    --------
    >>> round(freedom_of(np.eye(6)), 6)
    5.0
    """
    r = np.asarray(correlation, dtype=np.float64)
    within = r - r.mean(axis=0)
    return float(np.trace(within) ** 2 / np.trace(within @ within))


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
        `bench.metrics.comparison.ratios.log_ratios`.
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
    first, second = np.triu_indices(n_methods, k=1)
    statistic = flipped_statistics(difference[:, first, second], sign_flips(n, rng))
    worse = np.where(difference[:, first, second].sum(axis=0) > 0, first, second)  # of each pair

    remains = np.ones(n_methods, dtype=bool)
    p_value, eliminated, highest = np.ones(n_methods), [], 0.0
    while remains.sum() > 1:
        pairs = np.flatnonzero(remains[first] & remains[second])
        largest = statistic[:, pairs].max(axis=1)
        highest = max(highest, float((largest >= largest[0] - ROUNDING).mean()))
        worst = int(worse[pairs[int(np.argmax(statistic[0, pairs]))]])
        p_value[worst] = highest
        eliminated.append(worst)
        remains[worst] = False
    return ConfidenceSet(p_value > size, p_value, tuple(eliminated))


def block_counts(blocks: ArrayLike, n_resamples: int, rng: np.random.Generator) -> FloatArray:
    """Draw whole blocks (départements) with replacement.

    As many blocks are drawn as there are; all rows of a block enter together, because
    errors of one block are not independent.

    Parameters
    ----------
    blocks : array_like [N]
        The block of each row, any labels.
    n_resamples : int
        B, at least 1.
    rng : numpy.random.Generator
        The only source of chance.

    Returns
    -------
    ndarray [B, N]
        How often each row enters each resample.

    Raises
    ------
    ForecastError
        If there are fewer than two blocks, or B is below 1.

    References
    ----------
    Davison, A. C., Hinkley, D. V. (1997). Bootstrap Methods and Their Application, section 3.8.
    Cambridge University Press, doi:10.1017/CBO9780511802843.

    Examples
    --------
    >>> counts = block_counts(["ain", "ain", "gers"], 4, np.random.default_rng(1))
    >>> bool((counts[:, 0] == counts[:, 1]).all()), (counts[:, 0] + counts[:, 2]).tolist()
    (True, [2.0, 2.0, 2.0, 2.0])
    """
    label = np.asarray(blocks)
    if label.ndim != 1 or label.size == 0:
        raise ForecastError("blocks must be a list of labels, one per row of the errors")
    _, code = np.unique(label, return_inverse=True)
    n_blocks = int(code.max()) + 1
    if n_blocks < 2:
        raise ForecastError("all rows belong to 1 block; resampling needs at least 2")
    if n_resamples < 1:
        raise ForecastError(f"n_resamples is {n_resamples}; at least 1 is needed")
    chosen = rng.multinomial(n_blocks, np.full(n_blocks, 1 / n_blocks), size=n_resamples)
    return np.asarray(chosen[:, code], dtype=np.float64)

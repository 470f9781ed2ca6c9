"""This file holds the comparisons of methods: is one really better, and by how much?"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from bench.contract.errors import ForecastError
from bench.score.arrays import FloatArray, finite, fractions, same_shape
from bench.score.resamples import resampled_means


@dataclass(frozen=True)
class PairedBootstrap:
    """Difference of the mean losses of A and B, with its percentile interval.

    `share_above` is the fraction of resamples in which A has the smaller mean loss
    (equal means count half): not a p-value.
    """

    mean_difference: float
    lower: float
    upper: float
    share_above: float


@dataclass(frozen=True)
class DieboldMariano:
    """Statistic and two-sided p-value of equal expected losses; above 0 B is better."""

    statistic: float
    p_value: float
    lags: int


def paired_bootstrap(
    losses_a: ArrayLike, losses_b: ArrayLike, counts: ArrayLike, *, confidence: float = 0.9
) -> PairedBootstrap:
    """Compare two methods on the same votes and dates by resampling these.

        d_b = sum_n k_bn (loss_a,n - loss_b,n) / sum_n k_bn

    Unit: that of the losses. Best for A: below 0.

    Parameters
    ----------
    losses_a, losses_b : array_like [N]
        Paired losses (squared errors for a comparison of RMSE).
    counts : array_like [B, N]
        From `bench.score.resamples`, drawn over elections or runs of days.
    confidence : float
        Of the percentile interval, between 0 and 1.

    Raises
    ------
    ForecastError
        If a loss is missing, lengths differ, or the confidence is out of range.

    References
    ----------
    Efron, B., Tibshirani, R. J. (1993). An Introduction to the Bootstrap. Chapman & Hall,
    doi:10.1007/978-1-4899-4541-9.

    Examples
    --------
    Two resamples: row 1 twice (difference -1), or row 2 twice (difference 3):

    >>> paired_bootstrap([1.0, 5.0], [2.0, 2.0], [[2, 0], [0, 2]]).share_above
    0.5
    """
    a, b = finite("losses_a", losses_a, ndim=1), finite("losses_b", losses_b, ndim=1)
    same_shape("losses_a", a, "losses_b", b)
    if not 0 < confidence < 1:
        raise ForecastError(f"confidence is {confidence}; it must lie between 0 and 1, exclusive")
    means = resampled_means((a - b)[:, None], finite("counts", counts, ndim=2))[:, 0]
    tail = (1 - confidence) / 2
    lower, upper = np.quantile(means, [tail, 1 - tail])
    return PairedBootstrap(
        mean_difference=float((a - b).mean()),
        lower=float(lower),
        upper=float(upper),
        share_above=float((means < 0).mean() + 0.5 * (means == 0).mean()),
    )


def share_ranked_above(losses: ArrayLike, counts: ArrayLike) -> FloatArray:
    """Say in which fraction of resamples each method has a smaller mean loss than each other.

    Equal means count half. Unit: fraction of the resamples; entry [i, j] is about i above j
    and entries [i, j] and [j, i] sum to 1.

    Parameters
    ----------
    losses : array_like [N, M]
        One column per method, the same rows for all.
    counts : array_like [B, N]
        From `bench.score.resamples`.

    Returns
    -------
    ndarray [M, M]

    Raises
    ------
    ForecastError
        If a loss is missing or the numbers of rows differ.

    References
    ----------
    As `paired_bootstrap`.

    Examples
    --------
    >>> share_ranked_above([[1.0, 2.0], [5.0, 2.0]], [[2, 0], [0, 2]])
    array([[0.5, 0.5],
           [0.5, 0.5]])
    """
    means = resampled_means(finite("losses", losses, ndim=2), finite("counts", counts, ndim=2))
    gap = means[:, :, None] - means[:, None, :]
    return np.asarray((gap < 0).mean(axis=0) + 0.5 * (gap == 0).mean(axis=0), dtype=np.float64)


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


def in_words(share_above: float, better: str, worse: str) -> str:
    """Say a fraction of resamples so that nobody takes it for a p-value.

    Tenths if they do, hundredths or thousandths near 0 and 1; what is not all is never
    rounded to all, nor what is not none to none.

    Parameters
    ----------
    share_above : float
        Fraction of the resamples in which `better` ranks above `worse`.
    better, worse : str
        Names of the methods.

    Raises
    ------
    ForecastError
        If the fraction is missing or outside 0 to 1.

    Examples
    --------
    >>> in_words(0.9, "quota_poll", "filteris")
    '9 of 10 resamples rank quota_poll above filteris'
    >>> in_words(0.984, "quota_poll", "filteris")
    '98 of 100 resamples rank quota_poll above filteris'
    >>> in_words(1.0, "quota_poll", "filteris")
    'all resamples rank quota_poll above filteris'
    """
    share = float(fractions("share_above", [share_above])[0])
    if share >= 1:
        return f"all resamples rank {better} above {worse}"
    if share <= 0:
        return f"no resample ranks {better} above {worse}"
    edge = min(share, 1 - share)
    out_of = 10 if edge >= 0.075 else 100 if edge >= 0.0075 else 1000
    number = min(max(round(share * out_of), 1), out_of - 1)
    return f"{number} of {out_of} resamples rank {better} above {worse}"

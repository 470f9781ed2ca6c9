"""Checks of calibration with few observations."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from bench.core.arrays import FloatArray, IntArray
from bench.core.errors import ForecastError
from bench.metrics.arrays import finite, fractions, same_shape, zero_or_one

Method = Literal["exact", "wilson"]


@dataclass(frozen=True)
class Coverage:
    """How often intervals of one nominal level held the outcome."""

    n: int
    held: int
    share: float
    lower: float
    upper: float
    p_value: float


@dataclass(frozen=True)
class ReliabilityTable:
    """Per bin [K] of forecast probability: what was said and what happened.

    `mean_probability` and `frequency` are NaN in empty bins, whose interval is 0 to 1.
    """

    n: IntArray
    mean_probability: FloatArray
    frequency: FloatArray
    lower: FloatArray
    upper: FloatArray


def binomial_interval(
    successes: ArrayLike, n: ArrayLike, *, confidence: float = 0.95, method: Method = "exact"
) -> tuple[FloatArray, FloatArray]:
    """Bound probabilities of which `successes` in `n` independent trials are known.

    "exact" is Clopper and Pearson's interval, which covers at least as often as it says;
    "wilson" inverts the score test, is shorter, and covers so often on average.
    Computed by statsmodels. Unit: probability. Range: 0 to 1.

    Parameters
    ----------
    successes, n : array_like of int [...]
        0 <= successes <= n; n = 0 gives 0 to 1.
    confidence : float
        Between 0 and 1.
    method : {"exact", "wilson"}

    Raises
    ------
    ForecastError
        If counts, confidence or method are not accepted.

    References
    ----------
    Clopper, C. J., Pearson, E. S. (1934). The use of confidence or fiducial limits illustrated
    in the case of the binomial. Biometrika 26, 404-413, doi:10.1093/biomet/26.4.404.
    Wilson, E. B. (1927). Probable inference, the law of succession, and statistical inference.
    JASA 22, 209-212, doi:10.1080/01621459.1927.10502953.

    Examples
    --------
    None of 20: the upper bound solves (1 - p)^20 = 0.025:

    >>> [round(float(bound), 4) for bound in binomial_interval(0, 20)]
    [0.0, 0.1684]
    """
    from statsmodels.stats.proportion import proportion_confint

    held, of = np.asarray(successes), np.asarray(n)
    names = {"exact": "beta", "wilson": "wilson"}
    if method not in names or not 0 < confidence < 1 or not ((held >= 0) & (held <= of)).all():
        raise ForecastError(
            f"{successes} of {n} at confidence {confidence} by {method!r}; counts must satisfy "
            "0 <= successes <= n, the confidence lie between 0 and 1, the method be exact or wilson"
        )
    low, high = proportion_confint(held, np.maximum(of, 1), 1 - confidence, names[method])
    return np.where(of > 0, low, 0.0), np.where(of > 0, high, 1.0)


def coverage(covered: ArrayLike, level: float, *, confidence: float = 0.95) -> Coverage:
    """Count how often intervals held the outcome, with exact bounds and test.

        share = held / n;  p = exact two-sided binomial test of share = level

    Candidates of one vote are not independent: pass one row per vote, or read the p-value
    as too small. Unit: fraction. Best: `level`.

    Parameters
    ----------
    covered : array_like [N]
        1 where the interval held the outcome, 0 where not.
    level : float
        Nominal coverage, between 0 and 1.
    confidence : float
        Of the bounds.

    Raises
    ------
    ForecastError
        If a value is not 0 or 1, or level or confidence are out of range.

    References
    ----------
    Clopper and Pearson (1934), doi:10.1093/biomet/26.4.404.

    Examples
    --------
    None of 3 intervals at 50 % held: p = 2 * 0.5^3:

    >>> found = coverage([0, 0, 0], 0.5)
    >>> found.share, round(found.p_value, 4), round(found.upper, 4)
    (0.0, 0.25, 0.7076)
    """
    from scipy import stats

    held = zero_or_one("covered", covered)
    if not 0 < level < 1:
        raise ForecastError(f"level is {level}; it must lie between 0 and 1, exclusive")
    n, k = held.size, int(held.sum())
    lower, upper = binomial_interval(k, n, confidence=confidence)
    return Coverage(
        n, k, k / n, float(lower), float(upper), float(stats.binomtest(k, n, level).pvalue)
    )


def pit_histogram(pit: ArrayLike, n_bins: int) -> IntArray:
    """Count PIT values in bins of equal width; flat is calibrated.

    U-shaped: overconfident; hump: underconfident; slope: biased. 1 belongs to the last bin.
    Unit: count. Each bin expects N / K.

    Parameters
    ----------
    pit : array_like [N]
        Between 0 and 1.
    n_bins : int
        K, at least 1.

    Raises
    ------
    ForecastError
        If a value is outside 0 to 1 or K is below 1.

    References
    ----------
    Gneiting, T., Balabdaoui, F., Raftery, A. E. (2007). Probabilistic forecasts, calibration
    and sharpness. JRSS B 69, 243-268, doi:10.1111/j.1467-9868.2007.00587.x.

    Examples
    --------
    >>> pit_histogram([0.1, 0.2, 0.5, 1.0], 2)
    array([2, 2])
    """
    value = fractions("pit", pit)
    if n_bins < 1:
        raise ForecastError(f"n_bins is {n_bins}; at least 1 is needed")
    counts, _ = np.histogram(np.clip(value, 0, 1), bins=n_bins, range=(0, 1))
    return np.asarray(counts, dtype=np.int64)


def pit_uniformity(pit: ArrayLike) -> tuple[float, float]:
    """Test whether PIT values are spread evenly (Kolmogorov-Smirnov, exact for few values).

        D = sup_u |F_N(u) - u|

    It needs no bins, so it works with a handful of values; it assumes that they are
    independent, which the candidates of one vote are not. Few values can only reveal gross
    miscalibration. Unit: probability. Range: 1 / (2N) to 1. Lower is better.

    Parameters
    ----------
    pit : array_like [N]
        Randomised PIT values between 0 and 1.

    Returns
    -------
    tuple of float
        D and its p-value.

    Raises
    ------
    ForecastError
        If a value is missing or outside 0 to 1.

    References
    ----------
    Marsaglia, G., Tsang, W. W., Wang, J. (2003). Evaluating Kolmogorov's distribution.
    Journal of Statistical Software 8(18), doi:10.18637/jss.v008.i18.

    Examples
    --------
    One value u = 0.9: D = 0.9 and P(D >= 0.9) = P(u <= 0.1 or u >= 0.9):

    >>> [round(x, 6) for x in pit_uniformity([0.9])]
    [0.9, 0.2]
    """
    from scipy import stats

    value = np.clip(fractions("pit", pit), 0, 1)
    found = stats.kstest(value, "uniform", method="exact")
    return float(found.statistic), float(found.pvalue)


def reliability_table(
    probability: ArrayLike,
    happened: ArrayLike,
    edges: ArrayLike,
    *,
    confidence: float = 0.95,
    method: Method = "exact",
) -> ReliabilityTable:
    """Compare said probabilities with what happened, bin by bin.

    Bins hold edge_k <= p < edge_k+1, the last also its upper edge. A bin is at odds with
    calibration if its mean probability lies outside the bounds of its frequency.
    Unit: probability.

    Parameters
    ----------
    probability : array_like [E]
    happened : array_like [E]
        0 or 1.
    edges : array_like [K + 1]
        Ascending from 0 to 1.
    confidence, method
        As `binomial_interval`.

    Raises
    ------
    ForecastError
        If probabilities, facts or edges are not as described.

    References
    ----------
    Brocker, J., Smith, L. A. (2007). Increasing the reliability of reliability diagrams.
    Weather and Forecasting 22, 651-661, doi:10.1175/WAF993.1.

    Examples
    --------
    >>> table = reliability_table([0.1, 0.3, 0.8], [0, 1, 1], [0.0, 0.5, 1.0])
    >>> table.n, table.mean_probability, table.frequency
    (array([2, 1]), array([0.2, 0.8]), array([0.5, 1. ]))
    """
    chance, fact = fractions("probability", probability), zero_or_one("happened", happened)
    same_shape("probability", chance, "happened", fact)
    edge = finite("edges", edges, ndim=1)
    if edge.size < 2 or edge[0] != 0 or edge[-1] != 1 or (np.diff(edge) <= 0).any():
        raise ForecastError(f"edges are {edge.tolist()}; they must ascend from 0 to 1")
    n_bins = edge.size - 1
    bin_of = np.clip(np.searchsorted(edge, chance, side="right") - 1, 0, n_bins - 1)
    n = np.bincount(bin_of, minlength=n_bins)
    hits = np.bincount(bin_of, weights=fact, minlength=n_bins)
    said = np.bincount(bin_of, weights=chance, minlength=n_bins)
    lower, upper = binomial_interval(hits, n, confidence=confidence, method=method)
    size = np.where(n > 0, n, np.nan)
    return ReliabilityTable(
        n=np.asarray(n, dtype=np.int64),
        mean_probability=said / size,
        frequency=hits / size,
        lower=lower,
        upper=upper,
    )

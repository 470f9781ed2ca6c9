"""Checks of calibration with few observations."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from bench.core.arrays import FloatArray, IntArray
from bench.core.errors import ForecastError
from bench.metrics.arrays import fractions, zero_or_one

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
            f"{held} of {of} at confidence {confidence} by {method!r}; counts must satisfy "
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

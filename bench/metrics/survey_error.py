"""How much a sample is worth."""

import numpy as np
from numpy.typing import ArrayLike

from bench.core.arrays import FloatArray
from bench.core.errors import ForecastError
from bench.metrics.arrays import finite, same_shape


def data_defect_correlation(
    sample_mean: ArrayLike,
    population_mean: ArrayLike,
    *,
    sample_size: float,
    population_size: float,
    weight_variation: float = 0.0,
) -> FloatArray:
    """Correlate answering with voting for a candidate, from the error that came of it.

        rho = (xbar - mu) / [sigma sqrt((N - n) / n) A],  sigma = sqrt(mu (1 - mu))
        A = sqrt(1 + cv^2 / (1 - n/N))

    A is 1 for an unweighted mean; cv is the standard deviation of the weights over their mean.
    Unit: correlation. Range: -1 to 1. Best: near 0, about 1 / sqrt(N) for a random sample;
    above 0 supporters answer more readily.

    Parameters
    ----------
    sample_mean, population_mean : array_like [C]
        Shares in the sample and in the vote.
    sample_size, population_size : float
        n < N, above 0.
    weight_variation : float
        cv, 0 without weights.

    Raises
    ------
    ForecastError
        If a mean is missing, a population mean is not strictly between 0 and 1, or not 0 < n < N.

    References
    ----------
    Meng, X.-L. (2018). Statistical paradises and paradoxes in big data (I). Annals of Applied
    Statistics 12(2), 685-726, doi:10.1214/18-AOAS1161SF.

    Examples
    --------
    sigma = 0.5, (N - n) / n = 4, so (0.6 - 0.5) / (0.5 * 2):

    >>> data_defect_correlation([0.6], [0.5], sample_size=20, population_size=100).round(4)
    array([0.1])
    """
    sample = finite("sample_mean", np.atleast_1d(sample_mean), ndim=1)
    official = finite("population_mean", np.atleast_1d(population_mean), ndim=1)
    same_shape("sample_mean", sample, "population_mean", official)
    if not 0 < sample_size < population_size:
        raise ForecastError(
            f"sample_size is {sample_size} of a population of {population_size}; "
            "it must be above 0 and below the population"
        )
    fraction = sample_size / population_size
    if ((official <= 0) | (official >= 1)).any():
        raise ForecastError("population_mean must lie strictly between 0 and 1: nobody differs")
    if not weight_variation >= 0:
        raise ForecastError(f"weight_variation is {weight_variation}; it must not be below 0")
    sigma = np.sqrt(official * (1 - official))
    inflation = np.sqrt(1 + weight_variation**2 / (1 - fraction))
    return np.asarray((sample - official) / (sigma * np.sqrt(1 / fraction - 1) * inflation))


def effective_sample_size(
    rho: float, sampled_fraction: float, *, population_size: float | None = None
) -> float:
    """Give the simple random sample that errs as much as a self-selected one.

        n* = f / ((1 - f) rho^2),  n_eff = n* / (1 + (n* - 1) / N) <= n*

    Without `population_size` it is n*, the bound for a large population.
    Unit: respondents. Range: above 0. Higher is better.

    Parameters
    ----------
    rho : float
        Data defect correlation (root mean square over replications, or of one sample).
    sampled_fraction : float
        f = n / N, strictly between 0 and 1.
    population_size : float, optional
        N.

    Raises
    ------
    ForecastError
        If f is out of range, or rho is 0: such a sample has no error at all.

    References
    ----------
    Meng (2018), doi:10.1214/18-AOAS1161SF, section 3.

    Examples
    --------
    >>> round(effective_sample_size(0.05, 0.5), 6)  # 1 / 0.05^2
    400.0
    """
    if not -1 <= rho <= 1:
        raise ForecastError(f"rho is {rho}; a correlation lies between -1 and 1")
    if rho == 0 or not 0 < sampled_fraction < 1:
        raise ForecastError(
            f"rho is {rho} and sampled_fraction {sampled_fraction}; rho must not be 0 "
            "and the fraction lie strictly between 0 and 1"
        )
    large = sampled_fraction / ((1 - sampled_fraction) * rho**2)
    if population_size is None:
        return float(large)
    return float(large / (1 + (large - 1) / population_size))

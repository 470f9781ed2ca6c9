"""How predictors compare over many electorates, with intervals over electorates."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]


def squared_by_group(error: FloatArray, group: NDArray[np.int64]) -> FloatArray:
    """Mean squared error of every group [G], over replicates and candidates.

    Groups are electorates in ascending order of their number. Unit: squared fraction of the valid
    votes; 0 and above, lower is better.

    Parameters
    ----------
    error : numpy.ndarray [N, C]
    group : numpy.ndarray [N]
    """
    code = np.unique(group, return_inverse=True)[1]
    total = np.bincount(code, weights=np.square(error).mean(axis=1))
    return np.asarray(total / np.bincount(code))


def compared(
    one: FloatArray, other: FloatArray, rng: np.random.Generator, *, n: int = 4000
) -> dict[str, float]:
    """Root mean squared errors of two methods on the same electorates, with 95 % intervals.

        ratio = rmse(other) / rmse(one),    difference = rmse(other) - rmse(one)

    Ratio: above 1 where `one` errs less. Difference: the unit of the errors. Intervals are
    percentiles of a paired bootstrap over electorates (Efron 1979, doi:10.1214/aos/1176344552).

    Parameters
    ----------
    one, other : numpy.ndarray [G]
        From `squared_by_group`, the same electorates.
    rng : numpy.random.Generator
    n : int
        Bootstrap samples.

    Returns
    -------
    dict
        ratio, ratio_low, ratio_high, difference, difference_low, difference_high.

    Examples
    --------
    >>> found = compared(np.array([0.01, 0.01]), np.array([0.04, 0.04]), np.random.default_rng(1))
    >>> round(found["ratio"], 6), round(found["difference"], 6)
    (2.0, 0.1)
    """
    weight = rng.multinomial(len(one), np.full(len(one), 1 / len(one)), size=n) / len(one)
    roots = [np.sqrt(np.append(weight @ each, each.mean())) for each in (one, other)]
    found: dict[str, float] = {}
    for name, value in (("ratio", roots[1] / roots[0]), ("difference", roots[1] - roots[0])):
        low, high = np.quantile(value[:-1], [0.025, 0.975])
        found |= {name: float(value[-1]), f"{name}_low": float(low), f"{name}_high": float(high)}
    return found

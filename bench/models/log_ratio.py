"""Logarithms of compositions, and the way back to shares."""

from functools import cache

import numpy as np
from numpy.typing import ArrayLike

from bench.core.arrays import FloatArray
from bench.core.errors import ForecastError

FLOOR = 0.0025  # half of the half point to which polls are printed
REFERENCE_SHARE = 0.2
"""Of the candidate for whom errors of log shares are stated."""
NEGLIGIBLE = 1e-10
"""Of the largest variance: what rounding leaves of a variance of zero is far smaller."""


def closed(share: ArrayLike, floor: float = FLOOR) -> FloatArray:
    """Lift shares to a floor and rescale them to sum to one.

    Parameters
    ----------
    share : array_like, shape [..., C]
        Fractions of the valid votes, 0 to 1, without NaN.
    floor : float
        Smallest share before rescaling; a logarithm needs one above zero.

    Returns
    -------
    ndarray, shape [..., C]

    Raises
    ------
    ForecastError
        If a share is negative, missing or infinite, or if all are zero.

    Examples
    --------
    >>> closed([0.5, 0.5, 0.0], floor=0.0).tolist()
    [0.5, 0.5, 0.0]
    >>> closed([0.6, 0.2, 0.0], floor=0.2).tolist()
    [0.6, 0.2, 0.2]
    """
    value = np.asarray(share, dtype=float)
    if not np.isfinite(value).all() or (value < 0).any():
        raise ForecastError(
            f"a composition holds {value[~(np.isfinite(value) & (value >= 0))][0]} but every share "
            "must be a number of at least 0; fill unlisted candidates before taking logarithms"
        )
    lifted = np.maximum(value, floor)
    total = lifted.sum(axis=-1, keepdims=True)
    if (total <= 0).any():
        raise ForecastError("a composition sums to 0 but must have one positive share; drop it")
    return np.asarray(lifted / total)


def shares_of(value: FloatArray) -> FloatArray:
    """Values divided by their sum, those that are missing aside.

    Parameters
    ----------
    value : ndarray, shape [..., C]
        At least 0, or NaN.

    Returns
    -------
    ndarray, shape [..., C]
        NaN where the value is, and where the sum is 0.

    Examples
    --------
    >>> shares_of(np.array([[3.0, 1.0, np.nan], [0.0, 0.0, 0.0]])).tolist()
    [[0.75, 0.25, nan], [nan, nan, nan]]
    """
    total = np.nansum(value, axis=-1, keepdims=True)
    return np.asarray(np.divide(value, total, out=np.full_like(value, np.nan), where=total > 0))


def softmax(log_weight: ArrayLike) -> FloatArray:
    """Shares of log weights; a common shift changes nothing.

    Parameters
    ----------
    log_weight : array_like, shape [..., C]

    Returns
    -------
    ndarray, shape [..., C]

    References
    ----------
    Aitchison, J. (1982). The statistical analysis of compositional data.
    doi:10.1111/j.2517-6161.1982.tb01195.x

    Examples
    --------
    >>> softmax([7.0, 7.0]).tolist()
    [0.5, 0.5]
    """
    value = np.asarray(log_weight, dtype=float)
    weight = np.exp(value - value.max(axis=-1, keepdims=True))
    return np.asarray(weight / weight.sum(axis=-1, keepdims=True))


@cache
def contrasts(n: int) -> FloatArray:
    """Orthonormal contrasts of ``n`` things (Helmert): columns sum to zero.

    Parameters
    ----------
    n : int
        At least 1.

    Returns
    -------
    ndarray, shape [n, n - 1]
        Shared and read-only. ``H' H = I`` and ``H H' = I - 1 1' / n``.

    References
    ----------
    Egozcue, J. J. et al. (2003). Isometric logratio transformations.
    doi:10.1023/A:1023818214614

    Examples
    --------
    >>> contrasts(2).round(4).tolist()
    [[0.7071], [-0.7071]]
    """
    from scipy.linalg import helmert

    basis = np.ascontiguousarray(helmert(n).T)
    basis.setflags(write=False)
    return basis


def normal_draws(covariance: FloatArray, rng: np.random.Generator, n: int) -> FloatArray:
    """Draw [S, C] from a centred normal whose covariance may be singular.

    The symmetric root is one matrix only; axes of equal variance turn with the processor, and the
    draws would turn with them.

    Parameters
    ----------
    covariance : ndarray, shape [C, C]
        Variances below `NEGLIGIBLE` of the largest count as zero.
    rng : numpy.random.Generator
    n : int
        S, the number of draws.

    Examples
    --------
    >>> drawn = normal_draws(np.ones((2, 2)), np.random.default_rng(0), 3)
    >>> bool(np.allclose(drawn[:, 0], drawn[:, 1]))
    True
    """
    variance, axes = np.linalg.eigh(covariance)
    variance = np.where(variance > NEGLIGIBLE * variance[-1], variance, 0.0)
    root = (axes * np.sqrt(variance)) @ axes.T
    return np.asarray(rng.standard_normal((n, len(root))) @ root)

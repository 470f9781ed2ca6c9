"""This file holds the log-ratio coordinates of a composition, and the way back."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bench.core import ForecastError

FLOOR = 0.0025  # half of the half point to which polls are printed


def closed(share: ArrayLike, floor: float = FLOOR) -> NDArray[np.float64]:
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


def centred_log_ratio(share: ArrayLike, floor: float = FLOOR) -> NDArray[np.float64]:
    """Logarithms of the shares minus their mean over candidates.

    Parameters
    ----------
    share : array_like, shape [..., C]
        Fractions, 0 to 1; floored by :func:`closed`.
    floor : float
        Smallest share.

    Returns
    -------
    ndarray, shape [..., C]
        Sums to zero over candidates.

    References
    ----------
    Aitchison, J. (1982). The statistical analysis of compositional data.
    doi:10.1111/j.2517-6161.1982.tb01195.x

    Examples
    --------
    >>> centred_log_ratio([0.5, 0.5]).tolist()
    [0.0, 0.0]
    """
    logs = np.log(closed(share, floor))
    return np.asarray(logs - logs.mean(axis=-1, keepdims=True))


def additive_log_ratio(share: ArrayLike, floor: float = FLOOR) -> NDArray[np.float64]:
    """Logarithms of the shares relative to the last candidate's.

    Parameters
    ----------
    share : array_like, shape [..., C]
        Fractions, 0 to 1; floored by :func:`closed`.
    floor : float
        Smallest share.

    Returns
    -------
    ndarray, shape [..., C - 1]

    References
    ----------
    Aitchison, J. (1982). doi:10.1111/j.2517-6161.1982.tb01195.x

    Examples
    --------
    >>> additive_log_ratio([0.8, 0.2]).round(6).tolist()
    [1.386294]
    """
    logs = np.log(closed(share, floor))
    return np.asarray(logs[..., :-1] - logs[..., -1:])


def softmax(log_weight: ArrayLike) -> NDArray[np.float64]:
    """Shares of log weights: the inverse of :func:`centred_log_ratio`, deaf to a common shift.

    Parameters
    ----------
    log_weight : array_like, shape [..., C]

    Returns
    -------
    ndarray, shape [..., C]

    Examples
    --------
    >>> softmax([7.0, 7.0]).tolist()
    [0.5, 0.5]
    """
    value = np.asarray(log_weight, dtype=float)
    weight = np.exp(value - value.max(axis=-1, keepdims=True))
    return np.asarray(weight / weight.sum(axis=-1, keepdims=True))


def from_additive(ratio: ArrayLike) -> NDArray[np.float64]:
    """Shares of additive log-ratios.

    Parameters
    ----------
    ratio : array_like, shape [..., C - 1]

    Returns
    -------
    ndarray, shape [..., C]

    Examples
    --------
    >>> from_additive([0.0]).tolist()
    [0.5, 0.5]
    """
    value = np.asarray(ratio, dtype=float)
    return softmax(np.concatenate([value, np.zeros((*value.shape[:-1], 1))], axis=-1))


def softmax_jacobian(share: ArrayLike) -> NDArray[np.float64]:
    """Derivative of the shares by the log weights, ``diag(p) - p p'``.

    Parameters
    ----------
    share : array_like, shape [C]

    Returns
    -------
    ndarray, shape [C, C]
        Rows and columns sum to zero: what one candidate gains, the others lose.

    Examples
    --------
    >>> softmax_jacobian([0.5, 0.5]).tolist()
    [[0.25, -0.25], [-0.25, 0.25]]
    """
    value = np.asarray(share, dtype=float)
    return np.diag(value) - np.outer(value, value)


def contrasts(n: int) -> NDArray[np.float64]:
    """Orthonormal contrasts of ``n`` things (Helmert): columns sum to zero.

    Parameters
    ----------
    n : int
        At least 1.

    Returns
    -------
    ndarray, shape [n, n - 1]
        ``H' H = I`` and ``H H' = I - 1 1' / n``.

    References
    ----------
    Egozcue, J. J. et al. (2003). Isometric logratio transformations.
    doi:10.1023/A:1023818214614

    Examples
    --------
    >>> contrasts(2).round(4).tolist()
    [[0.7071], [-0.7071]]
    """
    basis = np.zeros((n, max(n - 1, 0)))
    for k in range(1, n):
        basis[:k, k - 1] = 1.0
        basis[k, k - 1] = -float(k)
        basis[:, k - 1] /= np.sqrt(k * (k + 1))
    return basis

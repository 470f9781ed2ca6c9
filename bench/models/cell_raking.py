"""This file holds raking of counts by cell, for many samples at once."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from bench.core.errors import ForecastError

FloatArray = NDArray[np.float64]
ROUNDS = 200
SETTLED = 1e-11


def rake_cells(
    counts: FloatArray,
    codes: Mapping[str, NDArray[np.int64]],
    margins: Mapping[str, FloatArray],
    *,
    largest_weight: float,
) -> FloatArray:
    """Weights by cell such that every variable has the population's shares.

        w_r = prod_v f_v[group_v(r)], cut at `largest_weight` times the mean, raked again

    The same as `bench.models.raking.rake` for people, where everybody in a cell has one weight; B
    samples are raked side by side, each as if alone. A group without respondents in a sample
    is left out there, and its share goes to the others.

    Parameters
    ----------
    counts : numpy.ndarray [B, R]
        Respondents by cell.
    codes : mapping of str to numpy.ndarray [R]
        Group of each cell, from 0.
    margins : mapping of str to numpy.ndarray [G]
        Shares of the groups in the population.
    largest_weight : float
        Above 1; a multiple of the mean weight.

    Returns
    -------
    numpy.ndarray [B, R]
        Mean 1 over the respondents of each sample (trimming that binds aside).

    Raises
    ------
    ForecastError
        If names differ or `largest_weight` is not above 1.

    References
    ----------
    Deming, W. E., Stephan, F. F. (1940). doi:10.1214/aoms/1177731829

    Examples
    --------
    Three women and one man where both are half; the man weighs 2, each woman 2/3:

    >>> counts, codes = np.array([[3.0, 1.0]]), {"sex": np.array([0, 1])}
    >>> rake_cells(counts, codes, {"sex": np.array([0.5, 0.5])}, largest_weight=5).round(3)
    array([[0.667, 2.   ]])
    """
    if set(codes) != set(margins):
        raise ForecastError(f"codes are {sorted(codes)} but margins {sorted(margins)}")
    if not largest_weight > 1:
        raise ForecastError(f"largest_weight is {largest_weight}; accepted: above 1 (the mean)")
    n = counts.sum(axis=1, keepdims=True)
    members = {
        name: (code[:, None] == np.arange(len(margins[name]))).astype(float)
        for name, code in codes.items()
    }
    weight = np.ones_like(counts)
    for _ in range(ROUNDS):
        before = weight
        weight = np.minimum(weight, largest_weight)
        for name, code in codes.items():
            found = (weight * counts) @ members[name]
            wanted = np.where(found > 0, margins[name], 0.0)
            wanted = wanted / np.maximum(wanted.sum(axis=1, keepdims=True), 1e-300) * n
            factor = np.divide(wanted, found, out=np.ones_like(found), where=found > 0)
            weight = weight * factor[:, code]
        if np.abs(weight - before).max() < SETTLED:
            break
    return np.asarray(np.minimum(weight, largest_weight))


def design_effect(counts: FloatArray, weight: FloatArray) -> FloatArray:
    """Kish's design effect of weights by cell [B]: ``n sum n_r w_r^2 / (sum n_r w_r)^2``.

    References
    ----------
    Kish, L. (1992). Weighting for unequal P_i. Journal of Official Statistics 8(2), 183-200.

    Examples
    --------
    >>> design_effect(np.array([[3.0, 1.0]]), np.array([[1.0, 3.0]])).tolist()  # 4 * 12 / 36
    [1.3333333333333333]
    """
    n = counts.sum(axis=1)
    return np.asarray(n * (counts * weight**2).sum(axis=1) / (counts * weight).sum(axis=1) ** 2)

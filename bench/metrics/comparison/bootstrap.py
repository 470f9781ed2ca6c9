"""Whole clusters drawn anew, for errors of many areas that share a département."""

import numpy as np
from numpy.typing import ArrayLike

from bench.core.arrays import FloatArray
from bench.core.errors import ForecastError


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
    _check_resamples(n_resamples)
    chosen = rng.multinomial(n_blocks, np.full(n_blocks, 1 / n_blocks), size=n_resamples)
    return np.asarray(chosen[:, code], dtype=np.float64)


def _check_resamples(n_resamples: int) -> None:
    if n_resamples < 1:
        raise ForecastError(f"n_resamples is {n_resamples}; at least 1 is needed")

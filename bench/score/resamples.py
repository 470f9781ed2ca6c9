"""This file holds the ways of resampling elections and days for the comparisons of methods.

A resample is a row of counts: how often each row of the errors enters. Means of many
resamples are then one matrix product, and every comparison uses the same resamples.
"""

import numpy as np
from numpy.typing import ArrayLike

from bench.contract.errors import ForecastError
from bench.score.arrays import FloatArray


def block_counts(blocks: ArrayLike, n_resamples: int, rng: np.random.Generator) -> FloatArray:
    """Draw whole blocks (elections) with replacement.

    As many blocks are drawn as there are; all rows of a block enter together, because
    errors of one election are not independent.

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
    >>> counts = block_counts(["2012", "2012", "2017"], 4, np.random.default_rng(1))
    >>> bool((counts[:, 0] == counts[:, 1]).all()), (counts[:, 0] + counts[:, 2]).tolist()
    (True, [2.0, 2.0, 2.0, 2.0])
    """
    label = np.asarray(blocks)
    if label.ndim != 1 or label.size == 0:
        raise ForecastError("blocks must be a list of labels, one per row of the errors")
    _, code = np.unique(label, return_inverse=True)
    n_blocks = int(code.max()) + 1
    if n_blocks < 2:
        raise ForecastError(
            "all rows belong to 1 block; resampling needs at least 2 "
            "(for the days of one election use moving_block_counts)"
        )
    _check_resamples(n_resamples)
    chosen = rng.multinomial(n_blocks, np.full(n_blocks, 1 / n_blocks), size=n_resamples)
    return np.asarray(chosen[:, code], dtype=np.float64)


def moving_block_counts(
    n_rows: int, length: int, n_resamples: int, rng: np.random.Generator
) -> FloatArray:
    """Draw runs of neighbouring days with replacement (moving-block bootstrap).

    Runs of `length` rows start anywhere from the first row to the last that leaves room;
    they are strung together and the last is cut, so that N rows enter. Rows near the ends
    enter less often, which biases the mean a little for few runs.

    Parameters
    ----------
    n_rows : int
        N, rows in order of time without gaps.
    length : int
        Days in a run, 1 to N - 1; 1 is the ordinary bootstrap.
    n_resamples : int
        B, at least 1.
    rng : numpy.random.Generator

    Returns
    -------
    ndarray [B, N]
        How often each row enters each resample.

    Raises
    ------
    ForecastError
        If the length leaves no choice of runs, or B is below 1.

    References
    ----------
    Kunsch, H. R. (1989). The jackknife and the bootstrap for general stationary observations.
    Annals of Statistics 17(3), 1217-1241, doi:10.1214/aos/1176347265.

    Examples
    --------
    >>> moving_block_counts(5, 2, 3, np.random.default_rng(1)).sum(axis=1)
    array([5., 5., 5.])
    """
    if not 1 <= length < n_rows:
        raise ForecastError(
            f"length is {length} for {n_rows} rows; it must lie between 1 and {n_rows - 1}"
        )
    _check_resamples(n_resamples)
    n_runs = -(-n_rows // length)
    starts = rng.integers(0, n_rows - length + 1, size=(n_resamples, n_runs))
    rows = (starts[:, :, None] + np.arange(length)).reshape(n_resamples, -1)[:, :n_rows]
    counts = np.zeros((n_resamples, n_rows))
    np.add.at(counts, (np.arange(n_resamples)[:, None], rows), 1.0)
    return counts


def resampled_means(losses: FloatArray, counts: FloatArray) -> FloatArray:
    """Average losses [N, M] in every resample [B, N]; the result has shape [B, M].

    Raises
    ------
    ForecastError
        If the numbers of rows differ, or a resample is empty.

    Examples
    --------
    >>> resampled_means(np.array([[1.0], [4.0]]), np.array([[2.0, 1.0]]))  # (2 * 1 + 4) / 3
    array([[2.]])
    """
    if counts.ndim != 2 or counts.shape[1] != losses.shape[0] or (counts.sum(axis=1) <= 0).any():
        raise ForecastError(
            f"counts has shape {counts.shape} for {losses.shape[0]} rows of losses; "
            "it needs one column per row and no empty resample"
        )
    return np.asarray(counts @ losses / counts.sum(axis=1, keepdims=True), dtype=np.float64)


def _check_resamples(n_resamples: int) -> None:
    if n_resamples < 1:
        raise ForecastError(f"n_resamples is {n_resamples}; at least 1 is needed")

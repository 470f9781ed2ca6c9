"""Scores of many replicates at once, how far they move, and the squared error taken apart."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bench.core import on_ballot
from bench.core.arrays import FloatArray, IntArray
from bench.core.errors import ForecastError
from bench.metrics.shares import mean_absolute_error


@dataclass(frozen=True, kw_only=True)
class Scored:
    """Scores of N replicates of one method.

    Attributes
    ----------
    share : numpy.ndarray [N, C]
        Shares on the whole ballot, fractions; NaN where the method abstained.
    error : numpy.ndarray [N, C]
        Their signed error.
    mean_absolute : numpy.ndarray [N]
        Mean over candidates of the absolute error.
    first, pair : numpy.ndarray [N]
        1 if the first place, or the set of those who get through, is right; NaN likewise.
    leader : numpy.ndarray [N] of int
        Position of the first; -1 where the method abstained.
    """

    share: FloatArray
    error: FloatArray
    mean_absolute: FloatArray
    first: FloatArray
    pair: FloatArray
    leader: NDArray[np.int64]


def score_replicates(share: FloatArray, truth: FloatArray, n_advance: int) -> Scored:
    """Score shares against the known votes, replicate by replicate.

    Candidates whom the method never names share what is left (`bench.core.on_ballot`).
    Unit: fraction of the valid votes. Lower is better of errors, higher of first and pair.

    Parameters
    ----------
    share, truth : numpy.ndarray [N, C]
        Fractions; a row of `share` may be NaN throughout.
    n_advance : int
        How many get through.

    Raises
    ------
    ForecastError
        If shapes differ.

    References
    ----------
    As `bench.metrics.shares.signed_error`; the rest is counting.

    Examples
    --------
    >>> scored = score_replicates(np.array([[0.5, 0.3, 0.2]]), np.array([[0.4, 0.5, 0.1]]), 2)
    >>> scored.mean_absolute.round(3).tolist(), scored.first.tolist(), scored.pair.tolist()
    ([0.133], [0.0], [1.0])
    """
    if share.shape != truth.shape:
        raise ForecastError(
            f"shares are {share.shape} but votes {truth.shape}; accepted: one shape"
        )
    whole = whole_ballot(share)
    spoke = ~np.isnan(whole).any(axis=1)
    error = whole - truth
    leader = np.where(spoke, whole.argmax(axis=1), -1)
    right = ((places(whole) <= n_advance) == (places(truth) <= n_advance)).all(axis=1)
    mean_absolute = np.full(len(whole), np.nan)
    if spoke.any():
        mean_absolute[spoke] = mean_absolute_error(whole[spoke], truth[spoke])
    return Scored(
        share=whole,
        error=error,
        mean_absolute=mean_absolute,
        first=np.where(spoke, leader == truth.argmax(axis=1), np.nan),
        pair=np.where(spoke, right, np.nan),
        leader=leader,
    )


def whole_ballot(share: FloatArray) -> FloatArray:
    """Shares over everybody, replicate by replicate, as `score_replicates` completes them.

    Parameters
    ----------
    share : numpy.ndarray [N, C]
        Fractions; a row may be NaN throughout, and so may the column of whom the method never
        names.

    Examples
    --------
    >>> whole_ballot(np.array([[0.5, 0.3, np.nan], [np.nan] * 3])).round(3).tolist()
    [[0.5, 0.3, 0.2], [nan, nan, nan]]
    """
    named = ~np.isnan(share).all(axis=0)
    spoke = ~np.isnan(share).all(axis=1)
    whole = np.full(share.shape, np.nan)
    if spoke.any():
        whole[spoke] = on_ballot(share[spoke], named, np.ones(share.shape[1]))
    return whole


def standard_error(values: FloatArray) -> float:
    """Of the mean of independent replicates; NaN of fewer than two.

    Examples
    --------
    >>> round(standard_error(np.array([0.1, 0.2])), 3)
    0.05
    """
    return float(values.std(ddof=1) / np.sqrt(len(values))) if len(values) > 1 else np.nan


def places(share: FloatArray) -> IntArray:
    """The place of every candidate in every replicate [N, C] that gives shares; 1 is first.

    Examples
    --------
    >>> places(np.array([[0.2, 0.5, 0.3]])).tolist()
    [[3, 1, 2]]
    """
    return np.argsort(np.argsort(-share, axis=1, kind="stable"), axis=1, kind="stable") + 1


def bias_and_variance(error: FloatArray, group: NDArray[np.int64]) -> tuple[float, float, float]:
    """Mean squared error taken apart: bias squared within groups, and variance within groups.

        MSE = mean over groups of [mean error]^2 + mean over groups of [variance of the error]

    exactly, for groups of one size. A group is one electorate, met by several samples.
    Unit: squared fraction of the valid votes, mean over candidates. Lower is better.

    Parameters
    ----------
    error : numpy.ndarray [N, C]
    group : numpy.ndarray [N]
        Number of the electorate.

    Returns
    -------
    tuple of float
        (mean squared error, squared bias, variance).

    References
    ----------
    Groves, R. M., Lyberg, L. (2010). Total survey error. doi:10.1093/poq/nfq065

    Examples
    --------
    One electorate, errors 0.1 and 0.3: MSE 0.05 = 0.2^2 + 0.1^2

    >>> [round(x, 6) for x in bias_and_variance(np.array([[0.1], [0.3]]), np.array([0, 0]))]
    [0.05, 0.04, 0.01]
    """
    frame = pd.DataFrame(error).groupby(np.asarray(group))
    bias = frame.mean().to_numpy()
    variance = frame.var(ddof=0).to_numpy()
    return (
        float(np.mean(error**2)),
        float(np.mean(bias**2)),
        float(np.mean(variance)),
    )

"""Forecasts read as a ranking of areas: how much of the swing lies in the first tenth of them."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from bench.core.arrays import FloatArray
from bench.core.errors import ForecastError
from bench.metrics.arrays import finite, same_shape
from bench.metrics.comparison.significance import block_counts
from bench.studies.runoff_by_station.area_sums import FEW_CLUSTERS

FIRST = 0.1
"""Part of the areas, counted, that a campaign could work in; fixed before any score was seen."""
LAST_RESULT, SIZE, BEST = "last_result", "size", "best_possible"
N_BINS = 200  # ranks of equal length; the first tenth ends between two of them


def swing_votes(share: ArrayLike, before: ArrayLike, votes: ArrayLike) -> FloatArray:
    """Votes by which a candidate gains on the last result, by area [U]: `v_u (f_u - b_u)`.

    Parameters
    ----------
    share, before : array_like [U]
        Forecast or official share, and that of the last comparable result, 0 to 1.
    votes : array_like [U]
        Valid votes: of the last result for a forecast, of the vote itself for the outcome.

    Examples
    --------
    >>> swing_votes([0.6, 0.4], [0.5, 0.5], [300, 100]).round(6).tolist()
    [30.0, -10.0]
    """
    arguments = {"share": share, "before": before, "votes": votes}
    f, b, v = (finite(name, values, ndim=1) for name, values in arguments.items())
    same_shape("share", f, "before", b)
    same_shape("share", f, "votes", v)
    return np.asarray(v * (f - b))


def ranked_bins(value: ArrayLike, swing: ArrayLike, cluster: ArrayLike) -> pd.DataFrame:
    """Areas in order of a value, the largest first, cut into `N_BINS` equal parts by cluster.

    Parameters
    ----------
    value : array_like [U]
        What the areas are ranked by. Equal values stay in the order that is given.
    swing : array_like [U]
        As of `swing_votes`, of the outcome; losses count as 0.
    cluster : array_like [U]
        The département, or another group of areas that move together.

    Returns
    -------
    pandas.DataFrame
        cluster, bin (from 0), n (areas), swing (votes); empty where all values are the same,
        which ranks nothing (differences below 1e-6 votes are none).

    Examples
    --------
    >>> ranked_bins([5, 9], [3, -1], ["a", "b"])
      cluster  bin  n  swing
    0       a  100  1      3
    1       b    0  1      0
    """
    size = np.asarray(value, dtype=float).round(6)
    if not len(size) or np.ptp(size) == 0:
        return pd.DataFrame(columns=["cluster", "bin", "n", "swing"])
    place = np.empty(len(size), dtype=int)
    place[np.argsort(-size, kind="stable")] = np.arange(len(size))
    rows = {"cluster": cluster, "bin": place * N_BINS // len(size), "n": 1}
    table = pd.DataFrame({**rows, "swing": np.maximum(swing, 0)})
    return table.groupby(["cluster", "bin"], as_index=False)[["n", "swing"]].sum()


def found_in_first(n: ArrayLike, swing: ArrayLike, first: float = FIRST) -> FloatArray:
    """Part of the positive swing that lies in the first areas of a ranking.

        sum_{u in L} max(s_u, 0) / sum_u max(s_u, 0),  L: the first areas, `first` of all, counted

    s_u is the swing of the outcome in votes (`swing_votes`). The last bin counts in part. Range: 0
    to 1, higher is better; areas in an order of chance have `first`.

    Parameters
    ----------
    n, swing : array_like [..., K]
        Areas and votes by bin, in order of rank.
    first : float
        Between 0 and 1.

    References
    ----------
    A point of the concentration curve (cumulative gain): Kakwani, N. C. (1977),
    doi:10.2307/1911684.

    Examples
    --------
    Four areas, of which the first two hold 6 of 8 votes; the first alone 5:

    >>> float(found_in_first([1, 1, 1, 1], [5, 1, 2, 0], first=0.5))
    0.75
    >>> float(found_in_first([2, 2], [6, 2], first=0.25))
    0.375
    """
    areas, votes = np.asarray(n, dtype=float), np.asarray(swing, dtype=float)
    n_listed, votes_listed = areas.cumsum(axis=-1), votes.cumsum(axis=-1)
    length = first * n_listed[..., -1:]
    last = (n_listed < length).sum(axis=-1, keepdims=True)  # the bin in which the list ends

    def at(table: FloatArray) -> FloatArray:
        return np.take_along_axis(table, last, axis=-1)

    beyond = (at(n_listed) - length) / at(areas)  # part of that bin that is not on the list
    with np.errstate(invalid="ignore"):
        part = (at(votes_listed) - beyond * at(votes)) / votes_listed[..., -1:]
        return np.asarray(part[..., 0])


def score_rankings(
    bins: pd.DataFrame, *, n_resamples: int, level: float, rng: np.random.Generator
) -> pd.DataFrame:
    """Score every ranking, with intervals from drawing whole clusters with replacement.

    Each resample is ranked anew: its first tenth is that of the areas drawn.

    Parameters
    ----------
    bins : pandas.DataFrame
        method and the columns of `ranked_bins`, `LAST_RESULT` among the methods.
    n_resamples, level, rng
        As of `bench.studies.runoff_by_station.area_sums.clustered_scores`.

    Returns
    -------
    pandas.DataFrame
        method, found, low, high, and more, more_low, more_high: found less that of the ranking by
        the last result, paired. Intervals are NaN with fewer than `FEW_CLUSTERS` clusters.

    Raises
    ------
    ForecastError
        If there is no ranking by the last result.
    """
    methods = [str(name) for name in bins["method"].drop_duplicates()]
    if LAST_RESULT not in methods:
        raise ForecastError(f"no ranking is called '{LAST_RESULT}', with which others are compared")
    clusters = sorted(set(bins["cluster"]))
    tables = np.zeros((2, len(methods), len(clusters), N_BINS))  # areas, votes
    at = (bins["method"].map(methods.index), bins["cluster"].map(clusters.index), bins["bin"])
    cells = tuple(places.to_numpy(int) for places in at)
    for number, name in enumerate(("n", "swing")):
        tables[number][cells] = bins[name]
    parts, base = found_in_first(*tables.sum(axis=2)), methods.index(LAST_RESULT)
    table = pd.DataFrame({"method": methods, "found": parts, "more": parts - parts[base]})
    names = ["low", "high", "more_low", "more_high"]
    if len(clusters) < FEW_CLUSTERS:
        return table.assign(**dict.fromkeys(names, np.nan))
    counts = block_counts(np.arange(len(clusters)), n_resamples, rng)  # [B, G]
    drawn = np.stack(
        [found_in_first(counts @ n, counts @ swing) for n, swing in zip(*tables, strict=True)]
    )
    ends = [(1 - level) / 2, (1 + level) / 2]
    table["low"], table["high"] = np.quantile(drawn, ends, axis=1)
    table["more_low"], table["more_high"] = np.quantile(drawn - drawn[base], ends, axis=1)
    return table

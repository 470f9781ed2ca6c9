"""Scores of two-candidate maps from sums over areas."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from bench.core.arrays import FloatArray
from bench.core.errors import ForecastError
from bench.metrics.arrays import finite, fractions, same_shape
from bench.metrics.comparison.significance import block_counts

SUMS: tuple[str, ...] = ("n", "votes", "error", "absolute", "squared", "absolute_n", "right")
SUMS += ("y", "yy", "f", "ff", "fy")
FEW_CLUSTERS = 10
"""With fewer, drawing clusters says too little of how they differ."""


def area_sums(
    share: ArrayLike, outcome: ArrayLike, votes: ArrayLike, labels: Mapping[str, ArrayLike]
) -> pd.DataFrame:
    """Add up, within groups of areas, everything of which `scores_of` makes its scores.

    Parameters
    ----------
    share, outcome : array_like [U]
        Share of one of two candidates by area, forecast and official, 0 to 1.
    votes : array_like [U]
        Valid votes, above 0.
    labels : mapping of str to array_like [U]
        What areas are grouped by, such as the département.

    Returns
    -------
    pandas.DataFrame
        The labels and `SUMS`, one row per group: areas; votes; votes times error, absolute and
        squared error; absolute error without votes; areas whose first place is right (a half where
        forecast or outcome is a tie); votes times outcome y, y squared, forecast f, f squared, f y.

    Raises
    ------
    ForecastError
        If a share is missing or outside 0 to 1, lengths differ, or an area has no votes.

    Examples
    --------
    >>> sums = area_sums([0.6, 0.4], [0.5, 0.5], [300, 100], {"group": ["a", "a"]})
    >>> sums[["n", "votes", "error", "absolute"]].round(6).to_numpy().tolist()
    [[2.0, 400.0, 20.0, 40.0]]
    """
    f, y = fractions("share", share), fractions("outcome", outcome)
    v = finite("votes", votes, ndim=1)
    same_shape("share", f, "outcome", y)
    same_shape("share", f, "votes", v)
    if (v <= 0).any():
        raise ForecastError(f"votes[{int(np.argmin(v))}] is {v.min():g}; accepted: above 0")
    error, ones = f - y, np.ones_like(f)
    sides = np.sign(f - 0.5) * np.sign(y - 0.5)  # 1 right, -1 wrong, 0 a tie
    values = (
        ones,
        v,
        v * error,
        v * np.abs(error),
        v * error**2,
        np.abs(error),
        (1 + sides) / 2,
        v * y,
        v * y**2,
        v * f,
        v * f**2,
        v * f * y,
    )
    table = pd.DataFrame({**labels, **dict(zip(SUMS, values, strict=True))})
    return table.groupby(list(labels), sort=True, as_index=False, observed=True)[list(SUMS)].sum()


def scores_of(sums: ArrayLike) -> dict[str, FloatArray]:
    """Compute every score [...], by name, from sums [..., 12] in the order of `SUMS`.

    With errors e = forecast f less outcome y, votes v and means weighted by v:

        mae = mean |e|        mae_areas = (1 / U) sum_u |e_u|      rmse = sqrt(mean e^2)
        bias = mean e         spread = sqrt(rmse^2 - bias^2)       explained = 1 - mean e^2 / var y
        correlation = cov(f, y) / sqrt(var f var y)

    `first_right` is the share of the areas whose first place is right, `forecast` and `outcome`
    the totals that the areas give. Unit: fractions; `bias` is above 0 where the candidate is
    overstated. `explained` is at most 1, and below 0 where the official total everywhere would be
    nearer; `correlation` is NaN where the forecast is the same everywhere.

    References
    ----------
    Weighted moments, no source needed; `explained`: Nash, J. E., Sutcliffe, J. V. (1970). River
    flow forecasting through conceptual models, doi:10.1016/0022-1694(70)90255-6.

    Examples
    --------
    Errors 0.1 (300 votes) and -0.1 (100): mean 0.05, root 0.1:

    >>> sums = area_sums([0.6, 0.4], [0.5, 0.5], [300, 100], {"group": ["a", "a"]})
    >>> scores = scores_of(sums[list(SUMS)])
    >>> [round(float(scores[name][0]), 3) for name in ("mae", "mae_areas", "rmse", "bias")]
    [0.1, 0.1, 0.1, 0.05]
    """
    s = dict(zip(SUMS, np.moveaxis(np.asarray(sums, dtype=float), -1, 0), strict=True))
    n, v = s["n"], s["votes"]
    bias, square = s["error"] / v, s["squared"] / v
    y, f = s["y"] / v, s["f"] / v
    var_y, var_f = (np.maximum(s[k] / v - m**2, 0) for k, m in (("yy", y), ("ff", f)))
    flat_y, flat_f = var_y < 1e-12, var_f < 1e-12
    with np.errstate(divide="ignore", invalid="ignore"):
        correlation = (s["fy"] / v - f * y) / np.sqrt(var_f * var_y)
        explained = 1 - square / var_y
    return {
        "mae": s["absolute"] / v,
        "mae_areas": s["absolute_n"] / n,
        "rmse": np.sqrt(square),
        "bias": bias,
        "spread": np.sqrt(np.maximum(square - bias**2, 0)),
        "correlation": np.where(flat_y | flat_f, np.nan, correlation),
        "explained": np.where(flat_y, np.nan, explained),
        "first_right": s["right"] / n,
        "forecast": f,
        "outcome": y,
    }


def clustered_scores(
    sums: pd.DataFrame,
    *,
    cluster: str,
    baseline: str,
    n_resamples: int,
    level: float,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """Score every method, with intervals from drawing whole clusters of areas with replacement.

    Areas of one cluster share what their voters have in common, so they enter together; all
    methods share the draws, which makes differences from the baseline paired.

    Parameters
    ----------
    sums : pandas.DataFrame
        method, the clusters, and `SUMS`, further labels allowed; the same areas for all methods.
    cluster : str
        Column to draw by, such as the département.
    baseline : str
        Method from which differences are counted.
    n_resamples, level : int, float
        Of the percentile bootstrap; the level is between 0 and 1.
    rng : numpy.random.Generator

    Returns
    -------
    pandas.DataFrame
        method, n, votes, those of `scores_of`, `low` and `high` of the mae, `se` of the mae, `gain`
        (mae less that of the baseline; below 0 is better) with `gain_low` and `gain_high`.
        Intervals and `se` are NaN where there are fewer than `FEW_CLUSTERS` clusters.

    Raises
    ------
    ForecastError
        If the baseline is missing or the methods were not scored on the same areas.

    References
    ----------
    Cluster bootstrap: Davison, A. C., Hinkley, D. V. (1997), section 3.8,
    doi:10.1017/CBO9780511802843. Few clusters: Cameron, A. C., Gelbach, J. B., Miller, D. L.
    (2008), doi:10.1162/rest.90.3.414.

    Examples
    --------
    >>> a = area_sums([0.6, 0.4], [0.5, 0.5], [300, 100], {"place": ["x", "y"]})
    >>> b = area_sums([0.5, 0.4], [0.5, 0.5], [300, 100], {"place": ["x", "y"]})
    >>> both = pd.concat([a.assign(method="a"), b.assign(method="b")])
    >>> clustered_scores(both, cluster="place", baseline="a", n_resamples=100, level=0.9,
    ...                  rng=np.random.default_rng(1))[["method", "mae", "gain"]].round(3)
      method    mae   gain
    0      a  0.100  0.000
    1      b  0.025 -0.075
    """
    methods = [str(name) for name in sums["method"].drop_duplicates()]
    tables = _by_cluster(sums, methods, cluster, baseline)  # [M, G, 12]
    whole = tables.sum(axis=1)
    counted = {"method": methods, "n": whole[:, 0].astype(int), "votes": whole[:, 1]}
    table = pd.DataFrame({**counted, **scores_of(whole)})
    base = methods.index(baseline)
    table["gain"] = table["mae"] - table["mae"].iloc[base]
    names = ["low", "high", "se", "gain_low", "gain_high"]
    if tables.shape[1] < FEW_CLUSTERS:
        return table.assign(**dict.fromkeys(names, np.nan))
    counts = block_counts(np.arange(tables.shape[1]), n_resamples, rng)  # [B, G]
    drawn = np.einsum("bg,mgs->mbs", counts, tables, optimize=True)
    mae = scores_of(drawn)["mae"]  # [M, B]
    ends = [(1 - level) / 2, (1 + level) / 2]
    table["low"], table["high"] = np.quantile(mae, ends, axis=1)
    table["se"] = mae.std(axis=1, ddof=1)
    table["gain_low"], table["gain_high"] = np.quantile(mae - mae[base], ends, axis=1)
    return table


def _by_cluster(
    sums: pd.DataFrame, methods: Sequence[str], cluster: str, baseline: str
) -> FloatArray:
    if baseline not in methods:
        raise ForecastError(f"no method is called '{baseline}'; known: {', '.join(methods)}")
    clusters = sorted(set(sums[cluster]))
    by = sums.groupby(["method", cluster], sort=True)[list(SUMS)].sum()
    tables = np.stack([by.loc[name].reindex(clusters, fill_value=0) for name in methods])
    for name, table in zip(methods, tables, strict=True):
        if not np.allclose(table[:, :2], tables[0, :, :2]):  # 0 where a cluster is missing
            raise ForecastError(
                f"'{name}' was not scored on the same areas as '{methods[0]}'; "
                "errors can be compared on the same areas only"
            )
    return tables

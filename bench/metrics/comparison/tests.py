"""Could it be chance? The tests over elections, where there are enough of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from bench.core.arrays import FloatArray
from bench.metrics.comparison.ratios import LEVEL, Ratio, judged, mean_ratio
from bench.metrics.comparison.significance import (
    freedom_of,
    innovations,
    model_confidence_set,
    sign_flip_test,
)

SIZE = 0.1
MIN_ELECTIONS = 6  # 2^(1 - n) is above LEVEL below: no test could find anything
MIN_FOR_SET = 20  # docs/inference.md: below, a set drops good methods too often or none at all


def has_interval(correlation: FloatArray) -> bool:
    """The one rule for an interval: as many degrees of freedom as six independent elections have.

    Parameters
    ----------
    correlation : numpy.ndarray [E, E]
        Of the elections.

    Examples
    --------
    >>> [has_interval(np.eye(n)) for n in (5, 6)]
    [False, True]
    """
    return len(correlation) > 1 and freedom_of(correlation) >= MIN_ELECTIONS - 1 - 1e-9


def ratio_columns(
    ratios: FloatArray, names: Sequence[str], baseline: str, correlation: FloatArray
) -> pd.DataFrame:
    """Every method beside the baseline, on the votes that both answered.

    Parameters
    ----------
    ratios : numpy.ndarray [E, M, M]
        From :func:`bench.metrics.comparison.ratios.log_ratios`.
    names : sequence of str [M]
    baseline : str
        Has ratio 1. Without it every method is compared with the average one.
    correlation : numpy.ndarray [E, E]
        Of elections, from `bench.metrics.comparison.significance.serial_correlation`.

    Returns
    -------
    pandas.DataFrame
        By method: `relative_skill` (geometric mean of the ratios of losses, every election
        counting alike; below 1 is better), `relative_low` and `relative_high` (95 % t interval
        of its logarithm; NaN below `MIN_ELECTIONS` common elections, and for the baseline),
        `better_in` and `compared_in` (elections; NaN for the baseline), `direction`, `within` and
        `detectable` (of `bench.metrics.comparison.ratios.judged`, the methods being one table;
        empty for the baseline and where nothing is common).

    Examples
    --------
    One election: a ratio and no interval.

    >>> ratios = np.log([[[1.0, 0.5], [2.0, 1.0]]])
    >>> a = ratio_columns(ratios, ["a", "b"], "b", np.eye(1)).loc["a"]
    >>> a["relative_skill"].round(3), a["relative_low"].round(3), a["direction"]
    (np.float64(0.5), np.float64(nan), 'not_shown')
    """
    place = list(names).index(baseline) if baseline in names else None
    with np.errstate(invalid="ignore"):
        reference_ratios = _mean(ratios, axis=2) if place is None else ratios[:, :, place]
    columns = ["relative_skill", "relative_low", "relative_high", "better_in", "compared_in"]
    columns_by_name = pd.DataFrame(np.nan, index=list(names), columns=columns)
    compared = {}
    for k, name in enumerate(names):
        common = ~np.isnan(reference_ratios[:, k])
        each = reference_ratios[common, k]
        if not len(each):
            continue
        columns_by_name.loc[name, "relative_skill"] = np.exp(each.mean())
        if k == place:
            continue
        columns_by_name.loc[name, ["better_in", "compared_in"]] = (
            float((each < 0).sum()),
            float(len(each)),
        )
        ratio = mean_ratio(each, correlation=correlation[np.ix_(common, common)])
        columns_by_name.loc[name, ["relative_low", "relative_high"]] = ratio.low, ratio.high
        compared[name] = vars(ratio)
    rows = pd.DataFrame.from_dict(compared, orient="index", columns=list(Ratio.__annotations__))
    judgements = judged(rows)[["direction", "within", "detectable"]]
    return columns_by_name.join(judgements).fillna({"direction": "", "within": ""})


def chance_columns(
    ratios: FloatArray,
    names: Sequence[str],
    baseline: str,
    rng: np.random.Generator,
    correlation: FloatArray,
) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Tests within one set of methods that answered the same votes.

    They need elections that are draws of one kind, so they are left out (NaN) where there are
    fewer than `MIN_ELECTIONS`; the model confidence set below `MIN_FOR_SET`. The rounds and
    dates of one election are one value: dates of one campaign are neither independent nor evenly
    spaced.

    Parameters
    ----------
    ratios : numpy.ndarray [E, M, M]
        From :func:`bench.metrics.comparison.ratios.log_ratios`, complete.
    names : sequence of str [M]
    baseline : str
        The method that was named beforehand.
    rng : numpy.random.Generator
        For the random signs of many elections.
    correlation : numpy.ndarray [E, E]
        As of `ratio_columns`; what follows from earlier elections of a series is taken out.

    Returns
    -------
    pandas.DataFrame
        By method: `in_mcs` (1 or 0) and `p_baseline` (adjusted for all methods of the set).
    dict
        Of tests: `elections`, `n_methods`, `n_pairs`, `level`, `smallest_p`, `pairs` (those that
        differ, each with `closer`, `other` and `p`), `set_level` and `kept` (methods of the model
        confidence set; none where there is no set). Empty where nothing is tested.

    References
    ----------
    As `bench.metrics.comparison.significance.sign_flip_test` and
    `bench.metrics.comparison.significance.model_confidence_set`.

    Examples
    --------
    Two elections are too few to test anything:

    >>> columns, found = chance_columns(np.zeros((2, 2, 2)), ["x", "y"], "x",
    ...                                 np.random.default_rng(1), np.eye(2))
    >>> bool(columns.isna().all(axis=None)), found
    (True, {})
    """
    columns = pd.DataFrame({"in_mcs": np.nan, "p_baseline": np.nan}, index=list(names))
    n, n_methods = ratios.shape[:2]
    if n < MIN_ELECTIONS or n_methods < 2:
        return columns, {}
    tested = innovations(ratios, correlation)
    if baseline in names:
        place = list(names).index(baseline)
        rivals = [k for k in range(n_methods) if k != place]
        p = pd.Series(sign_flip_test(tested[:, rivals, place], rng), [names[k] for k in rivals])
        columns.loc[p.index, "p_baseline"] = p
    facts = {"elections": n, "n_methods": n_methods, "level": LEVEL, "set_level": 1 - SIZE}
    facts |= {"kept": [], **_pairs(ratios, tested, names, rng)}
    if n >= MIN_FOR_SET:
        in_set = model_confidence_set(tested, rng, size=SIZE).included
        columns["in_mcs"] = in_set.astype(float)
        facts["kept"] = [name for name, is_in_set in zip(names, in_set, strict=True) if is_in_set]
    return columns, facts


def _mean(ratios: FloatArray, axis: int) -> FloatArray:
    has_ratio = ~np.isnan(ratios)
    count = has_ratio.sum(axis=axis)
    total = np.where(has_ratio, ratios, 0.0).sum(axis=axis)
    return np.asarray(np.where(count > 0, total / np.maximum(count, 1), np.nan))


def _pairs(
    ratios: FloatArray, innovation: FloatArray, names: Sequence[str], rng: np.random.Generator
) -> dict[str, Any]:
    """All pairs tested together, so that the best may be named after looking."""
    order = np.argsort(_mean(ratios.mean(axis=0), axis=1), kind="stable")
    closer, farther = (order[k] for k in np.triu_indices(len(order), k=1))
    p = sign_flip_test(innovation[:, closer, farther], rng)
    pairs = [
        {"closer": names[closer[k]], "other": names[farther[k]], "p": float(p[k])}
        for k in np.flatnonzero(p <= LEVEL)
    ]
    return {"n_pairs": len(p), "smallest_p": float(p.min()), "pairs": pairs}

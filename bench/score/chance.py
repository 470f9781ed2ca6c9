"""Could it be chance? Columns and sentences of the tests over elections, where there are enough."""

from __future__ import annotations

import numpy as np
import pandas as pd

from bench.contract.errors import ForecastError
from bench.score.arrays import FloatArray
from bench.score.confidence_set import model_confidence_set
from bench.score.significance import diebold_mariano, holm
from bench.score.skill import relative_skill

FEWEST_ELECTIONS = 5  # below, a test of chance can hardly find anything and is left out
SIZE = 0.1
LEVEL = 0.05


def relative_skills(loss: pd.DataFrame, baseline: str) -> pd.Series:
    """Ratio of losses to the baseline, two methods at a time on the votes that both answered.

    Parameters
    ----------
    loss : pandas.DataFrame
        Votes and dates by predictors, NaN where one did not answer.
    baseline : str
        Has 1; without it the average method has.

    Returns
    -------
    pandas.Series
        By predictor; below 1 is better. NaN where a loss is 0 and ratios mean nothing.

    References
    ----------
    As `bench.score.skill.relative_skill`.

    Examples
    --------
    >>> relative_skills(pd.DataFrame({"a": [1.0, 1.0], "b": [2.0, 2.0]}), "b").round(9).tolist()
    [0.5, 1.0]
    """
    names = list(loss.columns)
    place = names.index(baseline) if baseline in names else None
    try:
        return pd.Series(relative_skill(loss.to_numpy(), place), index=names)
    except ForecastError:
        return pd.Series(np.nan, index=names)


def chance_columns(
    table: pd.DataFrame, baseline: str, counts: FloatArray | None
) -> tuple[pd.DataFrame, list[str]]:
    """Model confidence set and Diebold-Mariano tests within one set of methods.

    Both need elections that are draws of one kind, so they are left out (NaN) where there are
    fewer than `FEWEST_ELECTIONS`: dates of one campaign are neither independent nor stationary.
    The test of each method against the baseline uses one mean loss per election, without lags, so
    that their order does not matter, and Holm's correction over all methods of the set.

    Parameters
    ----------
    table : pandas.DataFrame
        Mean losses [votes and dates, methods], complete, indexed by election, round, as_of.
    baseline : str
        The method that was named beforehand.
    counts : numpy.ndarray or None
        Resamples of whole elections.

    Returns
    -------
    pandas.DataFrame
        By method: `in_mcs` (1 or 0) and `dm_p_holm`.
    list of str
        The same in words.

    References
    ----------
    As `bench.score.confidence_set.model_confidence_set`, `bench.score.significance.diebold_mariano`
    and `bench.score.significance.holm`.

    Examples
    --------
    Two elections are too few to test anything:

    >>> index = pd.MultiIndex.from_tuples([("a", 1, "t"), ("b", 1, "t")],
    ...                                   names=["election", "round", "as_of"])
    >>> table = pd.DataFrame({"x": [1.0, 2.0], "y": [2.0, 1.0]}, index=index)
    >>> columns, words = chance_columns(table, "x", np.eye(2))
    >>> bool(columns.isna().all(axis=None)), words
    (True, [])
    """
    names = [str(name) for name in table.columns]
    columns = pd.DataFrame({"in_mcs": np.nan, "dm_p_holm": np.nan}, index=names)
    n_elections = table.index.get_level_values("election").nunique()
    if n_elections < FEWEST_ELECTIONS or counts is None or len(names) < 2:
        return columns, []
    found = model_confidence_set(table.to_numpy(), counts, size=SIZE)
    columns["in_mcs"] = found.included.astype(float)
    best = [name for name, kept in zip(names, found.included, strict=True) if kept]
    words = [
        f"{n_elections} elections leave {len(best)} of {len(names)} methods that may be the best "
        f"({100 * (1 - SIZE):.0f} % model confidence set): {', '.join(best)}."
    ]
    if baseline in names:
        columns["dm_p_holm"] = _adjusted(table, baseline)
        words.append(_said(columns["dm_p_holm"].dropna(), baseline))
    return columns, words


def _adjusted(table: pd.DataFrame, baseline: str) -> pd.Series:
    each = table.groupby(level="election").mean()
    p_value: dict[str, float] = {}
    for name in table.columns:
        if name == baseline:
            continue
        try:
            p_value[str(name)] = diebold_mariano(each[name], each[baseline], lags=0).p_value
        except ForecastError:
            continue  # always equal, or always apart by the same: nothing to test against
    if not p_value:
        return pd.Series(dtype=float)
    return pd.Series(holm(list(p_value.values())), index=list(p_value))


def _said(p_value: pd.Series, baseline: str) -> str:
    if p_value.empty:
        return f"No method differs from {baseline} in a way that could be tested."
    clear = p_value[p_value < LEVEL]
    text = f"Tested against {baseline}, {len(p_value)} at once (Diebold-Mariano, Holm): "
    if clear.empty:
        return text + f"none differs by more than chance could (smallest p {p_value.min():.2f})."
    named = ", ".join(f"{name} (p {p:.3f})" for name, p in clear.sort_values().items())
    return text + f"more than chance, at {100 * LEVEL:.0f} %: {named}."

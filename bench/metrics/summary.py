"""Means, roots and shares of many errors: the one place where errors are summed up."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd

from bench.core.errors import ForecastError, did_you_mean
from bench.metrics.ensemble import LEVELS
from bench.metrics.registry import Direction, Unit, metrics
from bench.metrics.score_forecast import FULL, NATIONAL


@dataclass(frozen=True, kw_only=True)
class Summary:
    """A figure that sums up the values of one metric.

    Attributes
    ----------
    name : str
        Column of `summarise`.
    of : str
        The metric whose values are summed up.
    label, label_fr, unit, direction, best
        As of `bench.metrics.registry.Metric`.
    prepare : callable
        Applied to the values; their mean is taken.
    finish : callable
        Applied to the mean.
    """

    name: str
    of: str
    label: str
    label_fr: str
    unit: Unit
    direction: Direction
    best: float = math.nan
    prepare: Callable[[pd.Series], pd.Series] = lambda values: values
    finish: Callable[[pd.Series], pd.Series] = lambda means: means


@cache
def summaries() -> dict[str, Summary]:
    """All summaries by name: errors, coverage, and the mean of every other metric under its name.

    Examples
    --------
    >>> found = summaries()
    >>> found["rmse"].of, found["coverage_90"].of, found["crps"].label
    ('signed_error', 'inside_90', 'Mean CRPS')
    """
    own = [
        Summary(
            name="mae",
            of="absolute_error",
            label="Mean absolute error",
            label_fr="Erreur absolue moyenne",
            unit="fraction",
            direction="lower",
        ),
        Summary(
            name="rmse",
            of="signed_error",
            label="Root mean squared error",
            label_fr="Racine de l'erreur quadratique moyenne",
            unit="fraction",
            direction="lower",
            prepare=np.square,
            finish=np.sqrt,
        ),
        Summary(
            name="bias",
            of="signed_error",
            label="Mean signed error",
            label_fr="Erreur signée moyenne",
            unit="fraction",
            direction="zero",
        ),
    ]
    for level in LEVELS:
        percent = f"{100 * level:.0f}"
        own.append(
            Summary(
                name=f"coverage_{percent}",
                of=f"inside_{percent}",
                label=f"Outcomes inside the {percent} % interval",
                label_fr=f"Résultats dans l'intervalle à {percent} %",
                unit="probability",
                direction="level",
                best=level,
            )
        )
    taken = {summary.name for summary in own} | {summary.of for summary in own}
    for metric in metrics().values():
        if metric.name not in taken:
            own.append(
                Summary(
                    name=metric.name,
                    of=metric.name,
                    label=f"Mean {metric.label}",
                    label_fr=f"{metric.label_fr} (moyenne)",
                    unit=metric.unit,
                    direction=metric.direction,
                    best=metric.best,
                )
            )
    return {summary.name: summary for summary in own}


def summarise(
    errors: pd.DataFrame,
    by: Sequence[str] = ("predictor",),
    names: Sequence[str] = ("mae", "rmse", "bias", "largest_error", "crps", "coverage_90"),
    *,
    within: Sequence[str] = (),
    ballot: str = FULL,
    area: str | None = NATIONAL,
) -> pd.DataFrame:
    """Sum up the errors of every group.

        rmse = mean_w sqrt(mean_i e_wi^2),  mae = mean_w mean_i |e_wi|,
        coverage = mean_w mean_i held_wi

    over the rows i of a group, which are summed up inside each combination w of the columns
    `within` (replicates, elections) first, so that those count alike. Without `within` all rows
    of a group are one: roots are taken once.

    Parameters
    ----------
    errors : pandas.DataFrame
        Long error table: `area`, `ballot`, `candidate`, `score`, `value`, and the columns of `by`
        and `within`.
    by : sequence of str
        Columns whose combinations are the groups.
    names : sequence of str
        Of `summaries`.
    within : sequence of str
        Columns inside which roots are taken, and averaged afterwards.
    ballot : str
    area : str, optional
        None: every area but the nation, areas counting alike.

    Returns
    -------
    pandas.DataFrame
        Index `by`, columns `names` in the units of `summaries`; NaN where a group has no value of
        the metric. Labels and units: ``summaries()[name].label``.

    Raises
    ------
    ForecastError
        If a name is no summary, or a column is missing.

    References
    ----------
    Means and roots; no source needed.

    Examples
    --------
    Errors 3 and -4 points: mean 3.5, root of 12.5:

    >>> rows = pd.DataFrame({
    ...     "predictor": "a", "area": "national", "ballot": "full", "candidate": ["x", "y"] * 2,
    ...     "score": ["signed_error"] * 2 + ["absolute_error"] * 2,
    ...     "value": [0.03, -0.04, 0.03, 0.04]})
    >>> summarise(rows, names=["mae", "rmse", "bias"]).round(4).loc["a"].tolist()
    [0.035, 0.0354, -0.005]
    """
    keys = [*by, *within]
    for column in (*keys, "area", "ballot", "score", "value"):
        if column not in errors:
            raise ForecastError(
                f"the errors have no column '{column}' ({did_you_mean(column, errors.columns)})"
            )
    known = summaries()
    for name in names:
        if name not in known:
            raise ForecastError(f"no summary is called '{name}' ({did_you_mean(name, known)})")
    here = errors["area"].ne(NATIONAL) if area is None else errors["area"].eq(area)
    rows = errors[here & errors["ballot"].eq(ballot)]
    groups = rows[list(by)].drop_duplicates().sort_values(list(by))
    index = groups.set_index(list(by)).index
    columns = {}
    for name in names:
        summary = known[name]
        mine = rows[rows["score"].eq(summary.of)].dropna(subset="value")
        each = summary.prepare(mine["value"]).groupby([mine[key] for key in keys])
        found = summary.finish(each.mean())
        if within:
            found = found.groupby(level=list(by)).mean()
        columns[name] = found.reindex(index)
    return pd.DataFrame(columns, index=index)


def skill(losses: pd.Series, baseline: object) -> pd.Series:
    """Say which part of a baseline's loss each method saves.

        1 - loss / loss of the baseline

    Unit: fraction. Range: minus infinity to 1. Higher is better; 0 is the baseline.

    Parameters
    ----------
    losses : pandas.Series
        Mean loss by method, on the same votes and candidates, such as a column of `summarise`.
    baseline : object
        A label of the index. If it is missing, or its loss is not above 0, all are NaN.

    References
    ----------
    Murphy, A. H. (1988). Skill scores based on the mean square error. Monthly Weather Review
    116, 2417-2424, doi:10.1175/1520-0493(1988)116<2417:SSBOTM>2.0.CO;2.

    Examples
    --------
    >>> skill(pd.Series({"ours": 0.02, "uniform": 0.04}), "uniform").tolist()
    [0.5, 0.0]
    """
    base = float(losses.get(baseline, math.nan))
    if not base > 0:
        return pd.Series(math.nan, index=losses.index)
    return 1 - losses / base

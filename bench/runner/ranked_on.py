"""On which candidates a vote is ranked: chosen by hand, or by a rule that knows the moment only."""

from __future__ import annotations

import numpy as np
import pandas as pd

from bench.core import Evidence
from bench.core.settings import Experiment, least_polled
from bench.data.readers import remembered
from bench.data.task import Task

WINDOW_DAYS = 14
"""An institute counts if its last poll ended at most so many days before the latest of all."""


def ranked_on(experiment: Experiment, evidence: Evidence) -> tuple[str, ...]:
    """The candidates on whom a ranking at one moment is made, in ballot order.

    Under ``polled_10`` those whom the public polls of the moment give 10 % or more: the mean, over
    institutes, of each institute's last poll. Nothing that came later is looked at. Without two
    such candidates, and without any poll, it is the whole ballot.

    Parameters
    ----------
    experiment : Experiment
        Its `ranked_on`.
    evidence : Evidence
        Of the round, cut at the moment.

    Returns
    -------
    tuple of str
        Two or more of the ballot.
    """
    return _chosen(experiment.ranked_on, evidence)


def _chosen(rule: str | list[str], evidence: Evidence) -> tuple[str, ...]:
    least = least_polled(rule)
    if least is None:
        return tuple(name for name in evidence.candidates if not rule or name in rule)
    mean = polled(evidence["polls"])
    chosen = tuple(name for name in evidence.candidates if mean.get(name, 0.0) > least - 1e-9)
    return chosen if len(chosen) > 1 else evidence.candidates


def ranked_on_task(experiment: Experiment, task: Task) -> tuple[str, ...]:
    """The candidates of `ranked_on` for a task; a rule is applied once per task."""
    rule = experiment.ranked_on
    if isinstance(rule, str):
        return _by_rule(rule, task)
    return _chosen(rule, task.evidence())


@remembered(maxsize=16)
def _by_rule(rule: str, task: Task) -> tuple[str, ...]:
    return _chosen(rule, task.evidence())


def polled(polls: pd.DataFrame) -> pd.Series:
    """Mean share of every candidate over the last poll of each institute.

    Parameters
    ----------
    polls : pandas.DataFrame
        Rows of the table `polls`: institute, fieldwork_end, candidate, share.

    Returns
    -------
    pandas.Series
        Fractions by candidate, over the institutes that name him or her. Several polls of one
        institute on its last day count as one, by their mean.

    Examples
    --------
    >>> rows = pd.DataFrame({"institute": ["A", "A", "B"], "candidate": "ash",
    ...     "fieldwork_end": pd.to_datetime(["2031-04-01", "2031-04-09", "2031-04-08"]),
    ...     "share": [0.5, 0.1, 0.2]})
    >>> polled(rows).round(6).to_dict()
    {'ash': 0.15}
    """
    if polls.empty:
        return pd.Series(dtype=float)
    institute, names = pd.factorize(polls["institute"], use_na_sentinel=False)
    ended = polls["fieldwork_end"].to_numpy()
    last = np.full(len(names), ended.min())
    np.maximum.at(last, institute, ended)
    recent = (ended == last[institute]) & (ended >= ended.max() - np.timedelta64(WINDOW_DAYS, "D"))
    candidate, candidates = pd.factorize(polls["candidate"][recent])
    cell = candidate * len(names) + institute[recent]
    n_cells = len(candidates) * len(names)
    n_rows = np.bincount(cell, minlength=n_cells)
    total = np.bincount(cell, polls["share"].to_numpy(float)[recent], minlength=n_cells)
    named = (n_rows > 0).reshape(len(candidates), len(names))
    each = (total / np.maximum(n_rows, 1)).reshape(named.shape)
    return pd.Series(each.sum(axis=1) / named.sum(axis=1), index=candidates)

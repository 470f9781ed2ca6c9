"""What predictors say of a vote whose outcome is not looked at.

Cached forecasts depend on what this module imports: nothing of a report belongs here.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from bench.core.arrays import FloatArray
from bench.core.settings import Experiment
from bench.data.task import Task
from bench.metrics.forecast_rows import forecast_rows
from bench.metrics.score_forecast import NATIONAL
from bench.runner import (
    Part,
    Results,
    method_row,
    of_tasks,
    predict_named,
    tasks_in,
    timing_row,
)


def forecasts(experiment: Experiment, part: Part) -> Results:
    """What one predictor says of the tasks of a part: shares, quantiles, chances, likely pairs."""
    name = str(part["predictor"])
    return of_tasks([_one(experiment, name, task) for task in tasks_in(experiment, part)])


def _one(experiment: Experiment, name: str, task: Task) -> Results:
    done = predict_named(experiment, name, task)
    tables = {
        "methods": pd.DataFrame([method_row(experiment, name, task, done)]),
        "timings": pd.DataFrame([timing_row(done)]),
    }
    if done.forecast is not None:
        seats = task.election.round(task.round).seats
        rows = forecast_rows(done.forecast, seats)
        tables["forecasts"] = rows[rows["area"] == NATIONAL].drop(columns="area")
        draws = done.forecast.draws
        if seats == 2 and draws is not None and np.isfinite(draws).all():
            tables["pairs"] = likely_pairs(draws, task.ballot)
    return Results(tables=tables, failures={name: done.trace} if done.status == "failed" else {})


def likely_pairs(draws: FloatArray, candidates: Sequence[str]) -> pd.DataFrame:
    """How often each two of the candidates are ahead of all others in draws [S, C].

    Returns
    -------
    pandas.DataFrame
        Columns `first`, `second` (in ballot order) and `probability`, the likeliest first.

    Examples
    --------
    >>> draws = np.array([[0.5, 0.3, 0.2], [0.5, 0.2, 0.3], [0.4, 0.35, 0.25]])
    >>> likely_pairs(draws, ["ash", "birch", "cedar"]).round(2).values.tolist()
    [['ash', 'birch', 0.67], ['ash', 'cedar', 0.33]]
    """
    ahead = np.sort(np.argsort(-draws, axis=1, kind="stable")[:, :2], axis=1)
    pairs, times = np.unique(ahead, axis=0, return_counts=True)
    order = np.argsort(-times, kind="stable")
    names = np.array(candidates, dtype=object)
    return pd.DataFrame(
        {
            "first": names[pairs[order, 0]],
            "second": names[pairs[order, 1]],
            "probability": times[order] / len(draws),
        }
    )

"""One forecast of a backtest: asked for, scored, and what the table of methods tells of it.

Cached forecasts depend on what this module imports: nothing of a report belongs here.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd

from bench.core import DataError, Forecast, Predictor
from bench.core.registry import make_predictor
from bench.core.settings import Experiment
from bench.data.task import Task
from bench.metrics.forecast_rows import draw_rows, forecast_rows
from bench.metrics.score_forecast import completed, score_forecast
from bench.runner import Part, Prediction, Results, task_of
from bench.runner.evidence_used import access, newest_row_on
from bench.runner.prediction import plain, predict, said, trace_of
from bench.runner.ranked_on import ranked_on_task


def one_forecast(experiment: Experiment, part: Part) -> Results:
    """What one predictor says about one task, scored."""
    task, name = task_of(experiment, part), str(part["predictor"])
    predictor = make_predictor(name, experiment.predictors[name])
    done = predict(task, predictor, name=name, execution=experiment.execution)
    tables: dict[str, pd.DataFrame] = {}
    if done.forecast is not None:
        try:
            tables = _tables(experiment, task, done.forecast)
        except Exception as error:  # noqa: BLE001 - a forecast that cannot be scored is its own
            done = replace(
                done, status="failed", forecast=None, message=said(error), trace=trace_of(error)
            )
    failed = done.status == "failed"
    return Results(
        tables=tables,
        facts=_facts(experiment, task, predictor, done),
        failures={name: _trace(done) or done.message} if failed else {},
    )


def _tables(experiment: Experiment, task: Task, forecast: Forecast) -> dict[str, pd.DataFrame]:
    outcome = task.outcome()
    ballots = {"full": task.ballot}
    if experiment.ranked_on:
        ballots["common"] = ranked_on_task(experiment, task)
    whole = completed(forecast)
    errors = score_forecast(
        whole,
        outcome.share,
        outcome.seats,
        ballots=ballots,
        area_votes=outcome.areas,
        elected=_elected(task),
    )
    tables = {"errors": errors, "forecasts": forecast_rows(whole, outcome.seats)}
    if experiment.save_draws and forecast.draws is not None:
        tables["draws"] = draw_rows(whole)
    return tables


def _elected(task: Task) -> str | None:
    """Who won the last round, where its outcome is known."""
    try:
        return str(replace(task, round=max(task.election.rounds)).outcome().share.idxmax())
    except DataError:
        return None


def _facts(
    experiment: Experiment, task: Task, predictor: Predictor, done: Prediction
) -> dict[str, Any]:
    read = (task.evidence(), done.tables_read, predictor)
    until, newest = done.data_used_until, newest_row_on(*read)
    forecast = done.forecast
    return {
        "family": str(getattr(predictor, "family", "other")),
        "level_of": predictor.level_of,
        "status": done.status,
        "named": 0 if forecast is None else int(forecast.share.notna().sum()),
        "n_candidates": len(task.ballot),
        "converted": "" if forecast is None else plain(str(forecast.converted)),
        "access": access(*read, experiment.owners_of),
        "data_used_until": None if until is None else until.isoformat(),
        "newest_row_on": None if newest is None else newest.isoformat(),
        "message": done.message,
        "trace": _trace(done),
        "wall_s": done.wall_s,
        "cpu_s": done.cpu_s,
    }


def _trace(done: Prediction) -> str:
    """The traceback of a failure, and what was printed before it."""
    if done.status != "failed" or not done.printed:
        return done.trace
    return f"{done.trace}\nprinted:\n{done.printed}"

"""The forecasts of a backtest: asked for, scored, and what the table of methods tells of them.

Cached forecasts depend on what this module imports: nothing of a report belongs here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from bench.core import DataError, Predictor
from bench.core.arrays import IntArray
from bench.core.registry import make_predictor
from bench.core.settings import Experiment
from bench.data.task import Task, ranked_on_task
from bench.metrics.by_person import joint_rows
from bench.metrics.events import qualifies
from bench.metrics.score_forecast import (
    CompletedForecast,
    Official,
    draw_columns,
    forecast_columns,
    on_official,
    score_columns,
)
from bench.runner.attempt import Prediction, error_text, trace_of
from bench.runner.prediction import access, newest_row_on, predict, predict_named, rows_read
from bench.runner.results import Results
from bench.runner.runner import Part, for_each_task, tasks_in

ON_BOTH = "both"  # the ballot of those who were on the supposed slate and stood
OUR_READING = "our reading of figures that their author called neither shares nor a winner"


def forecasts(experiment: Experiment, part: Part) -> Results:
    """What one predictor says about the tasks of a part, scored."""
    tasks, name = tasks_in(experiment, part), str(part["predictor"])
    predictor = make_predictor(name, experiment.predictors[name])
    done = [predict(t, predictor, name=name, execution=experiment.execution) for t in tasks]
    tables = _scored(experiment, tasks, done)
    rows = [
        {"task": number, **_method_row(experiment, task, predictor, one)}
        for number, (task, one) in enumerate(zip(tasks, done, strict=True))
    ]
    tables["methods"] = pd.DataFrame(rows)
    seconds = [(one.wall_s, one.cpu_s) for one in done]
    tables["timings"] = pd.DataFrame(seconds, columns=["wall_s", "cpu_s"])
    tables["timings"].insert(0, "task", range(len(tasks)))
    traces = [_trace(one) or one.message for one in done if one.status == "failed"]
    return Results(tables=tables, failures={name: "\n".join(traces)} if traces else {})


@for_each_task
def drawn_shares(experiment: Experiment, name: str, task: Task) -> Results:
    """Draws of one predictor about one task: table `joint`, without who is elected."""
    forecast = predict_named(experiment, name, task).forecast
    if forecast is None or forecast.draws is None:
        return Results()
    through = qualifies(np.nan_to_num(forecast.draws), task.vote.n_advance)
    return Results(tables={"joint": joint_rows(forecast.draws, task.ballot, through, {})})


def _scored(
    experiment: Experiment, tasks: Sequence[Task], done: list[Prediction]
) -> dict[str, pd.DataFrame]:
    """Tables of the forecasts, scored together; one that cannot be scored becomes a failure."""
    given = {
        number: CompletedForecast(one.forecast)
        for number, one in enumerate(done)
        if one.forecast is not None
    }
    try:
        return _tables(experiment, tasks, given)
    except Exception:  # noqa: BLE001 - a forecast that cannot be scored is its predictor's
        for number, forecast in list(given.items()):
            try:
                _tables(experiment, tasks, {number: forecast})
            except Exception as error:  # noqa: BLE001
                done[number] = replace(
                    done[number],
                    status="failed",
                    forecast=None,
                    message=error_text(error),
                    trace=trace_of(error),
                )
                del given[number]
        return _tables(experiment, tasks, given)


def _tables(
    experiment: Experiment, tasks: Sequence[Task], given: Mapping[int, CompletedForecast]
) -> dict[str, pd.DataFrame]:
    if not given:
        return {}
    officials = [_official(experiment, tasks[number]) for number in given]
    on_ballot = list(given.values())
    is_supposed = any(task.slate is not None for task in tasks)
    if is_supposed:
        on_ballot = [
            CompletedForecast(on_official(forecast.forecast, list(official.outcome.index)))
            for forecast, official in zip(given.values(), officials, strict=True)
        ]
    scored = score_columns(on_ballot, officials)
    numbers = np.array(list(given))
    tables = {
        "errors": pd.DataFrame({"task": numbers[scored.pop("forecast")], **scored}),
        "forecasts": _rows_of(numbers, on_ballot, officials),
    }
    if is_supposed:
        tables["slate_forecasts"] = _rows_of(numbers, list(given.values()), officials)
    drawn = [k for k, one in given.items() if one.forecast.draws is not None]
    if experiment.save_draws and drawn:
        tables["draws"] = _long(drawn, [draw_columns(given[k]) for k in drawn])
    return tables


def _rows_of(
    numbers: IntArray, forecasts: Sequence[CompletedForecast], officials: Sequence[Official]
) -> pd.DataFrame:
    """The rows of forecasts, task by task."""
    columns = [
        forecast_columns(forecast, official.n_advance)
        for forecast, official in zip(forecasts, officials, strict=True)
    ]
    return _long(numbers, columns)


def _long(
    numbers: Sequence[int] | IntArray, columns: Sequence[Mapping[str, np.ndarray[Any, Any]]]
) -> pd.DataFrame:
    """Columns of tasks under one another."""
    lengths = [len(one["candidate"]) for one in columns]
    whole = {name: np.concatenate([one[name] for one in columns]) for name in columns[0]}
    return pd.DataFrame({"task": np.repeat(numbers, lengths), **whole})


def _official(experiment: Experiment, task: Task) -> Official:
    outcome = task.outcome()
    ballots = {"all": task.ballot}
    if experiment.ranked_on:
        ballots["compared"] = ranked_on_task(experiment, task)
    if task.slate is not None:
        official = tuple(map(str, outcome.share.index))
        ballots = {
            ballot: tuple(name for name in names if name in official)
            for ballot, names in ballots.items()
        }
        ballots |= {"all": official, ON_BOTH: ballots["all"]}
    return Official(
        outcome=outcome.share,
        n_advance=outcome.n_advance,
        ballots=ballots,
        area_votes=outcome.areas,
        elected=_elected(task),
    )


def _elected(task: Task) -> str | None:
    """Who won the last round, where its outcome is known."""
    try:
        return str(
            replace(task, round=max(task.election.rounds), slate=None).outcome().share.idxmax()
        )
    except DataError:
        return None


def _method_row(
    experiment: Experiment, task: Task, predictor: Predictor, done: Prediction
) -> dict[str, Any]:
    evidence, forecast = task.evidence(), done.forecast
    read = rows_read(evidence, done.reads)
    until, newest = done.data_used_until, newest_row_on(evidence, done.reads)
    whose = access(read, task.as_of, task.include_embargoed)
    is_reading = forecast is not None and predictor.our_reading()
    known_until = predictor.knows_until()
    return {
        "family": str(getattr(predictor, "family", "other")),
        "level_of": predictor.level_of,
        "status": done.status,
        "named": 0 if forecast is None else int(forecast.share.notna().sum()),
        "n_candidates": len(task.ballot),
        "converted": "" if forecast is None else forecast.converted,
        "hindsight": known_until is not None and task.as_of < known_until,
        "order_only": forecast is not None and forecast.order_only,
        "access": whose,
        "data_used_until": None if until is None else until.isoformat(),
        "newest_row_on": None if newest is None else newest.isoformat(),
        "unranked": OUR_READING if is_reading else "",
        "our_reading": is_reading,
        "message": done.message,
    }


def _trace(done: Prediction) -> str:
    """The traceback of a failure, and what was printed before it."""
    if done.status != "failed" or not done.printed:
        return done.trace
    return f"{done.trace}\nprinted:\n{done.printed}"

"""The backtest: every predictor on every cell, scored against the official votes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from bench.core import DataError, Forecast, Predictor
from bench.core.registry import make_predictor
from bench.core.settings import Experiment
from bench.data.task import Task
from bench.metrics.forecast_rows import draw_rows, forecast_rows
from bench.metrics.score_forecast import score_forecast
from bench.runner import Part, Prediction, Results, run_predictors, stacked, task_of
from bench.runner.evidence_used import access, newest_row_on
from bench.runner.prediction import plain, predict, said, trace_of
from bench.runner.ranked_on import ranked_on_task


@dataclass(frozen=True, kw_only=True)
class LongTables:
    """The long tables of a run.

    Attributes
    ----------
    errors : pandas.DataFrame
        One row per score; summary scores carry an empty candidate.
    forecasts : pandas.DataFrame
        Shares, quantiles and chances per candidate and area.
    methods : pandas.DataFrame
        What became of every predictor in every cell.
    timings : pandas.DataFrame
        Seconds; kept apart because they differ between two runs of the same command.
    draws : pandas.DataFrame, optional
        National shares (fractions of the valid votes) by draw and candidate, where `save_draws`
        is set and a method draws.
    """

    errors: pd.DataFrame
    forecasts: pd.DataFrame
    methods: pd.DataFrame
    timings: pd.DataFrame
    draws: pd.DataFrame | None = None


def run(experiment: Experiment, tasks: Sequence[Task]) -> LongTables:
    """Ask every predictor about every task.

    Raises
    ------
    DataError
        If no predictor says anything; else as `bench.runner.run`.
    """
    results = run_predictors(experiment, one_forecast, tasks)
    labels = [{**task.key, "predictor": name} for task in tasks for name in experiment.predictors]
    return assembled(labels, results)


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
        failures={name: done.trace or done.message} if failed else {},
    )


def _tables(experiment: Experiment, task: Task, forecast: Forecast) -> dict[str, pd.DataFrame]:
    outcome = task.outcome()
    ballots = {"full": task.ballot}
    if experiment.ranked_on:
        ballots["common"] = ranked_on_task(experiment, task)
    errors = score_forecast(
        forecast,
        outcome.share,
        outcome.seats,
        ballots=ballots,
        area_votes=outcome.areas,
        elected=_elected(task),
    )
    tables = {"errors": errors, "forecasts": forecast_rows(forecast, outcome.seats)}
    if experiment.save_draws and forecast.draws is not None:
        tables["draws"] = draw_rows(forecast)
    return tables


def _elected(task: Task) -> str | None:
    """Who won the last round, where its outcome is known."""
    try:
        return str(replace(task, round=max(task.election.rounds)).outcome().votes.idxmax())
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
        "trace": done.trace,
        "printed": done.printed,
        "wall_s": done.wall_s,
        "cpu_s": done.cpu_s,
    }


def assembled(labels: Sequence[dict[str, Any]], results: Sequence[Results]) -> LongTables:
    """The long tables, whole, in the order of the labels.

    Raises
    ------
    DataError
        If there is not one forecast.
    """
    facts = pd.DataFrame([one.facts for one in results])
    if not any("forecasts" in one.tables for one in results):
        words = [
            f"{label['predictor']}: {message}"
            for label, message in zip(labels, facts["message"], strict=True)
        ]
        first = labels[0]
        raise DataError(
            f"no predictor said anything about round {first['round']} of {first['election']} as "
            f"of {first['as_of']}: {'; '.join(words[:20])}"
        )
    for moment in ("data_used_until", "newest_row_on"):
        facts[moment] = pd.to_datetime(facts[moment])
    printed = facts["printed"].where(facts["status"].eq("failed"), "")
    facts["trace"] += printed.map(lambda words: f"\nprinted:\n{words}" if words else "")
    head = pd.DataFrame(list(labels))
    draws = stacked(results, "draws", labels)
    return LongTables(
        errors=stacked(results, "errors", labels),
        forecasts=stacked(results, "forecasts", labels),
        methods=pd.concat([head, facts[METHODS]], axis=1),
        timings=pd.concat([head, facts[["wall_s", "cpu_s"]]], axis=1),
        draws=draws if len(draws) else None,
    )


METHODS = [
    "family",
    "level_of",
    "status",
    "named",
    "n_candidates",
    "converted",
    "access",
    "data_used_until",
    "newest_row_on",
    "message",
    "trace",
]

"""The backtest: every predictor on every task, scored against the official votes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from bench.core import DataError, Forecast, Predictor
from bench.core.registry import make_predictor
from bench.core.seeds import generator
from bench.core.settings import Experiment
from bench.data.task import Task
from bench.metrics.comparison.compare import compare
from bench.metrics.forecast_rows import draw_rows, forecast_rows
from bench.metrics.score_forecast import completed, score_forecast
from bench.report.context import context_of
from bench.runner import Part, Prediction, Results, run_predictors, stacked, task_of, tasks_of
from bench.runner.evidence_used import access, newest_row_on
from bench.runner.prediction import plain, predict, said, trace_of
from bench.runner.ranked_on import ranked_on_task
from bench.studies.backtest import findings

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


@dataclass(frozen=True)
class Settings:
    """What a backtest reads of `settings`.

    Attributes
    ----------
    areas : str
        ``"station"`` if earlier rounds are also given by polling station.
    """

    areas: str = ""


def analyse(experiment: Experiment) -> Results:
    """Ask every predictor about every task, score the answers, and compare the predictors.

    Returns
    -------
    Results
        Tables `errors` (one row per score; summary scores carry an empty candidate), `forecasts`
        (shares, quantiles and chances per candidate and area), `methods` (what became of every
        predictor on every task), `timings` (seconds), with `save_draws` also `draws` (national
        shares by draw and candidate), of many tasks `summary`, `by_round` and `by_vote`, with
        `audit` the verdicts. Facts: the `votes` that are shown, the `sentences` of the comparison
        and what the record says of `frozen` forecasts.

    Raises
    ------
    DataError
        If no predictor says anything, or a forecast is not the frozen one.
    """
    tasks = tasks_of(experiment)
    tables, failures = _scored(experiment, tasks)
    facts: dict[str, Any] = {}
    if experiment.frozen:
        from bench.audit.preregistration import check_scored

        facts["frozen"] = check_scored(Path(experiment.frozen), tasks, tables["forecasts"])
    shown = _shown(tasks, tables["errors"])
    audit: dict[str, dict[str, str]] = {}
    if experiment.audit:
        from bench.audit.look_ahead import in_short, verdict_table, verdicts_of

        verdicts = list(verdicts_of(experiment, shown))
        tables["audit"] = verdict_table(verdicts)
        audit = {
            task.label: in_short([one for one in verdicts if one.vote == task.label])
            for task in shown
        }
    contexts = [context_of(experiment, task, audit=audit.get(task.label)) for task in shown]
    facts["votes"] = [context.to_json() for context in contexts]
    if len(tasks) > 1:
        rng = generator(experiment.seed, "comparisons")
        found = compare(tables["errors"], experiment.baseline, rng)
        tables |= {
            "summary": found.summary,
            "by_round": found.by_round,
            "by_vote": found.by_vote,
        }
        facts["sentences"] = [
            *found.sentences,
            *findings.on_the_evidence(tables["methods"], contexts),
        ]
    return Results(tables=tables, facts=facts, failures=failures)


def _scored(
    experiment: Experiment, tasks: Sequence[Task]
) -> tuple[dict[str, pd.DataFrame], dict[str, str]]:
    """The long tables, in the order of the tasks, and the tracebacks by predictor."""
    pairs = [(task, name) for task in tasks for name in experiment.predictors]
    results = run_predictors(experiment, one_forecast, tasks)
    labels = [{**task.key, "predictor": name} for task, name in pairs]
    facts = pd.DataFrame([one.facts for one in results])
    if not any("forecasts" in one.tables for one in results):
        words = [
            f"{label['predictor']}: {fact['message']}"
            for label, fact in zip(labels, facts.to_dict("records"), strict=True)
        ]
        raise DataError(
            f"no predictor said anything about {tasks[0].label}: {'; '.join(words[:20])}"
        )
    for moment in ("data_used_until", "newest_row_on"):
        facts[moment] = pd.to_datetime(facts[moment])
    head = pd.DataFrame(labels)
    tables = {name: stacked(results, name, labels) for name in ("errors", "forecasts", "draws")}
    if tables["draws"].empty:
        del tables["draws"]
    tables["methods"] = pd.concat([head, facts[METHODS]], axis=1)
    tables["timings"] = pd.concat([head, facts[["wall_s", "cpu_s"]]], axis=1)
    failures: dict[str, str] = {}
    for one in results:
        for name, trace in one.failures.items():
            failures[name] = f"{failures[name]}\n{trace}" if name in failures else trace
    return tables, failures


def _shown(tasks: Sequence[Task], errors: pd.DataFrame) -> list[Task]:
    """The last task of every vote that was scored; of the others `methods` tells why not.

    Raises
    ------
    DataError
        If none was scored.
    """
    keys = ["election", "round", "as_of"]
    scored = set(errors[keys].drop_duplicates().itertuples(index=False, name=None))
    last = {
        (task.election.name, task.round): task
        for task in tasks
        if (task.election.name, task.round, task.as_of) in scored
    }
    if not last:
        raise DataError(
            "no forecast of this run gives shares of the vote that could be scored; add a "
            "predictor that does, such as uniform"
        )
    return list(last.values())


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
        "trace": _trace(done),
        "wall_s": done.wall_s,
        "cpu_s": done.cpu_s,
    }


def _trace(done: Prediction) -> str:
    """The traceback of a failure, and what was printed before it."""
    if done.status != "failed" or not done.printed:
        return done.trace
    return f"{done.trace}\nprinted:\n{done.printed}"

"""Freezing an experiment before the vote, checking a record, and scoring what was frozen."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd

from bench.audit.record import FORMAT, changes, evidence_sums, forecast_sum, read_record, sealed
from bench.audit.vote import ask
from bench.core import ConfigError, DataError, Evidence, Predictor
from bench.core.registry import make_predictor
from bench.core.settings import Experiment
from bench.data.task import Task
from bench.metrics.forecast_rows import forecast_rows
from bench.runner.runner import code_sums, tasks_of


def freeze(experiment: Experiment, *, now: datetime | None = None) -> dict[str, Any]:
    """The sealed record of every forecast of an experiment; no outcome is needed.

    Parameters
    ----------
    experiment : Experiment
        The settings.
    now : datetime, optional
        The present in the local time of the elections; the clock's if left out.

    Returns
    -------
    dict
        With ``frozen_at`` (UTC), ``outcome_known`` (then it is no pre-registration), ``code``,
        ``settings``, ``evidence`` and ``forecasts``, and the ``seal`` over all of them.

    Raises
    ------
    ConfigError
        If a moment of forecast has not come yet, or a predictor fails or reaches for what is not
        its evidence.
    """
    tasks = tasks_of(experiment)
    _refuse_the_future(tasks, now or datetime.now())
    return _record(experiment, tasks)


def _refuse_the_future(tasks: list[Task], now: datetime) -> None:
    """A forecast as of a coming day would rest on evidence that is not there yet."""
    for task in tasks:
        if task.as_of > now and not _is_known(task):
            raise ConfigError(
                f"as_of {task.as_of:%Y-%m-%d %H:%M} (round {task.round} of {task.election.name}) "
                f"has not come, it is {now:%Y-%m-%d %H:%M}: polls published until then would "
                "change the forecast, and the record could not be scored; accepted: a moment that "
                "has passed. Freeze again on that day, or freeze what is known now: "
                f"'as_of=[\"{now:%Y-%m-%dT%H:%M}\"]'"
            )


def _record(experiment: Experiment, tasks: list[Task]) -> dict[str, Any]:
    settings = asdict(experiment)
    predictors = {
        name: make_predictor(name, given) for name, given in experiment.predictors.items()
    }
    evidence: dict[str, dict[str, str]] = {}
    forecasts: dict[str, dict[str, Any]] = {}
    for task in tasks:
        tables = task.evidence()
        evidence[task.label] = evidence_sums(tables)
        forecasts[task.label] = {
            name: _said(name, predictor, task, tables) for name, predictor in predictors.items()
        }
    return sealed(
        {
            "format": FORMAT,
            "frozen_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "outcome_known": any(_is_known(task) for task in tasks),
            "code": code_sums(experiment.predictors),
            "settings": settings,
            "evidence": evidence,
            "forecasts": forecasts,
        }
    )


def _said(name: str, predictor: Predictor, task: Task, evidence: Evidence) -> dict[str, Any]:
    answer = ask(name, predictor, task, evidence)
    if answer.attempts or answer.status not in ("ok", "abstained"):
        raise ConfigError(
            f"{name} cannot be frozen for {task.label}: "
            f"{'; '.join(answer.attempts) or f'{answer.status}: {answer.message}'}; leave it out, "
            "or see python -m bench audit"
        )
    if answer.value is None:
        return {"status": "abstained", "message": answer.message}
    rows = forecast_rows(answer.value.forecast, task.election.round(task.round).seats)
    national = rows[rows["area"] == "national"].set_index("candidate")["share"].dropna()
    return {
        "status": "ok",
        "sum": forecast_sum(rows),
        "share": {str(who): round(float(share), 6) for who, share in national.items()},
    }


def _is_known(task: Task) -> bool:
    if datetime.now() >= task.election.round(task.round).known_at:
        return True
    try:
        return bool(task.outcome().votes.notna().any())
    except DataError:
        return False


def check_record(path: Path) -> list[str]:
    """What has changed since a record was frozen, by name; empty if it can be made again.

    Raises
    ------
    DataError
        If the file was changed after it was sealed.
    """
    from omegaconf import OmegaConf

    record = read_record(path)
    merged = OmegaConf.merge(OmegaConf.structured(Experiment), record["settings"])
    experiment = OmegaConf.to_object(merged)
    assert isinstance(experiment, Experiment)
    return changes(record, _record(experiment, tasks_of(experiment)))


def check_scored(path: Path, tasks: list[Task], forecasts: pd.DataFrame) -> dict[str, Any]:
    """Refuse to score anything but what was frozen; what the manifest says about the record.

    Parameters
    ----------
    path : Path
        The record.
    tasks : list of Task
        Of the run.
    forecasts : pandas.DataFrame
        Long table of the run.

    Raises
    ------
    DataError
        If the record was changed, or a forecast of the run is not the frozen one; with names.
    """
    record = read_record(path)
    for task in tasks:
        label = task.label
        frozen = record["forecasts"].get(label, {})
        here = forecasts["election"].eq(task.election.name) & forecasts["round"].eq(task.round)
        rows = forecasts[here & forecasts["as_of"].eq(task.as_of)]
        now = {str(name): forecast_sum(part) for name, part in rows.groupby("predictor")}
        then = {name: said["sum"] for name, said in frozen.items() if said["status"] == "ok"}
        wrong = sorted(name for name in now.keys() | then.keys() if now.get(name) != then.get(name))
        if wrong:
            raise DataError(
                f"{path}: {label}: not the frozen forecast: {', '.join(wrong)}; "
                f"python -m bench freeze --check {path} says what has changed since"
            )
    return {key: record[key] for key in ("seal", "frozen_at", "outcome_known")}

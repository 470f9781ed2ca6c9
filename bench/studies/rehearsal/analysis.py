"""A season replayed: at each moment the slate of that day, sealed; all scored on the night."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace

import pandas as pd

from bench.audit.look_ahead import demand_the_same_slates, excluded_by, verdict_table, verdicts_of
from bench.audit.preregistration import record_of
from bench.audit.sealed_scores import score_records
from bench.core import ConfigError, DataError
from bench.core.settings import Experiment
from bench.data.task import Task
from bench.runner.results import Results
from bench.runner.runner import SAID_BY_TASKS, Part, run, task_of, tasks_of
from bench.studies.base import settings_of


@dataclass(frozen=True)
class Settings:
    """What a rehearsal reads of `settings`.

    Attributes
    ----------
    slate : str
        The ballot that each seal supposes: ``polled``, the slate most tested by then. Empty for
        the official one, which nobody knew.
    """

    slate: str


def analyse(experiment: Experiment) -> Results:
    """Seal every moment from what was public then, and score the seals against the vote.

    Returns
    -------
    Results
        Tables `scores`, `forecasts` and `seals` as of `bench.audit.sealed_scores.SealedScores`,
        `records` (name and JSON, as `bench freeze` writes it), with `audit` the verdicts. Facts:
        `too_early`, moments without a poll; `excluded`, why methods are not scored, which count as
        failures.

    Raises
    ------
    ConfigError
        If no moment has a public poll.
    DataError
        If a vote has no outcome, the audit finds that a slate was chosen by what came later, or
        that every method leaks.
    """
    settings_of(Settings, experiment)
    tasks, too_early = _tasks(experiment)
    if not tasks:
        raise ConfigError(
            f"no moment of {', '.join(experiment.elections)} has a public poll whose slate could "
            "be supposed; give later ones (days_before=[…])"
        )
    sealed = run(
        experiment,
        seal,
        [task.part for task in tasks],
        lambda part: task_of(experiment, part).folders,
        label="seals",
        apart=(*SAID_BY_TASKS, "audit"),
    )
    records = {
        f"{task.election.name}_r{task.round}_{task.as_of:%Y-%m-%d}": one.facts["record"]
        for task, one in zip(tasks, sealed, strict=True)
    }
    found = score_records(records)
    tables = {
        "scores": found.scores,
        "forecasts": found.forecasts,
        "seals": found.seals,
        "records": pd.DataFrame(
            {"name": list(records), "json": [json.dumps(one) for one in records.values()]}
        ),
    }
    excluded: dict[str, str] = {}
    if experiment.audit:
        for task in tasks:
            demand_the_same_slates(task)
        verdicts = list(verdicts_of(experiment, tasks))
        tables["audit"] = verdict_table(verdicts)
        excluded = excluded_by(verdicts, experiment.audit)
        if excluded.keys() >= set(experiment.predictors):
            raise DataError(f"no method may be ranked: {'; '.join(excluded.values())}")
        for name in ("scores", "forecasts"):
            tables[name] = tables[name][~tables[name]["predictor"].isin(list(excluded))]
    facts = {"too_early": too_early, "excluded": excluded}
    return Results(tables=tables, facts=facts, failures=excluded)


def seal(experiment: Experiment, part: Part) -> Results:
    """The record of one moment, as it would have been sealed then."""
    task = task_of(experiment, part)
    whole = replace(  # with the settings that the part says, so that the record can be checked
        experiment,
        elections=[str(part["election"])],
        rounds=[task.round],
        as_of=[task.as_of.isoformat()],
    )
    record = record_of(whole, [task], frozen_at=f"{task.as_of.isoformat()}+00:00")
    return Results(facts={"record": record})


def _tasks(experiment: Experiment) -> tuple[list[Task], list[str]]:
    """A task per moment on the slate of its day, and the moments at which there was none."""
    tasks, too_early = [], []
    for task in tasks_of(replace(experiment, settings={"slate": ""})):
        try:
            tasks.append(replace(task, slate=experiment.settings["slate"] or None))
        except ConfigError:
            too_early.append(task.label)
    return tasks, too_early

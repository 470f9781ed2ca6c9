"""The backtest: every predictor on every task, scored against the official votes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from bench.core import ConfigError, DataError
from bench.core.errors import did_you_mean
from bench.core.options import options
from bench.core.predictor import generator
from bench.core.registry import PREDICTORS, third_party
from bench.core.settings import Experiment
from bench.data.election import series_of
from bench.data.task import Task
from bench.models.polls.poll_table import poll_table
from bench.report.context import context_of
from bench.runner.results import Results
from bench.runner.runner import run_predictors, tasks_of
from bench.studies.backtest.forecasts import forecasts
from bench.studies.backtest.headline import rankable, with_reasons
from bench.studies.backtest.slates import people_scored
from bench.studies.base import settings_of

if TYPE_CHECKING:
    from bench.audit.look_ahead import Verdict


@dataclass(frozen=True)
class Settings:
    """What a backtest reads of `settings`.

    Attributes
    ----------
    areas : str
        ``"station"`` if earlier rounds are also given by polling station.
    beside : dict of str to str
        Methods that add something to another, each with the one that does without: the findings
        set their errors side by side. A pair of which one is not asked is left out.
    slate : str
        The ballot that each moment supposes: ``polled``, the slate most tested by then, or the name
        of one. Empty for the official ballot, which was not known months before.
    by_person : str
        A predictor that is scored by person, over all slates that samples were asked about.
    person_days : list of int
        Before the vote, when it is.
    """

    areas: str = ""
    beside: dict[str, str] = field(default_factory=dict)
    slate: str = ""
    by_person: str = ""
    person_days: list[int] = field(default_factory=list)


def analyse(experiment: Experiment) -> Results:
    """Ask every predictor about every task, score the answers, and compare the predictors.

    Returns
    -------
    Results
        Tables `errors` (one row per score; summary scores carry an empty candidate), `forecasts`
        (shares, quantiles and chances per candidate and area), `polls` (those public at the moment
        that is shown), `methods` (what became of every
        predictor on every task), `timings` (seconds), where a slate is supposed `slate_forecasts`
        (forecasts of the slate; `forecasts` and `errors` leave out who did not stand, and the
        ballot ``both`` of `errors` holds those on the slate who stood), with `by_person` also
        `people` (`bench.studies.backtest.slates.people_scored`), with `save_draws` also
        `draws` (national shares by draw and candidate), of many tasks `summary`, `by_round` and
        `by_vote`, with `audit` the verdicts. Facts: the `votes` that are shown, those of the
        `comparison` and what the record says of `frozen` forecasts; where a slate is supposed
        `too_early`, the moments at which no poll was public.

    Raises
    ------
    ConfigError
        If no moment has a slate that could be supposed.
    DataError
        If there is no outcome, no predictor says anything, a forecast is not the frozen one, or the
        audit finds that a slate was chosen by what came later.
    """
    _refuse_strangers(settings_of(Settings, experiment))
    tasks, too_early = _tasks(experiment)
    for task in tasks:
        _refuse_without_outcome(task)
    tables, tracebacks = _scored(experiment, tasks)
    failures = dict(tracebacks)
    facts: dict[str, Any] = {}
    has_slate = bool(experiment.settings.get("slate"))
    if has_slate:
        facts["too_early"] = too_early
    tables |= _people(experiment)
    answers = tables["slate_forecasts"] if has_slate else tables["forecasts"]
    if experiment.frozen:
        from bench.audit.preregistration import check_scored

        facts["frozen"] = check_scored(Path(experiment.frozen), tasks, answers)
    shown = _shown(tasks, tables["errors"])
    audit: dict[str, dict[str, str]] = {}
    if experiment.audit:
        from bench.audit.look_ahead import excluded_by, in_short, verdict_table

        is_about_all = has_slate or experiment.audit == "required"
        verdicts = _verdicts(experiment, tasks if is_about_all else shown, answers)
        tables["audit"] = verdict_table(verdicts)
        excluded = excluded_by(verdicts, experiment.audit)
        tables["methods"] = with_reasons(tables["methods"], excluded)
        failures |= {name: failures.get(name, why) for name, why in excluded.items()}
        guests = third_party(experiment.predictors)
        audit = {
            task.label: in_short([v for v in verdicts if v.vote == task.label], guests)
            for task in shown
        }
    tables["polls"] = pd.concat([polls_shown(task) for task in shown], ignore_index=True)
    contexts = [context_of(experiment, task, audit=audit.get(task.label)) for task in shown]
    facts["votes"] = [context.to_json() for context in contexts]
    if len(tasks) > 1:
        from bench.metrics.comparison.compare import compare

        rng = generator(experiment.seed, "comparisons")
        errors = rankable(tables["errors"], tables["methods"])
        series = series_of(task.election for task in tasks)
        compared = compare(errors, experiment.baseline, rng, series)
        tables |= {
            "summary": compared.summary,
            "by_round": compared.by_round,
            "by_vote": compared.by_vote,
        }
        facts["comparison"] = compared.facts
    return Results(tables=tables, facts=facts, failures=failures)


def _refuse_strangers(settings: Settings) -> None:
    known = [*options("predictor"), *PREDICTORS.names()]
    if settings.by_person and settings.by_person not in known:
        raise ConfigError(
            f"settings.by_person names '{settings.by_person}', which is no predictor "
            f"({did_you_mean(settings.by_person, known)})"
        )
    for days in settings.person_days:
        if days < 1:
            raise ConfigError(
                f"settings.person_days holds {days}; accepted: days before the vote, 1 or more"
            )


def _people(experiment: Experiment) -> dict[str, pd.DataFrame]:
    """Table `people`, where a method is scored by person."""
    settings = settings_of(Settings, experiment)
    if not settings.person_days or settings.by_person not in experiment.predictors:
        return {}
    dates = replace(experiment, days_before=settings.person_days, as_of=[])
    official = replace(dates, settings={**experiment.settings, "slate": ""})
    people = people_scored(official, tasks_of(official), settings.by_person)
    return {"people": people} if len(people) else {}


def _verdicts(
    experiment: Experiment, tasks: Sequence[Task], answers: pd.DataFrame
) -> list[Verdict]:
    """What the audit finds of every predictor, once the slates are the same without the future."""
    from bench.audit.look_ahead import demand_the_same_slates, verdicts_of

    for task in tasks:
        if task.slate is not None:
            demand_the_same_slates(task)
    return list(verdicts_of(experiment, tasks, answers))


def _tasks(experiment: Experiment) -> tuple[list[Task], list[str]]:
    """The tasks, each on the slate of its day where one is asked for; moments without a slate."""
    slate = experiment.settings.get("slate", "")
    if not slate:
        return tasks_of(experiment), []
    on_slates: list[Task] = []
    too_early: list[str] = []
    for task in tasks_of(replace(experiment, settings={**experiment.settings, "slate": ""})):
        try:
            on_slates.append(replace(task, slate=slate))
        except ConfigError:
            too_early.append(task.label)
    if not on_slates:
        raise ConfigError(
            f"no moment of {', '.join(experiment.elections)} has a public poll whose slate could "
            "be supposed; give later ones (days_before=[…])"
        )
    return on_slates, too_early


def _refuse_without_outcome(task: Task) -> None:
    """Refuse what cannot be scored before anybody is asked."""
    stood = set(task.outcome().share.index)
    if len(stood.intersection(task.ballot)) < 2:
        raise DataError(
            f"fewer than two of the candidates supposed for {task.label} stood in the end "
            f"({', '.join(task.ballot)}), so no forecast of them can be scored"
        )


def _scored(
    experiment: Experiment, tasks: Sequence[Task]
) -> tuple[dict[str, pd.DataFrame], Mapping[str, str]]:
    """The long tables, in the order of the tasks, and the tracebacks by predictor."""
    answers = run_predictors(experiment, forecasts, tasks)
    methods = answers.tables["methods"]
    if "forecasts" not in answers.tables:
        words = methods["predictor"] + ": " + methods["message"]
        raise DataError(
            f"no predictor said anything about {tasks[0].label}: {'; '.join(words[:20])}"
        )
    for moment in ("data_used_until", "newest_row_on"):
        methods[moment] = pd.to_datetime(methods[moment])
    names = ("errors", "forecasts", "slate_forecasts", "draws", "methods", "timings")
    tables = {name: answers.tables[name] for name in names if name in answers.tables}
    return tables, answers.failures


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


def polls_shown(task: Task) -> pd.DataFrame:
    """The polls of a task, arranged on its ballot as `bench.models.polls.poll_table` does.

    Returns
    -------
    DataFrame
        election, round, poll_id, institute, days (from the last interview to the vote), candidate,
        share (fraction of those who chose among the ballot); of a slate, those who stood.
    """
    known = task.evidence()["polls"]
    columns = ["election", "round", "poll_id", "institute", "days", "candidate", "share"]
    if known.empty:
        return pd.DataFrame(columns=columns)
    table = poll_table(known, task.ballot, task.vote_on)
    n, c = table.share.shape
    rows = pd.DataFrame(
        {
            "election": task.election.name,
            "round": task.round,
            "poll_id": np.repeat(np.array(table.poll_id, dtype=object), c),
            "institute": np.repeat(np.array(table.institutes, dtype=object)[table.institute], c),
            "days": np.repeat(table.days.astype(float), c),
            "candidate": np.tile(np.array(table.candidates, dtype=object), n),
            "share": table.share.ravel(),
        }
    )
    stood = rows["candidate"].isin(task.outcome().share.index)
    return rows[stood].dropna(subset="share")[columns].reset_index(drop=True)

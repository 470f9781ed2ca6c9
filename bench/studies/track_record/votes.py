"""Which votes the record holds, and the parts into which the work on them is cut."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from bench.core.errors import ConfigError
from bench.core.registry import make_predictor
from bench.core.settings import Experiment
from bench.data.collection import collections, load_collection
from bench.data.election import load_election, series_of
from bench.data.task import Task
from bench.runner.runner import Part, task_of
from bench.studies.base import folders_of
from bench.studies.track_record.settings import Family, Settings

TASKS_IN_A_PART = 100


@dataclass(frozen=True, kw_only=True)
class Questions:
    """Tasks that the record is made of.

    Attributes
    ----------
    tasks : tuple of Task
        In order of country, vote and moment.
    facts : pandas.DataFrame
        One row per task: election, round, country, kind, series (of elections that follow each
        other, of `bench.data.election.series_of`), vote_on, days_before, cluster (votes of one
        country and day share their errors; the rounds of one election count as its first),
        once (asked about at one moment, as of `Settings.one_moment`).
    left_out : pandas.DataFrame
        Votes that are in no ranking whatever anybody says of them: election, round, why.
    """

    tasks: tuple[Task, ...]
    facts: pd.DataFrame
    left_out: pd.DataFrame

    @cached_property
    def folders(self) -> dict[str, list[Path]]:
        """The folders of data that work on an election reads, by its name in a part."""
        tasks = {task.election.folder: task for task in self.tasks}
        folders = {folder: task.folders for folder, task in tasks.items()}
        return {task.part["election"]: folders[task.election.folder] for task in self.tasks}

    def folders_of(self, part: Part) -> list[Path]:
        """The folders of data that the work on a part reads."""
        folders = (folder for task in part["tasks"] for folder in self.folders[task["election"]])
        return list(dict.fromkeys(folders))


def questions_of(experiment: Experiment, settings: Settings) -> Questions:
    """The tasks of every ranked vote of the elections of an experiment.

    Nothing here knows an outcome: which votes are ranked is a property of the collection, and
    moments are days before the vote.

    Raises
    ------
    ConfigError
        If no vote is left.
    """
    tasks: list[Task] = []
    rows: list[dict[str, Any]] = []
    left_out: list[dict[str, Any]] = []
    for name in dict.fromkeys(names_of(experiment.elections)):
        election = load_election(name)
        first_on = min(vote.vote_on for vote in election.rounds.values())
        for number in dict.fromkeys(experiment.rounds):
            if number not in election.rounds:
                continue
            vote = election.rounds[number]
            if not election.ranked:
                reason = election.unranked_because
                left_out.append({"election": election.name, "round": number, "why": reason})
                continue
            once = any(fnmatchcase(election.name, pattern) for pattern in settings.one_moment)
            days = [settings.main_day] if once else experiment.days_before
            for moment in replace(experiment, days_before=list(days)).moments(vote.vote_on):
                if moment >= vote.known_at:
                    continue
                part = {"election": election, "round": number, "as_of": moment}
                tasks.append(task_of(experiment, part))
                rows.append(
                    {
                        "election": election.name,
                        "round": number,
                        "country": election.country,
                        "kind": election.kind,
                        "series": series_of([election])[election.name],
                        "vote_on": vote.vote_on,
                        "days_before": (vote.vote_on - moment.normalize()).days,
                        "cluster": f"{election.country} {first_on:%Y-%m-%d}",
                        "once": once,
                    }
                )
    if not tasks:
        raise ConfigError(
            "none of these elections has a ranked vote in the rounds asked for; give others "
            "(bench list elections)"
        )
    return Questions(
        tasks=tuple(tasks),
        facts=pd.DataFrame(rows),
        left_out=pd.DataFrame(left_out, columns=["election", "round", "why"]),
    )


def folders_of_record(experiment: Experiment) -> dict[str, Path]:
    """Every folder of data that the elections of a record may read, by name."""
    shipped = set(collections())
    whole = {name: load_collection(name).folder for name in experiment.elections if name in shipped}
    single = [name for name in experiment.elections if name not in shipped]
    return whole | folders_of(replace(experiment, elections=single))


def names_of(elections: Sequence[str]) -> list[str]:
    """The elections of an experiment, collections taken apart into theirs.

    Examples
    --------
    >>> len(names_of(["fr2017", "germany"])) > 70
    True
    """
    shipped = set(collections())
    return [
        name
        for entry in elections
        for name in (load_collection(entry).names if entry in shipped else [entry])
    ]


@dataclass(frozen=True, kw_only=True)
class Batch:
    """Predictors that are asked about the same tasks under the same rules.

    Attributes
    ----------
    experiment : Experiment
        With these predictors alone, so that the cache of others does not depend on them.
    parts : list
        For `bench.studies.track_record.forecasts.chunk`.
    tasks : list of tuple of int
        By part, the places of its tasks among those asked.
    """

    experiment: Experiment
    parts: list[Part]
    tasks: list[tuple[int, ...]]


class Work(NamedTuple):
    """Predictors, and the places of the tasks that they are asked about under one lag."""

    predictors: Sequence[str]
    places: Sequence[int]
    lag_days: int
    hindsight_of: Sequence[str] = ()


def batches(
    experiment: Experiment,
    settings: Settings,
    families: Mapping[str, Family],
    questions: Questions,
) -> Iterator[Batch]:
    """The work: methods that read polls under every lag, others once, hindsight by itself.

    The first batch tells the facts of the votes too. Under the other lags only the moment of the
    main tables is asked about, and only votes whose polls have days that a lag could move.
    """
    family_of = {name: family for family in families.values() for name in family.predictors}
    work = [job for job in _work(experiment, settings, families, questions) if job.predictors]
    for number, job in enumerate(work):
        facts = number == 0
        groups: dict[tuple[str, int, tuple[str, ...]], list[int]] = {}
        for place in job.places:
            election = questions.tasks[place].election
            predictors = tuple(
                name for name in job.predictors if family_of[name].asked_about(election.name, name)
            )
            if predictors or facts:
                days = int(questions.facts["days_before"].iloc[place])
                groups.setdefault((election.country, days, predictors), []).append(place)
        parts: list[Part] = []
        tasks: list[tuple[int, ...]] = []
        for (_country, _days, predictors), places in groups.items():
            for start in range(0, len(places), TASKS_IN_A_PART):
                in_part = tuple(places[start : start + TASKS_IN_A_PART])
                parts.append(
                    {
                        "predictors": list(predictors),
                        "lag_days": job.lag_days,
                        "hindsight_of": list(job.hindsight_of),
                        "facts": facts,
                        "window_days": settings.window_days,
                        "tasks": [questions.tasks[place].part for place in in_part],
                    }
                )
                tasks.append(in_part)
        only = {name: experiment.predictors[name] for name in job.predictors}
        yield Batch(experiment=replace(experiment, predictors=only), parts=parts, tasks=tasks)


def _work(
    experiment: Experiment,
    settings: Settings,
    families: Mapping[str, Family],
    questions: Questions,
) -> list[Work]:
    """What is asked of whom, in the order of the batches."""
    reads_polls = {
        name: "polls" in make_predictor(name, values).needs
        for name, values in experiment.predictors.items()
    }
    hindsight = [family for family in families.values() if family.hindsight]
    public = [
        name for family in families.values() if not family.hindsight for name in family.predictors
    ]
    with_polls = [name for name in public if reads_polls[name]]
    without_polls = [name for name in public if not reads_polls[name]]
    places = range(len(questions.tasks))
    facts = questions.facts
    main = [place for place in places if facts["days_before"][place] == settings.main_day]
    dated = [place for place in main if not facts["once"][place]]
    first, *later = settings.lags_days
    return [
        Work(with_polls, places, first),
        Work(without_polls, places, first),
        *(Work(with_polls, dated, lag) for lag in later),
        *(Work(family.predictors, main, first, family.hindsight) for family in hindsight),
    ]

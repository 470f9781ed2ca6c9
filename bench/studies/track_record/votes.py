"""Which votes the record holds, and the parts into which the work on them is cut."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from functools import cached_property
from pathlib import Path
from typing import Any

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
class Asked:
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
        one_of = {task.election.folder: task for task in self.tasks}
        read = {folder: task.folders for folder, task in one_of.items()}
        return {task.part["election"]: read[task.election.folder] for task in self.tasks}

    def folders_of(self, part: Part) -> list[Path]:
        """The folders of data that the work on a part reads."""
        every = (folder for task in part["tasks"] for folder in self.folders[task["election"]])
        return list(dict.fromkeys(every))


def asked(experiment: Experiment, settings: Settings) -> Asked:
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
    out: list[dict[str, Any]] = []
    for name in dict.fromkeys(names_of(experiment.elections)):
        election = load_election(name)
        first = min(one.vote_on for one in election.rounds.values())
        for number in dict.fromkeys(experiment.rounds):
            if number not in election.rounds:
                continue
            this = election.rounds[number]
            if not election.ranked:
                why = election.unranked_because
                out.append({"election": election.name, "round": number, "why": why})
                continue
            once = any(fnmatchcase(election.name, pattern) for pattern in settings.one_moment)
            days = [settings.main_day] if once else experiment.days_before
            for moment in replace(experiment, days_before=list(days)).moments(this.vote_on):
                if moment >= this.known_at:
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
                        "vote_on": this.vote_on,
                        "days_before": (this.vote_on - moment.normalize()).days,
                        "cluster": f"{election.country} {first:%Y-%m-%d}",
                        "once": once,
                    }
                )
    if not tasks:
        raise ConfigError(
            "none of these elections has a ranked vote in the rounds asked for; give others "
            "(bench list elections)"
        )
    return Asked(
        tasks=tuple(tasks),
        facts=pd.DataFrame(rows),
        left_out=pd.DataFrame(out, columns=["election", "round", "why"]),
    )


def folders_of_record(experiment: Experiment) -> dict[str, Path]:
    """Every folder of data that the elections of a record may read, by name."""
    shipped = set(collections())
    whole = {name: load_collection(name).folder for name in experiment.elections if name in shipped}
    alone = [name for name in experiment.elections if name not in shipped]
    return whole | folders_of(replace(experiment, elections=alone))


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
        for given in elections
        for name in (load_collection(given).names if given in shipped else [given])
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


def batches(
    experiment: Experiment,
    settings: Settings,
    families: Mapping[str, Family],
    asked: Asked,
) -> Iterator[Batch]:
    """The work: methods that read polls under every lag, others once, hindsight by itself.

    The first batch tells the facts of the votes too. Under the other lags only the moment of the
    main tables is asked about, and only votes whose polls have days that a lag could move.
    """
    reads_polls = {
        name: "polls" in make_predictor(name, given).needs
        for name, given in experiment.predictors.items()
    }
    public = [name for one in families.values() if not one.hindsight for name in one.predictors]
    with_polls = [name for name in public if reads_polls[name]]
    others = [name for name in public if not reads_polls[name]]
    every = list(range(len(asked.tasks)))
    main = [place for place in every if asked.facts["days_before"][place] == settings.main_day]
    dated = [place for place in main if not asked.facts["once"][place]]
    first, *later = settings.lags_days
    work: list[tuple[Sequence[str], Sequence[int], int, Sequence[str]]] = [
        (with_polls, every, first, ()),
        (others, every, first, ()),
        *((with_polls, dated, lag, ()) for lag in later),
        *(
            (one.predictors, main, first, one.hindsight)
            for one in families.values()
            if one.hindsight
        ),
    ]
    home = {name: one for one in families.values() for name in one.predictors}
    some = [one for one in work if one[0]]
    for number, (named, chosen, lag, hindsight) in enumerate(some):
        facts = number == 0
        groups: dict[tuple[str, int, tuple[str, ...]], list[int]] = {}
        for place in chosen:
            task = asked.tasks[place]
            name = task.election.name
            who = tuple(one for one in named if home[one].asked_about(name, one))
            if who or facts:
                days = int(asked.facts["days_before"].iloc[place])
                groups.setdefault((task.election.country, days, who), []).append(place)
        parts: list[Part] = []
        tasks: list[tuple[int, ...]] = []
        for (_, _, who), places in groups.items():
            for start in range(0, len(places), TASKS_IN_A_PART):
                mine = tuple(places[start : start + TASKS_IN_A_PART])
                parts.append(
                    {
                        "predictors": list(who),
                        "lag_days": lag,
                        "hindsight_of": list(hindsight),
                        "facts": facts,
                        "window_days": settings.window_days,
                        "tasks": [asked.tasks[place].part for place in mine],
                    }
                )
                tasks.append(mine)
        only = {name: experiment.predictors[name] for name in named}
        yield Batch(experiment=replace(experiment, predictors=only), parts=parts, tasks=tasks)

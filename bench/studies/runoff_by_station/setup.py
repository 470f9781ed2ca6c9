"""What every method is asked with and scored on in a runoff by polling station."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from bench.core import ConfigError, Evidence
from bench.core.errors import did_you_mean
from bench.core.settings import Experiment
from bench.data.runoff_stations import RunoffStations, runoff_stations
from bench.data.stations import KNOWN_AFTER
from bench.data.task import Task
from bench.runner import memoised, tasks_of

HINDSIGHT = {"everywhere": "one table for all stations", "by_departement": "one per département"}
SETTINGS = ("areas", "hindsight", "places", "commune_size_from", "first_round_from",
            "n_resamples", "level")  # fmt: skip
ELSEWHERE = "elsewhere"
PARTITIONS = {"place": "place", "size": "size of the commune", "before": "first round"}


@dataclass(frozen=True, kw_only=True)
class Ground:
    """What every method is asked with and scored on.

    Attributes
    ----------
    task : the vote and the moment.
    candidate : the winner, whose shares are scored; the other finalist errs by as much.
    stations : those that can be scored.
    """

    task: Task
    candidate: str
    stations: RunoffStations

    @property
    def evidence(self) -> Evidence:
        """Cut at the moment, first round by station."""
        return self.task.evidence()


def check(experiment: Experiment) -> Task:
    """The one vote and moment of the study.

    Raises
    ------
    ConfigError
        If a setting cannot be used, or stations of the first round were not public yet.
    """
    cells = tasks_of(experiment)
    if len(cells) != 1 or cells[0].round != 2:
        raise ConfigError(
            f"rounds is {experiment.rounds} with {len(cells)} votes and moments; accepted: the "
            "runoff (rounds=[2]) of one election at one moment"
        )
    settings, (cell,) = experiment.settings, cells
    for name in {*settings, *SETTINGS}:
        if name not in settings or name not in SETTINGS:
            raise ConfigError(
                f"settings.{name} is missing or unknown ({did_you_mean(name, SETTINGS)})"
            )
    if settings["areas"] != "station":
        raise ConfigError(f"settings.areas is '{settings['areas']}'; accepted: station")
    for name in settings["hindsight"]:
        if name not in HINDSIGHT:
            raise ConfigError(f"settings.hindsight: '{name}' ({did_you_mean(name, HINDSIGHT)})")
    for name in ("commune_size_from", "first_round_from"):
        given = list(settings[name])
        if not given or given[0] != 0 or any(b <= a for a, b in itertools.pairwise(given)):
            raise ConfigError(f"settings.{name} is {given}; accepted: a rising list from 0")
    named = [str(code) for codes in settings["places"].values() for code in codes]
    if twice := sorted({code for code in named if named.count(code) > 1}):
        raise ConfigError(f"settings.places names '{twice[0]}' twice; accepted: each area once")
    if not 0 < settings["level"] < 1:
        raise ConfigError(f"settings.level is {settings['level']}; accepted: between 0 and 1")
    if settings["n_resamples"] < 1:
        raise ConfigError(f"settings.n_resamples is {settings['n_resamples']}; accepted: above 0")
    if experiment.baseline not in experiment.predictors:
        raise ConfigError(
            f"baseline '{experiment.baseline}' is not asked "
            f"({did_you_mean(experiment.baseline, experiment.predictors)})"
        )
    public = cell.election.round(1).vote_on + KNOWN_AFTER
    if cell.as_of < public:
        raise ConfigError(
            f"as_of {cell.as_of} is before the stations of the first round were public ({public}); "
            "give a later moment"
        )
    return cell


def ground_of(experiment: Experiment) -> Ground:
    """Stations and evidence, assembled once per process."""
    task = check(experiment)

    def make() -> Ground:
        candidate = str(task.outcome().share.idxmax())
        stations = runoff_stations(task.election, candidate)
        return Ground(task=task, candidate=candidate, stations=stations)

    return memoised("stations of a runoff", experiment, task.folders, make)


def pure_code(candidate: str) -> str:
    """Code of the made-up station where everybody chose this candidate."""
    return f"all {candidate}"


def of_one_mind(ground: Ground) -> Evidence:
    """The evidence with a made-up station per candidate, where nobody chose anybody else.

    What a method says of it is its rate of transfer. The stations weigh a millionth of a vote,
    so that totals stay; no score is made of this evidence.
    """
    names = list(ground.task.election.round(1).candidates)
    outcomes = ground.evidence["outcomes"]
    model = outcomes[outcomes["level"].eq("station")].iloc[: len(names) ** 2].copy()
    own = np.eye(len(names)).ravel()
    model["area"] = np.repeat([pure_code(name) for name in names], len(names))
    model["candidate"] = np.tile(names, len(names))
    model["share"], model["votes"] = own, 1e-6 * own
    tables = {**ground.evidence.tables, "outcomes": pd.concat([outcomes, model], ignore_index=True)}
    return replace(ground.evidence, tables=tables)


def labels_of(experiment: Experiment, stations: pd.DataFrame) -> dict[str, Any]:
    """Département, kind of place, and bands of size and first round, by station."""
    settings = experiment.settings
    kind = {str(code): place for place, codes in settings["places"].items() for code in codes}
    bands = {
        name: np.searchsorted(settings[key], stations[name], side="right") - 1
        for name, key in (("size", "commune_size_from"), ("before", "first_round_from"))
    }
    departement = stations["departement"].astype(str)
    return {
        "departement": departement.to_numpy(),
        "place": departement.map(lambda code: kind.get(code, ELSEWHERE)).to_numpy(),
        **bands,
    }


def group_name(experiment: Experiment, partition: str, group: Any) -> str:
    """Name of one group."""
    if partition == "place":
        return str(group)
    name = "commune_size_from" if partition == "size" else "first_round_from"
    edges = experiment.settings[name]
    low = edges[int(group)]
    high = edges[int(group) + 1] if int(group) + 1 < len(edges) else None
    if partition == "before":
        return f"{100 * low:.0f} to {100 * (1.0 if high is None else high):.0f}%"
    return f"{low:,} and more" if high is None else f"{low:,} to {high - 1:,}"

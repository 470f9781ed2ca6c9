"""Many electorates around several elections: errors by election, and which conclusions hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

import numpy as np
import pandas as pd

from bench.core.arrays import FloatArray
from bench.core.predictor import generator
from bench.core.settings import Experiment
from bench.data.task import Task
from bench.models.polls.shared_error import shared_error
from bench.runner.cache import memoised
from bench.runner.results import Results
from bench.runner.runner import Part, refuse_several, run, tasks_of
from bench.simulation.borrowing import calibration_of, folders_of
from bench.simulation.calibration import Calibration
from bench.simulation.instruments import Instrument
from bench.simulation.settings import SimulationSettings, electorate_settings, section
from bench.simulation.simulate import (
    Simulation,
    failures_of,
    in_order,
    make_simulation,
    simulate_block,
)
from bench.simulation.summaries import ScoredDose, decomposition, error_table, scored
from bench.studies.electorates.metrics import compared, squared_by_group

SELF_SELECTED, AT_RANDOM = "self-selected", "by lot"
MORE_ERROR = "{worse} errs more than {better}"
WORSE = "self-selection makes {method} worse"
Squared = dict[tuple[str, str], FloatArray]


@dataclass(frozen=True, kw_only=True)
class ElectoratesSettings(SimulationSettings):
    """The section `simulation` of the study.

    Attributes
    ----------
    per_electorate : int
        Replicates of each electorate.
    swing_days : float
        As far from each outcome as outcomes are from the polls of so many days before.
    claims : tuple of [better, worse]
        Predictors.
    cost_of_self_selection : tuple of str
        Predictors that are also asked about a random sample.
    """

    per_electorate: int
    swing_days: float
    claims: tuple[list[str], ...]
    cost_of_self_selection: tuple[str, ...] = field(default=())


def settings_of(experiment: Experiment) -> ElectoratesSettings:
    """The section `simulation`.

    Raises
    ------
    ConfigError
        If a setting is unknown, missing or of a wrong type.
    """
    return section(ElectoratesSettings, experiment.simulation)


def simulation_of(experiment: Experiment, name: str, volunteers: str) -> Simulation:
    """The simulation of one election with one kind of volunteers; set up once per process."""

    def make() -> Simulation:
        settings = settings_of(experiment)
        calibration = calibration_of(experiment, _tasks(experiment)[name])
        usual = make_simulation(experiment, calibration, settings)
        simulation = replace(usual, votes=_other_votes(experiment, calibration, settings))
        if volunteers == SELF_SELECTED:
            return simulation
        instruments = {title: random_sample(one) for title, one in usual.instruments.items()}
        frames = {
            title: one.frame(usual.electorate, usual.facts) for title, one in instruments.items()
        }
        return replace(simulation, instruments=instruments, frames=frames)

    return memoised(f"{name} {volunteers}", experiment, folders_of(experiment), make)


def _tasks(experiment: Experiment) -> dict[str, Task]:
    tasks: dict[str, list[Task]] = {}
    for task in tasks_of(experiment):
        tasks.setdefault(task.election.name, []).append(task)
    for each in tasks.values():
        given = [task.label for task in each]
        refuse_several(experiment, given, "one vote at one moment of every election")
    return {name: task for name, (task,) in tasks.items()}


def _other_votes(
    experiment: Experiment, calibration: Calibration, settings: ElectoratesSettings
) -> FloatArray:
    """Votes of other electorates [replicates, C], each met by several samples."""
    centre = calibration.electorate(electorate_settings(experiment)).share
    error = shared_error(calibration.evidence, "country")
    n, each = settings.replicates, settings.per_electorate
    rng = generator(experiment.seed, "electorates")
    votes = error.draws(centre, settings.swing_days, rng, -(-n // each))
    return np.repeat(votes, each, axis=0)[:n]


def random_sample(instrument: Instrument) -> Instrument:
    """The same instrument with as many people, everybody with the same chance to take part.

    An instrument that nobody joins by choice comes back as it is.
    """
    names = {one.name for one in fields(instrument)}
    if "selection" not in names:
        return instrument
    flat: dict[str, Any] = {"selection": 0.0}
    flat |= {name: {} for name in ("interest", "age") if name in names}
    return replace(instrument, **flat)


def one_block(experiment: Experiment, part: Part) -> Results:
    """One block of replicates of one election and one kind of volunteers."""
    failures: dict[str, str] = {}
    simulation = simulation_of(experiment, str(part["election"]), str(part["volunteers"]))
    table = simulate_block(simulation, int(part["block"]), failures)
    return Results(tables={"replicates": table}, failures=failures)


def _whose(part: Part) -> tuple[str, str]:
    """Parts that share a simulation, which takes seconds to set up."""
    return str(part["election"]), str(part["volunteers"])


def analyse(experiment: Experiment) -> Results:
    """Run every election twice: with the volunteers who come, and with a random sample of them.

    Errors as in `bench.runner.runner.run`.
    """
    settings = settings_of(experiment)
    kinds = [(name, kind) for name in _tasks(experiment) for kind in (SELF_SELECTED, AT_RANDOM)]
    n_blocks = -(-settings.replicates // settings.block)
    parts = [
        {"election": name, "volunteers": kind, "block": block}
        for name, kind in kinds
        for block in range(n_blocks)
    ]
    made = run(experiment, one_block, parts, folders_of(experiment), group=_whose)
    long: dict[str, pd.DataFrame] = {}
    apart: list[pd.DataFrame] = []
    squared: dict[str, Squared] = {}
    families: dict[str, str] = {}
    for i, (name, kind) in enumerate(kinds):
        simulation = simulation_of(experiment, name, kind)
        replicates = in_order(made[i * n_blocks : (i + 1) * n_blocks])
        found = scored(simulation, replicates)
        title = f"{name}_{kind.replace('-', '_').replace(' ', '_')}"
        long[f"replicates_{title}"] = replicates
        long[f"errors_{title}"] = error_table(simulation.shared.evidence, found)
        table = decomposition(found, settings.per_electorate).drop(columns="distortion")
        table.insert(0, "volunteers", kind)
        table.insert(0, "election", name)
        apart.append(table)
        squared.setdefault(name, {}).update(squared_errors(found, kind, settings.per_electorate))
        families |= {name: one.family for name, one in simulation.predictors.items()}
    return Results(
        tables={
            **long,
            "apart": pd.concat(apart, ignore_index=True),
            "claims": conclusions(experiment.seed, settings, squared),
        },
        facts={"families": families},
        failures=failures_of(made),
    )


def squared_errors(found: list[ScoredDose], volunteers: str, per_electorate: int) -> Squared:
    """Mean squared error by electorate without any distortion: {(volunteers, predictor): [G]}."""
    return {
        (volunteers, one.predictor): squared_by_group(
            one.scores.error, one.replicate // per_electorate
        )
        for one in found
        if one.distortion == "none"
    }


def conclusions(
    seed: int, settings: ElectoratesSettings, squared: Mapping[str, Squared]
) -> pd.DataFrame:
    """One row per election and conclusion: the ratio or cost, its interval, and whether it holds.

    Conclusions about predictors that are not in the run are left out.

    Parameters
    ----------
    seed : int
    settings : ElectoratesSettings
        Of which `claims` and `cost_of_self_selection` count.
    squared : mapping
        By election, from `squared_errors`.
    """
    rows = []
    for election, errors in squared.items():
        asked = {predictor for _, predictor in errors}
        for better, worse in settings.claims:
            if not {better, worse} <= asked:
                continue
            rng = generator(seed, "conclusions", election, better, worse)
            ratio = compared(errors[SELF_SELECTED, better], errors[SELF_SELECTED, worse], rng)
            found = [ratio[key] for key in ("ratio", "ratio_low", "ratio_high")]
            rows.append(
                (
                    election,
                    MORE_ERROR.format(worse=worse, better=better),
                    "ratio of RMSE",
                    *found,
                    1.0,
                )
            )
        for method in settings.cost_of_self_selection:
            if method not in asked:
                continue
            rng = generator(seed, "cost", election, method)
            cost = compared(errors[AT_RANDOM, method], errors[SELF_SELECTED, method], rng)
            found = [100 * cost[f"difference{end}"] for end in ("", "_low", "_high")]
            text = WORSE.format(method=method)
            rows.append((election, text, "points of RMSE", *found, 0.0))
    columns = ["election", "conclusion", "measure", "value", "low", "high", "nothing"]
    table = pd.DataFrame(rows, columns=columns)
    table["holds"] = np.select(
        [table["low"] > table["nothing"], table["high"] < table["nothing"]],
        ["yes", "no, the reverse"],
        "undecided",
    )
    order = list(dict.fromkeys(table["conclusion"]))
    table = table.sort_values("conclusion", kind="stable", key=lambda one: one.map(order.index))
    return table.drop(columns="nothing")

"""Many electorates around several elections: methods by election, and which conclusions hold."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from itertools import islice
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bench.core import ConfigError
from bench.core.seeds import generator
from bench.core.settings import Experiment
from bench.data.task import Task
from bench.runner import Part, Results, memoised, run, tasks_of
from bench.simulation.blocks import failures_of, folders_of, in_order
from bench.simulation.electorate import Electorate
from bench.simulation.facts import Facts
from bench.simulation.instruments import Instrument
from bench.simulation.known import known_of
from bench.simulation.study import Study, make_study, run_block
from bench.simulation.summaries import Pieces, decomposition, scored
from bench.studies.electorates.imputation import earlier
from bench.studies.electorates.metrics import compared, squared_by_group

Squared = dict[tuple[str, str], NDArray[np.float64]]
SELF_SELECTED, BY_LOT = "self-selected", "by lot"


@dataclass(frozen=True, kw_only=True)
class Ran:
    """One election's study with one kind of volunteers: the replicates and their scores.

    `failures` has the traceback of every method that failed.
    """

    election: str
    volunteers: str
    study: Study
    replicates: pd.DataFrame
    pieces: Pieces
    failures: dict[str, str]


def studies(experiment: Experiment) -> Iterator[Ran]:
    """Run every election twice: with the volunteers who come, and with as many drawn by lot.

    Errors as in `bench.runner.run`.

    Raises
    ------
    ConfigError
        If the settings do not say what an election borrows, and from which.
    """
    names = _elections(experiment)
    kinds = [(name, kind) for name in names for kind in (SELF_SELECTED, BY_LOT)]
    n_blocks = -(-int(experiment.simulation["replicates"]) // int(experiment.simulation["block"]))
    parts = [
        {"election": name, "volunteers": kind, "block": block}
        for name, kind in kinds
        for block in range(n_blocks)
    ]
    made = iter(run(experiment, one_block, parts, folders_of(experiment)))
    for name, kind in kinds:
        mine = list(islice(made, n_blocks))
        study = study_of(experiment, name, kind)
        replicates = in_order(mine)
        yield Ran(
            election=name,
            volunteers=kind,
            study=study,
            replicates=replicates,
            pieces=scored(study, replicates),
            failures=failures_of(mine),
        )


def one_block(experiment: Experiment, part: Part) -> Results:
    """One block of replicates of one election and one kind of volunteers."""
    failures: dict[str, str] = {}
    study = study_of(experiment, str(part["election"]), str(part["volunteers"]))
    table = run_block(study, int(part["block"]), failures)
    return Results(tables={"replicates": table}, failures=failures)


def study_of(experiment: Experiment, name: str, volunteers: str) -> Study:
    """The study of one election; set up once per process."""
    folders = folders_of(experiment)

    def known(name: str) -> tuple[Electorate, Facts]:
        return memoised(
            f"known {name}", experiment, folders, lambda: _known(experiment, cells, name, known)
        )

    def make() -> Study:
        study = make_study(experiment, cells[name], known(name))
        if volunteers == SELF_SELECTED:
            return study
        instruments = {title: drawn_by_lot(one) for title, one in study.instruments.items()}
        frames = {title: one.frame(*known(name)) for title, one in instruments.items()}
        return replace(study, instruments=instruments, frames=frames)

    cells = {cell.election.name: cell for cell in tasks_of(experiment)}
    return memoised(f"{name} {volunteers}", experiment, folders, make)


def _known(
    experiment: Experiment,
    cells: Mapping[str, Task],
    name: str,
    known: Callable[[str], tuple[Electorate, Facts]],
) -> tuple[Electorate, Facts]:
    settings, cell = experiment.simulation, cells[name]
    if name == settings["lender"]:
        return known_of(experiment, cell)
    evidence = cell.evidence()
    lender = known(str(settings["lender"]))
    return earlier(cell.election, evidence, lender, experiment.electorate, settings)


def _elections(experiment: Experiment) -> list[str]:
    settings = experiment.simulation
    names = list(dict.fromkeys(cell.election.name for cell in tasks_of(experiment)))
    if settings["lender"] not in names:
        raise ConfigError(
            f"lender is '{settings['lender']}', which is not among the elections; accepted: "
            f"{', '.join(names)} (it needs survey tables and a self-selected ballot, as fr2017 has)"
        )
    strangers = set(names) - {settings["lender"]} - set(settings["earlier"])
    if strangers:
        raise ConfigError(
            f"simulation.earlier says nothing of '{min(strangers)}'; give its past_election and "
            "past_groups as for the others in configs/experiment/electorates.yaml"
        )
    return names


def drawn_by_lot(instrument: Instrument) -> Instrument:
    """The same instrument with as many people, everybody with the same chance to take part.

    An instrument that nobody joins by choice comes back as it is.
    """
    names = {field.name for field in fields(instrument)}
    if "selection" not in names:
        return instrument
    flat: dict[str, Any] = {"selection": 0.0}
    flat |= {name: {} for name in ("interest", "age") if name in names}
    return replace(instrument, **flat)


def by_election(ran: Ran) -> pd.DataFrame:
    """Bias and variance of every method in one election, with the election in front."""
    table = decomposition(ran.study, ran.pieces).drop(columns="scenario")
    table.insert(0, "volunteers", ran.volunteers)
    table.insert(0, "election", ran.election)
    return table


def squared(ran: Ran) -> Squared:
    """Mean squared error by electorate: {(volunteers, method): [G]}."""
    each = int(ran.study.settings["per_electorate"])
    return {
        (ran.volunteers, predictor): squared_by_group(
            scores.error, rows["replicate"].to_numpy() // each
        )
        for scenario, dose, predictor, rows, scores in ran.pieces
        if scenario == "none" and dose == 0
    }


def conclusions(experiment: Experiment, found: dict[str, Squared]) -> pd.DataFrame:
    """One row per election and conclusion: the ratio or cost, its interval, and whether it holds.

    Parameters
    ----------
    experiment : Experiment
        `simulation.claims`: pairs ``[better, worse]``; `cost_of_self_selection`: methods.
    found : dict
        By election, from `squared`.
    """
    rows = []
    for election, errors in found.items():
        for better, worse in experiment.simulation["claims"]:
            rng = generator(experiment.seed, "conclusions", election, better, worse)
            one, other = errors[SELF_SELECTED, better], errors[SELF_SELECTED, worse]
            told = compared(one, other, rng)
            rows.append(
                {
                    "election": election,
                    "conclusion": f"{worse} errs more than {better}",
                    "measure": "ratio of RMSE",
                    "value": told["ratio"],
                    "low": told["ratio_low"],
                    "high": told["ratio_high"],
                    "holds": _verdict(told["ratio_low"], told["ratio_high"], 1.0),
                }
            )
        for method in experiment.simulation["cost_of_self_selection"]:
            rng = generator(experiment.seed, "cost", election, method)
            told = compared(errors[BY_LOT, method], errors[SELF_SELECTED, method], rng)
            low, high = (100 * told[f"difference_{end}"] for end in ("low", "high"))
            rows.append(
                {
                    "election": election,
                    "conclusion": f"self-selection makes {method} worse",
                    "measure": "points of RMSE",
                    "value": 100 * told["difference"],
                    "low": low,
                    "high": high,
                    "holds": _verdict(low, high, 0.0),
                }
            )
    table = pd.DataFrame(rows)
    order = list(dict.fromkeys(table["conclusion"]))
    place = table["conclusion"].map(order.index)
    return table.assign(place=place).sort_values("place", kind="stable").drop(columns="place")


def _verdict(low: float, high: float, nothing: float) -> str:
    if low > nothing:
        return "yes"
    return "no, the reverse" if high < nothing else "undecided"

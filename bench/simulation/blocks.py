"""Blocks of replicates as pieces: kept when done, spread over any engine."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from bench.core.settings import Experiment
from bench.data.election import load_election, same_country_elections
from bench.runner import Part, Results, memoised, run, tasks_of
from bench.simulation.study import KEY, Study, make_study, run_block


def study_of(experiment: Experiment) -> Study:
    """The study of these settings; set up once per process, as that takes seconds."""
    return memoised(
        "study",
        experiment,
        folders_of(experiment),
        lambda: make_study(experiment, tasks_of(experiment)[0]),
    )


def replicates_of(experiment: Experiment) -> Results:
    """Every replicate of a simulation; the same table from any engine and number of workers.

    Errors as in `bench.runner.run`.
    """
    parts = [{"block": block} for block in range(study_of(experiment).n_blocks)]
    made = run(experiment, one_block, parts, folders_of(experiment))
    return Results(tables={"replicates": in_order(made)}, failures=failures_of(made))


def one_block(experiment: Experiment, part: Part) -> Results:
    """One block of replicates."""
    failures: dict[str, str] = {}
    table = run_block(study_of(experiment), int(part["block"]), failures)
    return Results(tables={"replicates": table}, failures=failures)


def folders_of(experiment: Experiment) -> list[Path]:
    """The folders of data that a simulation may read: its election's and the same_country_elections'."""
    election = load_election(experiment.elections[0])
    return [election.folder, *(other.folder for other in same_country_elections(election))]


def in_order(made: Iterable[Results]) -> pd.DataFrame:
    """The rows of many blocks, by scenario, dose, replicate and method."""
    table = pd.concat([one.tables["replicates"] for one in made], ignore_index=True)
    return pd.DataFrame(table.sort_values(KEY, kind="stable", ignore_index=True))


def failures_of(made: Iterable[Results]) -> dict[str, str]:
    """The first traceback of every method that failed anywhere."""
    together: dict[str, str] = {}
    for one in made:
        together = {**one.failures, **together}
    return together

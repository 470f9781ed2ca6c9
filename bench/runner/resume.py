"""Which trials a run needs, what each of them depends on, and how they are cut into orders."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, fields
from itertools import groupby
from pathlib import Path

from bench.core import paths
from bench.core.registry import make_predictor
from bench.core.settings import Experiment
from bench.runner.cell import Cell
from bench.runner.files_read import files_read
from bench.runner.fragment import Fragment
from bench.runner.kept import kept_or_made, workers_of
from bench.runner.key import harness_sum, key_of, source_sum
from bench.runner.store import Store
from bench.runner.trials import Order, data_sum, fulfil

# settings that stand in the cell or the predictor, or change no number; all others are in the key
ELSEWHERE = frozenset(
    {
        "as_of",
        "baseline",
        "days_before",
        "elections",
        "execution",
        "hour",
        "name",
        "predictors",
        "results",
        "rounds",
        "title",
    }
)
ORDERS_PER_WORKER = 4  # so that nobody waits long for the last one


@dataclass(frozen=True, kw_only=True)
class Trial:
    """One predictor on one cell, and the key of its fragment."""

    cell: Cell
    predictor: str
    key: str
    data: str


def trials_of(experiment: Experiment, cells: list[Cell]) -> list[Trial]:
    """Every trial of a run, in order of cells, then of predictors.

    Raises
    ------
    ConfigError
        If a predictor does not exist, or not with these settings.
    """
    made = {
        name: make_predictor(name, settings) for name, settings in experiment.predictors.items()
    }
    settings = {
        entry.name: getattr(experiment, entry.name)
        for entry in fields(Experiment)
        if entry.name not in ELSEWHERE
    }
    shared = {"code": harness_sum(), "settings": settings}
    own = {
        name: {
            "predictor": name,
            "fields": experiment.predictors[name],
            "source": source_sum(type(predictor)),
            "files": files_read({name: experiment.predictors[name]}),
        }
        for name, predictor in made.items()
    }
    sums: dict[Path, str] = {}
    trials = []
    for cell in cells:
        folder = cell.election.folder
        sums[folder] = sums.get(folder) or data_sum(cell.election)
        common = {**shared, "data": sums[folder], "cell": cell.key}
        trials += [
            Trial(cell=cell, predictor=name, key=key_of({**common, **parts}), data=sums[folder])
            for name, parts in own.items()
        ]
    return trials


def fetch(experiment: Experiment, trials: Sequence[Trial]) -> list[Fragment]:
    """The fragment of every trial: kept ones from the store, the others computed into it.

    Parameters, parts and errors as in `bench.runner.kept.kept_or_made`.
    """
    of = {trial.key: trial for trial in trials}
    return kept_or_made(
        experiment,
        [trial.key for trial in trials],
        fulfil,
        lambda store, missing: list(_orders(experiment, store, [of[key] for key in missing])),
    )


def _orders(experiment: Experiment, store: Store, missing: Sequence[Trial]) -> Iterator[Order]:
    settings = json.dumps(asdict(experiment))
    groups = [list(group) for _, group in groupby(missing, key=lambda trial: id(trial.cell))]
    workers = workers_of(experiment)
    pieces = 1 if workers == 1 else -(-ORDERS_PER_WORKER * workers // len(groups))
    for group in groups:
        for start in range(min(pieces, len(group))):
            part = group[start::pieces]
            yield Order(
                experiment=settings,
                folder=portable(part[0].cell.election.folder),
                cell=part[0].cell.axes,
                keys=tuple((trial.predictor, trial.key) for trial in part),
                data=part[0].data,
                code=harness_sum(),
                store=str(store.folder),
            )


def portable(folder: Path) -> str:
    """The name of a shipped folder of data, which every worker has; the path of any other."""
    shipped = folder.parent == paths.datasets().resolve()
    return folder.name if shipped else str(folder)

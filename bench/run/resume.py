"""Which trials a run needs, which of them are kept from earlier runs, and who does the rest."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, fields
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from bench import paths
from bench.contract import DataError
from bench.execution.engines import spread
from bench.execution.fragment import Fragment
from bench.execution.interrupt import watching
from bench.execution.key import harness_sum, key_of, source_sum
from bench.execution.store import Store
from bench.experiment import Experiment
from bench.registry import make_predictor
from bench.run.files_read import files_read
from bench.run.progress import progress
from bench.run.trials import Order, data_sum, fulfil

if TYPE_CHECKING:
    from bench.run.backtest import Cell

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

    With `execution.parts` above 1 only the fragments of this part are computed and returned.

    Raises
    ------
    DataError
        If a kept fragment is damaged and must not be overwritten, or files change meanwhile.
    StoreError
        If a fragment cannot be kept.
    """
    execution = experiment.execution
    trials = [t for t in trials if int(t.key[:8], 16) % execution.parts == execution.part]
    store = Store(Path(execution.store or Path(experiment.results) / ".cells"))
    store.sweep()
    kept: dict[str, Fragment] = {}
    if execution.overwrite != "always":
        kept = dict(_kept(experiment, store, trials))
        if kept:
            _say(f"{len(kept)} of {len(trials)} cells taken up from {store.folder}")
    for _ in range(2):  # what another run damages meanwhile is computed once more
        missing = [trial for trial in trials if trial.key not in kept]
        if not missing:
            break
        _compute(experiment, store, missing)
        for trial in missing:
            if fragment := _whole(store, trial.key):
                kept[trial.key] = fragment
    if lost := [trial for trial in trials if trial.key not in kept]:
        raise DataError(
            f"{store.path(lost[0].key)}: this cell was written and is damaged again; check the "
            "disk, or set execution.store to another folder"
        )
    return [kept[trial.key] for trial in trials]


def _kept(
    experiment: Experiment, store: Store, trials: Iterable[Trial]
) -> Iterator[tuple[str, Fragment]]:
    never = experiment.execution.overwrite == "never"
    for trial in trials:
        fragment = store.get(trial.key) if never else _whole(store, trial.key)
        if fragment and not (fragment.failed and experiment.execution.retry_failed):
            yield trial.key, fragment


def _whole(store: Store, key: str) -> Fragment | None:
    try:
        return store.get(key)
    except DataError as error:
        _say(f"{error}; it is computed again")
        return None


def _compute(experiment: Experiment, store: Store, missing: Sequence[Trial]) -> None:
    orders = list(_orders(experiment, store, missing))
    try:
        with watching(), progress(len(missing), "cells") as advance:
            for number in spread(fulfil, orders, experiment.execution):
                advance(number)
    except KeyboardInterrupt:
        _say(f"stopped; what is finished is kept in {store.folder}: the same command goes on")
        raise
    store.settle()


def _orders(experiment: Experiment, store: Store, missing: Sequence[Trial]) -> Iterator[Order]:
    settings = json.dumps(asdict(experiment))
    groups = [list(group) for _, group in groupby(missing, key=lambda trial: id(trial.cell))]
    workers = 1 if experiment.execution.engine == "serial" else experiment.execution.workers
    pieces = 1 if workers == 1 else -(-ORDERS_PER_WORKER * workers // len(groups))
    for group in groups:
        for start in range(min(pieces, len(group))):
            part = group[start::pieces]
            yield Order(
                experiment=settings,
                folder=_folder(part[0].cell),
                cell=part[0].cell.axes,
                keys=tuple((trial.predictor, trial.key) for trial in part),
                data=part[0].data,
                code=harness_sum(),
                store=str(store.folder),
            )


def _folder(cell: Cell) -> str:
    """The name of a shipped election, which every worker has; the path of any other."""
    folder = cell.election.folder
    shipped = folder.parent == paths.datasets().resolve()
    return folder.name if shipped else str(folder)


def _say(words: str) -> None:
    print(words, file=sys.stderr)

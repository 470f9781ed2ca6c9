"""What is in the cache is read; what is missing is computed on the engine of the run."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TypeVar

from bench.core import DataError
from bench.core.settings import Experiment
from bench.runner.backends import spread
from bench.runner.fragment import Fragment
from bench.runner.interrupt import watching
from bench.runner.progress import progress
from bench.runner.store import Store

Task = TypeVar("Task")


def kept_or_made(
    experiment: Experiment,
    keys: Sequence[str],
    work: Callable[[Task], int],
    orders: Callable[[Store, list[str]], Sequence[Task]],
    *,
    words: str = "forecasts",
) -> list[Fragment]:
    """The fragment of every key, in order: kept ones from the store, the others made into it.

    With `execution.parts` above 1 only the fragments of this part are made and returned.

    Parameters
    ----------
    experiment : Experiment
        Its `execution` and `results` say where and how.
    keys : sequence of str
        SHA-256 of everything that each fragment depends on.
    work : callable
        A function of a module that fulfils one order on a worker, and says how many fragments
        it has put into the store.
    orders : callable
        Cuts missing keys into orders.
    words : str
        What they are, for the progress bar.

    Raises
    ------
    DataError
        If a kept fragment is damaged and must not be overwritten, or files change meanwhile.
    StoreError
        If a fragment cannot be kept.
    """
    execution = experiment.execution
    keys = [key for key in keys if int(key[:8], 16) % execution.parts == execution.part]
    store = Store(Path(execution.store or Path(experiment.results) / ".cells"))
    store.sweep()
    kept: dict[str, Fragment] = {}
    if execution.overwrite != "always":
        kept = dict(_kept(experiment, store, keys))
        if kept:
            _say(f"{words}: {len(kept)} of {len(keys)} from the cache ({store.folder})")
    for _ in range(2):  # what another run damages meanwhile is made once more
        missing = [key for key in keys if key not in kept]
        if not missing:
            break
        _make(experiment, store, work, orders(store, missing), len(missing), words)
        for key in missing:
            if fragment := _whole(store, key):
                kept[key] = fragment
    if lost := [key for key in keys if key not in kept]:
        raise DataError(
            f"{store.path(lost[0])}: this file was written and is damaged again; check "
            "the disk, or set execution.store to another folder"
        )
    return [kept[key] for key in keys]


def workers_of(experiment: Experiment) -> int:
    """How many orders are worked on at once."""
    return 1 if experiment.execution.engine == "serial" else experiment.execution.workers


def _kept(
    experiment: Experiment, store: Store, keys: Iterable[str]
) -> Iterator[tuple[str, Fragment]]:
    never = experiment.execution.overwrite == "never"
    for key in keys:
        fragment = store.get(key) if never else _whole(store, key)
        if fragment and not (fragment.failed and experiment.execution.retry_failed):
            yield key, fragment


def _whole(store: Store, key: str) -> Fragment | None:
    try:
        return store.get(key)
    except DataError as error:
        _say(f"{error}; it is computed again")
        return None


def _make(
    experiment: Experiment,
    store: Store,
    work: Callable[[Task], int],
    orders: Sequence[Task],
    total: int,
    words: str,
) -> None:
    try:
        with watching(), progress(total, words) as advance:
            for number in spread(work, orders, experiment.execution):
                advance(number)
    except KeyboardInterrupt:
        _say(f"stopped; what is finished is kept in {store.folder}: the same command goes on")
        raise
    store.settle()


def _say(words: str) -> None:
    print(words, file=sys.stderr)

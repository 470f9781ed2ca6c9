"""Pieces: a study cut into independent parts, each kept like a cell and made on any engine."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from bench.core import paths
from bench.core.registry import make_predictor
from bench.core.settings import Experiment
from bench.data.checksums import sum_of
from bench.data.evidence import forget
from bench.runner.files_read import files_read
from bench.runner.fragment import Fragment, encode, parquet
from bench.runner.kept import kept_or_made
from bench.runner.key import harness_sum, key_of, source_sum
from bench.runner.resume import portable
from bench.runner.store import Store
from bench.runner.worker import edited, refuse_other_code, settings_of
from bench.simulation.distortions import make_distortion
from bench.simulation.instruments import make_instrument

# settings that change no number
ELSEWHERE = ("audit", "execution", "frozen", "name", "results", "save_draws", "title")


@dataclass(frozen=True, kw_only=True)
class Made:
    """What the work on one piece gives.

    Attributes
    ----------
    table : pandas.DataFrame
        Rows of one of the study's long tables.
    failures : dict of str to str
        Traceback by predictor that failed on this piece; the others' rows stand.
    facts : dict
        Plain values beside the table, such as seconds.
    """

    table: pd.DataFrame
    failures: dict[str, str] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)


class OnlyPart(Exception):
    """Raised when this process was asked for one part of the pieces, and these are done.

    Parameters
    ----------
    n_failed : int
        Pieces on which a predictor failed.
    """

    def __init__(self, n_failed: int) -> None:
        super().__init__(n_failed)
        self.n_failed = n_failed


Part = Mapping[str, Any]  # what one piece is about: plain values that JSON can hold
Work = Callable[[Experiment, Part], Made]


@dataclass(frozen=True, kw_only=True)
class Order:
    """What a worker is told about one piece: names, paths and sums.

    Attributes
    ----------
    work : callable
        A function of a module, sent by its name.
    experiment, part : str
        The settings and the piece, as JSON.
    key : str
        Of the fragment.
    folders : tuple of str
        Folders of data that the work reads.
    data, code : str
        Sums of these folders and of the harness; a worker with others refuses.
    store : str
        Folder of the fragments.
    """

    work: Work
    experiment: str
    part: str
    key: str
    folders: tuple[str, ...]
    data: str
    code: str
    store: str


def pieces(
    experiment: Experiment, work: Work, parts: Sequence[Part], folders: Sequence[Path]
) -> list[Made]:
    """Every piece of a study, in the order of its parts, kept ones taken up.

    Parameters
    ----------
    experiment : Experiment
        All its settings count for a piece's key, but where and how it runs and what it is called.
    work : callable
        A function of a module; must depend on its two arguments and `folders` alone.
    parts : sequence of mapping
        What each piece is about.
    folders : sequence of Path
        Folders of data that the work reads.

    Raises
    ------
    DataError
        If files change meanwhile, or a kept piece is damaged and must not be overwritten.
    StoreError
        If a piece cannot be kept.
    OnlyPart
        If `execution.parts` is above 1, once the pieces of this part are kept.
    """
    data = sum_of(folders)
    common = {
        "code": harness_sum(),
        "data": data,
        "settings": settings_that_count(experiment),
        "sources": _sources(experiment),
        "work": f"{work.__module__}.{work.__qualname__}",
    }
    keyed = {key_of({**common, "part": part}): part for part in parts}

    def orders(store: Store, missing: list[str]) -> list[Order]:
        settings = json.dumps(asdict(experiment))
        return [
            Order(
                work=work,
                experiment=settings,
                part=json.dumps(keyed[key]),
                key=key,
                folders=tuple(portable(folder) for folder in folders),
                data=data,
                code=harness_sum(),
                store=str(store.folder),
            )
            for key in missing
        ]

    fragments = kept_or_made(experiment, list(keyed), fulfil, orders, words="parts of the study")
    if experiment.execution.parts > 1:
        raise OnlyPart(sum(fragment.failed for fragment in fragments))
    return [_made(one) for one in fragments]


def settings_that_count(experiment: Experiment) -> dict[str, Any]:
    """All settings on which a number may depend."""
    return {name: value for name, value in asdict(experiment).items() if name not in ELSEWHERE}


def fulfil(order: Order) -> int:
    """Work on one piece and keep what it gives; always 1.

    Raises
    ------
    DataError
        If this worker has other data or other code than the run that gives the order.
    StoreError
        If the fragment cannot be kept.
    """
    refuse_other_code(order.code)
    if _Remembered.data != order.data:
        forget()
        _Remembered.data = order.data
    if sum_of([paths.datasets() / name for name in order.folders]) != order.data:
        raise edited(", ".join(order.folders))
    made = order.work(settings_of(order.experiment), json.loads(order.part))
    status = "failed" if made.failures else "ok"
    facts = {"status": status, "failures": made.failures, "facts": made.facts}
    Store(Path(order.store)).put(order.key, encode(order.key, facts, b"", parquet(made.table)))
    return 1


class _Remembered:
    """The sum of the files whose tables this process may remember."""

    data = ""


def _made(fragment: Fragment) -> Made:
    assert fragment.forecasts is not None
    return Made(
        table=fragment.forecasts.to_pandas(),
        failures=fragment.facts["failures"],
        facts=fragment.facts["facts"],
    )


def _sources(experiment: Experiment) -> dict[str, Any]:
    """Sums of all that a study may load by name: predictors, distortions, instruments."""
    makers: tuple[tuple[Mapping[str, Any], Callable[[str, Any], Any]], ...] = (
        (experiment.predictors, make_predictor),
        (experiment.scenarios, make_distortion),
        (experiment.instruments, make_instrument),
    )
    sums = dict(_named_sums(makers))
    return {**sums, "files": files_read(experiment.predictors)}


def _named_sums(
    makers: tuple[tuple[Mapping[str, Any], Callable[[str, Any], Any]], ...],
) -> Iterator[tuple[str, str]]:
    for named, make in makers:
        for name, settings in named.items():
            kind = type(make(name, settings or {}))
            if kind.__module__.partition(".")[0] != "bench":  # the harness's own sum holds it
                yield f"{kind.__module__}.{kind.__qualname__}", source_sum(kind)

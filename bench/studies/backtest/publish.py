"""The folder of a run: written beside its place, moved there when it is whole."""

from __future__ import annotations

import errno
import io
import json
import shutil
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stdout
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from bench.audit.look_ahead import in_short, verdict_table, verdicts_of
from bench.audit.preregistration import check_scored
from bench.core.errors import BenchError, DataError
from bench.core.settings import Experiment
from bench.core.write import write_csv, write_parquet, write_text
from bench.data.checksums import sums_of
from bench.data.election import same_country_elections
from bench.data.task import Task
from bench.metrics.comparison.common_support import KEY
from bench.report.kept_context import Shown
from bench.report.manifest import manifest
from bench.runner import code_sums, files_read
from bench.studies.backtest.analysis import LongTables
from bench.studies.backtest.context import facts_of

# what a disk says that is full, beyond its quota, read-only, closed to this user or broken
DISK = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM, errno.EIO)


def publish(
    experiment: Experiment, cells: list[Task], results: LongTables, arguments: list[str]
) -> Path:
    """Write and print everything a backtest has to show.

    Returns
    -------
    Path
        The folder: `errors.parquet`, `errors.csv`, `forecasts.parquet`, `draws.parquet` (with
        `save_draws`), `methods.csv`, `timings.csv`, `facts.json`, `tables/`, `figures/`,
        `report.html`, `manifest.json`, `.hydra/`.
    """
    known = [e for cell in cells for e in (cell.election, *same_country_elections(cell.election))]
    elections = {election.name: election.folder for election in known}
    sealed = (
        check_scored(Path(experiment.frozen), cells, results.forecasts) if experiment.frozen else {}
    )
    with run_folder(experiment, elections, arguments) as unfinished:
        if sealed:
            unfinished.manifest["frozen"] = sealed
            write_manifest(unfinished)
        _write(unfinished.path, experiment, cells, results, unfinished.manifest)
    return unfinished.place


@dataclass(frozen=True, kw_only=True)
class RunFolder:
    """A run being written at `path`, to be moved to `place` when it is whole."""

    path: Path
    place: Path
    manifest: dict[str, Any]


@contextmanager
def run_folder(
    experiment: Experiment, data: Mapping[str, Path], arguments: list[str]
) -> Iterator[RunFolder]:
    """A folder to write a run into: it gets its name when the block ends without an error.

    What the block prints is held back until then, so that no trouble with printing loses a run.

    Parameters
    ----------
    experiment : Experiment
        The settings of the run.
    data : mapping of str to Path
        Folders of `datasets/` that were read; their checksums enter the manifest.
    arguments : list of str
        The command line, for the record.

    Yields
    ------
    RunFolder
        With `manifest.json` and `.hydra/` in it.

    Raises
    ------
    BenchError
        If the disk takes no more; nothing half-written is left.
    """
    place = _free(Path(experiment.results) / experiment.name)
    unfinished = place.with_name(f".{place.name}.unfinished")
    record = manifest(
        asdict(experiment),
        {name: sums_of(folder) for name, folder in data.items()},
        code_sums(experiment.predictors),
    )
    record["files"] = files_read(experiment.predictors)
    printed = _Held()
    try:
        write_manifest(RunFolder(path=unfinished, place=place, manifest=record))
        write_text(unfinished / ".hydra" / "config.yaml", yaml.safe_dump(asdict(experiment)))
        write_text(unfinished / ".hydra" / "overrides.yaml", yaml.safe_dump(arguments))
        with redirect_stdout(printed):
            yield RunFolder(path=unfinished, place=place, manifest=record)
        unfinished.rename(place)
    except BaseException as error:
        shutil.rmtree(unfinished, ignore_errors=True)
        if isinstance(error, OSError) and error.errno in DISK:
            raise BenchError(
                f"{place}: the results cannot be written ({error.strerror}); no half of them is "
                "left, and what was computed is kept: make room or set results to another folder, "
                "and run the same command again"
            ) from error
        raise
    print(printed.getvalue(), end="", flush=True)
    print(f"\nresults: {place}", file=sys.stderr)


class _Held(io.StringIO):
    """Holds what is meant for standard output, and answers for it whether that is a terminal."""

    def __init__(self) -> None:
        super().__init__()
        self._meant_for = sys.stdout

    def isatty(self) -> bool:
        """Whether the text will be seen on a terminal."""
        return self._meant_for.isatty()


def write_manifest(run: RunFolder) -> None:
    """Write, or write again, where the numbers of a run come from."""
    write_text(run.path / "manifest.json", json.dumps(run.manifest, indent=2, default=str) + "\n")


def _write(
    folder: Path,
    experiment: Experiment,
    cells: list[Task],
    results: LongTables,
    record: dict[str, Any],
) -> None:
    from bench.studies.backtest.render import keep_facts, show

    write_long_tables(folder, results)
    shown = shown_votes(folder, experiment, cells, results.errors, record)
    keep_facts(folder, shown)
    show(
        folder,
        results.errors,
        results.forecasts,
        results.methods,
        asdict(experiment),
        shown,
        timings=results.timings,
        keep=_drawings(experiment),
    )


def shown_votes(
    folder: Path,
    experiment: Experiment,
    cells: list[Task],
    errors: pd.DataFrame,
    record: Mapping[str, Any],
) -> list[Shown]:
    """How every vote of the run is shown: the last moment of each, with a page if it is alone.

    A moment of which no predictor was scored has no table of its own; `missing` tells why.
    """
    scored = {(e, r, pd.Timestamp(t)) for e, r, t in errors[KEY].drop_duplicates().to_numpy()}
    asked = {(cell.election.name, cell.round) for cell in cells}
    votes = {
        (cell.election.name, cell.round): cell
        for cell in cells
        if (cell.election.name, cell.round, cell.as_of) in scored
    }
    if not votes:
        raise DataError(
            "no forecast of this run gives shares of the vote that could be scored; add a "
            "predictor that does, such as uniform"
        )
    verdicts = list(verdicts_of(experiment, list(votes.values()))) if experiment.audit else []
    if verdicts:
        write_csv(folder / "tables" / "audit.csv", verdict_table(verdicts))
    return [
        Shown(
            facts=facts_of(
                experiment,
                cell,
                record,
                audit=in_short([v for v in verdicts if v.vote == cell.label]),
            ),
            label="" if len(asked) == 1 else f"{election}_r{number}_",
            quietly=len(cells) > 1,
            whole=len(asked) == 1,
        )
        for (election, number), cell in votes.items()
    ]


def _drawings(experiment: Experiment) -> Path | None:
    """Where drawings are kept; nowhere if nothing is to be taken up."""
    if experiment.execution.overwrite == "always":
        return None
    return Path(experiment.results) / ".drawings"


def write_long_tables(folder: Path, results: LongTables) -> None:
    """Write the long tables; two runs of the same command give the same bytes, timings apart."""
    write_parquet(folder / "errors.parquet", results.errors)
    write_csv(folder / "errors.csv", results.errors)
    write_parquet(folder / "forecasts.parquet", results.forecasts)
    if results.draws is not None:
        write_parquet(folder / "draws.parquet", results.draws)
    write_csv(folder / "methods.csv", results.methods.drop(columns="trace"))
    write_csv(folder / "timings.csv", results.timings)
    failed = results.methods[results.methods["status"] == "failed"]
    if len(failed):
        traces = [f"{row.predictor}\n{row.trace}" for row in failed.itertuples()]
        write_text(folder / "failures.txt", "\n".join(traces))


def _free(folder: Path) -> Path:
    name = f"{datetime.now():%Y-%m-%d_%H-%M-%S}"
    place, number = folder / name, 1
    while place.exists() or place.with_name(f".{place.name}.unfinished").exists():
        number += 1
        place = folder / f"{name}_{number}"
    return place

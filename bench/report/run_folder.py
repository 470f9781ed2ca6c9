"""The folder of a run: claimed by one run, written beside its place, moved there when whole."""

from __future__ import annotations

import errno
import json
import platform
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from pathlib import Path, PurePath
from typing import Any

import yaml
from pydantic import BaseModel

from bench.core.errors import BenchError, ConfigError, DataError, did_you_mean
from bench.core.read import MAX_BYTES_OF_YAML, announce, read_json, refuse_unreadable
from bench.core.settings import Execution, Experiment
from bench.core.write import write_text
from bench.data.readers import facts_as, sha256, sums_of
from bench.runner.cache import code_sums, files_read, sweep, versions
from bench.runner.results import AGAIN

# what a disk says that is full, beyond its quota, read-only, closed to this user or broken
DISK = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM, errno.EIO)
MANIFEST = "manifest.json"
CONFIG = Path(".hydra", "config.yaml")
UNFINISHED = ".unfinished"
REVIEWED = "reference"  # among the folders of runs, that of reviewed results
ACCEPTED = "the folder of a run, or the name of an experiment (its latest run)"


@dataclass(frozen=True, kw_only=True)
class RunFolder:
    """A run being written at `path`, to be moved to `place` when it is whole."""

    path: Path
    place: Path

    def write_manifest(self, record: Mapping[str, Any]) -> None:
        """Write, or write again, where the numbers of the run come from."""
        write_text(self.path / MANIFEST, written_manifest(record))


def written_manifest(record: Mapping[str, Any]) -> str:
    """The text of `manifest.json`."""
    return json.dumps(record, indent=2, default=str) + "\n"


def manifest_of(experiment: Experiment, folders: Mapping[str, Path]) -> dict[str, Any]:
    """Where the numbers of a run come from: versions, settings, checksums of code and data.

    It is published with the run, so that it says by name and checksum which files were read and
    not where they lie on this machine, nor where the run does: that is in `.hydra/`.

    Parameters
    ----------
    experiment : Experiment
        The settings of the run.
    folders : mapping of str to Path
        Folders of data that were read, by name.
    """
    read = files_read(experiment.predictors)
    return {
        "python": sys.version.split()[0],
        "platform": platform.platform(),
        "libraries": versions(),
        "commit": _commit(),
        "code": code_sums(experiment.predictors),
        "settings": published_settings(experiment),
        "data": {name: sums_of(folder) for name, folder in folders.items()},
        "files": dict(zip(_names(list(read)), read.values(), strict=True)),
    }


def published_settings(experiment: Experiment) -> dict[str, Any]:
    """The settings as a manifest holds them: no folder of this machine, nor where the run lies."""
    settings: dict[str, Any] = _without_places(asdict(experiment))
    del settings["results"]
    return settings


def _without_places(value: Any) -> Any:
    """The same settings, with the names of files and folders in place of absolute paths.

    Examples
    --------
    >>> _without_places({"elections": ["toy", "/home/ada/my town"], "seed": 1, "path": "a/b.csv"})
    {'elections': ['toy', 'my town'], 'seed': 1, 'path': 'a/b.csv'}
    """
    if isinstance(value, Mapping):
        return {name: _without_places(inner) for name, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_without_places(inner) for inner in value]
    if isinstance(value, str) and (PurePath(value).is_absolute() or value.startswith("~")):
        return PurePath(value).name
    return value


def _names(paths: Sequence[str]) -> list[str]:
    """The shortest ends of these paths that tell them apart.

    Examples
    --------
    >>> _names(["/a/one.csv", "/a/two.csv"]), _names(["/a/one.csv", "/b/one.csv"])
    (['one.csv', 'two.csv'], ['a/one.csv', 'b/one.csv'])
    """
    split = [PurePath(path).parts for path in paths]
    for n in range(1, max(map(len, split), default=0) + 1):
        ends = [PurePath(*parts[-n:]).as_posix() for parts in split]
        if len(set(ends)) == len(paths):
            return ends
    return list(paths)


def _commit() -> str:
    """The commit of the checkout, marked when files differ from it; empty in a wheel."""
    folder = Path(__file__).resolve().parents[2]
    if not (folder / ".git").exists():
        return ""
    try:
        head = _git(folder, "rev-parse", "HEAD")
        changed = _git(folder, "status", "--porcelain", "--untracked-files=no")
    except (OSError, subprocess.SubprocessError):
        return ""
    return f"{head} with uncommitted changes" if changed else head


def _git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(
        ["git", "-C", str(folder), *arguments],
        capture_output=True,
        text=True,
        check=True,
        timeout=10,
    )
    return done.stdout.strip()


@contextmanager
def run_folder(
    experiment: Experiment, record: Mapping[str, Any], arguments: list[str]
) -> Iterator[RunFolder]:
    """A folder to write a run into: it gets its name when the block ends without an error.

    Parameters
    ----------
    experiment : Experiment
        The settings of the run; its folder lies in `results`, under its name.
    record : mapping
        From `manifest_of`.
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
    parent = Path(experiment.results) / experiment.name
    claimed: RunFolder | None = None
    try:
        claimed = _claim(parent)
        claimed.write_manifest(record)
        write_text(claimed.path / CONFIG, yaml.safe_dump(asdict(experiment)))
        write_text(claimed.path / ".hydra" / "overrides.yaml", yaml.safe_dump(arguments))
        yield claimed
        claimed.path.rename(claimed.place)
    except BaseException as error:
        if claimed is not None:
            shutil.rmtree(claimed.path, ignore_errors=True)
        if isinstance(error, OSError) and error.errno in DISK:
            raise BenchError(
                f"{claimed.place if claimed else parent}: the results cannot be written "
                f"({error.strerror}); no half of them is left, and what was computed is cached: "
                "make room or set results to another folder, and run the same command again"
            ) from error
        raise


def _claim(parent: Path) -> RunFolder:
    """A folder that no other run has: making it is the claim, and only one run can make it."""
    parent.mkdir(parents=True, exist_ok=True)
    sweep(parent.glob(f".*{UNFINISHED}"))
    name = f"{datetime.now():%Y-%m-%d_%H-%M-%S}"
    place, number = parent / name, 1
    while True:
        path = place.with_name(f".{place.name}{UNFINISHED}")
        with suppress(FileExistsError):
            path.mkdir()
            # whoever had this name before has moved to its place by now, or was killed
            if not place.exists():
                return RunFolder(path=path, place=place)
            path.rmdir()
        number += 1
        place = parent / f"{name}_{number}"


def find_run(given: str, results: Path) -> Path:
    """The folder of a run, by its path or by the name of its experiment.

    Parameters
    ----------
    given : str
        A path, a name of an experiment (its latest run), or both: ``results/2017_r1/latest``.
    results : Path
        Where runs lie.

    Raises
    ------
    ConfigError
        If there is neither.
    """
    plain = given.removesuffix("/latest")
    for folder in (Path(given), results / given, Path(plain), results / plain):
        if (folder / MANIFEST).is_file():
            return folder
        if runs := _by_time(folder.glob(f"[!.]*/{MANIFEST}")):
            return runs[-1]
    known = runs_by_time(results)
    if not known:
        raise ConfigError(f"no run is called '{given}': none lies in {results} yet")
    names = sorted({run.parent.name for run in known})
    latest = ", ".join(run.as_posix() for run in reversed(known[-5:]))
    raise ConfigError(
        f"no run is called '{given}' ({did_you_mean(given, names)}); accepted: {ACCEPTED}; latest "
        f"first: {latest}"
    )


def runs_by_time(results: Path) -> list[Path]:
    """The folders of all runs in a folder of results, latest last; reviewed results are none."""
    manifests = results.glob(f"[!.]*/[!.]*/{MANIFEST}")
    return _by_time(path for path in manifests if path.parents[1].name != REVIEWED)


def reviewed_results(results: Path) -> dict[str, Path]:
    """The folders of reviewed results that hold what a page needs, by the name of the experiment.

    Such a folder is that of a small run: `load_run` reads it.
    """
    manifests = sorted((results / REVIEWED).glob(f"*/{MANIFEST}"))
    return {str(read_manifest(path.parent)["settings"]["name"]): path.parent for path in manifests}


def _by_time(manifests: Iterable[Path]) -> list[Path]:
    """The folders of runs, which are named after the time they were made, latest last."""
    return sorted((path.parent for path in manifests), key=lambda folder: folder.name)


def read_manifest(run: Path) -> dict[str, Any]:
    """The manifest of a run.

    Raises
    ------
    DataError
        If it cannot be read, or is none; with the key.
    """
    path = run / MANIFEST
    record = read_json(path, f" (give {ACCEPTED})")
    facts_as(_Manifest, record, path)
    return record


class _Manifest(BaseModel):
    """What stands in a manifest, as far as anything reads it."""

    libraries: dict[str, str]
    code: dict[str, Any]
    settings: dict[str, Any]
    data: dict[str, dict[str, str]]
    protection: dict[str, str] = {}
    assurance: dict[str, str] = {}
    outcome_known: bool = True
    doubts: list[dict[str, Any]] = []
    written: dict[str, str] = {}


def sums_written(run: Path, files: Iterable[Path]) -> dict[str, str]:
    """SHA-256 of files of a run, by their place in its folder."""
    return {path.relative_to(run).as_posix(): sha256(path) for path in files}


@contextmanager
def said_if_changed(run: Path, record: Mapping[str, Any]) -> Iterator[None]:
    """Say which files of a run changed since they were written, where its manifest has sums.

    Parameters
    ----------
    run : Path
    record : mapping
        Its manifest.

    Raises
    ------
    DataError
        If what they hold now stops the block.
    """
    files = {name: run / name for name in record.get("written", {})}
    changed = [
        name
        for name, path in files.items()
        if not path.is_file() or sha256(path) != record["written"][name]
    ]
    words = f"{run}: {', '.join(changed)} changed since it was written"
    if changed:
        announce(words)
    try:
        yield
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        if not changed:
            raise
        kind = type(error).__name__
        raise DataError(f"{words}, and cannot be read any more ({kind}: {error}){AGAIN}") from error


def experiment_of(record: Mapping[str, Any], run: Path) -> Experiment:
    """The settings that a manifest holds, with the paths that `.hydra/` has beside it.

    Raises
    ------
    DataError
        If they are those of another version.
    """
    setting_names = {entry.name for entry in fields(Experiment)}
    settings = {
        "results": "results",
        **record["settings"],
    }  # where runs lie is no manifest's to say
    try:
        refuse_unreadable(run / CONFIG, MAX_BYTES_OF_YAML)
        own = yaml.safe_load((run / CONFIG).read_text(encoding="utf-8"))
        if _without_places({**own, "results": ""}) == {**record["settings"], "results": ""}:
            settings = own
    except (DataError, OSError, ValueError, KeyError, TypeError, RecursionError, yaml.YAMLError):
        pass  # the manifest is enough for a run of elections that ship
    try:
        execution = Execution.of_record(settings["execution"])
        return Experiment(
            **{**{name: settings[name] for name in setting_names}, "execution": execution}
        )
    except (KeyError, TypeError) as error:
        raise DataError(
            f"{run / MANIFEST} holds settings of another version ({error}); "
            "run the experiment again"
        ) from error

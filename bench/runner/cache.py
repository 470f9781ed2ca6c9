"""The cache: what was computed once, in memory and on disk; and the sums that its keys hold.

A key holds the settings and the contents of all files, of data and of code, on which a number may
depend.
"""

# Whatever is computed once, in the whole bench, is kept in one of these ways; it depends
#
# on nothing that changes while Python runs (folders of this installation, entry points, words):
#     functools.cache; with a limit, where the arguments are many or large, functools.lru_cache
# on the fields of a frozen object, which are all that it reads:
#     functools.cached_property
# on files of data, until one of them changes:
#     bench.data.readers.remembered; where an audit replaces what is read, which must never be
#     answered from memory, bench.data.tables.remembered_outside_audits
# on the content of tables, whoever hands them over and whenever (an audit hands over others):
#     bench.models.memoize.Memory
# on one table as an object, which nobody changes, for as long as it lives:
#     bench.runner.attempt.once_per_table
# on settings of an experiment and its files, for all parts of a study in one process:
#     memoised, below; across processes and runs, `Cache`, which audits do not use

from __future__ import annotations

import hashlib
import json
import shutil
import sys
import time
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, TypeVar

from bench.core.errors import BenchError, ConfigError, DataError
from bench.core.read import refuse_unreadable
from bench.core.registry import files_in, is_object, kind_of, plug_ins
from bench.core.settings import Experiment
from bench.core.write import write_bytes
from bench.data.readers import sha256, sum_of
from bench.runner.process import package_of, protections
from bench.runner.results import ArrowTables, Results, from_stream, to_stream

CHANGES_NO_NUMBER = ("audit", "execution", "frozen", "language", "name", "results", "title")
"""Settings on which no number of any study depends."""

FOLDER = ".cache"
ABANDONED_S = 24 * 3600.0
MAX_BYTES = 2**31  # of an entry
LIBRARIES = (
    "election-bench",
    "hydra-core",
    "matplotlib",
    "numpy",
    "pandas",
    "pandera",
    "pyarrow",
    "scikit-learn",
    "scipy",
    "scoringrules",
    "statsmodels",
    "numba",
)
READ_BY_ALL = (
    *("bench.distortions", "bench.ecological_inference", "bench.instruments", "bench.metrics"),
)
"""Groups of entry points from which any work may load something."""
NO_CODE_PREFIXES = (".", "__pycache__", "shipped")
"""How names in the bench begin that are no code; tables have sums of their own."""

PAGES = (
    *("*.css", "*.gz", "*.html", "*.js", "*.md"),
    *("api.py", "cli/", "report/", "site.py"),
    *("studies/*/facts.py", "studies/*/figures.py", "studies/*/tables.py", "studies/*/view.py"),
)
"""Files and folders of the bench on which no number depends; a contract of imports holds it."""

T = TypeVar("T")
_memory: dict[str, tuple[str, Any]] = {}


class CacheError(BenchError):
    """The folder of the cache cannot be written or read."""


def memoised(
    name: str, experiment: Experiment, folders: Sequence[Path], make: Callable[[], T]
) -> T:
    """What `make` gives; the value of an earlier call if settings and files are the same.

    For what a process sets up once for many parts of a study.

    Parameters
    ----------
    name : str
        One value is kept per name.
    experiment : Experiment
        All settings on which a number may depend count.
    folders : sequence of Path
        Folders of data that `make` reads.
    make : callable
        Depends on nothing else.
    """
    key = key_of({"settings": settings_that_count(experiment), "data": sum_of(folders)})
    if name not in _memory or _memory[name][0] != key:
        _memory[name] = (key, make())
    value: T = _memory[name][1]
    return value


def settings_that_count(experiment: Experiment) -> dict[str, Any]:
    """All settings on which a number may depend."""
    every = asdict(experiment)
    return {name: value for name, value in every.items() if name not in CHANGES_NO_NUMBER}


def folder_of(experiment: Experiment) -> Path | None:
    """The folder of the cache; None where nothing is to be written (`results` is empty)."""
    if experiment.execution.store:
        return Path(experiment.execution.store)
    return Path(experiment.results) / FOLDER if experiment.results else None


def encode(results: Results, key: str) -> bytes:
    """An entry as bytes: a checksum, a line of JSON, and one Arrow stream per table."""
    bodies = {name: to_stream(table) for name, table in results.arrow_tables().items()}
    head = {
        "facts": results.facts,
        "failures": results.failures,
        "sizes": {name: len(body) for name, body in bodies.items()},
    }
    body = b"".join([json.dumps(head, allow_nan=False).encode(), b"\n", *bodies.values()])
    return _checksum(key, body) + body


def decode(content: bytes, key: str) -> Results | None:
    """The results of an entry; None where a single bit differs from what was written under its key.

    Examples
    --------
    >>> content = encode(Results(facts={"n": 1}), "k")
    >>> decode(content, "k").facts, decode(content[:-1], "k"), decode(content, "j")
    ({'n': 1}, None, None)
    """
    body = content[hashlib.sha256().digest_size :]
    if not content.startswith(_checksum(key, body)):
        return None
    line, _, rest = body.partition(b"\n")
    head = json.loads(line)
    tables = {}
    start = 0
    for name, size in head["sizes"].items():
        tables[name] = from_stream(rest[start : start + size])
        start += size
    return Results(tables=ArrowTables(tables), facts=head["facts"], failures=head["failures"])


def _checksum(key: str, body: bytes) -> bytes:
    return hashlib.sha256(key.encode() + body).digest()


class Cache:
    """Entries by key in a folder, each whole or not there, whatever happens to the writer.

    Any number of runs may share a folder: an entry is written under a name of its own and
    renamed, so that the last writer of equal content wins and nobody sees a part. Each carries its
    checksum, so that one which a failing machine lost half of is told apart and computed again.

    Parameters
    ----------
    folder : Path
        Made when the first entry is put.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder.absolute()  # a predictor may change the working directory

    def path(self, key: str) -> Path:
        """Where the entry of a key lies."""
        return self.folder / key[:2] / f"{key[2:]}.entry"

    def get(self, key: str) -> Results | None:
        """The entry of a key; None if there is none, or it is damaged, which is printed."""
        path = self.path(key)
        if not path.exists():
            return None
        try:
            refuse_unreadable(path, MAX_BYTES)
            entry = decode(path.read_bytes(), key)
            fault = "its checksum does not match"
        except (DataError, OSError) as error:
            entry = None
            fault = str(error)
        if entry is None:
            print(
                f"{path}: this entry of the cache is damaged ({fault}); it is computed again",
                file=sys.stderr,
            )
        return entry

    def put(self, key: str, results: Results) -> None:
        """Write an entry, whole.

        Raises
        ------
        CacheError
            If it cannot be written, e.g. on a full disk. Nothing half-written is left.
        """
        path = self.path(key)
        try:
            write_bytes(path, encode(results, key))
        except OSError as error:
            raise CacheError(
                f"{path}: this entry of the cache cannot be written ({error.strerror}); what is "
                "finished is cached: make room or set execution.store to another folder, and run "
                "the same command again"
            ) from error

    def sweep(self) -> None:
        """Remove what killed writers left half-written."""
        sweep(self.folder.glob("*/.*.tmp"))


def sweep(unfinished: Iterable[Path]) -> None:
    """Remove files and folders at which nobody has written for a day."""
    for path in unfinished:
        with suppress(OSError):
            if time.time() - path.stat().st_mtime > ABANDONED_S:
                shutil.rmtree(path) if path.is_dir() else path.unlink()


def key_of(parts: Mapping[str, Any]) -> str:
    """The key of a set of named values, whatever their order.

    Examples
    --------
    >>> key_of({"a": 1, "b": 2}) == key_of({"b": 2, "a": 1}) != key_of({"a": 2, "b": 1})
    True
    """
    text = json.dumps(parts, sort_keys=True, default=str)
    return hashlib.sha256(text.encode("utf-8", "backslashreplace")).hexdigest()


@cache
def code_sum() -> str:
    """The sum of the code of the bench and of what plug-ins add to it, of Python and libraries.

    What pages are made of does not count. The contestants have sums of their own (`package_sum`).
    """
    points = [point for group in READ_BY_ALL for point in plug_ins(group).values()]
    modules = ["bench", *sorted({point.module for point in points})]
    return key_of(
        {
            "packages": {module: package_sum(module) for module in modules},
            "libraries": versions(),
            "python": list(sys.version_info[:2]),
        }
    )


@cache
def pages_sum() -> str:
    """The sum of what pages are made of: their words, and the code that writes and draws."""
    (bench,) = map(Path, package_of("bench"))
    files = [file for file in bench.rglob("*") if file.suffix != ".pyc" and file.is_file()]
    names = {file.relative_to(bench): file for file in files}
    return key_of({str(name): sha256(file) for name, file in names.items() if _of_pages(name)})


def _of_pages(name: Path) -> bool:
    path = name.as_posix()
    return any(
        path.startswith(pattern) if pattern.endswith("/") else name.match(pattern)
        for pattern in PAGES
    )


def package_sum(module: str) -> str:
    """The sum of every file of the package of a module, by content; found without running it.

    Of the bench, what pages are made of and tables of data are left out. Of a contestant that
    ships, which imports no other, and of a module alone it is that of the file.

    Raises
    ------
    ConfigError
        If a folder in it is a link: what lies behind may be anything.
    """
    top = module.partition(".")[0]
    files = {}
    for place in map(Path, package_of(module if top == "predictors" else top)):
        if place.is_file():
            files[module] = sha256(place)
        for file in place.rglob("*"):
            name = file.relative_to(place)
            if file.is_symlink() and file.is_dir():
                raise ConfigError(
                    f"{file} is a link to a folder; accepted: folders of the package's own; copy "
                    "it there"
                )
            is_no_code = any(part.startswith(NO_CODE_PREFIXES) for part in name.parts)
            is_left_out = top == "bench" and (is_no_code or _of_pages(name))
            if file.is_file() and not is_left_out and file.suffix != ".pyc":
                files[name.as_posix()] = hashlib.sha256(file.read_bytes()).hexdigest()
    return key_of(files)


def sources_of(experiment: Experiment) -> dict[str, dict[str, Any]]:
    """Sums of what every predictor depends on: its source, and the files that it reads."""
    sums: dict[str, dict[str, Any]] = {}
    protection_of = protections(experiment)
    for name, settings in experiment.predictors.items():
        sums[name] = {
            "predictor": name,
            "source": [package_sum(kind_of(name, settings).__module__)],
            "files": files_read({name: settings}),
        }
        if name in protection_of:
            sums[name]["protection"] = protection_of[name]
        if is_object(name):  # nothing says on what an object of Python depends
            sums[name]["source"] = uuid.uuid4().hex
    return sums


def files_read(predictors: Mapping[str, Any]) -> dict[str, str]:
    """SHA-256 by path of every file that a setting of these predictors names.

    Parameters
    ----------
    predictors : mapping
        Settings by name. Which of them name files, the method says (`Predictor.files`).
    """
    named = {path for name, settings in predictors.items() for path in files_in(name, settings)}
    return {path.as_posix(): sha256(path) for path in sorted(named) if path.is_file()}


def code_sums(predictors: Mapping[str, Any]) -> dict[str, Any]:
    """SHA-256 of what makes forecasts: the harness, Python, libraries; and every predictor."""
    return {
        "harness": code_sum(),
        "predictors": {
            name: package_sum(kind_of(name, settings).__module__)
            for name, settings in predictors.items()
        },
    }


def versions() -> dict[str, str]:
    """Of the libraries on which numbers and figures may depend."""
    return {name: _version(name) for name in LIBRARIES}


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"

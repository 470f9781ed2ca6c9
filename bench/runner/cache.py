"""The cache: what was computed once, in memory and on disk; and the sums that its keys hold.

A key holds the settings, the data and the source on which a number depends: `code_sum` reads what
modules import, without running it.
"""

from __future__ import annotations

import ast
import hashlib
import importlib.util
import json
import sys
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from bench.core.errors import BenchError, DataError
from bench.core.predictor import Predictor
from bench.core.registry import is_given, kinds_in, plug_ins
from bench.core.settings import Experiment
from bench.data.readers import sha256, sum_of
from bench.metrics.registry import own_modules
from bench.runner.process import protections
from bench.runner.results import ArrowTables, Results

if TYPE_CHECKING:
    import pyarrow as pa


CHANGES_NO_NUMBER = ("audit", "execution", "frozen", "language", "name", "results", "title")
"""Settings on which no number of any study depends."""

FOLDER = ".cache"
UNFINISHED = ".unfinished"
ABANDONED_S = 24 * 3600.0
MARK = b"election-bench cache 2 "
ROOT = Path(__file__).resolve().parents[2]
LIBRARIES = (
    "numpy",
    "pandas",
    "pyarrow",
    "scikit-learn",
    "scipy",
    "scoringrules",
    "statsmodels",
    "numba",
)
LISTS_METRICS = "bench.metrics.registry"  # loads every module of its package, and plug-ins
LOADS_PLUG_INS = {
    LISTS_METRICS: "bench.metrics",
    "bench.models.ecological_inference.row_profiles": "bench.ecological_inference",
}

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
    """An entry as bytes: a mark, a checksum, a line of JSON, and one Arrow stream per table."""
    bodies = {name: _stream(table) for name, table in results.arrow_tables().items()}
    head = {
        "key": key,
        "facts": results.facts,
        "failures": results.failures,
        "sizes": {name: len(body) for name, body in bodies.items()},
    }
    body = b"".join([json.dumps(head, allow_nan=False).encode(), b"\n", *bodies.values()])
    return MARK + hashlib.sha256(body).hexdigest().encode() + b"\n" + body


def decode(content: bytes, key: str) -> Results | None:
    """The results of an entry; None where a single bit differs from what was written under its key.

    Examples
    --------
    >>> content = encode(Results(facts={"n": 1}), "k")
    >>> decode(content, "k").facts, decode(content[:-1], "k"), decode(content, "j")
    ({'n': 1}, None, None)
    """
    start = len(MARK) + 65
    if content[: len(MARK)] != MARK or content[start - 1 : start] != b"\n":
        return None
    body = content[start:]
    if hashlib.sha256(body).hexdigest().encode() != content[len(MARK) : start - 1]:
        return None
    line, _, rest = body.partition(b"\n")
    head = json.loads(line)
    if head["key"] != key:
        return None
    tables, at = {}, 0
    for name, size in head["sizes"].items():
        tables[name] = _read(rest[at : at + size])
        at += size
    return Results(tables=ArrowTables(tables), facts=head["facts"], failures=head["failures"])


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
        """The entry of a key; None if there is none.

        Raises
        ------
        DataError
            If there is one and it is not what was written.
        CacheError
            If it cannot be read.
        """
        path = self.path(key)
        try:
            content = path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise self._trouble("read", path, error) from error
        entry = decode(content, key)
        if entry is None:
            raise DataError(
                f"{path}: this entry of the cache is damaged (its checksum does not match); delete "
                "it, or run again with execution.overwrite=only-missing"
            )
        return entry

    def get_whole(self, key: str) -> Results | None:
        """As `get`, and None too where the entry is damaged, which is said on standard error."""
        try:
            return self.get(key)
        except DataError as error:
            print(f"{error}; it is computed again", file=sys.stderr)
            return None

    def put(self, key: str, results: Results) -> None:
        """Write an entry, whole.

        Raises
        ------
        CacheError
            If it cannot be written, e.g. on a full disk. Nothing half-written is left.
        """
        path = self.path(key)
        temporary = self.folder / UNFINISHED / f"{key}.{uuid.uuid4().hex}"
        try:
            for folder in (path.parent, temporary.parent):
                folder.mkdir(parents=True, exist_ok=True)
            temporary.write_bytes(encode(results, key))
            temporary.replace(path)
        except OSError as error:
            raise self._trouble("written", path, error) from error
        finally:
            temporary.unlink(missing_ok=True)

    def sweep(self) -> None:
        """Remove what killed writers left half-written."""
        for path in (self.folder / UNFINISHED).glob("*"):
            try:
                if time.time() - path.stat().st_mtime > ABANDONED_S:
                    path.unlink()
            except OSError:
                continue

    def _trouble(self, what: str, path: Path, error: OSError) -> CacheError:
        return CacheError(
            f"{path}: this entry of the cache cannot be {what} ({error.strerror}); what is "
            "finished is cached: make room or set execution.store to another folder, and run the "
            "same command again"
        )


def _stream(table: pa.Table) -> bytes:
    import pyarrow as pa

    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return bytes(memoryview(sink.getvalue()))


def _read(content: bytes) -> pa.Table:
    import pyarrow as pa

    with pa.ipc.open_stream(pa.py_buffer(content)) as reader:
        return reader.read_all()


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
def code_sum(*modules: str) -> str:
    """The sum of everything that these modules import of the bench, of Python and the libraries.

    Parameters
    ----------
    modules : str
        Dotted names, for example that of the module in which some work is defined.
    """
    names = imported(*modules)
    files = {name: _file(name) for name in names}
    groups = [group for module, group in LOADS_PLUG_INS.items() if module in names]
    points = [point for group in groups for point in plug_ins(group).values()]
    return key_of(
        {
            "plug-ins": {str(point): _plug_in(point.module)[0] for point in points},
            "files": _sums({name: file for name, file in files.items() if file}),
            "libraries": {name: _version(name) for name in LIBRARIES},
            "python": list(sys.version_info[:2]),
        }
    )


@cache
def imported(*modules: str) -> frozenset[str]:
    """The modules of the bench that some modules import, directly or through others.

    The source is read, not run. An import of a name from a package leads to the module that
    defines the name; what else a package re-exports is left out, as is what only type checkers
    import.

    Examples
    --------
    >>> sorted(imported("bench.core.forecast"))
    ['bench.core.errors', 'bench.core.forecast']
    >>> "bench.core.forecast" in imported("bench.metrics.score_forecast")
    True
    """
    found: set[str] = set()
    ahead = list(modules)
    while ahead:
        name = ahead.pop()
        file = _file(name)
        if name in found or file is None:
            continue
        found.add(name)
        ahead += _imports(file, name if file.stem == "__init__" else name.rpartition(".")[0])
        if name == LISTS_METRICS:
            ahead += own_modules()
    return frozenset(found)


def source_sum(kind: type) -> str:
    """The sum of the source of a predictor, a distortion or an instrument.

    For one that ships with the bench that is what its module imports; for a plug-in every Python
    file of its package, the version that is installed, and what these files import of the bench.
    Where no source is found the sum is new each time, and nothing is ever read from the cache.
    """
    if _file(kind.__module__):
        return code_sum(kind.__module__)
    installed, files = _plug_in(kind.__module__)
    top = kind.__module__.partition(".")[0]
    used = sorted({name for file in files for name in _imports(file, top)})
    return key_of({"installed": installed, "imports": code_sum(*used)})


def sources_of(experiment: Experiment) -> dict[str, dict[str, Any]]:
    """Sums of all that work may load by name: of every predictor, and of what all may load.

    A predictor's are those of its source and of the files that it reads; under the empty name
    stand those of distortions and instruments.
    """
    sums: dict[str, dict[str, Any]] = {}
    apart = protections(experiment)
    for name, kinds in _kinds(experiment.predictors).items():
        sums[name] = {
            "predictor": name,
            "source": [source_sum(one) for one in kinds],
            "files": _files_named(kinds[0], experiment.predictors[name]),
        }
        if name in apart:
            sums[name]["protection"] = [apart[name], experiment.execution.children]
        if is_given(name):  # nothing says what an object of Python depends on
            sums[name]["source"] = uuid.uuid4().hex
    made: dict[str, str] = {}
    for group, named in (
        ("distortions", experiment.scenarios),
        ("instruments", experiment.instruments),
    ):
        for name, settings in named.items():
            method = str((settings or {}).get("method", name))
            point = plug_ins(f"bench.{group}").get(method)
            module = f"bench.simulation.{group}.{method}"
            made[f"{group} {name}"] = source_sum(point.load()) if point else code_sum(module)
    return {"": made, **sums}


def files_read(predictors: Mapping[str, Any]) -> dict[str, str]:
    """SHA-256 by path of every file that a setting of these predictors names.

    Parameters
    ----------
    predictors : mapping
        Settings by name. Which of them name files, the method says (`Predictor.files`).
    """
    found: dict[str, str] = {}
    for name, kinds in _kinds(predictors).items():
        found |= _files_named(kinds[0], predictors[name])
    return {name: found[name] for name in sorted(found, key=Path)}


def code_sums(predictors: Mapping[str, Any]) -> dict[str, Any]:
    """SHA-256 of what makes forecasts: the harness, Python, libraries; and every predictor."""
    return {
        "harness": code_sum("bench.data.task", "bench.runner.prediction"),
        "predictors": {name: source_sum(kinds[0]) for name, kinds in _kinds(predictors).items()},
    }


def _kinds(predictors: Mapping[str, Any]) -> dict[str, list[type[Predictor]]]:
    return {name: kinds_in(name, given) for name, given in predictors.items()}


def _files_named(kind: type[Predictor], settings: Mapping[str, Any]) -> dict[str, str]:
    named = [Path(str(settings[key])).expanduser() for key in kind.files if settings.get(key)]
    return {path.as_posix(): sha256(path) for path in sorted(named) if path.is_file()}


def _plug_in(module: str) -> tuple[str, list[Path]]:
    """The sum of the package of a module and of its version, and its files."""
    top = module.partition(".")[0]
    spec = importlib.util.find_spec(module if top == "predictors" else top)
    files: list[Path] = []
    if spec is not None and spec.submodule_search_locations:
        files = [f for place in spec.submodule_search_locations for f in Path(place).rglob("*.py")]
    elif spec is not None and spec.has_location and spec.origin:
        files = [Path(spec.origin)]
    sums = _sums({str(file): file for file in files})
    if not sums:
        return uuid.uuid4().hex, []
    return key_of({"files": sums, "version": _version(top)}), files


@cache
def _imports(file: Path, package: str) -> tuple[str, ...]:
    """What a file of source in a package imports."""
    found = []
    for node in _executed(ast.parse(file.read_bytes())):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                above = package.split(".")[: len(package.split(".")) - node.level + 1]
                base = ".".join([*above, *([base] if base else [])])
            found += [_home(base, alias.name) for alias in node.names]
    return tuple(found)


def _home(module: str, name: str) -> str:
    """The module that defines a name which is imported from a module or a package."""
    if _file(f"{module}.{name}"):
        return f"{module}.{name}"
    file = _file(module)
    if file is None or file.stem != "__init__":
        return module
    for node in ast.walk(ast.parse(file.read_bytes())):
        if isinstance(node, ast.ImportFrom) and name in {a.asname or a.name for a in node.names}:
            return node.module or module
    return module


def _executed(tree: ast.AST) -> Iterator[ast.AST]:
    """All statements but those that only type checkers see."""
    ahead = [tree]
    while ahead:
        node = ahead.pop()
        for block in ("body", "orelse", "finalbody", "handlers", "cases"):
            for inner in getattr(node, block, ()):
                if isinstance(inner, ast.If) and ast.unparse(inner.test).endswith("TYPE_CHECKING"):
                    continue
                yield inner
                ahead.append(inner)


@cache
def _file(name: str) -> Path | None:
    if name.partition(".")[0] not in ("bench", "predictors"):
        return None
    place = ROOT / name.replace(".", "/")
    for file in (place.with_suffix(".py"), place / "__init__.py"):
        if file.is_file():
            return file
    return None


def _sums(files: Mapping[str, Path]) -> dict[str, str]:
    return {
        name: hashlib.sha256(file.read_bytes()).hexdigest() for name, file in sorted(files.items())
    }


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""

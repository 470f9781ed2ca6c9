"""The cache: what was computed once, in the memory of a process and in a folder on disk."""

from __future__ import annotations

import hashlib
import json
import sys
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from bench.core.errors import BenchError, DataError
from bench.core.settings import Experiment
from bench.data.readers import sum_of
from bench.runner.results import ArrowTables, Results, arrow_table
from bench.runner.sources import key_of

if TYPE_CHECKING:
    import pyarrow as pa

CHANGES_NO_NUMBER = ("audit", "execution", "frozen", "language", "name", "results", "title")
"""Settings on which no number of any study depends."""

FOLDER = ".cache"
UNFINISHED = ".unfinished"
ABANDONED_S = 24 * 3600.0
MARK = b"election-bench cache 2 "

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


@dataclass(frozen=True, kw_only=True)
class Entry:
    """What the work on one part gave, in a form that fits in memory, in a file and on a wire.

    Attributes
    ----------
    tables : mapping of str to pyarrow.Table
    facts, failures : dict
        As of `Results`; plain JSON.
    """

    tables: Mapping[str, pa.Table]
    facts: dict[str, Any]
    failures: dict[str, str]

    @classmethod
    def of(cls, results: Results) -> Entry:
        """The entry of results, the same whether they are fresh or were read."""
        return cls(
            tables={name: arrow_table(table) for name, table in results.raw_tables().items()},
            facts=json.loads(json.dumps(dict(results.facts), allow_nan=False)),
            failures={str(name): str(text) for name, text in results.failures.items()},
        )

    def results(self) -> Results:
        """The results, whose tables become pandas when they are looked at."""
        return Results(tables=ArrowTables(self.tables), facts=self.facts, failures=self.failures)

    def encode(self, key: str) -> bytes:
        """The bytes of the entry: a mark, a checksum, a line of JSON, one Arrow stream a table."""
        bodies = {name: _stream(table) for name, table in self.tables.items()}
        head = {
            "key": key,
            "facts": self.facts,
            "failures": self.failures,
            "sizes": {name: len(body) for name, body in bodies.items()},
        }
        body = b"".join([json.dumps(head, allow_nan=False).encode(), b"\n", *bodies.values()])
        return MARK + hashlib.sha256(body).hexdigest().encode() + b"\n" + body


def decode(content: bytes, key: str) -> Entry | None:
    """The entry, or None where a single bit differs from what was written under this key.

    Examples
    --------
    >>> content = Entry(tables={}, facts={"n": 1}, failures={}).encode("k")
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
    return Entry(tables=tables, facts=head["facts"], failures=head["failures"])


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

    def get(self, key: str) -> Entry | None:
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

    def get_whole(self, key: str) -> Entry | None:
        """As `get`, and None too where the entry is damaged, which is said on standard error."""
        try:
            return self.get(key)
        except DataError as error:
            print(f"{error}; it is computed again", file=sys.stderr)
            return None

    def put(self, key: str, entry: Entry) -> None:
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
            temporary.write_bytes(entry.encode(key))
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

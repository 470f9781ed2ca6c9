"""The sandbox of the audit: a predictor in a process that hears, and can refuse, what it opens."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from bench.core import Evidence, Predictor, paths
from bench.core.settings import Execution
from bench.data.collection import FACTS
from bench.data.columns import COLLECTION_TABLES
from bench.data.election import Election, folders_read
from bench.data.tables import EVENT
from bench.data.task import Task
from bench.runner import workers
from bench.runner.attempt import Prediction, guarded
from bench.runner.confinement import LANDLOCK, give_up_reading
from bench.runner.foreign import Foreign, believed
from bench.runner.sandbox import Death, isolated
from bench.runner.wire import pack, unpack

TABLES_OF_AN_ELECTION = (
    "candidates.csv",
    "election.yaml",
    "inputs",
    "outcome",
    "outcome.csv",
    "polls.csv",
    FACTS,
    *(f"{name}{suffix}" for name in COLLECTION_TABLES for suffix in (".csv", ".parquet")),
)

_FILES = {"open": "opens", "os.listdir": "lists", "os.scandir": "lists", "os.chdir": "enters"}
_PROCESSES = ("subprocess.Popen", "os.system", "os.posix_spawn", "os.exec", "os.fork", "os.forkpty")
_NETWORK = ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto")
_MEMORY = ("gc.get_objects", "gc.get_referrers")


@dataclass(frozen=True, kw_only=True)
class Watched:
    """What a predictor said in a watched process.

    Attributes
    ----------
    prediction : Prediction
    attempts : tuple of str
        What it reached for, in order, each once.
    denied : bool
        Whether the kernel refused reads by compiled code too.
    """

    prediction: Prediction
    attempts: tuple[str, ...]
    denied: bool


def watched(
    task: Task,
    name: str,
    predictor: Predictor,
    evidence: Evidence,
    *,
    deny: bool = False,
    execution: Execution | None = None,
) -> Watched:
    """Ask a predictor in a forked process; report what it reaches for beside its evidence.

    Python's audit hooks see what Python opens. A library that opens files by itself is unseen;
    `deny` lets the kernel refuse it, where the kernel can. What comes back are numbers and text:
    nothing that the process writes is run. A predictor that means to can still write a false
    report of itself; only a process under another user could prevent that.

    Parameters
    ----------
    task : Task
        What it is asked.
    name : str
        Row of the table; its generator depends on it.
    predictor : Predictor
        The contestant; it gets the tables that it needs and no others.
    evidence : Evidence
        All tables.
    deny : bool
        Refuse reads of the forbidden folders instead of only recording them.
    execution : Execution, optional
        Its limits on time and memory; the defaults if left out.

    Raises
    ------
    ConfigError
        Where processes cannot be forked.
    """
    limits = execution or Execution()
    evidence = evidence.only(predictor.needs)  # assembled before anything is watched
    if isinstance(predictor, Foreign):  # whose own process refuses all that, and says so
        rng = task.rng(predictor.level_of or name)
        answer = workers.ask(predictor.order, evidence, rng, limits)
        return Watched(
            prediction=believed(answer, evidence),
            attempts=answer.attempts,
            denied=LANDLOCK in answer.confined,
        )
    folders = forbidden_folders(task.election)
    own = own_files(predictor, task.election)
    watch = Watch(folders, own)

    def work() -> bytes:
        denied = deny and give_up_reading(folders, but=own)
        sys.addaudithook(watch)
        rng = task.rng(predictor.level_of or name)
        watch.on = True
        prediction = guarded(predictor, evidence, rng)
        watch.on = False
        report = {"attempts": list(dict.fromkeys(watch.attempts)), "denied": denied}
        return json.dumps(report).encode() + b"\n" + pack(prediction)

    said = isolated(work, limits.time_limit_s, limits.memory_limit_mb)
    if isinstance(said, Death):
        died = Prediction(status="failed", message=said.reason, trace=said.printed)
        return Watched(prediction=died, attempts=(), denied=deny)
    line, _, rest = said.partition(b"\n")
    try:
        report = json.loads(line)
        attempts, denied = tuple(map(str, report["attempts"])), bool(report["denied"])
    except (KeyError, TypeError, ValueError):
        attempts, denied = ("writes a report of its own into the sandbox",), deny
    return Watched(prediction=unpack(rest), attempts=attempts, denied=denied)


def forbidden_folders(election: Election) -> list[Path]:
    """Where a predictor has no business: evidence reaches it through the harness alone."""
    folders = {paths.datasets(), *folders_read(election)}
    # committed results hold errors, from which an outcome can be computed
    results = paths.datasets().parent / "results"
    return sorted(folders | ({results} if results.is_dir() else set()))


def own_files(predictor: Predictor, election: Election) -> list[Path]:
    """Files that the settings of a predictor name and that hold no data of an election.

    A forecast that was brought along may lie beside the tables of its election and is read there;
    what ships with the bench, its results, and the tables themselves stay out of reach.
    """
    ours = [paths.datasets(), paths.datasets().parent / "results"]
    named = (str(getattr(predictor, name, "") or "") for name in sorted(predictor.files))
    found = [Path(path).expanduser().resolve() for path in named if path]
    tables = {f / name for f in folders_read(election) for name in TABLES_OF_AN_ELECTION}
    return [
        path
        for path in found
        if path.is_file()
        and not any(path.is_relative_to(folder.resolve()) for folder in ours)
        and tables.isdisjoint({path, *path.parents})
    ]


@cache
def _nodes(root: str) -> dict[tuple[int, int], str]:
    """Files below a folder by their nodes: a hard link elsewhere is the same file."""
    files = (path for path in Path(root).rglob("*") if path.is_file())
    return {(facts.st_dev, facts.st_ino): str(path) for path in files if (facts := path.stat())}


class Watch:
    """An audit hook that keeps what concerns some folders, the network and other processes."""

    def __init__(self, folders: Collection[Path], but: Collection[Path] = ()) -> None:
        self.on = False
        self._but = {os.path.realpath(path) for path in but}
        self.attempts: list[str] = []
        self._roots = [os.path.realpath(folder) for folder in folders]
        self._nodes = {node: path for root in self._roots for node, path in _nodes(root).items()}

    def __call__(self, event: str, arguments: tuple[Any, ...]) -> None:
        """Record one event; never let an error of ours reach the call."""
        if not self.on:
            return
        self.on = False
        with suppress(OSError, ValueError, TypeError):
            if words := self._words(event, arguments):
                self.attempts.append(words)
        self.on = True

    def _words(self, event: str, arguments: tuple[Any, ...]) -> str:
        if event in _FILES:
            path = self._inside(arguments[0] if arguments else ".")
            return f"{_FILES[event]} {path}" if path else ""
        if event == EVENT:
            return f"asks bench.data for the uncut table {arguments[0]!r} of {arguments[1]}"
        if event in _NETWORK:
            return f"reaches for the network ({event} {arguments[-1]!r})"[:200]
        if event in _PROCESSES:
            return f"starts a process, which cannot be watched ({event})"
        if event in _MEMORY:
            return f"searches the memory of the process ({event})"
        return ""

    def _inside(self, path: Any) -> str:
        if path is None or isinstance(path, int):
            return os.getcwd() if path is None and self._below(os.getcwd()) else ""
        real = os.path.realpath(os.fsdecode(path))
        if real in self._but:
            return ""
        if self._below(real):
            return real
        facts = os.stat(real)
        return self._nodes.get((facts.st_dev, facts.st_ino), "")

    def _below(self, real: str) -> bool:
        return any(real == root or real.startswith(root + os.sep) for root in self._roots)

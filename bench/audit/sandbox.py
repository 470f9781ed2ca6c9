"""The sandbox of the audit: a predictor in a process that hears, and can refuse, what it opens."""

from __future__ import annotations

import faulthandler
import importlib
import json
import os
import random
import signal
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, fields
from functools import cache
from operator import attrgetter
from pathlib import Path
from typing import IO, Any

import numpy as np

from bench.core import ConfigError, Evidence, Predictor, paths
from bench.core.settings import Execution
from bench.data.election import Election, folders_read
from bench.data.readers import forget
from bench.data.tables import EVENT
from bench.data.task import Task
from bench.runner import workers
from bench.runner.attempt import Prediction, guarded, said, trace_of
from bench.runner.confinement import (
    LANDLOCK,
    give_up_reading,
    limit,
    live,
    refuse_calls,
)
from bench.runner.foreign import Foreign, believed
from bench.runner.reach import is_free
from bench.runner.wire import pack, unpack

LARGEST_FILE = 256 * 2**20  # bytes that an attempt may print or write into one file
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
    """Ask a predictor about a task in a forked process; report what it reaches for.

    Parameters
    ----------
    task : Task
        What it is asked.
    name : str
        Row of the table; its generator depends on it.
    predictor, evidence, deny, execution
        As of `watched_call`.

    Raises
    ------
    ConfigError
        Where processes cannot be forked.
    """
    return watched_call(
        predictor,
        evidence,
        lambda: task.rng(predictor.level_of or name),
        election=task.election,
        deny=deny,
        execution=execution,
    )


def watched_call(
    predictor: Predictor,
    evidence: Evidence,
    rng: Callable[[], np.random.Generator],
    *,
    election: Election | None = None,
    deny: bool = False,
    execution: Execution | None = None,
) -> Watched:
    """Ask a predictor in a forked process; report what it reaches for beside its evidence.

    There its module is imported and the predictor made once more (`made_again`), so that what these
    two read is heard as well; what the harness remembers of its files is forgotten, open files that
    nobody may read are closed, and random numbers that are not those of `rng` start anew.
    Python's audit hooks see what Python opens. A library that opens files by itself is unseen;
    `deny` lets the kernel refuse it, where the kernel can. What comes back are numbers and text:
    nothing that the process writes is run. A predictor that means to can still write a false
    report of itself; only a process under another user could prevent that.

    Parameters
    ----------
    predictor : Predictor
        The contestant; it gets the tables that it needs and no others.
    evidence : Evidence
        All tables.
    rng : callable
        Makes the generator that it is handed.
    election : Election, optional
        Whose folders are watched besides those that ship.
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
    evidence = evidence.assembled()  # before anything is watched
    if isinstance(predictor, Foreign):  # whose own process refuses all that, and says so
        given = evidence.only(predictor.needs)
        told = workers.ask(predictor.recipe, given, rng(), limits)
        return Watched(
            prediction=believed(told, given),
            attempts=told.attempts,
            denied=LANDLOCK in told.confined,
        )
    folders = forbidden_folders(election)
    watch = Watch(folders)

    def work() -> bytes:
        forget()
        np.random.seed()  # noqa: NPY002 - whoever draws from it differs from call to call
        random.seed()
        sys.addaudithook(watch)
        watch.close_what_is_open()
        denied, named, own = False, list[Path](), list[Path]()
        try:
            with watch.on():
                named = named_files(predictor)
                own = [path for path in named if is_free(path)]
            watch.leave_alone(own)
            denied = deny and _give_up(folders, own)
            with watch.on():
                mine = made_again(predictor)
                prediction = guarded(mine, evidence.only(mine.needs), rng())
        except Exception as error:  # noqa: BLE001 - all of this is code of the predictor
            prediction = Prediction(status="failed", message=said(error), trace=trace_of(error))
        barred = [f"is set to read {path}" for path in named if path not in own]
        report = {"attempts": list(dict.fromkeys([*barred, *watch.attempts])), "denied": denied}
        return json.dumps(report).encode() + b"\n" + pack(prediction)

    answer = isolated(work, limits.time_limit_s, limits.memory_limit_mb)
    if isinstance(answer, Death):
        died = Prediction(status="failed", message=answer.reason, trace=answer.printed)
        return Watched(prediction=died, attempts=(), denied=deny)
    line, _, rest = answer.partition(b"\n")
    try:
        report = json.loads(line)
        attempts, denied = tuple(map(str, report["attempts"])), bool(report["denied"])
    except (KeyError, TypeError, ValueError):
        attempts, denied = ("writes a report of its own into the sandbox",), deny
    return Watched(prediction=unpack(rest), attempts=attempts, denied=denied)


def _give_up(folders: Collection[Path], own: Collection[Path]) -> bool:
    """No forbidden file, no network and nothing that was left in the environment, for good."""
    for name in set(os.environ) - {"HOME", "TMPDIR", *workers.ENVIRONMENT}:
        if not name.startswith(workers.OF_ARITHMETIC):
            del os.environ[name]
    denied = give_up_reading(folders, but=own)
    refuse_calls(signals_held=False)
    return denied


def made_again(predictor: Predictor) -> Predictor:
    """The same predictor, of a class that is imported now.

    For the sandbox alone: afterwards this process holds two versions of the modules of its package.
    A class that stands in a test, in a function or at a prompt keeps its module, and what is no
    dataclass is asked as it is.

    Examples
    --------
    >>> from bench.core.registry import make_predictor
    >>> made_again(make_predictor("uniform", {}))
    Uniform()
    """
    kind = type(predictor)
    if not hasattr(kind, "__dataclass_fields__"):
        return predictor
    last = kind.__module__.rpartition(".")[2]
    if "<locals>" not in kind.__qualname__ and not last.startswith(("test_", "__main__")):
        top = kind.__module__.partition(".")[0]
        for name in [one for one in sys.modules if one.partition(".")[0] == top]:
            if name == kind.__module__ or top not in ("bench", "predictors"):
                del sys.modules[name]
        kind = attrgetter(kind.__qualname__)(importlib.import_module(kind.__module__))
    given = {one.name: getattr(predictor, one.name) for one in fields(predictor) if one.init}
    again = {k: made_again(v) if isinstance(v, Predictor) else v for k, v in given.items()}
    return kind(**again)


def forbidden_folders(election: Election | None = None) -> list[Path]:
    """Where a predictor has no business: evidence reaches it through the harness alone."""
    home, here = paths.datasets().parent, Path.cwd()
    folders = {paths.datasets()} | (set() if election is None else set(folders_read(election)))
    for place in (home, here):
        # results hold errors, from which an outcome can be computed, and a repository holds both
        folders |= {place / "results", *_repository(place / ".git")}
    return sorted(folder for folder in folders if folder.is_dir())


def _repository(git: Path) -> Iterator[Path]:
    """The folders of a git repository, also where `.git` is a file that says where it lies."""
    if git.is_file():
        words = git.read_text(encoding="utf-8").partition("gitdir:")[2].strip()
        git = git.parent / words
        shared = git / "commondir"
        if words and shared.is_file():
            yield (git / shared.read_text(encoding="utf-8").strip()).resolve()
    yield git


def named_files(predictor: Predictor) -> list[Path]:
    """Files that the settings of a predictor name."""
    values = (str(getattr(predictor, name, "") or "") for name in sorted(predictor.files))
    found = [Path(path).expanduser().resolve() for path in values if path]
    return [path for path in found if path.is_file()]


@cache
def _nodes(root: str) -> dict[tuple[int, int], str]:
    """Files below a folder by their nodes: a hard link elsewhere is the same file."""
    files = (path for path in Path(root).rglob("*") if path.is_file())
    return {(facts.st_dev, facts.st_ino): str(path) for path in files if (facts := path.stat())}


class Watch:
    """An audit hook that keeps what concerns some folders, the network and other processes."""

    def __init__(self, folders: Collection[Path]) -> None:
        self.attempts: list[str] = []
        self._on = False
        self._but: set[str] = set()
        self._roots = [os.path.realpath(folder) for folder in folders]
        self._nodes = {node: path for root in self._roots for node, path in _nodes(root).items()}

    def leave_alone(self, files: Collection[Path]) -> None:
        """Hear nothing of these files from now on."""
        self._but |= {os.path.realpath(path) for path in files}

    @contextmanager
    def on(self) -> Iterator[None]:
        """Listen meanwhile."""
        self._on = True
        try:
            yield
        finally:
            self._on = False

    def close_what_is_open(self) -> None:
        """Close descriptors of files below the folders, whoever opened them."""
        with suppress(OSError):  # a system without /proc
            for entry in os.listdir("/proc/self/fd"):
                with suppress(OSError):
                    path = os.readlink(f"/proc/self/fd/{entry}")
                    if self._below(path):
                        os.close(int(entry))

    def __call__(self, event: str, arguments: tuple[Any, ...]) -> None:
        """Record one event; never let an error of ours reach the call."""
        if not self._on:
            return
        self._on = False
        with suppress(OSError, ValueError, TypeError):
            if words := self._words(event, arguments):
                self.attempts.append(words)
        self._on = True

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


@dataclass(frozen=True, kw_only=True)
class Death:
    """Why a process left no answer, and what it printed."""

    reason: str
    printed: str


def isolated(work: Callable[[], bytes], time_limit_s: float, memory_limit_mb: int) -> bytes | Death:
    """Do some work in a copy of this process and fetch its bytes.

    The copy shares memory with its parent until one of them writes, so that nothing is pickled.
    Everything that it started in its own process group ends with it.

    Parameters
    ----------
    work : callable
        Returns at least one byte.
    time_limit_s : float
        Seconds after which it is killed.
    memory_limit_mb : int
        MiB of address space by which it may grow.

    Raises
    ------
    ConfigError
        If the system cannot copy processes.
    """
    if not hasattr(os, "fork"):
        raise ConfigError(
            f"an audit asks predictors in copies of its process, and {sys.platform} lacks fork; "
            "audit and freeze on Linux or macOS"
        )
    with tempfile.TemporaryFile() as answer, tempfile.TemporaryFile() as log:
        sys.stdout.flush()
        sys.stderr.flush()
        deadline = time.monotonic() + time_limit_s
        with warnings.catch_warnings():
            # Python warns of copies of processes with threads; nothing here waits for one
            warnings.simplefilter("ignore", DeprecationWarning)
            child = os.fork()
        if child == 0:
            live(lambda: _answer(work, answer, log, memory_limit_mb))
        status = None
        try:
            status = _wait(child, deadline)
        finally:
            _end(child, reaped=status is not None)
        answer.seek(0)
        if status == 0 and (content := answer.read()):
            return content
        log.seek(max(0, log.seek(0, os.SEEK_END) - workers.LOG_TAIL))
        words = log.read().decode("utf-8", "replace")
        return Death(reason=workers.reason(status, time_limit_s), printed=words)


def _answer(work: Callable[[], bytes], answer: IO[bytes], log: IO[bytes], limit_mb: int) -> None:
    os.setsid()
    limit(limit_mb, FSIZE=LARGEST_FILE)
    answer, log = _clear_of_standard(answer), _clear_of_standard(log)
    with open(os.devnull, "rb") as nothing:
        os.dup2(nothing.fileno(), 0)
    os.dup2(log.fileno(), 1)
    os.dup2(log.fileno(), 2)
    faulthandler.enable(log.fileno())
    me = os.getpid()
    content = work()
    if os.getpid() == me:
        answer.write(content)
        answer.flush()


def _clear_of_standard(file: IO[bytes]) -> IO[bytes]:
    """The same file beyond standard input, output and error, which are about to be replaced."""
    import fcntl  # not on every system

    return os.fdopen(fcntl.fcntl(file.fileno(), fcntl.F_DUPFD, 3), "w+b")


def _wait(child: int, deadline: float) -> int | None:
    """The exit status (negative: the signal that ended it); None if time ran out."""
    pause = 0.0005
    while True:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        left = deadline - time.monotonic()
        if left <= 0:
            return None
        time.sleep(min(pause, left))
        pause = min(2 * pause, 0.02)


def _end(child: int, *, reaped: bool) -> None:
    """Kill what is left of the copy and of everything that it started."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(child, signal.SIGKILL)
    if not reaped:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)

"""The harness's end of the sandbox: workers by predictor, their limits, and what becomes of them.

A worker outlives many tasks, but not one that its predictor must not remember: as soon as it has
seen something that was not public at the moment of the next task, or evidence that somebody made up
or distorted, another takes its place. It starts from the nursery and so knows nothing; a copy of
the former could, by a pipe or shared memory made while it was imported.
"""

from __future__ import annotations

import atexit
import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from bench.core import ConfigError, Evidence
from bench.core.evidence import EvidenceBatch
from bench.core.settings import Execution
from bench.runner.attempt import Prediction, once_per_table
from bench.runner.confinement import LANDLOCK, SECCOMP
from bench.runner.reach import forbidden, readable
from bench.runner.wire import LARGEST_ANSWER, Gone, receive, request, send, unpack

MOST_WORKERS = 8
LOG_TAIL = 20_000
MARGIN = pd.Timedelta(days=1)  # between clocks of two countries
CONFINED = True  # False where a test wants the process that other systems get
ENVIRONMENT = ("LANG", "LC_ALL", "LC_CTYPE", "PATH", "TMPDIR", "TZ", "LD_LIBRARY_PATH")
ONE_THREAD = ("MKL_NUM_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")  # as in the runner
OF_ARITHMETIC = ("BLIS_", "GOTO_", "MKL_", "NPY_", "NUMBA_", "NUMEXPR_", "OMP_", "OPENBLAS_")
"""How variables begin that say how many threads, or which instructions, linear algebra takes."""
START = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]); "
    "from bench.runner.worker import nursery; nursery(int(sys.argv[2]))"
)


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """Which predictor a worker is for.

    Attributes
    ----------
    name, method : str
        Of its row, and of its file or entry point.
    settings : str
        As JSON; empty for a class that is only described.
    points : tuple of (str, str)
        Entry points that it needs, by name.
    files : tuple of str
        Its own package, and files that its settings name.
    """

    name: str
    method: str
    settings: str = ""
    points: tuple[tuple[str, str], ...] = ()
    files: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a worker said of one task.

    Attributes
    ----------
    prediction : Prediction
        Unchecked but for its form, and that no time is longer than what the harness measured.
    attempts : tuple of str
        What Python reached for and may not have, each once.
    confined : tuple of str
        What the kernel held it with.
    """

    prediction: Prediction
    attempts: tuple[str, ...] = ()
    confined: tuple[str, ...] = ()

    @property
    def unranked(self) -> str:
        """Why no table may rank it."""
        missing = " and no ".join(sorted({LANDLOCK, SECCOMP} - set(self.confined)))
        return f"ran without a whole sandbox: this system has no {missing}" if missing else ""


class _Died(Exception):
    """A worker left no answer."""

    def __init__(self, why: str, printed: str, confined: tuple[str, ...]) -> None:
        super().__init__(why)
        self.why, self.printed, self.confined = why, printed, confined


def facts(recipe: Recipe, execution: Execution) -> dict[str, Any]:
    """What a predictor's own process says of it, as JSON; nothing of it can be believed.

    Raises
    ------
    ConfigError
        If it cannot be imported or made, within the limits; or where processes cannot be forked.
    """
    with _lock:
        try:
            found = _worker(recipe, execution).facts
        except _Died as death:
            raise ConfigError(
                f"predictor '{recipe.name}' cannot be made: {death.why}"
                + (f"\n{death.printed}" if death.printed else "")
            ) from None
    if "error" in found:
        _retire(recipe, execution)
        raise ConfigError(str(found["error"]))
    if not recipe.settings:
        _retire(recipe, execution)
    return found


def ask(
    recipe: Recipe,
    asked: Evidence | EvidenceBatch,
    rng: np.random.Generator,
    execution: Execution,
    *,
    alike: bool = False,
) -> Answer:
    """Ask a predictor in its worker.

    Parameters
    ----------
    recipe : Recipe
        Which predictor.
    asked : Evidence or EvidenceBatch
        With the tables that it needs and no others.
    rng : numpy.random.Generator
        The worker gets one in the same state.
    execution : Execution
        With the limits.
    alike : bool
        Whether this is what was public at `as_of`, so that the worker may be asked again about a
        later moment.
    """
    began = time.monotonic()
    evidence = asked.evidence if isinstance(asked, EvidenceBatch) else asked
    with _lock:
        try:
            found = _pool.get((recipe, execution.memory_limit_mb))
            if found is not None and not (alike and found.may_see(evidence)):
                _retire(recipe, execution)
            worker = _worker(recipe, execution)
            if "error" in worker.facts:
                _retire(recipe, execution)
                return Answer(prediction=_failed(str(worker.facts["error"]), began))
            head, _, rest = worker.exchange(asked, rng, execution.time_limit_s).partition(b"\n")
            if alike:
                worker.saw(evidence)
            else:
                _retire(recipe, execution)
            said = unpack(rest)
            return Answer(
                prediction=_timed(said, time.monotonic() - began),
                attempts=_attempts(head),
                confined=worker.confined,
            )
        except _Died as death:
            _retire(recipe, execution)
            failed = _failed(death.why, began, death.printed)
            return Answer(prediction=failed, confined=death.confined)
        except BaseException:
            _retire(recipe, execution)  # in the middle of something
            raise


def _failed(why: str, began: float, printed: str = "") -> Prediction:
    return Prediction(status="failed", message=why, trace=printed, wall_s=time.monotonic() - began)


def _timed(said: Prediction, wall_s: float) -> Prediction:
    """With seconds that can be: a worker may say what it likes."""
    most = wall_s * (os.cpu_count() or 1)
    return replace(said, wall_s=min(said.wall_s, wall_s), cpu_s=min(said.cpu_s, most))


def _attempts(head: bytes) -> tuple[str, ...]:
    try:
        return tuple(str(one)[:500] for one in json.loads(head)["attempts"][:100])
    except Exception:  # noqa: BLE001 - these bytes can hold anything
        return ("writes a report of its own into the sandbox",)


class _Worker:
    """A process for one predictor."""

    def __init__(self, recipe: Recipe, execution: Execution, nursery: _Nursery) -> None:
        self.tables: frozenset[int] = frozenset()
        self.confined: tuple[str, ...] = ()
        self.facts: dict[str, Any] = {}
        self._nursery = nursery
        self._pid: int | None = None
        self._handle: int | None = None
        self._printed = ""
        self._seen: tuple[str, pd.Timestamp] | None = None
        self._line, theirs = socket.socketpair()
        self._log = _memory("bench-log")
        told = {
            "name": recipe.name,
            "method": recipe.method,
            "settings": json.loads(recipe.settings) if recipe.settings else None,
            "points": recipe.points,
            "packages": sorted({at.partition(":")[0].partition(".")[0] for _, at in recipe.points}),
            "read": [*readable(), *recipe.files],
            "forbidden": forbidden(),
            "path": _search_path(),
            "memory_limit_mb": execution.memory_limit_mb,
            "confined": CONFINED,
        }
        with theirs:
            self._pid, self._handle = nursery.born(told, theirs.fileno(), self._log)
        self._limit = execution.time_limit_s
        self._first(time.monotonic() + execution.time_limit_s)

    def _first(self, deadline: float) -> None:
        # sent before anything of the predictor's ran
        agreed = json.loads(self._answer(deadline, most=1000))
        self.confined = tuple(agreed)
        try:
            self.facts = dict(json.loads(self._answer(deadline, most=2**20)))
        except _Died:
            raise
        except Exception as error:
            self.end()
            raise _Died("it describes itself in no usable way", "", self.confined) from error

    def may_see(self, evidence: Evidence) -> bool:
        """Whether all that this worker has seen was public at the moment of some evidence."""
        if self._seen is None:
            return True
        election, until = self._seen
        return evidence.as_of >= (until if election == evidence.election else until + MARGIN)

    def saw(self, evidence: Evidence) -> None:
        """Take note of evidence that this worker was given."""
        until = max([evidence.as_of, *(_latest(table) for table in evidence.tables.values())])
        if self._seen is not None and self._seen[0] != evidence.election:
            until = max(until, self._seen[1] + MARGIN)
        self._seen = (evidence.election, until)

    def exchange(
        self, asked: Evidence | EvidenceBatch, rng: np.random.Generator, limit_s: float
    ) -> bytes:
        """The answer to a question."""
        self._limit = limit_s
        sent = request(asked, rng, self.tables)
        deadline = time.monotonic() + limit_s
        os.lseek(self._log, 0, os.SEEK_SET)
        os.ftruncate(self._log, 0)
        self._line.settimeout(limit_s)
        body = [_memory("bench-tables", sent.body)] if sent.body else []
        try:
            send(self._line, sent.head, *body)
        except TimeoutError:
            raise self._death(late=True) from None
        except OSError:
            raise self._death() from None
        finally:
            for number in body:
                os.close(number)
        self.tables = sent.tables
        return self._answer(deadline, most=LARGEST_ANSWER)

    def _answer(self, deadline: float, most: int) -> bytes:
        """The next message, if it comes in time."""
        length = int.from_bytes(self._bytes(8, deadline), "little")
        if length > most:
            raise self._death(f"its answer has {length:,} bytes; accepted: {most:,}")
        return bytes(self._bytes(length, deadline))

    def _bytes(self, length: int, deadline: float) -> bytearray:
        content = bytearray(length)
        view, at = memoryview(content), 0
        self._line.setblocking(False)
        while at < length:
            try:
                got = self._line.recv_into(view[at:])
            except BlockingIOError:
                self._wait(deadline)
                continue
            except OSError:
                got = 0
            if not got:
                raise self._death()
            at += got
        return content

    def _wait(self, deadline: float) -> None:
        """Until something arrives or the process ends; its death in place of the deadline."""
        left = deadline - time.monotonic()
        if left <= 0:
            raise self._death(late=True)
        ready = _ready((self._line.fileno(), self._handle), left)
        if ready == [self._handle]:
            raise self._death()

    def _death(self, why: str = "", *, late: bool = False) -> _Died:
        if not late and not why and self._handle is not None:
            _ready((self._handle,), 2.0)  # its files are closed a moment before it is gone
        status = self.end()
        if late:
            why = reason(None, self._limit)
        elif not why and status is None:
            why = "Died: the process closed its line to the harness before it gave an answer"
        return _Died(why or reason(status, self._limit), self._printed, self.confined)

    def end(self) -> int | None:
        """Kill it and all that it started; its exit status if it had ended by itself."""
        if self._pid is None:
            return None
        status, self._pid = self._nursery.end(self._pid), None
        size = os.lseek(self._log, 0, os.SEEK_END)
        tail = os.pread(self._log, LOG_TAIL, max(0, size - LOG_TAIL))
        self._printed = tail.decode("utf-8", "replace")
        self._line.close()
        os.close(self._log)
        if self._handle is not None:
            os.close(self._handle)
        return status


def reason(status: int | None, time_limit_s: float) -> str:
    """Why a process left no answer, by its exit status; None if time ran out."""
    if status is None:
        return (
            f"TimeLimit: no answer after {time_limit_s:g} s; give it more with "
            "execution.time_limit_s, or make it faster"
        )
    if status < 0:
        return f"Died: the process was ended by {signal.Signals(-status).name}"
    return f"Died: the process ended itself with status {status} before it gave an answer"


class _Nursery:
    """The process that forks workers; it is started when the first is needed."""

    def __init__(self) -> None:
        if not hasattr(os, "fork"):
            raise ConfigError(
                "what does not ship with the bench is asked in a process of its own, for which "
                f"{sys.platform} lacks fork; set execution.trust=all if you trust all of it"
            )
        self.owner = os.getpid()
        self._line, theirs = socket.socketpair()
        self._errors = os.fdopen(_memory("bench-errors"), "w+b")
        with theirs:
            self._process = subprocess.Popen(
                [
                    *(sys.executable, "-I", "-c", START),
                    *(json.dumps(_search_path()), str(theirs.fileno())),
                ],
                pass_fds=[theirs.fileno()],
                env=_environment(),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=self._errors,
                start_new_session=True,
                cwd="/",
            )

    def born(self, told: dict[str, Any], line: int, log: int) -> tuple[int, int | None]:
        """The number and, where the system has them, the handle of a new worker."""
        content, given = self._said(told, line, log)
        if "error" in content:
            raise ConfigError(f"no process can be started for a sandbox: {content['error']}")
        return content["pid"], given[0] if given else None

    def end(self, child: int) -> int | None:
        """Kill a worker with all that it started; its exit status if it had ended before."""
        try:
            status: int | None = self._said({"end": child})[0]["status"]
        except ConfigError:  # the nursery is gone, and its children with it
            return None
        return status

    def _said(self, told: dict[str, Any], *descriptors: int) -> tuple[dict[str, Any], list[int]]:
        try:
            send(self._line, json.dumps(told).encode(), *descriptors)
            content, given = receive(self._line)
        except (OSError, Gone) as error:
            self._errors.seek(0)
            words = self._errors.read().decode("utf-8", "replace").strip()[-LOG_TAIL:]
            raise ConfigError(
                "the process that starts sandboxes has ended"
                + (f": {words.splitlines()[-1]}" if words else "; run the same command again")
            ) from error
        return json.loads(content), given

    def close(self) -> None:
        """End it, and with it all workers."""
        self._line.close()
        self._errors.close()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(10)

    def alive(self) -> bool:
        """Whether it is there, and this process's own."""
        return self.owner == os.getpid() and self._process.poll() is None


_lock = threading.RLock()
_pool: OrderedDict[tuple[Recipe, int], _Worker] = OrderedDict()
_nurseries: list[_Nursery] = []


def _worker(recipe: Recipe, execution: Execution) -> _Worker:
    """The worker of a recipe, made if there is none."""
    nursery = _nursery()
    key = (recipe, execution.memory_limit_mb)
    if key not in _pool:
        while len(_pool) >= MOST_WORKERS:
            _pool.popitem(last=False)[1].end()
        _pool[key] = _Worker(recipe, execution, nursery)
    _pool.move_to_end(key)
    return _pool[key]


def _retire(recipe: Recipe, execution: Execution) -> None:
    with _lock:
        worker = _pool.pop((recipe, execution.memory_limit_mb), None)
        if worker is not None:
            worker.end()


def _nursery() -> _Nursery:
    if _nurseries and not _nurseries[0].alive():
        _pool.clear()  # of a process that is gone, or of the one that this was forked from
        _nurseries.clear()
    if not _nurseries:
        _nurseries.append(_Nursery())
    return _nurseries[0]


@atexit.register
def close() -> None:
    """End all workers."""
    with _lock:
        mine = bool(_nurseries) and _nurseries[0].owner == os.getpid()
        for worker in _pool.values() if mine else ():
            worker.end()
        _pool.clear()
        for one in _nurseries if mine else ():
            one.close()
        _nurseries.clear()


def _ready(descriptors: Iterable[int | None], seconds: float) -> list[int]:
    """Which of some open files have something to say, within some time."""
    waiting = select.poll()
    for number in descriptors:
        if number is not None:
            waiting.register(number, select.POLLIN)
    return [number for number, _ in waiting.poll(1000 * min(seconds, 60.0))]


def _memory(name: str, content: Sequence[memoryview] = ()) -> int:
    """An open file without a name; what it is given to hold is sealed where the system can."""
    if not hasattr(os, "memfd_create"):
        with tempfile.TemporaryFile() as file:
            file.writelines(content)
            file.flush()
            return os.dup(file.fileno())
    import fcntl

    if not content:
        return os.memfd_create(name)  # whoever writes into it cannot seal it
    number = os.memfd_create(name, os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    with open(number, "wb", closefd=False) as file:
        file.writelines(content)
    seals = fcntl.F_SEAL_WRITE | fcntl.F_SEAL_GROW | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_SEAL
    fcntl.fcntl(number, fcntl.F_ADD_SEALS, seals)
    return number


@once_per_table
def _latest(table: pd.DataFrame) -> pd.Timestamp:
    """When the newest row of a table was public or corrected; long ago if it does not say."""
    moments = [table[name].max() for name in ("published_on", "corrected_on") if name in table]
    return max((one for one in moments if not pd.isna(one)), default=pd.Timestamp.min)


def _environment() -> dict[str, str]:
    """What numbers depend on, and nothing else."""
    return {
        name: value
        for name, value in os.environ.items()
        if name in ENVIRONMENT or name.startswith(OF_ARITHMETIC)
    } | dict.fromkeys(ONE_THREAD, "1")


def _search_path() -> list[str]:
    return [os.path.abspath(place) for place in sys.path]

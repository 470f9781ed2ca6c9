"""A process for one attempt, with limits on time and memory; its death is an answer too."""

from __future__ import annotations

import ctypes
import faulthandler
import os
import select
import signal
import sys
import tempfile
import time
import traceback
import warnings
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import IO

from bench.core.errors import ConfigError
from bench.runner.console import forget_interrupts

LARGEST_FILE = 256 * 2**20  # bytes that an attempt may print or write into one file
LOG_TAIL = 20_000
_DIE_WITH_PARENT = 1  # PR_SET_PDEATHSIG


@dataclass(frozen=True, kw_only=True)
class Death:
    """Why a process left no answer, what it printed, and how long it lived."""

    reason: str
    printed: str
    wall_s: float


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
            f"execution.isolate needs a system with fork, and this is {sys.platform}; "
            "set execution.isolate=false"
        )
    with tempfile.TemporaryFile() as answer, tempfile.TemporaryFile() as log:
        sys.stdout.flush()
        sys.stderr.flush()
        began = time.monotonic()
        with warnings.catch_warnings():
            # Python warns of copies of processes with threads; nothing here waits for one
            warnings.simplefilter("ignore", DeprecationWarning)
            child = os.fork()
        if child == 0:
            _live(work, answer, log, memory_limit_mb)
        status = None
        try:
            status = _wait(child, began + time_limit_s)
        finally:
            _end(child, reaped=status is not None)
        lived = time.monotonic() - began
        answer.seek(0)
        if status == 0 and (content := answer.read()):
            return content
        log.seek(max(0, log.seek(0, os.SEEK_END) - LOG_TAIL))
        words = log.read().decode("utf-8", "replace")
        return Death(reason=reason(status, time_limit_s), printed=words, wall_s=lived)


def _live(work: Callable[[], bytes], answer: IO[bytes], log: IO[bytes], limit_mb: int) -> None:
    """What the copy does; it never returns."""
    status = 70
    try:
        os.setsid()
        forget_interrupts()
        _die_with_parent()
        _limit(limit_mb)
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
        status = 0
    except BaseException:  # noqa: BLE001 - nobody above will see it
        traceback.print_exc()
    finally:
        os._exit(status)


def _clear_of_standard(file: IO[bytes]) -> IO[bytes]:
    """The same file beyond standard input, output and error, which are about to be replaced."""
    import fcntl  # not on every system

    return os.fdopen(fcntl.fcntl(file.fileno(), fcntl.F_DUPFD, 3), "w+b")


def _die_with_parent() -> None:
    if sys.platform == "linux":
        with suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGKILL)


def _limit(limit_mb: int) -> None:
    import resource  # not on every system

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (LARGEST_FILE, LARGEST_FILE))
    if sys.platform == "linux":
        with open("/proc/self/statm", encoding="ascii") as stream:
            held = int(stream.read().split()[0]) * resource.getpagesize()
        most = held + limit_mb * 2**20
        resource.setrlimit(resource.RLIMIT_AS, (most, most))


def _wait(child: int, deadline: float) -> int | None:
    """The exit status (negative: the signal that ended it); None if time ran out."""
    pause = 0.0005
    handle = os.pidfd_open(child) if hasattr(os, "pidfd_open") else None
    try:
        while True:
            done, status = os.waitpid(child, os.WNOHANG)
            if done:
                return os.waitstatus_to_exitcode(status)
            left = deadline - time.monotonic()
            if left <= 0:
                return None
            if handle is not None:
                ended = select.poll()
                ended.register(handle, select.POLLIN)
                ended.poll(1000 * min(left, 60.0))
            else:
                time.sleep(min(pause, left))
                pause = min(2 * pause, 0.05)
    finally:
        if handle is not None:
            os.close(handle)


def _end(child: int, *, reaped: bool) -> None:
    """Kill what is left of the copy and of everything that it started."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(child, signal.SIGKILL)
    if not reaped:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


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

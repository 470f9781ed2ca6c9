"""The watch: a call in a process of its own, with every reach for files or network recorded."""

from __future__ import annotations

import os
import pickle
import sys
import warnings
from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Generic, TypeVar

from bench.audit.landlock import give_up_reading
from bench.core.errors import Abstain, ConfigError

Value = TypeVar("Value")

_FILES = {"open": "opens", "os.listdir": "lists", "os.scandir": "lists", "os.chdir": "enters"}
_PROCESSES = ("subprocess.Popen", "os.system", "os.posix_spawn", "os.exec", "os.fork", "os.forkpty")
_NETWORK = ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto")
_MEMORY = ("gc.get_objects", "gc.get_referrers")
UNCUT = "bench.data.interception"


@dataclass(frozen=True, kw_only=True)
class Watched(Generic[Value]):
    """What came of a watched call.

    Attributes
    ----------
    status : str
        ``ok``, ``abstained``, ``failed`` or ``died``.
    value : object
        What the call returned; None unless ok.
    message : str
        Why not ok.
    attempts : tuple of str
        What it reached for, in order, each once.
    denied : bool
        Whether the kernel would have refused reads by compiled code too.
    """

    status: str
    value: Value | None
    message: str
    attempts: tuple[str, ...]
    denied: bool


def watched(
    call: Callable[[], Value],
    folders: Collection[Path],
    *,
    deny: bool = False,
    but: Collection[Path] = (),
) -> Watched[Value]:
    """Call in a forked process; report what it reaches for below `folders`, and beyond the machine.

    Python's audit hooks see what Python opens. A library that opens files by itself is unseen;
    `deny` lets the kernel refuse it, where the kernel can.

    Parameters
    ----------
    call : callable
        Its return value must be picklable.
    folders : collection of Path
        That a predictor has no business in.
    deny : bool
        Refuse reads below the folders instead of only recording them.
    but : collection of Path
        Files below the folders that it may read all the same.

    Raises
    ------
    ConfigError
        Where processes cannot be forked.
    """
    if not hasattr(os, "fork"):
        raise ConfigError("watching a predictor needs os.fork; run the audit on Linux or macOS")
    watch = Watch(folders, but)
    reading, writing = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
    if child == 0:
        os.close(reading)
        _in_child(call, watch, folders if deny else (), but, writing)
    os.close(writing)
    with os.fdopen(reading, "rb") as stream:
        content = stream.read()
    _, code = os.waitpid(child, 0)
    if not content:
        words = f"its process ended with status {os.waitstatus_to_exitcode(code)}"
        return Watched(status="died", value=None, message=words, attempts=(), denied=deny)
    found: Watched[Value] = pickle.loads(content)
    return found


def _in_child(
    call: Callable[[], Any],
    watch: Watch,
    denied_folders: Collection[Path],
    but: Collection[Path],
    writing: int,
) -> None:
    status, value, message = "ok", None, ""
    try:
        denied = bool(denied_folders) and give_up_reading(denied_folders, but=but)
        sys.addaudithook(watch)
        try:
            watch.on = True
            value = call()
        except Abstain as reason:
            status, message = "abstained", str(reason)
        except Exception as error:  # noqa: BLE001 - a contestant may raise anything
            status, message = "failed", f"{type(error).__name__}: {error}"
        watch.on = False
        found = Watched(
            status=status,
            value=value,
            message=message,
            attempts=tuple(dict.fromkeys(watch.attempts)),
            denied=denied,
        )
        with os.fdopen(writing, "wb") as stream:
            stream.write(pickle.dumps(found))
    finally:
        os._exit(0)  # no clean-up of the parent's: this is a copy of it


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
        if event == UNCUT:
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

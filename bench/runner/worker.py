"""The process in which a predictor that is not ours is imported, made and asked.

A *nursery* is a fresh interpreter that has imported numpy, pandas and the types of the bench, and
has read nothing. It forks a worker for each predictor, and ends what a worker leaves behind. A
worker gives up files, network and signals (`bench.runner.confinement`) before it imports a line of
the predictor's, and then answers one request after the other.
"""

from __future__ import annotations

import faulthandler
import gc
import importlib.util
import json
import mmap
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import MISSING, fields, is_dataclass
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from bench.core import registry
from bench.core.errors import ConfigError
from bench.core.evidence import BatchPredictor, EvidenceBatch
from bench.core.forecast import Forecast
from bench.core.predictor import Predictor
from bench.runner.attempt import checked, guarded, guarded_batch, plain, said
from bench.runner.confinement import adopt_orphans, confine, limit, live
from bench.runner.wire import Gone, Table, asked_in, pack, receive, send

LARGEST_FILE = 64 * 2**20  # bytes that a worker may print or write into one file
MOST_HEARD = 100
MOST_FILES = 512  # open at once
MORE_PROCESSES = 256  # than there are now; the kernel exempts an administrator


def nursery(descriptor: int) -> None:
    """Fork workers and end them, as the harness says, until it is gone.

    Parameters
    ----------
    descriptor : int
        The number of a connected socket.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    adopt_orphans()
    for package in ("bench.models", registry.PREDICTORS.package):
        importlib.import_module(package)  # workers may read these, and no folder around them
    gc.freeze()
    homes: dict[int, str] = {}
    with socket.socket(fileno=descriptor) as line:
        try:
            while True:
                content, given = receive(line)
                told = json.loads(content)
                if "end" in told:
                    status = _end(told["end"], homes)
                    send(line, json.dumps({"status": status}).encode())
                    continue
                try:
                    child, home = _born(told, given, line)
                except OSError as error:  # too many processes, a full disk
                    send(line, json.dumps({"error": str(error)}).encode())
                    continue
                finally:
                    for number in given:
                        os.close(number)
                homes[child] = home
                handle = _handle(child)
                send(line, json.dumps({"pid": child}).encode(), *handle)
                for number in handle:
                    os.close(number)
        except (Gone, ConnectionError):
            pass
        finally:
            for child in list(homes):
                _end(child, homes)


def _handle(child: int) -> list[int]:
    try:
        return [os.pidfd_open(child)]
    except (AttributeError, OSError):  # macOS, old kernels
        return []


def _born(told: Mapping[str, Any], given: list[int], line: socket.socket) -> tuple[int, str]:
    home = tempfile.mkdtemp(prefix="bench-")
    child = os.fork()
    if child == 0:
        live(lambda: _live(told, given, line, home))
    with suppress(OSError):
        os.setpgid(child, child)  # as the child does: whoever comes first
    return child, home


def _end(child: int, homes: dict[int, str]) -> int | None:
    """Kill a worker and all that it started; its exit status, negative if a signal ended it."""
    status = None
    with suppress(ChildProcessError):
        # before the kill: the worker may have ended by itself, of which the reason is wanted
        done, how = os.waitpid(child, os.WNOHANG)
        status = os.waitstatus_to_exitcode(how) if done else None
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(child, signal.SIGKILL)
    with suppress(ChildProcessError):
        while True:
            os.waitpid(-child, 0)  # itself, and orphans of its group
    home = homes.pop(child, "")
    try:
        shutil.rmtree(home, ignore_errors=True)
    except RecursionError:  # folders in folders, by the thousand
        subprocess.run(["rm", "-rf", "--", home], check=False)
    return status


def _live(told: Mapping[str, Any], given: list[int], line: socket.socket, home: str) -> None:
    os.setpgid(0, 0)
    mine, log = (os.dup(number) for number in given)
    line.close()
    kept = _only_these(mine, log)
    os.environ.update(HOME=home, TMPDIR=home)
    tempfile.tempdir = home
    os.chdir(home)
    faulthandler.enable(2)
    with socket.socket(fileno=kept) as own:
        _serve(own, told, Path(home))


def _only_these(line: int, log: int) -> int:
    """Keep nothing open but nothing, the log twice, and the line, whose new number it gives."""
    for number in (line, log):
        os.set_inheritable(number, False)
    with open(os.devnull, "rb") as nothing:
        os.dup2(nothing.fileno(), 0)
    os.dup2(log, 1)
    os.dup2(log, 2)
    os.dup2(line, 3)
    os.closerange(4, 65536)
    os.set_inheritable(3, False)
    return 3


def _serve(line: socket.socket, told: Mapping[str, Any], home: Path) -> None:
    me = os.getpid()
    _limit(int(told["memory_limit_mb"]))
    sys.path[:] = told["path"]
    sys.dont_write_bytecode = True
    for name in told["packages"]:  # folders that hold other things too are listed for once
        with suppress(ImportError, ValueError):
            importlib.util.find_spec(name)
    read = [*map(Path, told["read"]), Path(f"/proc/{me}")]
    agreed = confine(read, [home, Path(os.devnull)]) if told["confined"] else ()
    ear = _Ear(told["forbidden"])
    sys.addaudithook(ear)
    send(line, json.dumps(agreed).encode())
    # from here on the predictor's own code runs, and nothing that is said can be believed
    facts, predictor = _made(told)
    send(line, json.dumps(facts).encode())
    held: dict[int, Table] = {}
    while predictor is not None:
        try:
            head, given = receive(line)
        except Gone:
            return
        body = memoryview(b"")
        if given:
            body = memoryview(mmap.mmap(given[0], 0, access=mmap.ACCESS_READ))
            os.close(given[0])
        asked, rng, held = asked_in(head, body, held)
        if isinstance(asked, EvidenceBatch):
            done = guarded_batch(predictor, asked, rng, sealed=True)
        else:
            done = guarded(predictor, asked, rng, _sendable, sealed=True)
        if os.getpid() != me:  # the predictor forked, and its copy must not answer
            os._exit(0)
        report = json.dumps({"attempts": list(ear.heard)}).encode()
        send(line, report + b"\n" + pack(done))


def _sendable(answer: object, candidates: tuple[str, ...], seats: int) -> Forecast:
    """The answer as it is where it can be sent so, for the harness checks it anyway."""
    if (
        isinstance(answer, Forecast)
        and isinstance(answer.share, pd.Series)
        and answer.share.dtype == np.float64
        and all(type(name) is str for name in answer.share.index)
        and (answer.draws is None or getattr(answer.draws, "dtype", None) == np.float64)
        and answer.chances is None
        and (answer.areas is None or _is_plain(answer.areas, list(answer.share.index)))
        and answer.converted == ""
    ):
        return answer
    return checked(answer, candidates, seats)


def _is_plain(areas: object, ballot: list[str]) -> bool:
    return (
        isinstance(areas, pd.DataFrame)
        and list(areas.columns) == ballot
        and all(type(area) is str for area in areas.index)
        and all(kind == np.float64 for kind in areas.dtypes)
    )


def _limit(memory_limit_mb: int) -> None:
    import resource  # not on every system

    n_files = min(MOST_FILES, resource.getrlimit(resource.RLIMIT_NOFILE)[0])
    most = {"FSIZE": LARGEST_FILE, "NOFILE": n_files}
    if sys.platform == "linux":
        running = Path("/proc/loadavg").read_text("ascii").split()[3]
        most["NPROC"] = int(running.partition("/")[2]) + MORE_PROCESSES
    limit(memory_limit_mb, **most)


class _Ear:
    """Hears what Python reaches for in vain, for the report of an audit."""

    def __init__(self, forbidden: Collection[str]) -> None:
        self.heard: dict[str, None] = {}
        self._folders = tuple(f"{place}{os.sep}" for place in forbidden)

    def __call__(self, event: str, arguments: tuple[Any, ...]) -> None:
        if len(self.heard) == MOST_HEARD:
            return
        if event in ("open", "os.listdir", "os.scandir") and isinstance(arguments[0], str | bytes):
            path = os.path.abspath(os.fsdecode(arguments[0]))
            if f"{path}{os.sep}".startswith(self._folders):
                self.heard[f"{'opens' if event == 'open' else 'lists'} {path}"] = None
        elif event in ("socket.connect", "socket.getaddrinfo", "socket.__new__"):
            self.heard[f"reaches for the network ({event})"] = None


def _made(told: Mapping[str, Any]) -> tuple[dict[str, Any], Predictor | None]:
    """Facts about the class, and about its instance where settings are given; or the error."""
    points = {name: EntryPoint(name, at, registry.PREDICTORS.group) for name, at in told["points"]}
    registry.load_all_here(points)
    try:
        facts: dict[str, Any] = {"kind": described(registry.PREDICTORS.load(told["method"]))}
        if told["settings"] is None:
            return facts, None
        made = registry.PREDICTORS.make(told["name"], told["settings"])
        until = made.knows_until()
    except ConfigError as error:
        return {"error": plain(str(error))}, None
    except BaseException as error:  # noqa: BLE001 - whatever the predictor raises when it is made
        return {"error": plain(f"predictor '{told['name']}' cannot be made: {said(error)}")}, None
    instance = {"needs": sorted(map(str, made.needs)), "level_of": str(made.level_of)}
    facts["made"] = instance | {"knows_until": None if until is None else until.isoformat()}
    return facts, made


def described(kind: type[Predictor]) -> dict[str, Any]:
    """What the harness must know of a class, as JSON."""
    settings = fields(kind) if is_dataclass(kind) else ()
    return {
        "name": kind.__name__,
        "module": kind.__module__,
        "doc": kind.__doc__ or "",
        "family": getattr(kind, "family", "other"),
        "level_of": _text(kind, "level_of"),
        "needs": _names(kind, "needs"),
        "files": _names(kind, "files"),
        "batch": issubclass(kind, BatchPredictor),
        "settings": {
            field.name: {
                "needed": field.default is MISSING and field.default_factory is MISSING,
                "least": field.metadata.get("least", 1),
            }
            for field in settings
        },
    }


def _text(kind: type, name: str) -> str:
    found = getattr(kind, name, "")
    return found if isinstance(found, str) else ""


def _names(kind: type, name: str) -> list[str]:
    """A class variable; what is a property is asked of the instance."""
    found = getattr(kind, name, ())
    return sorted(map(str, found)) if isinstance(found, frozenset | set | tuple | list) else []

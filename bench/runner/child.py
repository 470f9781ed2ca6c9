"""What runs in the process of a method that does not ship: it is made and asked there.

Messages are a line of JSON, then tables as Arrow streams and arrays as doubles: nothing is pickled.
From before the first line of the method's own code, Python's audit hook refuses what is none of its
business and tells the harness.
"""

from __future__ import annotations

import errno
import faulthandler
import importlib
import json
import os
import select
import sys
import tempfile
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import MISSING, fields, is_dataclass
from functools import cache
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import IO, Any

import numpy as np
import pandas as pd
import pyarrow as pa

from bench.core import registry
from bench.core.errors import ConfigError
from bench.core.evidence import BatchPredictor, BatchTable, Evidence, EvidenceBatch
from bench.core.forecast import Forecast
from bench.core.predictor import Predictor
from bench.runner.attempt import Prediction, failure, guarded, guarded_batch, plain, said

MAX_MESSAGE = 2**26  # bytes; an answer about 60,000 stations has a tenth
MAX_REFUSALS = 100  # that are reported
TEXTS = ("status", "message", "trace", "printed")
LIMITS = {"CORE": 0, "FSIZE": MAX_MESSAGE, "NOFILE": 512}
READS = ("open", "os.chdir", "os.listdir", "os.scandir")
CHANGES = (
    *("os.chmod", "os.chown", "os.link", "os.mkdir", "os.remove", "os.rename", "os.rmdir"),
    *("os.symlink", "os.truncate", "os.utime"),
)
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC
PROCESSES = ("subprocess.", "os.system", "os.exec", "os.fork", "os.posix_spawn", "os.spawn", "pty.")
MEMORY = ("gc.get_objects", "gc.get_referrers")  # where a hook could be found


def main() -> None:
    """Serve the harness until it closes its end."""
    requests, answers = os.fdopen(os.dup(0), "rb"), os.dup(1)
    with open(os.devnull, "rb") as nothing:
        os.dup2(nothing.fileno(), 0)
    os.dup2(2, 1)
    faulthandler.enable(2)
    threading.Thread(target=_end_with, args=(requests.fileno(),), daemon=True).start()
    setup, _ = read_message(requests)
    for name in set(os.environ) - set(setup["environment"]):
        del os.environ[name]
    tempfile.tempdir = os.getcwd()
    sys.dont_write_bytecode = True
    _limit(int(setup["memory_limit_mb"]))
    importlib.import_module("bench.models")
    points = {name: EntryPoint(name, at, registry.PREDICTORS.group) for name, at in setup["points"]}
    registry.load_all_here(points)
    sys.addaudithook(_guard(setup, answers))
    os.write(answers, message({}, {}))
    _serve(requests, answers)


def _end_with(number: int) -> None:
    """End this process when the harness has closed its end, whatever the method is at."""
    if hasattr(select, "poll"):
        line = select.poll()
        line.register(number, select.POLLHUP)
        line.poll()
        os._exit(1)


def _limit(memory_limit_mb: int) -> None:
    try:
        import resource
    except ImportError:  # Windows
        return
    most = dict(LIMITS)
    if sys.platform == "linux":
        held = int(Path("/proc/self/statm").read_text("ascii").split()[0])
        most["AS"] = held * resource.getpagesize() + memory_limit_mb * 2**20
    for name, value in most.items():
        kind = getattr(resource, f"RLIMIT_{name}")
        hard = resource.getrlimit(kind)[1]
        value = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(kind, (value, value))


def _guard(setup: Mapping[str, Any], answers: int) -> Callable[[str, tuple[Any, ...]], None]:
    """The audit hook: what is refused is reported before anybody can take it back."""
    home, me, told = os.path.realpath(os.getcwd()), os.getpid(), 0
    own = {os.path.realpath(path) for path in setup["readable"]}
    closed = {os.path.realpath(path) for path in setup["hidden"]}

    def is_hidden(path: str) -> bool:
        while path not in closed:
            above = os.path.dirname(path)
            if path in own or above == path:
                return False
            path = above
        return True

    def is_home(path: str) -> bool:
        return path == os.devnull or f"{path}{os.sep}".startswith(f"{home}{os.sep}")

    def why_not(event: str, given: tuple[Any, ...]) -> str:
        texts = [os.fsdecode(one) for one in given if isinstance(one, str | bytes | os.PathLike)]
        if event in READS and texts:
            real, opened = os.path.realpath(texts[0]), event == "open"
            if is_hidden(real):
                return f"{'opens' if opened else 'lists'} {real}"
            # by the number of an open folder a relative path could lead anywhere
            upwards = os.path.normpath(texts[0]).startswith(os.pardir)
            if opened and not is_home(real) and (upwards or os.path.isdir(real)):
                return f"opens the folder {real}"
            writes = opened and isinstance(given[2], int) and given[2] & WRITING
            return f"writes {real}" if writes and not is_home(real) else ""
        if event in CHANGES:
            away = [path for path in map(os.path.realpath, texts) if not is_home(path)]
            return f"changes {away[0]}" if away else ""
        if event.startswith("socket."):
            return f"reaches for the network ({event})"
        if event.startswith(PROCESSES) and not setup["children"]:
            return f"starts a process, which cannot be watched ({event})"
        if event in MEMORY:
            return f"searches the memory of the process ({event})"
        if (event == "os.kill" and given[0] != me) or (event == "os.killpg" and given[0] != 0):
            return f"signals another process ({event})"
        return ""

    def hook(event: str, given: tuple[Any, ...]) -> None:
        nonlocal told
        if words := why_not(event, given):
            if os.getpid() == me and told < MAX_REFUSALS:
                told += 1
                os.write(answers, json.dumps({"attempt": words}).encode() + b"\n")
            raise PermissionError(errno.EACCES, f"a method may not do this here: it {words}")

    if not setup["children"]:
        with suppress(ImportError):  # no event tells of it
            spawning: Any = importlib.import_module("_posixsubprocess")
            spawning.fork_exec = lambda *_: hook("subprocess.Popen", ())
    return hook


def _serve(requests: IO[bytes], answers: int) -> None:
    me = os.getpid()

    @cache
    def made(name: str, settings: str) -> Predictor:
        return registry.PREDICTORS.make(name, json.loads(settings))

    while True:
        told, body = read_message(requests)
        if "evidence" in told:
            head, sent = packed(_asked(told, body, made))
        else:
            head, sent = _facts(told, made), {}
        if os.getpid() != me:  # the method forked, and its copy must not answer
            os._exit(0)
        content = memoryview(message(head, sent))
        while content:
            content = content[os.write(answers, content) :]


def message(head: Mapping[str, Any], body: Mapping[str, bytes]) -> bytes:
    """A line of JSON that says how long the rest is, and the rest."""
    sizes = {name: len(content) for name, content in body.items()}
    line = json.dumps({**head, "sizes": sizes}, default=lambda array: array.tolist())
    return b"".join([line.encode(), b"\n", *body.values()])


def read_message(stream: IO[bytes]) -> tuple[dict[str, Any], dict[str, bytes]]:
    """The next message.

    Raises
    ------
    EOFError, ValueError
        If there is none, or it is too long.
    """
    head = json.loads(stream.readline(MAX_MESSAGE))
    sizes = {str(name): int(size) for name, size in head.pop("sizes", {}).items()}
    if any(size < 0 for size in sizes.values()) or sum(sizes.values()) > MAX_MESSAGE:
        raise ValueError(f"its answer has {sum(sizes.values()):,} bytes; accepted: {MAX_MESSAGE:,}")
    body = {name: stream.read(size) for name, size in sizes.items()}
    if any(len(body[name]) < size for name, size in sizes.items()):
        raise EOFError
    return head, body


def _asked(
    told: Mapping[str, Any], body: Mapping[str, bytes], made: Callable[[str, str], Predictor]
) -> Prediction:
    facts = told["evidence"]
    for name in ("as_of", "vote_on"):
        facts[name] = pd.Timestamp(facts[name]).as_unit(told["units"][name])
    tables = {name: from_stream(body[name]) for name in told["tables"]}
    facts["candidates"] = tuple(facts["candidates"])
    evidence = Evidence(**facts, tables=tables)
    kind, state, seed = told["rng"]
    bits = getattr(np.random, kind)(np.random.SeedSequence(**seed))
    bits.state = state
    rng = np.random.Generator(bits)
    try:
        predictor = made(told["name"], told["settings"])
        if told["size"] is None:
            return guarded(predictor, evidence, rng)
        batches = {
            name: BatchTable(
                rows=from_stream(body[name]),
                values={c: array(body[f"{name} {c}"], told["size"], -1) for c in columns},
            )
            for name, columns in told["batches"].items()
        }
        batch = EvidenceBatch(evidence=evidence, tables=batches, size=told["size"])
        return guarded_batch(predictor, batch, rng)
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - also when it is made
        return failure(error)


def array(content: bytes, *shape: int) -> np.ndarray[Any, np.dtype[np.float64]]:
    """The numbers of an array."""
    return np.frombuffer(content, "<f8").reshape(shape).copy()


def doubles(values: Any) -> bytes:
    """The bytes of `array`."""
    return np.ascontiguousarray(values, dtype="<f8").tobytes()


def to_stream(table: pd.DataFrame) -> bytes:
    """A table as an Arrow stream, with its index and the kinds of its columns."""
    content = pa.Table.from_pandas(table)
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, content.schema) as writer:
        writer.write_table(content)
    return bytes(memoryview(sink.getvalue()))


def from_stream(content: bytes) -> pd.DataFrame:
    """The table of `to_stream`.

    Examples
    --------
    >>> from_stream(to_stream(pd.DataFrame({"share": [0.6]}, index=["ash"])))
         share
    ash    0.6
    """
    with pa.ipc.open_stream(pa.py_buffer(content)) as reader:
        table: pd.DataFrame = reader.read_all().to_pandas()
    return table


def packed(done: Prediction) -> tuple[dict[str, Any], dict[str, bytes]]:
    """A prediction as a message."""
    head: dict[str, Any] = {name: getattr(done, name) for name in TEXTS}
    head |= {"read": sorted(done.tables_read), "wall_s": done.wall_s, "cpu_s": done.cpu_s}
    body: dict[str, Any] = {"shares": done.shares}
    if (given := done.forecast) is not None:
        head["forecast"] = {"converted": given.converted, "order_only": bool(given.order_only)}
        head["ballot"] = list(given.share.index)
        body |= {"share": given.share, "draws": given.draws, "chances": given.chances}
        body["areas"] = given.areas
        head["events"] = [] if given.chances is None else list(map(str, given.chances))
        head["names"] = [] if given.areas is None else list(map(str, given.areas.index))
    return head, {name: doubles(one) for name, one in body.items() if one is not None}


def unpacked(head: Mapping[str, Any], body: Mapping[str, bytes], size: int | None) -> Prediction:
    """The prediction of `packed`; any error if it is none.

    Parameters
    ----------
    head, body
        Of the message.
    size : int or None
        Of the batch.
    """
    forecast = None
    if "forecast" in head:
        ballot = list(map(str, head["ballot"]))
        of = {
            name: array(body[name], -1, len(ballot)) for name in ("draws", "areas") if name in body
        }
        chances = array(body["chances"], len(ballot), -1) if "chances" in body else None
        forecast = Forecast(
            share=pd.Series(array(body["share"], -1), index=ballot),
            draws=of.get("draws"),
            chances=None if chances is None else pd.DataFrame(chances, ballot, head["events"]),
            areas=pd.DataFrame(of["areas"], head["names"], ballot) if "areas" in of else None,
            converted=str(head["forecast"]["converted"]),
            order_only=bool(head["forecast"]["order_only"]),
        )
    shares = array(body["shares"], size or 1, -1) if "shares" in body else None
    texts: dict[str, Any] = {name: plain(str(head[name])) for name in TEXTS}
    if texts["status"] not in ("ok", "abstained", "failed"):
        raise ValueError("no status")
    if (texts["status"] == "ok") == (forecast is None and shares is None):
        raise ValueError("a status that does not go with the answer")
    return Prediction(
        **texts,
        forecast=forecast,
        shares=shares,
        wall_s=float(head["wall_s"]),
        cpu_s=float(head["cpu_s"]),
        tables_read=frozenset(map(str, head["read"])),
    )


def _facts(told: Mapping[str, Any], made: Callable[[str, str], Predictor]) -> dict[str, Any]:
    """What the harness must know of a class, and of its instance where settings are given."""
    try:
        kind = registry.PREDICTORS.load(told["method"])
        facts = {
            "name": kind.__name__,
            "doc": kind.__doc__ or "",
            "family": getattr(kind, "family", "other"),
            "batch": issubclass(kind, BatchPredictor),
            "needs": _names(kind.needs),
            "files": _names(kind.files),
            "level_of": kind.level_of,
            "settings": {
                one.name: {
                    "needed": one.default is MISSING and one.default_factory is MISSING,
                    "least": one.metadata.get("least", 1),
                }
                for one in (fields(kind) if is_dataclass(kind) else ())
                if one.init
            },
        }
        if told["settings"]:
            this = made(told["name"], told["settings"])
            until = this.knows_until()
            facts |= {"needs": _names(this.needs), "level_of": str(this.level_of)}
            facts["until"] = None if until is None else until.isoformat()
        return json.loads(json.dumps(facts, default=str))  # type: ignore[no-any-return]
    except ConfigError as error:
        return {"error": plain(str(error))}
    except BaseException as error:  # noqa: BLE001 - whatever the predictor raises when it is made
        return {"error": plain(f"predictor '{told['name']}' cannot be made: {said(error)}")}


def _names(found: object) -> list[str]:
    """Of a class variable; what is a property is asked of the instance."""
    return sorted(map(str, found)) if isinstance(found, frozenset | set | tuple | list) else []

"""What runs in the process of a method that does not ship: it is made and asked there.

Messages are lines of JSON: nothing is pickled.
The first sets the process up; each further one has a method described, or asks it for a forecast.
"""

from __future__ import annotations

import faulthandler
import json
import os
import select
import sys
import tempfile
import threading
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from functools import cache
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import IO, Any

import numpy as np
import pandas as pd
import pyarrow as pa

from bench.core import registry
from bench.core.errors import ConfigError
from bench.core.evidence import BatchPredictor, BatchTable, Evidence, EvidenceBatch, Read
from bench.core.forecast import Forecast
from bench.core.predictor import Predictor
from bench.runner.attempt import (
    Prediction,
    error_text,
    failure,
    guarded,
    guarded_batch,
    once_per_table,
    plain,
)
from bench.runner.results import from_stream, to_stream

MAX_MESSAGE = 2**26  # bytes; an answer about 60,000 stations has a tenth
TEXTS = ("status", "message", "trace", "printed")
LIMITS = {"CORE": 0, "FSIZE": MAX_MESSAGE, "NOFILE": 512}


def main() -> None:
    """Serve the harness until it closes its end."""
    requests = os.fdopen(os.dup(0), "rb")
    answers = os.dup(1)
    with open(os.devnull, "rb") as nothing:
        os.dup2(nothing.fileno(), 0)
    os.dup2(2, 1)
    faulthandler.enable(2)
    threading.Thread(target=_end_with, args=(requests.fileno(),), daemon=True).start()
    setup = read_message(requests)
    for name in set(os.environ) - set(setup["environment"]):
        del os.environ[name]
    tempfile.tempdir = os.getcwd()
    sys.dont_write_bytecode = True
    _limit(int(setup["memory_limit_mb"]))
    os.write(answers, message({}))
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
    limits = dict(LIMITS)
    if sys.platform == "linux":
        pages = int(Path("/proc/self/statm").read_text("ascii").split()[0])
        limits["AS"] = pages * resource.getpagesize() + memory_limit_mb * 2**20
    for name, value in limits.items():
        kind = getattr(resource, f"RLIMIT_{name}")
        hard = resource.getrlimit(kind)[1]
        value = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(kind, (value, value))


def _serve(requests: IO[bytes], answers: int) -> None:
    me = os.getpid()

    @cache
    def make(name: str, settings: str) -> Predictor:
        return registry.PREDICTORS.make(name, json.loads(settings))

    while True:
        request_content = read_message(requests)
        group = registry.PREDICTORS.group
        registry.load_all_here(
            {name: EntryPoint(name, at, group) for name, at in request_content["points"]}
        )
        if "evidence" in request_content:
            answer = packed(_prediction_for(request_content, make))
        else:
            answer = _facts(request_content, make)
        if os.getpid() != me:  # the method forked, and its copy must not answer
            os._exit(0)
        content = memoryview(message(answer))
        while content:
            content = content[os.write(answers, content) :]


def message(content: Mapping[str, Any]) -> bytes:
    """A line of JSON, with moments, tables (as Arrow streams) and arrays written out in it."""

    def written(value: Any) -> Any:
        if isinstance(value, pd.Timestamp):
            return {"$moment": value.isoformat(), "unit": value.unit}
        if isinstance(value, pd.DataFrame):
            return {"$table": table_text(value)}
        if isinstance(value, np.ndarray) and value.dtype == np.float64:
            content = np.ascontiguousarray(value, "<f8").tobytes()
            return {"$array": b64encode(content).decode("ascii"), "shape": value.shape}
        return value.tolist() if isinstance(value, np.ndarray) else list(value)

    return json.dumps(content, default=written).encode() + b"\n"


def read_message(stream: IO[bytes], *, tables: bool = True) -> dict[str, Any]:
    """The next message.

    Parameters
    ----------
    stream : file
    tables : bool
        Whether it may be of any length and hold tables, whose bytes compiled code reads: those of
        the harness may.

    Raises
    ------
    Exception
        Of any kind, if there is none, or it is no message or too long.
    """

    def whole(content: dict[str, Any]) -> Any:
        if "$array" in content:
            numbers = np.frombuffer(b64decode(content["$array"]), "<f8")
            return numbers.reshape(content["shape"]).copy()
        if "$frame" in content:
            return pd.DataFrame(content["$frame"], content["index"], content["columns"])
        if "$table" in content and tables:
            return from_stream(b64decode(content["$table"])).to_pandas()
        if "$moment" in content:
            return pd.Timestamp(content["$moment"]).as_unit(content["unit"])
        return content

    line = stream.readline(-1 if tables else MAX_MESSAGE)
    if len(line) == MAX_MESSAGE and not tables:
        raise ValueError(f"its answer has over {MAX_MESSAGE:,} bytes")
    if not line.endswith(b"\n"):
        raise EOFError("the line has ended")
    received: dict[str, Any] = json.loads(line, object_hook=whole)
    return received


@once_per_table
def table_text(table: pd.DataFrame) -> str:
    """A table with its index and the kinds of its columns."""
    return b64encode(to_stream(pa.Table.from_pandas(table))).decode("ascii")


def request(
    question: Evidence | EvidenceBatch, rng: np.random.Generator, **spec: Any
) -> dict[str, Any]:
    """The message that asks for a forecast; of a batch with what differs by replicate."""
    evidence = question.evidence if isinstance(question, EvidenceBatch) else question
    facts = {entry.name: getattr(evidence, entry.name) for entry in fields(evidence) if entry.init}
    batch: dict[str, Any] | None = None
    if isinstance(question, EvidenceBatch):
        tables = {name: vars(table) for name, table in question.tables.items()}
        batch = {"size": question.size, "tables": tables}
    bits: Any = rng.bit_generator
    return {
        **spec,
        "evidence": {**facts, "tables": dict(evidence.tables)},
        "batch": batch,
        "rng": [type(bits).__name__, bits.state, bits.seed_seq.state],  # of which it spawns others
    }


def _prediction_for(content: dict[str, Any], make: Callable[[str, str], Predictor]) -> Prediction:
    facts = content["evidence"]
    batch = content["batch"]
    evidence = Evidence(**{**facts, "candidates": tuple(facts["candidates"])})
    kind, state, seed = content["rng"]
    bits = getattr(np.random, kind)(np.random.SeedSequence(**seed))
    bits.state = state
    rng = np.random.Generator(bits)
    try:
        predictor = make(content["name"], content["settings"])
        if not batch:
            return guarded(predictor, evidence, rng)
        tables = {name: BatchTable(**table) for name, table in batch["tables"].items()}
        whole = EvidenceBatch(evidence=evidence, tables=tables, size=batch["size"])
        return guarded_batch(predictor, whole, rng)
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - also when it is made
        return failure(error)


def packed(done: Prediction) -> dict[str, Any]:
    """A prediction as a message without tables."""
    content = dict(vars(done))
    forecast = done.forecast
    del content["data_used_until"]  # the harness knows better
    content["reads"] = [
        [read.table, "" if read.until is None else read.until.isoformat(), list(read.filters)]
        for read in done.reads
    ]
    if forecast is not None:
        frames = {name: _frame(getattr(forecast, name)) for name in ("share", "chances", "areas")}
        content["forecast"] = vars(forecast) | frames | {"order_only": bool(forecast.order_only)}
    return content


def _frame(table: pd.Series | pd.DataFrame | None) -> dict[str, Any] | None:
    """Numbers with their labels, which `read_message` makes a table again."""
    if table is None:
        return None
    frame = pd.DataFrame(table)
    labels = {"index": list(map(str, frame.index)), "columns": list(map(str, frame.columns))}
    return {"$frame": frame.to_numpy(float), **labels}


def unpacked(content: Mapping[str, Any]) -> Prediction:
    """The prediction of `packed`; any error if it is none."""
    forecast = None
    shares = content["shares"]
    if content["forecast"] is not None:
        stated = dict(content["forecast"])
        stated["share"] = stated["share"].iloc[:, 0].rename(None)
        stated["converted"] = str(stated["converted"])
        stated["order_only"] = bool(stated["order_only"])
        forecast = Forecast(**stated)
    texts: dict[str, Any] = {name: plain(str(content[name])) for name in TEXTS}
    if texts["status"] not in ("ok", "abstained", "failed"):
        raise ValueError("no status")
    if (texts["status"] == "ok") == (forecast is None and shares is None):
        raise ValueError("a status that does not go with the answer")
    return Prediction(
        **texts,
        forecast=forecast,
        shares=shares,
        wall_s=float(content["wall_s"]),
        cpu_s=float(content["cpu_s"]),
        reads=tuple(_read(*entry) for entry in content["reads"]),
    )


def _read(table: str, until: str, filters: Sequence[tuple[str, Sequence[str]]]) -> Read:
    """An entry of `packed`; any error if it is none."""
    moment = pd.Timestamp(until) if until else None
    values = ((str(column), tuple(map(str, texts))) for column, texts in filters)
    return Read(str(table), moment, tuple(values))


def _facts(content: Mapping[str, Any], make: Callable[[str, str], Predictor]) -> dict[str, Any]:
    """What the harness must know of a class; with settings, of the instance."""
    try:
        kind = registry.PREDICTORS.load(content["method"])
        predictor = make(content["name"], content["settings"]) if content["settings"] else None
        until = None if predictor is None else predictor.knows_until()
        settings = fields(kind) if is_dataclass(kind) else ()
        return {
            "name": kind.__name__,
            "doc": str(kind.__doc__ or ""),
            "family": str(getattr(kind, "family", "other")),
            "batch": issubclass(kind, BatchPredictor),
            "needs": _names((predictor or kind).needs),
            "files": _names(kind.files),
            "level_of": str((predictor or kind).level_of),
            "until": None if until is None else str(until),
            "settings": [setting.name for setting in settings if setting.init],
        }
    except ConfigError as error:
        return {"error": plain(str(error))}
    except BaseException as error:  # noqa: BLE001 - whatever the predictor raises when it is made
        return {
            "error": plain(f"predictor '{content['name']}' cannot be made: {error_text(error)}")
        }


def _names(names: object) -> list[str]:
    """The sorted names in a class variable; empty for a property, which the instance answers."""
    return sorted(map(str, names)) if isinstance(names, frozenset | set | tuple | list) else []

"""What goes between the harness and a predictor's own process, and in which form.

Answers come back as JSON and the bytes of arrays: numbers and text, nothing that runs, since
whoever is asked may write anything. What is asked goes the other way, from the harness to a process
that has nothing to protect, and there all is pickled: it arrives exactly as it was, and the columns
of tables are read in place from memory that both share and nobody can write to. A table that the
other side has still from the task before has a number and is not sent again.
"""

from __future__ import annotations

import array
import itertools
import json
import math
import pickle
import socket
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from bench.core import Evidence, Forecast
from bench.core.evidence import BatchTable, EvidenceBatch
from bench.runner.attempt import Prediction, once_per_table, plain

TEXTS = ("status", "message", "trace", "printed")
STATUSES = ("ok", "abstained", "failed")
LONGEST_HEAD = 2**24  # bytes of JSON in an answer: a million areas with long names
LARGEST_ANSWER = 2**26  # bytes; 60,000 polling stations of a dozen candidates have a tenth
ALIGNED = 64  # bytes; what compiled code wants of arrays
_LENGTH = struct.Struct("<Q")
_MOST_DESCRIPTORS = 8

Table = pd.DataFrame | BatchTable


def pack(prediction: Prediction) -> bytes:
    """A prediction as one line of JSON and the numbers of its arrays."""
    arrays: dict[str, np.ndarray[Any, np.dtype[np.float64]]] = {}
    head: dict[str, Any] = {name: getattr(prediction, name) for name in TEXTS}
    until, forecast = prediction.data_used_until, prediction.forecast
    head["until"] = None if until is None else until.isoformat()
    head["read"] = sorted(prediction.tables_read)
    head["seconds"] = [prediction.wall_s, prediction.cpu_s]
    if prediction.shares is not None:
        arrays["shares"] = prediction.shares
    if forecast is not None:
        head["ballot"] = list(forecast.share.index)
        head["converted"] = str(forecast.converted)
        head["order_only"] = bool(forecast.order_only)
        arrays["share"] = forecast.share.to_numpy(float)
        if forecast.draws is not None:
            arrays["draws"] = forecast.draws
        if forecast.chances is not None:
            head["events"] = [str(event) for event in forecast.chances]
            arrays["chances"] = forecast.chances.to_numpy(float)
        if forecast.areas is not None:
            head["areas"] = [str(area) for area in forecast.areas.index]
            arrays["areas"] = forecast.areas.to_numpy(float)
    head["shapes"] = {name: values.shape for name, values in arrays.items()}
    return b"".join(
        [
            json.dumps(head).encode(),
            b"\n",
            *(np.ascontiguousarray(values, dtype="<f8").tobytes() for values in arrays.values()),
        ]
    )


def unpack(content: bytes) -> Prediction:
    """The prediction of `pack`, or a failed one if the bytes are none."""
    try:
        return _unpacked(content)
    except Exception as error:  # noqa: BLE001 - these bytes can hold anything
        return Prediction(
            status="failed",
            message=f"Died: the process left no readable answer ({type(error).__name__})",
        )


def _unpacked(content: bytes) -> Prediction:
    end = content.index(b"\n", 0, LONGEST_HEAD)
    head, rest = json.loads(content[:end]), memoryview(content)[end + 1 :]
    arrays, at = {}, 0
    for name, shape in head["shapes"].items():
        size = 8 * math.prod(shape)
        values = np.frombuffer(rest[at : at + size], dtype="<f8").reshape(shape)
        arrays[str(name)] = values.astype(float)  # its own memory, writeable
        at += size
    forecast = None
    if "share" in arrays:
        ballot, stated, areas = head["ballot"], arrays.get("chances"), arrays.get("areas")
        forecast = Forecast(
            share=pd.Series(arrays["share"], index=ballot),
            draws=arrays.get("draws"),
            chances=None
            if stated is None
            else pd.DataFrame(stated, index=ballot, columns=head["events"]),
            areas=None
            if areas is None
            else pd.DataFrame(areas, index=head["areas"], columns=ballot),
            converted=str(head["converted"]),
            order_only=bool(head["order_only"]),
        )
    silent = forecast is None and "shares" not in arrays
    if head["status"] not in STATUSES or silent == (head["status"] == "ok"):
        raise ValueError("a status that does not go with the answer")
    if any(not 0 <= float(seconds) < math.inf for seconds in head["seconds"]):
        raise ValueError("no time")
    return Prediction(
        **{name: plain(str(head[name])) for name in TEXTS},
        forecast=forecast,
        shares=arrays.get("shares"),
        wall_s=float(head["seconds"][0]),
        cpu_s=float(head["seconds"][1]),
        data_used_until=None if head["until"] is None else pd.Timestamp(head["until"]),
        tables_read=frozenset(map(str, head["read"])),
    )


@dataclass(frozen=True, kw_only=True)
class Request:
    """What a process is asked, in the form in which it is sent.

    Attributes
    ----------
    head : bytes
        Pickled: the question, and of every table its number and where it lies.
    body : list of memoryview
        The tables that the other side does not have, to be laid one after the other.
    tables : frozenset of int
        The numbers of all tables, which the other side has from now on.
    """

    head: bytes
    body: list[memoryview]
    tables: frozenset[int]


def request(
    asked: Evidence | EvidenceBatch, rng: np.random.Generator, known: frozenset[int]
) -> Request:
    """The request to forecast from some evidence.

    Parameters
    ----------
    asked : Evidence or EvidenceBatch
        With the tables that the predictor needs and no others.
    rng : numpy.random.Generator
        The other side gets one in the same state.
    known : frozenset of int
        Numbers of the tables that the other side has.
    """
    batch = asked if isinstance(asked, EvidenceBatch) else None
    evidence = asked.evidence if isinstance(asked, EvidenceBatch) else asked
    body: list[memoryview] = []
    size = 0
    tables: dict[str, tuple[int, list[tuple[int, int]]]] = {}
    groups: tuple[Mapping[str, Table], ...] = (evidence.tables, batch.tables if batch else {})
    for place, group in enumerate(groups):
        for name, table in group.items():
            number = _number(table)
            at: list[tuple[int, int]] = []
            for piece in _pieces(table) if number not in known else ():
                at.append((size, len(piece)))
                body += [piece, memoryview(bytes(-len(piece) % ALIGNED))]
                size += len(piece) + len(body[-1])
            tables[f"{place} {name}"] = (number, at)
    bits = rng.bit_generator
    head = {
        "evidence": replace(evidence, tables={}),
        "tables": tables,
        "size": None if batch is None else batch.size,
        "rng": (type(bits), bits.state, bits.seed_seq),  # the seed, from which it spawns others
    }
    return Request(
        head=pickle.dumps(head),
        body=body,
        tables=frozenset(number for number, _ in tables.values()),
    )


def asked_in(
    head: bytes, body: memoryview, held: Mapping[int, Table]
) -> tuple[Evidence | EvidenceBatch, np.random.Generator, dict[int, Table]]:
    """What a request asks: evidence or a batch, a generator, and all its tables by their numbers.

    Parameters
    ----------
    head : bytes
        Of `Request`.
    body : memoryview
        Of `Request`; the tables read their columns from it.
    held : mapping of int to table
        What this side has.
    """
    found: dict[int, Table] = {}
    groups: tuple[dict[str, Any], ...] = ({}, {})
    told = pickle.loads(head)
    for name, (number, at) in told["tables"].items():
        place, _, key = name.partition(" ")
        if at:
            first, *buffers = (body[start : start + length] for start, length in at)
            found[number] = pickle.loads(first, buffers=buffers)
        else:
            found[number] = held[number]
        groups[int(place)][key] = found[number]
    kind, state, seed = told["rng"]
    bits = kind(seed)
    bits.state = state
    evidence, rng = replace(told["evidence"], tables=groups[0]), np.random.Generator(bits)
    if told["size"] is None:
        return evidence, rng, found
    return EvidenceBatch(evidence=evidence, tables=groups[1], size=told["size"]), rng, found


_next_number = itertools.count()


@once_per_table
def _number(table: Table) -> int:
    """The number of a table, which no other has had or will have in this process."""
    del table
    return next(_next_number)


def _pieces(table: Table) -> Sequence[memoryview]:
    """A table as bytes: how it is made, then its columns as they lie in memory."""
    columns: list[pickle.PickleBuffer] = []
    made = pickle.dumps(table, protocol=5, buffer_callback=columns.append)
    return [memoryview(made), *(column.raw() for column in columns)]


class Gone(Exception):
    """The other side has ended."""


def send(line: socket.socket, message: bytes, *descriptors: int) -> None:
    """Send one message, and open files with it."""
    ancillary = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", descriptors))]
    first = _LENGTH.pack(len(message))
    sent = line.sendmsg([first, message], ancillary if descriptors else []) - len(first)
    if sent < len(message):
        line.sendall(memoryview(message)[sent:])


def receive(line: socket.socket) -> tuple[bytes, list[int]]:
    """One message, and the files that came with it.

    Raises
    ------
    Gone
        If there will be none.
    """
    room = socket.CMSG_SPACE(_MOST_DESCRIPTORS * array.array("i").itemsize)
    first, ancillary, _, _ = line.recvmsg(_LENGTH.size, room)
    descriptors = array.array("i")
    for level, kind, content in ancillary:
        if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
            descriptors.frombytes(content[: len(content) // 4 * 4])
    first += _exactly(line, _LENGTH.size - len(first)) if first else b""
    if not first:
        raise Gone
    (length,) = _LENGTH.unpack(first)
    return bytes(_exactly(line, length)), list(descriptors)


def _exactly(line: socket.socket, length: int) -> bytearray:
    content = bytearray(length)
    view, at = memoryview(content), 0
    while at < length:
        got = line.recv_into(view[at:])
        if not got:
            raise Gone
        at += got
    return content

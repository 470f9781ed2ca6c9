"""One predictor on one piece of evidence: isolated, timed, its failure recorded."""

from __future__ import annotations

import io
import os
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout, suppress
from dataclasses import dataclass, field, replace
from typing import Generic, TypeVar

import numpy as np
import pandas as pd

from bench.core import Abstain, Evidence, Forecast, ForecastError, Predictor, check_forecast
from bench.runner.interrupt import stop_if_asked
from bench.runner.mutation_guard import fingerprint

LONGEST = 20_000  # characters kept of a traceback, or of what a predictor prints

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Attempt(Generic[T]):
    """What came of one call of `predict`.

    `status` is ``ok``, ``abstained`` or ``failed``; `message` says why not ok; `finished` is what
    was made of the forecast; times in seconds, `cpu_s` with that of processes which the predictor
    started and which have ended. `tables_read` names the tables that it opened, `tampered` those
    that it changed.
    """

    status: str
    forecast: Forecast | None = None
    finished: T | None = None
    message: str = ""
    trace: str = ""
    printed: str = ""
    wall_s: float = 0.0
    cpu_s: float = 0.0
    data_used_until: pd.Timestamp | None = None
    tables_read: frozenset[str] = frozenset()
    tampered: tuple[str, ...] = ()


def attempt(
    predictor: Predictor,
    evidence: Evidence,
    rng: np.random.Generator,
    finish: Callable[[Forecast], T],
) -> Attempt[T]:
    """Call a predictor and keep whatever happens to itself.

    Parameters
    ----------
    predictor : Predictor
        The contestant; it gets the tables that it needs and no others.
    evidence : Evidence
        All tables.
    rng : numpy.random.Generator
        Its own generator.
    finish : callable
        What to do with the checked forecast; an error there is the predictor's too.

    Raises
    ------
    KeyboardInterrupt
        If somebody pressed Ctrl-C, whatever the predictor made of it.
    """
    try:
        given = evidence.only(predictor.needs)
    except Exception as error:  # noqa: BLE001 - `needs` is the predictor's
        return Attempt(status="failed", message=said(error), trace=_trace())
    before = fingerprint(given)
    call = _Call()
    try:
        with call:
            answer = predictor.predict(given, rng)
        forecast = check_forecast(answer, evidence.candidates)
        done = Attempt(status="ok", forecast=forecast, finished=finish(forecast))
    except Abstain as reason:
        done = Attempt(status="abstained", message=plain(str(reason)))
    except BaseException as error:  # noqa: BLE001 - the one place that isolates a predictor
        done = Attempt(status="failed", message=said(error), trace=_trace())
    stop_if_asked()
    after = fingerprint(given)
    if changed := tuple(name for name in before if before[name] != after[name]):
        wrong = ForecastError(f"predict changed the table '{changed[0]}' in place; copy it first")
        done = Attempt(status="failed", message=said(wrong), tampered=changed)
    return replace(
        done,
        printed=str(call.printed),
        wall_s=call.wall_s,
        cpu_s=call.cpu_s,
        data_used_until=given.data_used_until,
        tables_read=given.tables_read,
    )


def plain(words: str) -> str:
    """Text that every file can hold: no lone surrogates, no NUL, not endless.

    Examples
    --------
    >>> plain("caf\\udce9")
    'caf?'
    """
    return words.encode("utf-8", "replace").decode().replace("\0", "?")[:LONGEST]


def said(error: BaseException) -> str:
    """Kind and message of an error, even of one that cannot be printed."""
    try:
        return plain(f"{type(error).__name__}: {error}")
    except Exception:  # noqa: BLE001 - __str__ is the predictor's
        return type(error).__name__


def _trace() -> str:
    try:
        return plain(traceback.format_exc()[-LONGEST:])
    except Exception:  # noqa: BLE001 - __str__ is the predictor's
        return ""


@dataclass
class _Call:
    """Times a call and undoes what it did to the process around it."""

    printed: _Tail = field(default_factory=lambda: _Tail())
    wall_s: float = 0.0
    cpu_s: float = 0.0

    def __enter__(self) -> None:
        self._undo = _surroundings(self.printed)
        self._undo.__enter__()
        self.wall_s, self.cpu_s = time.perf_counter(), _cpu_s()

    def __exit__(self, *_: object) -> None:
        self.wall_s = time.perf_counter() - self.wall_s
        self.cpu_s = _cpu_s() - self.cpu_s
        self._undo.__exit__(None, None, None)


def _cpu_s() -> float:
    children = os.times()
    return time.process_time() + children.children_user + children.children_system


@contextmanager
def _surroundings(printed: _Tail) -> Iterator[None]:
    process, home = os.getpid(), os.getcwd()
    with redirect_stdout(printed), redirect_stderr(printed):
        yield
    if os.getpid() != process:  # the predictor forked, and its copy must not run the rest
        os._exit(0)
    with suppress(OSError):
        os.chdir(home)


class _Tail(io.TextIOBase):
    """Keeps the end of what is printed into it."""

    def __init__(self) -> None:
        super().__init__()
        self._kept = ""

    def write(self, words: str) -> int:
        self._kept = (self._kept + words)[-LONGEST:]
        return len(words)

    def close(self) -> None:
        """Stay open: whoever prints next is not to blame."""

    def __str__(self) -> str:
        return plain(self._kept)

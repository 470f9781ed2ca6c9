"""One attempt: a predictor is asked here, and its answer and the tables that it had are checked."""

from __future__ import annotations

import io
import os
import time
import traceback
import weakref
from collections.abc import Callable, Mapping
from contextlib import redirect_stderr, redirect_stdout, suppress
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import numpy as np
import pandas as pd

from bench.core.arrays import FloatArray
from bench.core.errors import Abstain, ForecastError, is_machinery
from bench.core.evidence import BatchPredictor, Evidence, EvidenceBatch, Read
from bench.core.forecast import SUM_TOLERANCE, Forecast, check_forecast
from bench.core.predictor import Predictor
from bench.core.read import visible

LONGEST = 20_000  # characters kept of a traceback, or of what a predictor prints


class PredictorFailed(Exception):
    """What a predictor failed with, where there is no use for the rest of the work without it."""


@dataclass(frozen=True, kw_only=True)
class Prediction:
    """What came of asking a predictor once.

    Attributes
    ----------
    status : str
        ``ok``, ``abstained`` or ``failed``.
    forecast : Forecast or None
        Checked, in ballot order; None unless ok, and of a batch.
    shares : numpy.ndarray [B, C] or None
        Of a batch, checked; all NaN where a predictor that reads no batch abstains.
    message, trace, printed : str
        Why not ok; the traceback; the end of what the predictor printed.
    wall_s, cpu_s : float
        Seconds, `cpu_s` with that of processes which the predictor started and which have ended.
    data_used_until : pandas.Timestamp or None
        The latest publication or correction in the tables that it opened.
    reads : tuple of bench.core.evidence.Read
        The rows that it read.
    """

    status: str
    forecast: Forecast | None = None
    shares: FloatArray | None = None
    message: str = ""
    trace: str = ""
    printed: str = ""
    wall_s: float = 0.0
    cpu_s: float = 0.0
    data_used_until: pd.Timestamp | None = None
    reads: tuple[Read, ...] = ()

    def demand_shares(self) -> FloatArray:
        """The shares of a batch.

        Raises
        ------
        PredictorFailed
            With the traceback, if it failed.
        """
        if self.shares is None:
            raise PredictorFailed(self.trace or self.message)
        return self.shares


def checked(answer: object, candidates: tuple[str, ...], n_advance: int) -> Forecast:
    """The forecast of `check_forecast`, whose words every file can hold."""
    forecast = check_forecast(answer, candidates, n_advance)
    if forecast.areas is not None:
        codes = list(forecast.areas.index)
        are_texts = all(type(code) is str for code in codes)
        # one look at all of them; only where something is wrong, which
        if not are_texts or not "".join(codes).isalnum():
            for area in codes:
                if not isinstance(area, str) or plain(area) != area:
                    raise ForecastError(f"areas has the code {area!r}; accepted: text")
    if forecast.converted == "":
        return forecast
    return replace(forecast, converted=plain(str(forecast.converted)))


def guarded(predictor: Predictor, evidence: Evidence, rng: np.random.Generator) -> Prediction:
    """Ask in this process: on tables that refuse writing, timed, checked, whatever is raised."""
    own_evidence = evidence.read_only(predictor.needs)
    done = _attempted(
        lambda: predictor.predict(own_evidence, rng),
        lambda answer: {"forecast": checked(answer, evidence.candidates, evidence.n_advance)},
    )
    return replace(done, reads=own_evidence.reads, data_used_until=own_evidence.data_used_until)


def _attempted(
    ask: Callable[[], object], check: Callable[[object], Mapping[str, Any]]
) -> Prediction:
    """What comes of asking, timed, and of checking the answer, whatever either of them raises.

    What it prints stays from the terminal. KeyboardInterrupt passes: in the process of the run it
    is the word of whoever stops it.
    """
    printed = _Tail()
    process = os.getpid()
    home = os.getcwd()
    wall_s = time.perf_counter()
    cpu_s = _cpu_s()
    try:
        try:
            with redirect_stdout(printed), redirect_stderr(printed):
                answer = ask()
        finally:
            wall_s = time.perf_counter() - wall_s
            cpu_s = _cpu_s() - cpu_s
            if os.getpid() != process:  # the predictor forked, and its copy must not run the rest
                os._exit(0)
            with suppress(OSError):
                os.chdir(home)
        done = Prediction(status="ok", **check(answer))
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # noqa: BLE001 - the one place that isolates a predictor
        done = failure(error)
    return replace(done, printed=str(printed), wall_s=wall_s, cpu_s=cpu_s)


def guarded_batch(
    predictor: Predictor, batch: EvidenceBatch, rng: np.random.Generator
) -> Prediction:
    """Ask in this process about a batch, as `guarded`."""
    if not isinstance(predictor, BatchPredictor):
        return shares_of_one(guarded(predictor, batch.evidence, rng), batch)
    own_batch = batch.read_only()
    done = _attempted(
        lambda: predictor.predict_batch(own_batch),
        lambda answer: {"shares": check_shares(answer, batch.candidates, batch.size)},
    )
    if done.status == "abstained":
        return replace(done, shares=np.full((batch.size, len(batch.candidates)), np.nan))
    return done


def shares_of_one(prediction: Prediction, batch: EvidenceBatch) -> Prediction:
    """What a predictor that reads no batch says of every replicate: the same."""
    if prediction.status == "failed":
        return prediction
    row = np.full(len(batch.candidates), np.nan)
    if prediction.forecast is not None:
        row = prediction.forecast.share.to_numpy(float)
    return replace(prediction, forecast=None, shares=np.repeat(row[None], batch.size, axis=0))


def check_shares(shares: object, candidates: tuple[str, ...], size: int) -> FloatArray:
    """The shares of a batch, or an error that says what is wrong with them.

    Parameters
    ----------
    shares : object
        What `predict_batch` returned: [B, C] in ballot order, NaN where nobody is named.
    candidates : tuple of str
        The ballot, C slugs.
    size : int
        B.

    Raises
    ------
    ForecastError
        No numbers; another shape; a share that is negative, above 1 or infinite; named shares
        that sum to more than 1.

    Examples
    --------
    >>> check_shares([[0.25, 0.75]], ("a", "b"), 1).tolist()
    [[0.25, 0.75]]
    >>> check_shares([[25, 75]], ("a", "b"), 1)
    Traceback (most recent call last):
    ...
    bench.core.errors.ForecastError: share of 'a' in replicate 0 is 25.0; accepted: 0 to 1
    (a fraction of the valid votes, not percent)
    """
    try:
        values = np.array(shares, dtype=float)
    except (TypeError, ValueError) as error:
        raise ForecastError(f"predict_batch must return numbers: {error}") from error
    if values.shape != (size, len(candidates)):
        raise ForecastError(
            f"predict_batch returned shape {values.shape}; accepted: ({size}, {len(candidates)}), "
            "one row per replicate, one column per candidate"
        )
    wrong = np.argwhere((values < 0) | (values > 1 + SUM_TOLERANCE))
    if len(wrong):
        b, c = wrong[0]
        raise ForecastError(
            f"share of '{candidates[c]}' in replicate {b} is {values[b, c]}; accepted: 0 to 1 "
            "(a fraction of the valid votes, not percent)"
        )
    total = np.nansum(values, axis=1)
    if (total > 1 + SUM_TOLERANCE).any():
        b = int(total.argmax())
        raise ForecastError(
            f"the named shares of replicate {b} sum to {total[b]:.6f}; accepted: at most 1"
        )
    return values


def failure(error: BaseException) -> Prediction:
    """What came of asking when this was raised."""
    if isinstance(error, Abstain):
        return Prediction(status="abstained", message=plain(str(error)))
    return Prediction(status="failed", message=error_text(error), trace=trace_of(error))


def plain(words: str) -> str:
    """Text that every file and terminal can hold: signs that hide are written out; not endless.

    Examples
    --------
    >>> plain("caf\\udce9 \\x1b[2J")
    'caf\\\\udce9 \\\\x1b[2J'
    """
    return visible(words[:LONGEST].replace("\r\n", "\n").replace("\r", "\n"))[:LONGEST]


def error_text(error: BaseException) -> str:
    """Kind and message of an error, even of one that cannot be printed."""
    try:
        return plain(f"{type(error).__name__}: {error}")
    except Exception:  # noqa: BLE001 - __str__ is the predictor's
        return type(error).__name__


def trace_of(error: BaseException) -> str:
    """The end of its traceback, from where the bench called it on, if that can be printed."""
    frames = error.__traceback__
    while frames is not None and is_machinery(frames.tb_frame.f_code.co_filename):
        frames = frames.tb_next
    try:
        return plain("".join(traceback.format_exception(type(error), error, frames))[-LONGEST:])
    except Exception:  # noqa: BLE001 - __str__ is the predictor's
        return ""


def _cpu_s() -> float:
    children = os.times()
    return time.process_time() + children.children_user + children.children_system


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
        return plain(self._kept) if self._kept else ""


V = TypeVar("V")


def once_per_table(compute: Callable[[Any], V]) -> Callable[[Any], V]:
    """Compute once per table, for as long as it lives, what a function gives for it.

    For tables that nobody but the harness has, as what somebody changes would not be seen.
    """
    values: dict[int, tuple[weakref.ref[Any], V]] = {}

    def value_of(table: Any) -> V:
        entry = values.get(id(table))
        if entry is None or entry[0]() is not table:
            entry = (weakref.ref(table), compute(table))
            values[id(table)] = entry
            # its place in memory is another table's afterwards; not when Python ends
            weakref.finalize(table, values.pop, id(table), None).atexit = False
        return entry[1]

    return value_of

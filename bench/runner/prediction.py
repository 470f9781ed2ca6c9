"""The one door to predictors: whoever asks, the answer is checked, guarded, timed, isolated."""

from __future__ import annotations

import io
import os
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout, suppress
from dataclasses import dataclass, field, replace
from typing import Any, NoReturn

import numpy as np
import pandas as pd

from bench.core import Abstain, Evidence, Forecast, ForecastError, Predictor, check_forecast
from bench.core.arrays import FloatArray
from bench.core.batch import BatchPredictor, EvidenceBatch
from bench.core.forecast import SUM_TOLERANCE
from bench.core.registry import make_predictor
from bench.core.settings import Execution, Experiment
from bench.data.task import Task
from bench.runner.console import stop_if_asked
from bench.runner.guard import (
    changed_tables,
    harness_now,
    own_batch,
    refuse_changes,
)
from bench.runner.wire import pack, unpack

LONGEST = 20_000  # characters kept of a traceback, or of what a predictor prints
HERE = Execution()


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
    tables_read : frozenset of str
        The tables that it opened.
    unranked : str
        Why no table may rank it, in one sentence; empty if it may.
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
    tables_read: frozenset[str] = frozenset()
    unranked: str = ""

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


def predict(
    task: Task,
    predictor: Predictor,
    *,
    name: str = "",
    evidence: Evidence | None = None,
    rng: np.random.Generator | None = None,
    execution: Execution = HERE,
) -> Prediction:
    """Ask a predictor about a task, and keep whatever happens to itself.

    Parameters
    ----------
    task : Task
        What it is asked.
    predictor : Predictor
        The contestant; it gets copies of the tables that it needs and no others.
    name : str
        Row of the tables, on which its random numbers depend; the name of its file if left out.
    evidence : Evidence, optional
        In place of that of the task.
    rng : numpy.random.Generator, optional
        In place of that which the task has for the name.
    execution : Execution
        Whether it gets a process of its own (`isolate`), and the limits of that process.

    Returns
    -------
    Prediction
        Also where the predictor abstains or fails, in whatever way.

    Raises
    ------
    KeyboardInterrupt
        If somebody pressed Ctrl-C, whatever the predictor made of it.

    Examples
    --------
    >>> from bench.core.registry import make_predictor
    >>> task = Task("toy", 1, "2031-04-04T20:00")
    >>> predict(task, make_predictor("uniform", {})).forecast.share.tolist()[:2]
    [0.2, 0.2]
    """
    given = task.evidence() if evidence is None else evidence
    mine = name or type(predictor).__module__.rpartition(".")[2]
    random = task.rng(predictor.level_of or mine) if rng is None else rng
    if needs_own_process(predictor, execution):
        with suppress(ForecastError):  # a table that does not exist is the predictor's failure
            given = given.only(predictor.needs)  # assembled here, for every process that asks
    return _asked(lambda: guarded(predictor, given, random), given.candidates, predictor, execution)


def predict_named(
    experiment: Experiment, name: str, task: Task, evidence: Evidence | None = None
) -> Prediction:
    """Ask a predictor of an experiment, by the name of its row; all else as `predict`."""
    predictor = make_predictor(name, experiment.predictors[name])
    return predict(task, predictor, name=name, evidence=evidence, execution=experiment.execution)


def predict_batch(
    predictor: Predictor,
    batch: EvidenceBatch,
    rng: np.random.Generator,
    *,
    execution: Execution = HERE,
) -> Prediction:
    """Ask a predictor about many replicates of the evidence at once.

    One that reads no batch is asked once, about the tables that all replicates share.

    Parameters
    ----------
    predictor : Predictor
        The contestant; it gets copies of the arrays.
    batch : EvidenceBatch
        B replicates.
    rng : numpy.random.Generator
        For predictors that read no batch.
    execution : Execution
        As of `predict`.

    Returns
    -------
    Prediction
        With `shares` [B, C].
    """
    return _asked(
        lambda: _shares(predictor, batch, rng), batch.candidates, predictor, execution, batch.size
    )


def guarded(predictor: Predictor, evidence: Evidence, rng: np.random.Generator) -> Prediction:
    """Ask in this process: on a copy of the tables, timed, checked, whatever is raised."""
    originals, given = evidence.chosen(predictor.needs), evidence.copied(predictor.needs)
    copies = dict(given.tables)
    call = _Call(ships_with_us(predictor))
    try:
        with call:
            answer = predictor.predict(given, rng)
        done = Prediction(status="ok", forecast=_checked(answer, evidence))
    except BaseException as error:  # noqa: BLE001 - the one place that isolates a predictor
        done = _failure(error)
    stop_if_asked()
    if changed := changed_tables(originals, copies):
        done = _changed(changed)
    return replace(
        done,
        data_used_until=None if changed else given.data_used_until,
        tables_read=given.tables_read,
        printed=str(call.printed),
        wall_s=call.wall_s,
        cpu_s=call.cpu_s,
    )


def _shares(predictor: Predictor, batch: EvidenceBatch, rng: np.random.Generator) -> Prediction:
    if not isinstance(predictor, BatchPredictor):
        one = guarded(predictor, batch.evidence, rng)
        row = np.full(len(batch.candidates), np.nan)
        if one.forecast is not None:
            row = one.forecast.share.to_numpy(float)
        elif one.status == "failed":
            return one
        return replace(one, forecast=None, shares=np.repeat(row[None], batch.size, axis=0))
    given = own_batch(batch)
    call = _Call(ships_with_us(predictor))
    try:
        with call:
            answer = predictor.predict_batch(given)
        done = Prediction(status="ok", shares=check_shares(answer, batch.candidates, batch.size))
    except BaseException as error:  # noqa: BLE001 - the other place that isolates a predictor
        done = _failure(error)
        if done.status == "abstained":
            done = replace(done, shares=np.full((batch.size, len(batch.candidates)), np.nan))
    stop_if_asked()
    if changed := changed_tables(batch.tables, given.tables):
        done = _changed(changed)
    return replace(done, printed=str(call.printed), wall_s=call.wall_s, cpu_s=call.cpu_s)


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


def _checked(answer: object, evidence: Evidence) -> Forecast:
    """The forecast of `check_forecast`, whose words every file can hold."""
    forecast = check_forecast(answer, evidence.candidates, evidence.seats)
    if forecast.areas is not None:
        for area in forecast.areas.index:
            if not isinstance(area, str) or plain(area) != area:
                raise ForecastError(f"areas has the code {area!r}; accepted: text")
    if forecast.converted == "":
        return forecast
    return replace(forecast, converted=plain(str(forecast.converted)))


def _asked(
    ask: Callable[[], Prediction],
    candidates: tuple[str, ...],
    predictor: Predictor,
    execution: Execution,
    size: int = 0,
) -> Prediction:
    """The answer, from this process or from one that the predictor has for itself."""
    try:
        if not needs_own_process(predictor, execution):
            return ask()
        from bench.runner.sandbox import Death, isolated

        answer = isolated(lambda: pack(ask()), execution.time_limit_s, execution.memory_limit_mb)
        if isinstance(answer, Death):
            return Prediction(
                status="failed", message=answer.reason, trace=answer.printed, wall_s=answer.wall_s
            )
        return _believed(unpack(answer), candidates, size)
    except ForecastError as error:  # `needs` is the predictor's
        return _failure(error)


def needs_own_process(predictor: Predictor, execution: Execution) -> bool:
    """Whether a predictor is asked in a process of its own.

    Today that is a setting of the run. Here stands the door for a rule that looks at the
    predictor, such as: whatever does not ship with the bench.
    """
    del predictor
    return execution.isolate


def ships_with_us(predictor: object) -> bool:
    """Whether a predictor is a file of `predictors/`; others came with another package."""
    return type(predictor).__module__.partition(".")[0] == "predictors"


def _believed(said: Prediction, candidates: tuple[str, ...], size: int) -> Prediction:
    """An answer from another process, checked once more by this one."""
    if said.forecast is not None:
        check_forecast(said.forecast, candidates)
    if said.shares is not None:
        check_shares(said.shares, candidates, size)
    return said


def _failure(error: BaseException) -> Prediction:
    if isinstance(error, Abstain):
        return Prediction(status="abstained", message=plain(str(error)))
    return Prediction(status="failed", message=said(error), trace=trace_of(error))


def _changed(tables: tuple[str, ...]) -> Prediction:
    error = ForecastError(f"predict changed the table '{tables[0]}' in place; copy it first")
    return Prediction(status="failed", message=said(error))


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


def trace_of(error: BaseException) -> str:
    """The end of its traceback, if that can be printed."""
    try:
        return plain("".join(traceback.format_exception(error))[-LONGEST:])
    except Exception:  # noqa: BLE001 - __str__ is the predictor's
        return ""


@dataclass
class _Call:
    """Times a call and undoes what it did to the process around it."""

    trusted: bool
    printed: _Tail = field(default_factory=lambda: _Tail())
    wall_s: float = 0.0
    cpu_s: float = 0.0

    def __enter__(self) -> None:
        self._harness = None if self.trusted else harness_now()
        self._undo = _surroundings(self.printed)
        self._undo.__enter__()
        self.wall_s, self.cpu_s = time.perf_counter(), _cpu_s()

    def __exit__(self, *_: object) -> None:
        self.wall_s = time.perf_counter() - self.wall_s
        self.cpu_s = _cpu_s() - self.cpu_s
        self._undo.__exit__(None, None, None)
        if self._harness is not None:
            refuse_changes(self._harness)


def _cpu_s() -> float:
    children = os.times()
    return time.process_time() + children.children_user + children.children_system


@contextmanager
def _surroundings(printed: _Tail) -> Iterator[None]:
    process, home, leave = os.getpid(), os.getcwd(), os._exit
    places, depth, mask = list(sys.path), sys.getrecursionlimit(), os.umask(0o022)
    os.umask(mask)

    def no_exit(status: int) -> NoReturn:
        if os.getpid() != process:
            leave(status)
        raise SystemExit(f"predict called os._exit({status})")

    os._exit = no_exit  # or the run would end in mid-air with a status of its own choice
    try:
        with redirect_stdout(printed), redirect_stderr(printed):
            yield
    finally:
        os._exit = leave
        if os.getpid() != process:  # the predictor forked, and its copy must not run the rest
            os._exit(0)
        sys.path[:] = places
        sys.setrecursionlimit(depth)
        os.umask(mask)
        if _folder() != home:
            with suppress(OSError):
                os.chdir(home)


def _folder() -> str:
    try:
        return os.getcwd()
    except OSError:  # it is gone
        return ""


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


def method_row(
    experiment: Experiment, name: str, task: Task, prediction: Prediction
) -> dict[str, Any]:
    """One row of the table `methods`: what became of one predictor asked about one task."""
    from bench.core.registry import load_predictor

    named = 0 if prediction.forecast is None else int(prediction.forecast.share.notna().sum())
    return {
        "family": load_predictor(str(experiment.predictors[name].get("method", name))).family,
        "status": prediction.status,
        "named": named,
        "n_candidates": len(task.ballot),
        "data_used_until": prediction.data_used_until,
        "unranked": prediction.unranked,
        "message": prediction.message,
        "trace": prediction.trace,
    }


def timing_row(*predictions: Prediction) -> dict[str, Any]:
    """One row of the table `timings`: the seconds that one predictor took for one task."""
    return {
        "wall_s": sum(one.wall_s for one in predictions),
        "cpu_s": sum(one.cpu_s for one in predictions),
    }

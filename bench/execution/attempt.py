"""One predictor on one piece of evidence: isolated, timed, its failure recorded."""

from __future__ import annotations

import os
import time
import traceback
from dataclasses import dataclass

import numpy as np
import pandas as pd

from bench.contract import Abstain, Evidence, Forecast, Predictor, check_forecast


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """What came of one call of `predict`.

    `status` is ``ok``, ``abstained`` or ``failed``; `message` says why not ok. Times in seconds;
    `cpu_s` includes processes that the predictor started and that have ended.
    """

    predictor: str
    family: str
    status: str
    forecast: Forecast | None
    message: str
    trace: str
    wall_s: float
    cpu_s: float
    data_used_until: pd.Timestamp | None
    tables: tuple[str, ...]


def attempt(
    name: str, predictor: Predictor, evidence: Evidence, rng: np.random.Generator
) -> Attempt:
    """Call a predictor and keep whatever happens to itself.

    Parameters
    ----------
    name : str
        Row of the table.
    predictor : Predictor
        The contestant; it gets the tables that it needs and no others.
    evidence : Evidence
        All tables.
    rng : numpy.random.Generator
        Its own generator.
    """
    forecast: Forecast | None = None
    status, message, trace = "ok", "", ""
    given = evidence.only([])
    wall, cpu = time.perf_counter(), _cpu_s()
    try:
        given = evidence.only(predictor.needs)
        forecast = check_forecast(predictor.predict(given, rng), evidence.candidates)
    except Abstain as reason:
        status, message = "abstained", str(reason)
    except Exception as error:  # noqa: BLE001 - the one place that isolates a predictor
        status, message = "failed", f"{type(error).__name__}: {error}"
        trace = traceback.format_exc()
    return Attempt(
        predictor=name,
        family=getattr(predictor, "family", "other"),
        status=status,
        forecast=forecast,
        message=message,
        trace=trace,
        wall_s=time.perf_counter() - wall,
        cpu_s=_cpu_s() - cpu,
        data_used_until=given.data_used_until,
        tables=tuple(sorted(predictor.needs)),
    )


def _cpu_s() -> float:
    children = os.times()
    return time.process_time() + children.children_user + children.children_system

"""What one attempt records beside the forecast."""

from __future__ import annotations

import ctypes
import subprocess
import sys
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd

from bench.core import Evidence, Forecast, Predictor
from bench.data.task import Task
from bench.runner.prediction import predict

TASK = Task("toy", 1, "2031-04-04T20:00")
BUSY = "import time; t = time.process_time()\nwhile time.process_time() - t < 0.2: pass"


@dataclass(frozen=True, kw_only=True)
class Delegating(Predictor):
    """Lets a child process do the work."""

    family: ClassVar[str] = "other"

    def predict(self, evidence: Evidence, rng: np.random.Generator) -> Forecast:
        subprocess.run([sys.executable, "-c", BUSY], check=True)
        names = evidence.candidates
        return Forecast(share=pd.Series(1 / len(names), index=list(names)))


def test_the_work_of_child_processes_counts() -> None:
    tried = predict(TASK, Delegating())
    assert tried.status == "ok"
    assert tried.cpu_s >= 0.19


@dataclass(frozen=True, kw_only=True)
class Writing(Predictor):
    """Sets all polled shares to 0, in the memory of the table."""

    family: ClassVar[str] = "other"
    needs: ClassVar[frozenset[str]] = frozenset({"polls"})

    def predict(self, evidence: Evidence, rng: np.random.Generator) -> Forecast:
        shares = evidence.tables["polls"]["share"].to_numpy()
        (ctypes.c_double * len(shares)).from_address(shares.ctypes.data)[:] = [0.0] * len(shares)
        names = evidence.candidates
        return Forecast(share=pd.Series(1 / len(names), index=list(names)))


def test_whoever_writes_into_evidence_fails_and_the_others_do_not_see_it() -> None:
    before = TASK.evidence()["polls"].copy()
    tried = predict(TASK, Writing())
    assert tried.message == (
        "ForecastError: predict changed the table 'polls' in place; copy it first"
    )
    pd.testing.assert_frame_equal(TASK.evidence()["polls"], before, check_exact=True)

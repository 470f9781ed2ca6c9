"""What one attempt records beside the forecast."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd
from bench.runner.attempt import attempt

from bench.core import Evidence, Forecast, Predictor

BUSY = "import time; t = time.process_time()\nwhile time.process_time() - t < 0.2: pass"


@dataclass(frozen=True, kw_only=True)
class Delegating(Predictor):
    """Lets a child process do the work."""

    family: ClassVar[str] = "other"

    def predict(self, evidence: Evidence, rng: np.random.Generator) -> Forecast:
        subprocess.run([sys.executable, "-c", BUSY], check=True)
        names = evidence.candidates
        return Forecast(share=pd.Series(1 / len(names), index=list(names)))


def test_the_work_of_child_processes_counts(toy: Evidence) -> None:
    tried = attempt(Delegating(), toy, np.random.default_rng(0), lambda forecast: forecast)
    assert tried.status == "ok"
    assert tried.cpu_s >= 0.19

"""Methods of predicting an election, run against what happened.

Everything here is loaded when it is first asked for: `import bench` is instant.

Examples
--------
>>> import bench
>>> run = bench.run("quickstart", predictor=["last_poll", "uniform"], baseline="uniform")
>>> print(run.headline[["predictor", "MAE"]].round(2).to_string(index=False))
predictor  MAE
last_poll 0.42
  uniform 5.84
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bench.api import (
        elections,
        evidence_at,
        forecast,
        forecast_election,
        predictors,
        run,
        score,
    )
    from bench.core import Abstain, BenchError, Evidence, Forecast, Predictor
    from bench.data.atlas import atlas
    from bench.data.election import load_election
    from bench.data.task import Task
    from bench.studies.run import Run, load_run

_HOMES = {
    "Abstain": "bench.core",
    "BenchError": "bench.core",
    "Evidence": "bench.core",
    "Forecast": "bench.core",
    "Predictor": "bench.core",
    "Run": "bench.studies.run",
    "Task": "bench.data.task",
    "atlas": "bench.data.atlas",
    "elections": "bench.api",
    "evidence_at": "bench.api",
    "forecast": "bench.api",
    "forecast_election": "bench.api",
    "load_election": "bench.data.election",
    "load_run": "bench.studies.run",
    "predictors": "bench.api",
    "run": "bench.api",
    "score": "bench.api",
}

__all__ = [
    "Abstain",
    "BenchError",
    "Evidence",
    "Forecast",
    "Predictor",
    "Run",
    "Task",
    "atlas",
    "elections",
    "evidence_at",
    "forecast",
    "forecast_election",
    "load_election",
    "load_run",
    "predictors",
    "run",
    "score",
]


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module 'bench' has no attribute '{name}'")
    return getattr(importlib.import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return __all__

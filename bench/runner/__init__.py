"""How work is done: one pipeline for every study, one door to predictors, one cache."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bench.runner.cache import CHANGES_NO_NUMBER, memoised
    from bench.runner.prediction import (
        Prediction,
        method_row,
        predict,
        predict_batch,
        predict_named,
        timing_row,
    )
    from bench.runner.results import Results, of_tasks, stacked
    from bench.runner.runner import (
        OnlyPart,
        Part,
        code_sums,
        files_read,
        run,
        run_predictors,
        task_of,
        tasks_in,
        tasks_of,
    )

# fetched when asked for: the command line needs none of them
_HOMES = {
    "CHANGES_NO_NUMBER": "cache",
    "OnlyPart": "runner",
    "Part": "runner",
    "Prediction": "prediction",
    "Results": "results",
    "code_sums": "runner",
    "files_read": "runner",
    "memoised": "cache",
    "method_row": "prediction",
    "of_tasks": "results",
    "predict": "prediction",
    "predict_batch": "prediction",
    "predict_named": "prediction",
    "run": "runner",
    "run_predictors": "runner",
    "stacked": "results",
    "task_of": "runner",
    "tasks_in": "runner",
    "tasks_of": "runner",
    "timing_row": "prediction",
}

__all__ = [
    "CHANGES_NO_NUMBER",
    "OnlyPart",
    "Part",
    "Prediction",
    "Results",
    "code_sums",
    "files_read",
    "memoised",
    "method_row",
    "of_tasks",
    "predict",
    "predict_batch",
    "predict_named",
    "run",
    "run_predictors",
    "stacked",
    "task_of",
    "tasks_in",
    "tasks_of",
    "timing_row",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'bench.runner' has no attribute '{name}'")
    found = getattr(importlib.import_module(f"bench.runner.{_HOMES[name]}"), name)
    globals()[name] = found  # asked for once
    return found

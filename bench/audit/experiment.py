"""The look-ahead audit of an experiment: every predictor on every vote and moment."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pandas as pd

from bench.audit import Verdict, audit
from bench.core.registry import make_predictor
from bench.core.settings import Experiment
from bench.data.task import Task
from bench.runner.runner import tasks_of

WORST_FIRST = ("leaks", "fails", "passed", "abstains")


def verdicts_of(experiment: Experiment, tasks: Sequence[Task] | None = None) -> Iterator[Verdict]:
    """Verdicts, one vote after the other.

    Parameters
    ----------
    experiment : Experiment
        The settings.
    tasks : sequence of Task, optional
        Some of its tasks; all if left out.
    """
    predictors = {
        name: make_predictor(name, settings) for name, settings in experiment.predictors.items()
    }
    for task in tasks_of(experiment) if tasks is None else tasks:
        yield from audit(predictors, task)


def verdict_table(verdicts: Sequence[Verdict]) -> pd.DataFrame:
    """One row per predictor and vote, for the folder of the run."""
    return pd.DataFrame(
        {
            "predictor": [verdict.predictor for verdict in verdicts],
            "vote": [verdict.vote for verdict in verdicts],
            "verdict": [verdict.status for verdict in verdicts],
            "data_used_until": [verdict.data_used_until for verdict in verdicts],
            "findings": ["; ".join(verdict.findings) for verdict in verdicts],
            "message": [verdict.message for verdict in verdicts],
            "compiled_code_denied": [verdict.denied for verdict in verdicts],
        }
    )


def in_short(verdicts: Sequence[Verdict]) -> dict[str, str]:
    """Predictor to its worst verdict, for the column of the headline table."""
    found: dict[str, str] = {}
    for status in reversed(WORST_FIRST):
        found |= {v.predictor: status for v in verdicts if v.status == status}
    return found

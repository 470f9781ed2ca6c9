"""The look-ahead audit of an experiment: every predictor on every vote and moment."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pandas as pd

from bench.audit import Verdict, Vote, audit
from bench.core.registry import make_predictor
from bench.core.settings import Experiment
from bench.data.evidence import LearnFrom
from bench.runner.cell import Cell
from bench.studies.backtest.analysis import plan

WORST_FIRST = ("leaks", "fails", "passed", "abstains")


def vote_of(experiment: Experiment, cell: Cell) -> Vote:
    """The question of a cell, as the audit and the frozen record ask it."""
    learn_from: LearnFrom = "earlier" if experiment.learn_from == "earlier" else "others"
    return Vote(
        election=cell.election,
        round=cell.round,
        as_of=cell.as_of,
        learn_from=learn_from,
        owners_of=tuple(experiment.owners_of),
        seed=experiment.seed,
        by_station=experiment.settings.get("areas") == "station",
        poll_lag_days=experiment.poll_lag_days,
    )


def verdicts_of(experiment: Experiment, cells: Sequence[Cell] | None = None) -> Iterator[Verdict]:
    """Verdicts, one vote after the other.

    Parameters
    ----------
    experiment : Experiment
        The settings.
    cells : sequence of Cell, optional
        Some of its cells; all if left out.
    """
    predictors = {
        name: make_predictor(name, settings) for name, settings in experiment.predictors.items()
    }
    for cell in plan(experiment) if cells is None else cells:
        yield from audit(predictors, vote_of(experiment, cell))


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

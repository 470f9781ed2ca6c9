"""This file holds what became of predictors that a study asked, as rows of the long tables."""

from __future__ import annotations

from typing import Any

import pandas as pd

from bench.execution.attempt import Attempt
from bench.execution.seeds import generator
from bench.experiment import Experiment
from bench.run.backtest import Cell


def seeded(experiment: Experiment, name: str, cell: Cell) -> Any:
    """The generator that this predictor gets for this cell, in a backtest and in a study."""
    return generator(experiment.seed, name, cell.election.name, cell.round, cell.as_of)


def labelled(rows: pd.DataFrame, label: dict[str, Any]) -> pd.DataFrame:
    """The rows with the columns of the label before them."""
    head = pd.DataFrame({key: [value] * len(rows) for key, value in label.items()})
    return pd.concat([head, rows.reset_index(drop=True)], axis=1)


def what_became(cell: Cell, tried: Attempt) -> dict[str, Any]:
    """One row of `methods`."""
    named = 0 if tried.forecast is None else int(tried.forecast.share.notna().sum())
    return {
        **cell.key,
        "predictor": tried.predictor,
        "family": tried.family,
        "status": tried.status,
        "named": named,
        "data_used_until": tried.data_used_until,
        "message": tried.message,
        "trace": tried.trace,
    }


def time_taken(cell: Cell, *tried: Attempt) -> dict[str, Any]:
    """One row of `timings`: the seconds of all attempts of one predictor at one cell."""
    return {
        **cell.key,
        "predictor": tried[0].predictor,
        "wall_s": sum(one.wall_s for one in tried),
        "cpu_s": sum(one.cpu_s for one in tried),
    }

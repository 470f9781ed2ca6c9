"""This file holds what became of predictors that a study asked, as rows of the long tables."""

from __future__ import annotations

from typing import Any

import pandas as pd

from bench.core import Evidence, Forecast
from bench.core.registry import load_predictor, make_predictor
from bench.core.seeds import generator
from bench.core.settings import Experiment
from bench.runner.attempt import Attempt, attempt
from bench.runner.cell import Cell


def seeded(experiment: Experiment, name: str, cell: Cell) -> Any:
    """The generator that this predictor gets for this cell, in a backtest and in a study."""
    return generator(experiment.seed, name, cell.election.name, cell.round, cell.as_of)


def labelled(rows: pd.DataFrame, label: dict[str, Any]) -> pd.DataFrame:
    """The rows with the columns of the label before them."""
    head = pd.DataFrame({key: [value] * len(rows) for key, value in label.items()})
    return pd.concat([head, rows.reset_index(drop=True)], axis=1)


def ask(experiment: Experiment, name: str, cell: Cell, evidence: Evidence) -> Attempt[Forecast]:
    """What one predictor says about one cell."""
    predictor = make_predictor(name, experiment.predictors[name])
    rng = seeded(experiment, predictor.level_of or name, cell)
    return attempt(predictor, evidence, rng, _as_it_is)


def _as_it_is(forecast: Forecast) -> Forecast:
    return forecast


def what_became(
    experiment: Experiment, name: str, cell: Cell, tried: Attempt[Forecast]
) -> dict[str, Any]:
    """One row of `methods`."""
    named = 0 if tried.forecast is None else int(tried.forecast.share.notna().sum())
    return {
        **cell.key,
        "predictor": name,
        "family": load_predictor(str(experiment.predictors[name].get("method", name))).family,
        "status": tried.status,
        "named": named,
        "n_candidates": len(cell.election.round(cell.round).candidates),
        "data_used_until": tried.data_used_until,
        "message": tried.message,
        "trace": tried.trace,
    }


def time_taken(name: str, cell: Cell, *tried: Attempt[Forecast]) -> dict[str, Any]:
    """One row of `timings`: the seconds of all attempts of one predictor at one cell."""
    return {
        **cell.key,
        "predictor": name,
        "wall_s": sum(one.wall_s for one in tried),
        "cpu_s": sum(one.cpu_s for one in tried),
    }

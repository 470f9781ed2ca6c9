"""The conformance check that guards our predictors, shipped for guests."""

from __future__ import annotations

import numpy as np
import pandas as pd

from bench.core import Evidence, Forecast, ForecastError, Predictor
from bench.core.settings import Execution
from bench.runner.attempt import guarded
from bench.runner.process import ask_in_own_process


def check_predictor(predictor: Predictor, evidence: Evidence, *, seed: int = 0) -> Forecast | None:
    """Demand of a predictor what the harness demands, on one piece of evidence.

    The answers come from a process of its own, as in a run: the predictor is imported and made
    there once more. What ships is asked in this process, as in a run. So is a predictor whose class
    no other process can import (in a notebook, a test or a function).

    Parameters
    ----------
    predictor : Predictor
        The contestant.
    evidence : Evidence
        What it may read; it gets only the tables in its `needs`.
    seed : int
        Seed of the generator handed in.

    Returns
    -------
    Forecast or None
        The checked forecast; None if it abstained.

    Raises
    ------
    ForecastError
        If the predictor fails, if the forecast is malformed, if the same seed gives another
        forecast, if the order of the rows matters, or if it writes into the evidence.
    """
    name = type(predictor).__name__
    own_evidence = evidence.only(predictor.needs)
    first = _answer(predictor, own_evidence, seed)
    if first is None:
        return None
    if not same_forecast(first, _answer(predictor, own_evidence, seed)):
        raise ForecastError(
            f"{name} gave two forecasts from one seed; draw only from the generator that "
            "`predict` is handed, and read nothing but the evidence"
        )
    shuffled = {
        table: frame.sample(frac=1, random_state=1).reset_index(drop=True)
        for table, frame in own_evidence.tables.items()
    }
    of_shuffled = _answer(predictor, own_evidence.with_tables(**shuffled), seed)
    is_same = of_shuffled is not None and np.allclose(
        first.share, of_shuffled.share, rtol=0, atol=1e-6, equal_nan=True
    )
    if not is_same:
        raise ForecastError(f"{name} depends on the order of rows in its evidence")
    return first


def _answer(predictor: Predictor, evidence: Evidence, seed: int) -> Forecast | None:
    """The checked forecast of a predictor; None if it abstains, an error if it fails."""
    rng = np.random.default_rng(seed)
    if type(predictor).__module__.startswith("predictors."):
        prediction = guarded(predictor, evidence, rng)
    else:
        prediction = ask_in_own_process(predictor, evidence, rng, Execution())
    if prediction.status == "failed":
        raise ForecastError(
            f"{type(predictor).__name__} fails: {prediction.message}\n{prediction.trace}"
        )
    return prediction.forecast


def same_forecast(first: Forecast | None, second: Forecast | None) -> bool:
    """Whether two checked forecasts are equal to the last digit; None is that of who abstained."""
    for name in ("share", "draws", "chances", "areas"):
        table = pd.DataFrame(getattr(first, name, None))
        if not table.equals(pd.DataFrame(getattr(second, name, None))):
            return False
    return True

"""The conformance check that guards our predictors, shipped for guests."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from bench.audit.poison import IN_PLACE, poisoned_in_place, visible
from bench.core import Evidence, Forecast, ForecastError, Predictor, errors
from bench.core.settings import Execution
from bench.runner.attempt import guarded
from bench.runner.process import ask_apart, spec_of

UNWATCHED = (
    "its class can be imported from no other process: what it opens, the network and other "
    "processes were not checked"
)


def check_predictor(
    predictor: Predictor,
    evidence: Evidence,
    *,
    seed: int = 0,
    uncut: Mapping[str, pd.DataFrame] | None = None,
) -> Forecast | None:
    """Demand of a predictor what the harness demands, on one piece of evidence.

    The answers come from a process of its own, as in an audit: the predictor is imported and made
    there once more, and it may reach for no dataset that ships, no results, no repository, no
    network and no other process. The folder of an election of your own is not known here, and not
    hidden. What ships is asked in this process, as in a run. So is a predictor whose class no other
    process can import (in a notebook, a test or a function); a warning says what was not checked.

    Parameters
    ----------
    predictor : Predictor
        The contestant.
    evidence : Evidence
        What it may read; it gets only the tables in its `needs`.
    seed : int
        Seed of the generator handed in.
    uncut : mapping of str to pandas.DataFrame, optional
        The very frames that the evidence was cut from, with `published_on`. What became public
        after `evidence.as_of` is poisoned in them, and the forecast must stay the same to the byte.

    Returns
    -------
    Forecast or None
        The checked forecast; None if it abstained.

    Raises
    ------
    ForecastError
        If the predictor fails, if the forecast is malformed, if the same seed gives another
        forecast, if the order of the rows matters, if it writes into the evidence, if the
        predictor reached for what it may not read, or if the forecast used what was not public yet.
    """
    name, given = type(predictor).__name__, evidence.only(predictor.needs)
    if spec_of(predictor) is None:
        warnings.warn(UNWATCHED, stacklevel=2)
    first = _answer(predictor, given, seed)
    if first is None:
        return None
    if not same_forecast(first, _answer(predictor, given, seed)):
        raise ForecastError(
            f"{name} gave two forecasts from one seed; draw only from the generator that "
            "`predict` is handed, and read nothing but the evidence"
        )
    shuffled = {
        table: frame.sample(frac=1, random_state=1).reset_index(drop=True)
        for table, frame in given.tables.items()
    }
    again = _answer(predictor, given.with_tables(**shuffled), seed)
    if again is None or not np.allclose(
        first.share, again.share, rtol=0, atol=1e-6, equal_nan=True
    ):
        raise ForecastError(f"{name} depends on the order of rows in its evidence")
    for kind in IN_PLACE if uncut else ():
        with poisoned_in_place(uncut or {}, given.as_of, kind, np.random.default_rng(seed)):
            cut = {
                table: visible(frame, given.as_of).reset_index(drop=True)
                for table, frame in (uncut or {}).items()
                if table in given.tables
            }
            again = _answer(predictor, given.with_tables(**cut), seed)
        if not same_forecast(first, again):
            raise ForecastError(
                f"{name} gives another forecast when rows that were not public on "
                f"{given.as_of} are {kind}; read nothing but the evidence that is handed in"
            )
    return first


def _answer(predictor: Predictor, evidence: Evidence, seed: int) -> Forecast | None:
    """The checked forecast of a predictor that has nothing but its evidence; None if it abstains.

    Raises
    ------
    BenchError
        If it fails, of the kind that it raises where that is one; or reaches for what it may not
        read.
    """
    name, rng = type(predictor).__name__, np.random.default_rng(seed)
    if type(predictor).__module__.startswith("predictors."):
        prediction = guarded(predictor, evidence, rng)
    else:
        prediction = ask_apart(predictor, evidence, rng, Execution())
    if prediction.attempts:
        raise ForecastError(f"{name} {'; it '.join(prediction.attempts)}")
    if prediction.status == "failed":
        kind, _, words = prediction.message.partition(": ")
        own = getattr(errors, kind, None)
        if isinstance(own, type) and issubclass(own, errors.BenchError):
            raise own(words)  # the harness says it better than a traceback
        raise ForecastError(f"{name} fails: {prediction.message}\n{prediction.trace}")
    return prediction.forecast


def same_forecast(one: Forecast, other: Forecast | None) -> bool:
    """Whether two checked forecasts are equal to the byte; one is none if it abstained."""
    return other is not None and all(
        _bytes(a) == _bytes(b)
        for a, b in (
            (one.share, other.share),
            (one.draws, other.draws),
            (one.chances, other.chances),
            (one.areas, other.areas),
        )
    )


def _bytes(values: Any) -> bytes:
    names = ",".join(map(str, values)) if isinstance(values, pd.DataFrame) else ""
    return b"" if values is None else names.encode() + np.asarray(values, dtype=float).tobytes()

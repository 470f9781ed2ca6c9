"""The conformance check that guards our predictors, shipped for guests."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from bench.audit.poison import IN_PLACE, poisoned_in_place, visible
from bench.core import Abstain, Evidence, Forecast, ForecastError, Predictor, check_forecast


def check_predictor(
    predictor: Predictor,
    evidence: Evidence,
    *,
    seed: int = 0,
    uncut: Mapping[str, pd.DataFrame] | None = None,
) -> Forecast | None:
    """Demand of a predictor what the harness demands, on one piece of evidence.

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
        If the forecast is malformed, if the same seed gives another forecast, if the order of
        the rows matters, if the evidence was changed in place, or if the forecast used what was
        not public yet.
    """
    given = evidence.only(predictor.needs)
    before = {name: frame.copy(deep=True) for name, frame in given.tables.items()}
    try:
        first = _forecast(predictor, given, seed)
    except Abstain:
        return None
    for name, frame in given.tables.items():
        if not frame.equals(before[name]):
            raise ForecastError(f"{_name(predictor)} changed the table '{name}' in place")
    if not same_forecast(first, _forecast(predictor, given, seed)):
        raise ForecastError(
            f"{_name(predictor)} gave two forecasts from one seed; draw only from the generator "
            "that `predict` is handed"
        )
    _check_order(predictor, given, first, seed)
    _check_look_ahead(predictor, given, first, seed, uncut or {})
    return first


def _check_order(predictor: Predictor, given: Evidence, first: Forecast, seed: int) -> None:
    shuffled = {
        name: frame.sample(frac=1, random_state=1).reset_index(drop=True)
        for name, frame in given.tables.items()
    }
    again = _forecast(predictor, given.with_tables(**shuffled), seed)
    if not np.allclose(first.share, again.share, rtol=0, atol=1e-6, equal_nan=True):
        raise ForecastError(f"{_name(predictor)} depends on the order of rows in its evidence")


def _check_look_ahead(
    predictor: Predictor,
    given: Evidence,
    first: Forecast,
    seed: int,
    uncut: Mapping[str, pd.DataFrame],
) -> None:
    for kind in IN_PLACE if uncut else ():
        with poisoned_in_place(uncut, given.as_of, kind, np.random.default_rng(seed)):
            cut = {
                name: visible(frame, given.as_of).reset_index(drop=True)
                for name, frame in uncut.items()
                if name in given.tables
            }
            again = _forecast(predictor, given.with_tables(**cut), seed)
        if not same_forecast(first, again):
            raise ForecastError(
                f"{_name(predictor)} gives another forecast when rows that were not public on "
                f"{given.as_of} are {kind}; read nothing but the evidence that is handed in"
            )


def same_forecast(one: Forecast, other: Forecast) -> bool:
    """Whether two checked forecasts are equal to the byte."""
    return all(
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


def _forecast(predictor: Predictor, evidence: Evidence, seed: int) -> Forecast:
    rng = np.random.default_rng(seed)
    said = predictor.predict(evidence, rng)
    return check_forecast(said, evidence.candidates, evidence.seats)


def _name(predictor: Predictor) -> str:
    return type(predictor).__name__

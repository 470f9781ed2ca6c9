"""The conformance check that guards our predictors, shipped for guests."""

from __future__ import annotations

from typing import Any

import numpy as np

from bench.contract import Abstain, Evidence, Forecast, ForecastError, Predictor, check_forecast


def check_predictor(predictor: Predictor, evidence: Evidence, *, seed: int = 0) -> Forecast | None:
    """Demand of a predictor what the harness demands, on one piece of evidence.

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
        If the forecast is malformed, if the same seed gives another forecast, if the order of
        the rows matters, or if the evidence was changed in place.
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
    shuffled = {
        name: frame.sample(frac=1, random_state=1).reset_index(drop=True)
        for name, frame in given.tables.items()
    }
    other = Evidence(
        election=given.election,
        round=given.round,
        as_of=given.as_of,
        vote_on=given.vote_on,
        candidates=given.candidates,
        seats=given.seats,
        tables=shuffled,
    )
    again = _forecast(predictor, other, seed)
    if not np.allclose(first.share, again.share, rtol=0, atol=1e-6, equal_nan=True):
        raise ForecastError(f"{_name(predictor)} depends on the order of rows in its evidence")
    return first


def same_forecast(one: Forecast, other: Forecast) -> bool:
    """Whether two checked forecasts are equal to the byte."""
    return all(
        _bytes(a) == _bytes(b)
        for a, b in (
            (one.share, other.share),
            (one.draws, other.draws),
            (one.win_probability, other.win_probability),
            (one.areas, other.areas),
        )
    )


def _bytes(values: Any) -> bytes:
    return b"" if values is None else np.asarray(values, dtype=float).tobytes()


def _forecast(predictor: Predictor, evidence: Evidence, seed: int) -> Forecast:
    rng = np.random.default_rng(seed)
    return check_forecast(predictor.predict(evidence, rng), evidence.candidates)


def _name(predictor: Predictor) -> str:
    return type(predictor).__name__

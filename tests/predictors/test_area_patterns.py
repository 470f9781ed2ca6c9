"""Predictors whose claim is the map."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest

from bench.audit import check_predictor
from bench.core import Evidence, Forecast
from bench.core.registry import make_predictor
from bench.data.election import load_election
from bench.data.tables import outcome_of
from bench.models.area_patterns import PastAreas, proportional
from tests.evidence import evidence, person, vote

Settings = Callable[[str], dict[str, Any]]
MAPS = ["proportional_swing", "polls_everywhere", "polls_plus_ecology", "ecological_regression"]


@pytest.fixture(scope="module")
def said(settings_of: Settings, first_round_2017: Evidence) -> Callable[[str], Forecast]:
    """The forecast of the first round of 2017 by each, made once."""

    def forecast(name: str) -> Forecast:
        predictor, rng = make_predictor(name, settings_of(name)), np.random.default_rng(0)
        return predictor.predict(first_round_2017.only(predictor.needs), rng)

    return cache(forecast)


@pytest.mark.parametrize("name", MAPS)
def test_the_map_adds_up_to_the_level(name: str, said: Callable[[str], Forecast]) -> None:
    forecast = said(name)
    assert forecast.areas is not None
    past = outcome_of(load_election("fr2012"), 1).areas.sum(axis=1)
    size = past.reindex(forecast.areas.index)
    # carried-over votes weigh the areas: near, not equal, to all valid votes of 2012
    level = forecast.areas.mul(size, axis=0).sum() / size.sum()
    assert np.abs(level - forecast.share).max() < 0.005


def test_the_blend_beats_the_floor_by_area_in_2017(said: Callable[[str], Forecast]) -> None:
    votes = outcome_of(load_election("fr2017"), 1).areas
    truth = votes.div(votes.sum(axis=1), axis=0)
    wrong = {}
    for name in ("polls_everywhere", "polls_plus_ecology"):
        areas = said(name).areas
        assert areas is not None
        wrong[name] = np.abs(areas - truth.loc[areas.index]).to_numpy().mean()
    assert wrong["polls_plus_ecology"] < 0.75 * wrong["polls_everywhere"]


@pytest.mark.parametrize("name", ["ipsos_lmp", "ipsos_everywhere"])
def test_the_map_of_one_institute_leaves_its_national_level(
    name: str, said: Callable[[str], Forecast]
) -> None:
    alone, mapped = said("ipsos"), said(name)
    pd.testing.assert_series_equal(mapped.share, alone.share, check_exact=False, atol=1e-9)
    assert mapped.draws is not None
    np.testing.assert_allclose(mapped.draws, alone.draws, atol=1e-9)


def test_a_level_that_stays_changes_no_area() -> None:
    votes = pd.DataFrame({"a": [60.0, 20.0], "b": [40.0, 80.0]})
    found = proportional(votes, pd.Series({"a": 0.4, "b": 0.6}))
    assert found.to_numpy() == pytest.approx(votes.to_numpy() / 100)


def test_transfers_by_area_give_the_national_share(
    settings_of: Settings, runoff_2017: Evidence
) -> None:
    predictor = make_predictor("vote_transfer", settings_of("vote_transfer"))
    forecast = check_predictor(predictor, runoff_2017)
    assert forecast is not None
    assert forecast.areas is not None
    assert forecast.areas["le_pen"]["62"] > forecast.areas["le_pen"]["75"] + 0.2
    size = outcome_of(load_election("fr2017"), 2).areas.sum(axis=1)
    level = forecast.areas.mul(size, axis=0).sum() / size.sum()
    assert np.abs(level - forecast.share).max() < 0.01


def test_who_teaches_is_of_the_family_in_the_election_that_is_learned_from() -> None:
    # elm was of the centre once, and of the left in the election that teaches
    stood = [
        person("ash", "centre", "old"),
        person("elm", "left", "old"),
        person("elm", "centre", "older"),
        person("elm", "left"),
        person("fir", "centre"),
        person("yew", "right"),
    ]
    known = [vote("ash", 60, "01"), vote("elm", 40, "01")]
    given = evidence("elm", "fir", "yew", ballots=stood, outcomes=known)
    past = PastAreas(evidence=given, elections=["older", "old"])
    found = past.teachers(["elm", "fir", "yew"], ("toy", 1), "old")
    assert found == {"elm": "elm", "fir": "ash", "yew": None}

"""What holds for every score: what is wrong is named, and good input is not refused."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from bench.core.errors import ForecastError
from bench.metrics import areas, bias, events, probabilities, shares, skill
from bench.metrics import calibration as reliability
from bench.metrics import ensemble as draws
from bench.metrics import survey_error as samples
from bench.metrics.comparison import confidence_set, significance

SHARE, OUTCOME = [0.5, 0.3, 0.2], [0.45, 0.35, 0.2]
DRAWS = [[0.5, 0.3, 0.2], [0.4, 0.4, 0.2], [0.45, 0.35, 0.2]]
PAIR = {"share": SHARE, "outcome": OUTCOME}
DRAWN = {"draws": DRAWS, "outcome": OUTCOME}
BY_AREA = {
    "share": [[0.5, 0.5], [0.3, 0.7]],
    "outcome": [[0.6, 0.4], [0.4, 0.6]],
    "votes": [100.0, 300.0],
}
LOSSES = {"losses_a": [0.1, 0.2, 0.4, 0.1], "losses_b": [0.2, 0.2, 0.1, 0.3]}
RNG = np.random.default_rng(1)
CHANCES = {"probability": [0.9, 0.1, 0.5], "happened": [1.0, 0.0, 1.0]}

CASES: dict[Callable[..., Any], dict[str, Any]] = {
    shares.signed_error: PAIR,
    shares.absolute_error: PAIR,
    shares.mean_absolute_error: PAIR,
    shares.root_mean_squared_error: PAIR,
    shares.largest_error: PAIR,
    shares.margin_error: PAIR,
    shares.martin_traugott_kennedy_a: {
        "share_a": [0.5], "share_b": [0.4], "outcome_a": [0.45], "outcome_b": [0.4],
    },
    bias.a_prime: PAIR,
    bias.b: PAIR,
    bias.b_w: PAIR,
    bias.arzheimer_evans: {"counts": [50.0, 30.0, 20.0], "outcome": OUTCOME},
    draws.crps: DRAWN,
    draws.energy_score: DRAWN,
    draws.variogram_score: DRAWN,
    draws.weighted_interval_score: DRAWN,
    draws.interval_coverage: DRAWN,
    draws.pit: DRAWN,
    draws.interval_score: {
        "lower": [0.1, 0.2], "upper": [0.3, 0.4], "outcome": [0.2, 0.5], "level": 0.8,
    },
    draws.central_interval: {"draws": DRAWS, "level": 0.8},
    draws.quantiles: {"draws": DRAWS, "probabilities": [0.5]},
    events.qualifies: {"share": SHARE, "seats": 1},
    events.first_place: {"share": SHARE},
    events.event_probability: {"draws": DRAWS, "seats": 1},
    events.pair_probability: {"draws": DRAWS},
    events.qualified_hit: {**PAIR, "seats": 1},
    events.kendall_tau: PAIR,
    probabilities.brier_score: CHANCES,
    probabilities.log_score: CHANCES,
    probabilities.floored_probability: {"probability": [0.5, 1.0], "n_draws": 10},
    reliability.coverage: {"covered": [1.0, 0.0, 1.0], "level": 0.8},
    reliability.pit_histogram: {"pit": [0.1, 0.9], "n_bins": 2},
    reliability.pit_uniformity: {"pit": [0.1, 0.9]},
    reliability.reliability_table: {**CHANCES, "edges": [0.0, 0.5, 1.0]},
    areas.area_signed_error: BY_AREA,
    areas.area_mean_absolute_error: BY_AREA,
    areas.area_root_mean_squared_error: BY_AREA,
    areas.implied_national_share: {k: BY_AREA[k] for k in ("share", "votes")},
    areas.transition_error_index: {
        "true_votes": [[3.0, 1.0], [2.0, 4.0]], "estimated_votes": [[2.0, 2.0], [3.0, 3.0]],
    },
    samples.data_defect_correlation: {
        "sample_mean": [0.5, 0.2], "population_mean": [0.4, 0.3], "sample_size": 10,
        "population_size": 100,
    },
    samples.response_correlation: {"value": [1.0, 0.0, 1.0], "responded": [1.0, 1.0, 0.0]},
    samples.total_survey_error: {"estimates": [0.4, 0.5], "truth": 0.4, "sample_size": 100},
    significance.flipped_statistics: {"differences": [[0.1], [0.2]], "flips": np.ones((1, 2))},
    significance.sign_flip_test: {"differences": [[0.1, 0.2], [0.2, 0.3]], "rng": RNG},
    significance.mean_interval: {"values": [[0.1, 0.2], [0.2, 0.3]]},
    significance.diebold_mariano: LOSSES,
    significance.holm: {"p_values": [0.1, 0.2]},
    skill.skill_score: {"losses": [0.1, 0.2], "baseline_losses": [0.2, 0.2]},
    confidence_set.model_confidence_set: {
        "differences": [[[0.0, 0.1], [-0.1, 0.0]], [[0.0, 0.2], [-0.2, 0.0]]], "rng": RNG,
    },
    draws.crps_monte_carlo_error: DRAWN,
}  # fmt: skip
ARRAYS = [
    pytest.param(function, name, id=f"{function.__name__}-{name}")
    for function, given in CASES.items()
    for name, value in given.items()
    if isinstance(value, list)
]
# pairs of arguments that must list the same things
PAIRS = [
    ("share", "outcome"),
    ("losses_a", "losses_b"),
    ("losses", "baseline_losses"),
    ("probability", "happened"),
    ("sample_mean", "population_mean"),
    ("value", "responded"),
    ("true_votes", "estimated_votes"),
    ("lower", "upper"),
]
ALIKE = [
    pytest.param(function, one, other, id=f"{function.__name__}-{one}")
    for function, given in CASES.items()
    for one, other in PAIRS
    if {one, other} <= set(given)
]


@pytest.mark.parametrize("function", CASES, ids=lambda f: f.__name__)
def test_plain_lists_are_good_input(function: Callable[..., Any]) -> None:
    given = copy.deepcopy(CASES[function])
    assert function(**given) is not None
    for name, value in CASES[function].items():
        if isinstance(value, list):
            assert given[name] == value, "changed in place"


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize(("function", "name"), ARRAYS)
def test_the_argument_that_holds_no_number_is_named(
    function: Callable[..., Any], name: str, bad: float
) -> None:
    given = copy.deepcopy(CASES[function])
    place = given[name]
    while isinstance(place[0], list):
        place = place[0]
    place[0] = bad
    with pytest.raises(ForecastError, match=rf"(^|\b){name}\b"):
        function(**given)


@pytest.mark.parametrize(("function", "name"), ARRAYS)
def test_an_argument_of_another_dimension_is_named(function: Callable[..., Any], name: str) -> None:
    with pytest.raises(ForecastError, match=rf"(^|\b){name}\b"):
        function(**{**CASES[function], name: [[[0.5]]]})


@pytest.mark.parametrize(("function", "one", "other"), ALIKE)
def test_arguments_that_do_not_match_are_named(
    function: Callable[..., Any], one: str, other: str
) -> None:
    given = copy.deepcopy(CASES[function])
    given[one] = given[one] + given[one][:1]
    with pytest.raises(ForecastError) as caught:
        function(**given)
    words = str(caught.value)
    assert one in words
    assert other in words or "areas" in words  # these are counted against the areas first

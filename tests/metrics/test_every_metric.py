"""What holds for every metric, whoever adds it, and for every public function on arrays."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bench.core.errors import ForecastError
from bench.core.forecast import EVENTS
from bench.metrics import (
    bias,
    calibration,
    ensemble,
    events,
    probabilities,
    shares,
    survey_error,
)
from bench.metrics.comparison import significance
from bench.metrics.events import HAPPENED
from bench.metrics.registry import INPUTS, LEVELS, Metric, metrics

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "metrics.md").read_text(encoding="utf-8")
REFERENCE = (DOCS / "api.md").read_text(encoding="utf-8")
SHARE, OUTCOME = [0.5, 0.3, 0.2], [0.45, 0.35, 0.2]
DRAWS = [[0.5, 0.3, 0.2], [0.4, 0.4, 0.2], [0.45, 0.35, 0.2]]
PAIR = {"share": SHARE, "outcome": OUTCOME}
DRAWN = {"draws": DRAWS, "outcome": OUTCOME}
BY_AREA = {
    "share": [[0.5, 0.5], [0.3, 0.7]],
    "outcome": [[0.6, 0.4], [0.4, 0.6]],
    "votes": [100.0, 300.0],
}
RNG = np.random.default_rng(1)
CHANCES = {"probability": [0.9, 0.1, 0.5], "happened": [1.0, 0.0, 1.0]}

CASES: dict[Callable[..., Any], dict[str, Any]] = {
    shares.signed_error: PAIR,
    shares.absolute_error: PAIR,
    shares.mean_absolute_error: PAIR,
    shares.root_mean_square_error: PAIR,
    shares.largest_error: PAIR,
    shares.margin_error: PAIR,
    shares.martin_traugott_kennedy_a: {
        "share_a": [0.5],
        "share_b": [0.4],
        "outcome_a": [0.45],
        "outcome_b": [0.4],
    },
    bias.a_prime: PAIR,
    bias.arzheimer_evans_b: PAIR,
    bias.arzheimer_evans_bw: PAIR,
    bias.arzheimer_evans: {"counts": [50.0, 30.0, 20.0], "outcome": OUTCOME},
    ensemble.crps: DRAWN,
    ensemble.energy_score: DRAWN,
    ensemble.weighted_interval_score: DRAWN,
    ensemble.inside_interval: {**DRAWN, "level": 0.8},
    ensemble.pit: DRAWN,
    ensemble.interval_score: {
        "lower": [0.1, 0.2],
        "upper": [0.3, 0.4],
        "outcome": [0.2, 0.5],
        "level": 0.8,
    },
    ensemble.central_interval: {"draws": DRAWS, "level": 0.8},
    ensemble.quantiles: {"draws": DRAWS, "probabilities": [0.5]},
    events.qualifies: {"share": SHARE, "n_advance": 1},
    events.event_probability: {"draws": DRAWS, "n_advance": 1},
    events.drawn_event: {"draws": DRAWS, "event": "first", "n_advance": 1},
    events.came_true: {"outcome": OUTCOME, "event": "first", "n_advance": 1},
    events.first_hit: PAIR,
    events.probability_of_qualified: {**DRAWN, "n_advance": 1},
    events.qualified_hit: {**PAIR, "n_advance": 1},
    events.kendall_tau: PAIR,
    probabilities.brier_score: CHANCES,
    probabilities.log_score: CHANCES,
    probabilities.mean_brier_score: CHANCES,
    probabilities.mean_log_score: {**CHANCES, "n_draws": 10},
    probabilities.probability_of_what_happened: CHANCES,
    probabilities.brier_monte_carlo_error: {
        "drawn": [[1.0, 0.0], [0.0, 1.0]],
        "happened": [1.0, 0.0],
    },
    probabilities.floored_probability: {"probability": [0.5, 1.0], "n_draws": 10},
    calibration.reliability: {"probability": [0.2] * 60, "happened": [0.0, 1.0] * 30},
    calibration.recalibrated: {"probability": [0.2] * 60, "happened": [0.0, 1.0] * 30},
    shares.area_mean_absolute_error: BY_AREA,
    shares.transition_error_index: {
        "true_votes": [[3.0, 1.0], [2.0, 4.0]],
        "estimated_votes": [[2.0, 2.0], [3.0, 3.0]],
    },
    survey_error.data_defect_correlation: {
        "sample_mean": [0.5, 0.2],
        "population_mean": [0.4, 0.3],
        "sample_size": 10,
        "population_size": 100,
    },
    significance.flipped_statistics: {"differences": [[0.1], [0.2]], "flips": np.ones((1, 2))},
    significance.sign_flip_test: {"differences": [[0.1, 0.2], [0.2, 0.3]], "rng": RNG},
    significance.mean_interval: {"values": [[0.1, 0.2], [0.2, 0.3]]},
    significance.model_confidence_set: {
        "differences": [[[0.0, 0.1], [-0.1, 0.0]], [[0.0, 0.2], [-0.2, 0.0]]],
        "rng": RNG,
    },
    ensemble.crps_monte_carlo_error: DRAWN,
}
ARRAYS = [
    pytest.param(function, name, id=f"{function.__name__}-{name}")
    for function, given in CASES.items()
    for name, value in given.items()
    if isinstance(value, list)
]
# pairs of arguments that must list the same things
PAIRS = [
    ("share", "outcome"),
    ("probability", "happened"),
    ("sample_mean", "population_mean"),
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


@pytest.mark.parametrize("bad", [np.nan, -np.inf])
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
        function(**{**CASES[function], name: _another_shape(function, name)})


def _another_shape(function: Callable[..., Any], name: str) -> Any:
    """Fewer dimensions than a function takes; more, of the one that takes single numbers."""
    if function is shares.martin_traugott_kennedy_a:
        return [[[0.5]]]
    value = CASES[function][name]
    return value[0][0] if isinstance(value[0], list) else value[0]


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


EVERY = pytest.mark.parametrize("found", metrics().values(), ids=lambda found: found.name)
N, N_DRAWS = 4, 30
BY_DRAW = {f"drawn_{event}" for event in EVENTS}  # [..., C, S]
IN_PLACE = {"share", "outcome", "draws", "joint_draws", "area_share", "area_outcome"}
IN_PLACE |= {*(f"chance_{event}" for event in EVENTS), *HAPPENED.values()}


def inputs(n_candidates: int = 5, seed: int = 1, perfect: bool = False) -> dict[str, Any]:
    """Everything that a metric may ask for, of N forecasts at once; areas of one."""
    rng = np.random.default_rng(seed)
    outcome = rng.dirichlet(np.full(n_candidates, 4.0), N)
    draws = rng.dirichlet(np.full(n_candidates, 9.0), (N, N_DRAWS))
    share = draws.mean(axis=1)
    if perfect:
        share, draws = outcome, np.repeat(outcome[:, None], N_DRAWS, axis=1)
    drawn = {event: events.drawn_event(draws, event, 2) for event in EVENTS}
    drawn["elected"] = drawn["first"]
    area_share = rng.dirichlet(np.full(n_candidates, 3.0), 6)
    return {
        "share": share,
        "outcome": outcome,
        "draws": draws,
        "joint_draws": draws,
        "n_draws": N_DRAWS,
        "n_advance": 2,
        **{f"drawn_{event}": found for event, found in drawn.items()},
        **{f"chance_{event}": np.mean(found, axis=-1) for event, found in drawn.items()},
        **{HAPPENED[event]: events.came_true(outcome, event, 2, 0) for event in EVENTS},
        "elected": events.came_true(outcome, "first", 2),
        "area_share": area_share,
        "area_outcome": area_share if perfect else rng.dirichlet(np.full(n_candidates, 3.0), 6),
        "area_votes": rng.integers(10, 99, 6),
    }


def computed(found: Metric, given: dict[str, Any]) -> np.ndarray[Any, Any]:
    return np.asarray(found.function(*(given[need] for need in found.needs), **found.options))


@EVERY
def test_a_metric_says_all_that_a_reader_must_know(found: Metric) -> None:
    for what in (found.label, found.label_fr, found.formula, found.meaning, found.source):
        assert what.strip()
    assert not found.source.startswith("As `"), "points to another function, not to a source"
    assert found.level in LEVELS
    assert found.range[0] < found.range[1]
    assert (found.direction == "level") == (0 < found.best < 1)
    assert "Unit:" in (found.function.__doc__ or "")
    assert set(found.needs) <= set(INPUTS)
    formula = f"api.md#{found.function.__module__}.{found.function.__qualname__}"
    assert f"| [`{found.name}`]({formula}) | {found.label} |" in PAGE
    assert f"\n::: {found.function.__module__}\n" in REFERENCE


@EVERY
def test_values_lie_in_the_stated_range_and_have_the_stated_shape(found: Metric) -> None:
    low, high = found.range
    # fair estimates can fall a little below 0
    slack = 0.05 if found.name in ("crps", "energy") else 1e-12
    for perfect in (False, True):
        values = computed(found, inputs(perfect=perfect)).astype(float)
        assert (values >= low - slack).all()
        assert (values <= high + 1e-12).all()
        shape = {"candidate": (N, 5), "area": (5,)}.get(found.level, (N,))
        assert values.shape == shape


@EVERY
def test_many_forecasts_at_once_have_the_values_that_each_has_alone(found: Metric) -> None:
    if found.level == "area":
        return  # of one forecast
    given = inputs()
    together = computed(found, given)
    for k in range(N):
        mine = {name: value[k] if np.ndim(value) else value for name, value in given.items()}
        np.testing.assert_allclose(computed(found, mine), together[k], rtol=0, atol=1e-12)


@EVERY
def test_the_perfect_forecast_is_the_best_one(found: Metric) -> None:
    perfect = computed(found, inputs(perfect=True)).astype(float)
    for seed in range(5):
        other = computed(found, inputs(seed=seed)).astype(float)
        if found.direction == "lower":
            assert perfect.mean() <= other.mean()
            # a probability counted in draws is floored, so its surprise is not quite none
            assert found.unit == "nats" or np.allclose(perfect, 0, atol=1e-9)
        elif found.direction == "higher":
            assert perfect.mean() >= other.mean()
            assert np.allclose(perfect, 1)
        elif found.direction == "zero":
            assert np.allclose(perfect, 0)
        elif found.direction == "level":
            assert (perfect == 1).all()


@EVERY
def test_the_order_of_the_candidates_does_not_matter(found: Metric) -> None:
    given, order = inputs(), [3, 0, 4, 1, 2]
    turned = {k: v[..., order] if k in IN_PLACE else v for k, v in given.items()}
    turned |= {k: given[k][..., order, :] for k in BY_DRAW}
    expected = computed(found, given)
    if found.level in ("candidate", "area"):
        expected = expected[..., order]
    np.testing.assert_allclose(computed(found, turned), expected, atol=1e-12)


@EVERY
def test_what_is_no_number_is_refused(found: Metric) -> None:
    for need in set(found.needs) & (IN_PLACE | BY_DRAW):
        given = inputs()
        given[need] = given[need].copy()
        given[need].flat[0] = np.nan
        with pytest.raises(ForecastError, match="is nan"):
            computed(found, given)

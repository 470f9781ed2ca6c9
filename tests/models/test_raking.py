"""Raking."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.core.errors import ForecastError
from bench.models.raking import fit_table, kish_design_effect, rake

ipfn = pytest.importorskip("ipfn.ipfn")

SEEDS = st.integers(0, 2**32 - 1)


def respondents(seed, n=300):
    rng = np.random.default_rng(seed)
    groups = {"age": rng.integers(0, 4, n), "sex": rng.integers(0, 2, n)}
    for name, size in (("age", 4), ("sex", 2)):
        groups[name][:size] = np.arange(size)
    margins = {"age": rng.dirichlet(np.full(4, 20.0)), "sex": rng.dirichlet(np.full(2, 20.0))}
    return groups, margins, rng.gamma(4.0, size=n)


@pytest.mark.parametrize(
    ("table", "margins", "message"),
    [
        ([[1, 0], [1, 0]], [((1,), [1, 1]), ((0,), [1, 1])], "all its cells are empty; merge"),
        ([[1, 1]], [((0,), [1]), ((1,), [1, 1])], r"margins sum to \[1.0, 2.0\]"),
        ([[1, 1]], [((1,), [1, 1, 1])], r"has shape \(3,\); the table needs \(2,\)"),
        ([[1, 1]], [((1, 0), [[1], [1]])], r"axes \(1, 0\) must ascend"),
        ([[1, 1]], [((2,), [1])], "must ascend within 0 to 1"),
        ([[1, -1]], [((0,), [1])], "none below 0"),
        ([[1, 1]], [((1,), [np.nan, 1])], "finite numbers"),
        ([[1, 1]], [], "margins is empty"),
        ([[1, 0], [0, 1]], [((0,), [3, 1]), ((1,), [1, 3])], "the margins contradict each other"),
    ],
)
def test_margins_that_cannot_be_met_are_refused(table, margins, message):
    with pytest.raises(ForecastError, match=message):
        fit_table(table, margins, max_iterations=50)


@pytest.mark.parametrize(
    ("groups", "margins", "options", "message"),
    [
        ({"sex": [0, 0]}, {"sex": [0.5, 0.5]}, {}, "0 respondents are in it; merge"),
        ({"sex": [0, 1]}, {"sex": [1.0, 0.0]}, {}, "1 respondents are in it; merge"),
        ({"sex": [0, 2]}, {"sex": [0.5, 0.5]}, {}, "groups up to 2"),
        ({"sex": [0, 1]}, {"age": [0.5, 0.5]}, {}, "name the same variables"),
        ({}, {}, {}, "name the same variables"),
        ({"sex": [0.0, 1.0]}, {"sex": [0.5, 0.5]}, {}, "whole numbers from 0"),
        ({"a": [0, 1], "b": [0]}, {"a": [1, 1], "b": [1]}, {}, "unequal lengths"),
        ({"sex": [0, 1]}, {"sex": [1, 1]}, {"design_weights": [1, 0]}, "numbers above 0"),
        ({"sex": [0, 1]}, {"sex": [1, 1]}, {"design_weights": [1]}, "one per respondent"),
        ({"sex": [0, 1]}, {"sex": [1, 1]}, {"largest_weight": 1}, "must be above 1"),
        (
            {"sex": [0, 0, 0, 1]},
            {"sex": [0.5, 0.5]},
            {"largest_weight": 1.5},
            r"none above 1.5 times the mean \(found 2\)",
        ),
        (
            {"a": [0, 1], "b": [0, 1]},
            {"a": [0.3, 0.7], "b": [0.7, 0.3]},
            {},
            "the margins contradict each other",
        ),
    ],
)
def test_weights_that_cannot_be_found_are_refused(groups, margins, options, message):
    with pytest.raises(ForecastError, match=message):
        rake(groups, margins, max_iterations=100, **options)


@pytest.mark.parametrize("weights", [[], [0, 0], [1, -1], [[1, 2]]])
def test_weights_without_a_mean_have_no_design_effect(weights):
    with pytest.raises(ForecastError, match="weights must"):
        kish_design_effect(weights)


@given(SEEDS)
@settings(max_examples=15)
def test_a_fitted_table_is_that_of_ipfn(seed):
    rng = np.random.default_rng(seed)
    table, target = rng.gamma(2.0, size=(3, 4, 2)), rng.gamma(2.0, size=(3, 4, 2))
    margins = [((0,), target.sum(axis=(1, 2))), ((1, 2), target.sum(axis=0))]
    other = ipfn.ipfn(
        table.copy(),
        [totals for _, totals in margins],
        [list(axes) for axes, _ in margins],
        convergence_rate=1e-14,
        rate_tolerance=1e-16,
    )
    np.testing.assert_allclose(fit_table(table, margins), other.iteration(), atol=1e-8)


@given(SEEDS)
@settings(max_examples=25)
def test_a_fitted_table_has_its_margins_and_keeps_its_odds_ratios(seed):
    rng = np.random.default_rng(seed)
    table, target = rng.gamma(2.0, size=(3, 3)), rng.gamma(2.0, size=(3, 3))
    fitted = fit_table(table, [((0,), target.sum(axis=1)), ((1,), target.sum(axis=0))])
    np.testing.assert_allclose(fitted.sum(axis=1), target.sum(axis=1), atol=1e-8)
    np.testing.assert_allclose(fitted.sum(axis=0), target.sum(axis=0), atol=1e-8)

    def odds_ratio(t):
        return t[0, 0] * t[1, 1] / (t[0, 1] * t[1, 0])

    assert odds_ratio(fitted) == pytest.approx(odds_ratio(table), rel=1e-9)


def test_the_table_handed_in_is_left_alone():
    table = np.ones((2, 2))
    fit_table(table, [((0,), [1, 3])])
    assert (table == 1).all()


@given(SEEDS)
@settings(max_examples=15)
def test_weights_meet_the_margins_and_keep_the_sum(seed):
    groups, margins, design = respondents(seed)
    weight = rake(groups, margins, design_weights=design)
    assert weight.sum() == pytest.approx(design.sum())
    for name, share in margins.items():
        found = np.bincount(groups[name], weight) / weight.sum()
        np.testing.assert_allclose(found, share, atol=1e-9)


@given(SEEDS)
@settings(max_examples=15)
def test_respondents_of_equal_groups_keep_the_ratio_of_their_design_weights(seed):
    groups, margins, design = respondents(seed)
    factor = rake(groups, margins, design_weights=design) / design
    cell = groups["age"] * 2 + groups["sex"]
    for value in np.unique(cell):
        np.testing.assert_allclose(factor[cell == value], factor[cell == value][0])


@given(SEEDS)
@settings(max_examples=10)
def test_raking_respondents_is_fitting_the_table_of_their_weights(seed):
    groups, margins, design = respondents(seed)
    table = np.zeros((4, 2))
    np.add.at(table, (groups["age"], groups["sex"]), design)
    fitted = fit_table(
        table, [((0,), margins["age"] * design.sum()), ((1,), margins["sex"] * design.sum())]
    )
    weight = rake(groups, margins, design_weights=design)
    sums = np.zeros((4, 2))
    np.add.at(sums, (groups["age"], groups["sex"]), weight)
    np.testing.assert_allclose(sums, fitted, atol=1e-6)


@given(SEEDS)
@settings(max_examples=10)
def test_a_limit_holds_together_with_the_margins(seed):
    groups, margins, design = respondents(seed)
    free = rake(groups, margins, design_weights=design)
    limit = 0.5 + 0.5 * free.max() / free.mean()
    weight = rake(groups, margins, design_weights=design, largest_weight=limit)
    assert weight.max() <= limit * weight.mean() * (1 + 1e-9)
    for name, share in margins.items():
        np.testing.assert_allclose(
            np.bincount(groups[name], weight) / weight.sum(), share, atol=1e-9
        )
    assert kish_design_effect(weight) <= kish_design_effect(free) + 1e-9


def test_a_limit_that_nobody_reaches_changes_nothing():
    groups, margins, design = respondents(1)
    np.testing.assert_array_equal(
        rake(groups, margins, design_weights=design),
        rake(groups, margins, design_weights=design, largest_weight=1000),
    )


@given(st.lists(st.floats(0.01, 100), min_size=1, max_size=30), st.floats(0.1, 10))
def test_the_design_effect_is_one_plus_the_squared_variation(weights, factor):
    w = np.array(weights)
    found = kish_design_effect(w)
    assert found == pytest.approx(1 + (w.std() / w.mean()) ** 2)
    assert kish_design_effect(factor * w) == pytest.approx(found)
    assert 1 - 1e-12 <= found <= w.size + 1e-9

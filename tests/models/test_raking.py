"""Raking of tables and of cells of respondents."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.core.errors import ForecastError
from bench.models.raking import design_effect, fit_table, rake_cells

ipfn = pytest.importorskip("ipfn.ipfn")

SEEDS = st.integers(0, 2**32 - 1)
CODES = {"sex": np.array([0, 0, 1, 1]), "age": np.array([0, 1, 0, 1])}
MARGINS = {"sex": np.array([0.5, 0.5]), "age": np.array([0.3, 0.7])}
COUNTS = np.array([[40.0, 10.0, 20.0, 30.0], [5.0, 60.0, 25.0, 10.0]])


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


def test_names_must_agree() -> None:
    with pytest.raises(ForecastError, match="margins"):
        rake_cells(COUNTS, CODES, {"sex": MARGINS["sex"]}, largest_weight=5)


def test_a_limit_below_the_mean_is_refused() -> None:
    with pytest.raises(ForecastError, match="above 1"):
        rake_cells(COUNTS, CODES, MARGINS, largest_weight=1.0)


def test_raking_cells_is_fitting_the_table_of_their_weights() -> None:
    found = rake_cells(COUNTS, CODES, MARGINS, largest_weight=50)
    for counts, weights in zip(COUNTS, found, strict=True):
        n = counts.sum()
        wanted = [((0,), MARGINS["sex"] * n), ((1,), MARGINS["age"] * n)]
        table = fit_table(counts.reshape(2, 2), wanted)
        assert np.allclose(weights * counts, table.ravel(), atol=1e-8)
        people = np.repeat(weights, counts.astype(int))
        assert design_effect(counts[None], weights[None])[0] == pytest.approx(
            1 + (people.std() / people.mean()) ** 2, rel=1e-8
        )


@given(st.lists(st.floats(0.01, 100), min_size=1, max_size=30), st.floats(0.1, 10))
def test_the_design_effect_is_one_plus_the_squared_variation(weights, factor):
    w = np.array(weights)
    one_each = np.ones((1, w.size))
    [found] = design_effect(one_each, w[None])
    assert found == pytest.approx(1 + (w.std() / w.mean()) ** 2)
    assert design_effect(one_each, factor * w[None])[0] == pytest.approx(found)
    assert 1 - 1e-12 <= found <= w.size + 1e-9

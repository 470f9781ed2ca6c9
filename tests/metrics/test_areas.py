"""Errors by area."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.core.errors import ForecastError
from bench.metrics import shares as areas

SEEDS = st.integers(0, 2**32 - 1)


def table(seed):
    rng = np.random.default_rng(seed)
    return (
        rng.dirichlet(np.ones(4), size=9),
        rng.dirichlet(np.ones(4), size=9),
        rng.integers(1, 1000, 9),
    )


def test_tables_that_do_not_fit_are_refused():
    with pytest.raises(ForecastError, match="2 areas x candidates are expected"):
        areas.area_mean_absolute_error([[0.5, 0.5]], [[0.5, 0.5]], [10, 20])
    with pytest.raises(ForecastError, match="some area needs votes"):
        areas.area_mean_absolute_error([[0.5, 0.5]], [[0.5, 0.5]], [0])
    with pytest.raises(ForecastError, match="not be below 0"):
        areas.area_mean_absolute_error([[0.5, 0.5]], [[0.5, 0.5]], [-1])
    with pytest.raises(ForecastError, match=r"share\[0, 1\] is nan"):
        areas.area_mean_absolute_error([[0.5, np.nan]], [[0.5, 0.5]], [10])


def test_transition_matrices_with_other_totals_are_refused():
    with pytest.raises(ForecastError, match="totals must agree"):
        areas.transition_error_index([[10, 0], [0, 10]], [[10, 0], [0, 20]])


def test_an_area_without_votes_may_lack_its_shares():
    share = [[0.5, 0.5], [np.nan, np.nan]]
    outcome = [[0.4, 0.6], [np.nan, np.nan]]
    np.testing.assert_allclose(areas.area_mean_absolute_error(share, outcome, [10, 0]), 0.1)


@given(SEEDS)
@settings(max_examples=30)
def test_national_absolute_and_root_errors_are_in_order(seed):
    share, outcome, votes = table(seed)
    signed = votes @ (share - outcome) / votes.sum()  # of the national share that they imply
    absolute = areas.area_mean_absolute_error(share, outcome, votes)
    root = areas.area_root_mean_squared_error(share, outcome, votes)
    assert (np.abs(signed) <= absolute + 1e-12).all()
    assert (absolute <= root + 1e-12).all()


@given(SEEDS)
@settings(max_examples=30)
def test_splitting_an_area_in_two_equal_ones_changes_nothing(seed):
    share, outcome, votes = table(seed)
    halves = votes.astype(float)
    halves[0] /= 2
    np.testing.assert_allclose(
        areas.area_mean_absolute_error(
            np.vstack([share, share[:1]]), np.vstack([outcome, outcome[:1]]), [*halves, halves[0]]
        ),
        areas.area_mean_absolute_error(share, outcome, votes),
    )


@given(SEEDS)
@settings(max_examples=30)
def test_the_error_index_is_zero_for_the_truth_and_one_for_disjoint_cells(seed):
    true = np.random.default_rng(seed).random((3, 4)) + 0.1
    assert areas.transition_error_index(true, true) == 0
    assert areas.transition_error_index([[5, 0]], [[0, 5]]) == 1


def test_tables_of_other_shapes_are_both_named():
    with pytest.raises(ForecastError, match=r"^share has shape \(2, 2\) but outcome has \(2, 1\)"):
        areas.area_mean_absolute_error([[0.5, 0.5]] * 2, [[0.5]] * 2, [10, 20])


def test_an_area_of_one_vote_counts():
    assert areas.area_mean_absolute_error([[0.9], [0.5]], [[0.5], [0.5]], [1, 3]) == pytest.approx(
        [0.1]
    )


@pytest.mark.parametrize(
    ("true", "estimated"),
    [
        ([[2, -1], [3, 6]], [[2, 0], [2, 6]]),  # a cell below 0, totals alike
        ([[2, 0], [2, 6]], [[2, -1], [3, 6]]),
        ([[0, 0], [0, 0]], [[0, 0], [0, 0]]),  # nothing to share out
        ([[10, 0], [0, 10]], [[10, 0], [0, 10.0001]]),  # five in a million
    ],
)
def test_a_transition_matrix_of_no_votes_is_refused(true, estimated):
    with pytest.raises(ForecastError, match="totals must agree and cells not be negative"):
        areas.transition_error_index(true, estimated)


def test_totals_may_differ_by_rounding():
    found = areas.transition_error_index([[10, 0], [0, 10]], [[10, 0], [0, 10.00001]])
    assert found == pytest.approx(2.5e-7)
    assert areas.transition_error_index([[0.25, 0], [0, 0.25]], [[0, 0.25], [0, 0.25]]) == 0.5

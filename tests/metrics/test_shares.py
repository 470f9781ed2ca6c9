"""Errors of point forecasts, of the whole country and by area."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.core.errors import ForecastError
from bench.metrics import shares

VECTORS = st.integers(2, 11).flatmap(
    lambda n: st.tuples(*(st.lists(st.floats(0.01, 1.0), min_size=n, max_size=n) for _ in range(2)))
)


def normalised(values):
    array = np.array(values)
    return array / array.sum()


def test_a_margin_needs_two_candidates():
    with pytest.raises(
        ForecastError, match=r"^outcome has 1 candidate; a margin needs at least 2$"
    ):
        shares.margin_error([1.0], [1.0])


def test_the_margin_is_that_of_the_first_two_of_the_outcome():
    # outcome: third then first lead, 0.45 - 0.35; the forecast has 0.30 - 0.30
    assert shares.margin_error([0.30, 0.40, 0.30], [0.35, 0.20, 0.45]) == pytest.approx(-0.10)


@given(VECTORS)
def test_the_root_mean_square_lies_between_the_mean_and_the_largest_error(pair):
    share, outcome = (normalised(values) for values in pair)
    mean = shares.mean_absolute_error(share, outcome)
    root = shares.root_mean_square_error(share, outcome)
    assert mean - 1e-12 <= root <= shares.largest_error(share, outcome) + 1e-12


def test_the_mean_can_be_taken_over_some_candidates() -> None:
    shares_of_two = np.array([[0.5, 0.3, 0.2], [0.6, 0.4, 0.0]])
    outcomes = np.array([[0.4, 0.5, 0.1], [0.5, 0.5, 0.0]])
    is_there = np.array([[True, True, True], [True, True, False]])
    means = shares.mean_absolute_error(shares_of_two, outcomes, where=is_there)
    assert means == pytest.approx([0.4 / 3, 0.1])


def test_the_root_mean_square_can_be_redone_by_hand():
    # errors of 4, -3 and -1 points: the root of (16 + 9 + 1) / 3
    root = shares.root_mean_square_error([0.54, 0.27, 0.19], [0.50, 0.30, 0.20])
    assert 100 * root == pytest.approx((26 / 3) ** 0.5)


@given(*[st.floats(0.01, 1)] * 4, st.floats(0.1, 10))
def test_a_ignores_a_common_factor_and_turns_with_the_candidates(a, b, x, y, factor):
    value = shares.martin_traugott_kennedy_a([a], [b], x, y)
    scaled = shares.martin_traugott_kennedy_a([a * factor], [b * factor], x, y)
    turned = shares.martin_traugott_kennedy_a([b], [a], y, x)
    np.testing.assert_allclose(scaled, value, atol=1e-12)
    np.testing.assert_allclose(turned, -value, atol=1e-12)


def test_odds_that_are_not_defined_are_explained():
    words = r"^share_b\[0\] is 0; it must be above 0: the logarithm of odds of 0 is infinite$"
    with pytest.raises(ForecastError, match=words):
        shares.martin_traugott_kennedy_a([0.5], [0.0], 0.5, 0.5)


def test_tables_that_do_not_fit_are_refused():
    with pytest.raises(ForecastError, match="2 areas x candidates are expected"):
        shares.area_mean_absolute_error([[0.5, 0.5]], [[0.5, 0.5]], [10, 20])
    with pytest.raises(
        ForecastError, match=r"^votes must not be below 0, and some area needs votes$"
    ):
        shares.area_mean_absolute_error([[0.5, 0.5]], [[0.5, 0.5]], [0])
    with pytest.raises(ForecastError, match="not be below 0"):
        shares.area_mean_absolute_error([[0.5, 0.5]], [[0.5, 0.5]], [-1])
    with pytest.raises(ForecastError, match=r"share\[0, 1\] is nan"):
        shares.area_mean_absolute_error([[0.5, np.nan]], [[0.5, 0.5]], [10])


def test_an_area_without_votes_may_lack_its_shares():
    share = [[0.5, 0.5], [np.nan, np.nan]]
    outcome = [[0.4, 0.6], [np.nan, np.nan]]
    np.testing.assert_allclose(shares.area_mean_absolute_error(share, outcome, [10, 0]), 0.1)


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
        shares.transition_error_index(true, estimated)

"""Margins, and tables that honour them."""

import numpy as np
import pytest

from bench.core.errors import DataError
from bench.models.ecological_inference.margins import (
    balance_margins,
    check_margins,
    scale_to_totals,
    scaled_tables,
    scaled_total,
)


@pytest.mark.parametrize(
    ("rows", "columns", "message"),
    [
        ([[5, 5], [3, 4]], [[6, 4], [4, 4]], "unit 1 has 7 votes in its rows and 8"),
        ([[5, -1]], [[2, 2]], r"row_votes\[0, 1\] is -1"),
        ([[5, 1]], [[np.nan, 2]], r"column_votes\[0, 0\] is nan"),
        ([[5, np.inf]], [[2, 2]], r"row_votes\[0, 1\] is inf"),
        ([[5, 1]], [[3, 3], [1, 1]], "1 units and column_votes 2"),
        ([5, 1], [[3, 3]], r"the shape \(2,\)"),
        (np.zeros((0, 2)), np.zeros((0, 2)), r"the shape \(0, 2\)"),
        ([[0, 0]], [[0, 0]], "all votes are zero"),
    ],
)
def test_margins_that_cannot_be_used_are_refused(rows, columns, message):
    with pytest.raises(DataError, match=message):
        check_margins(rows, columns)


def test_balanced_margins_pass_the_check():
    rng = np.random.default_rng(1)
    sides = balance_margins(rng.integers(0, 9, (20, 3)) * 1.0, rng.integers(0, 9, (20, 4)) * 1.0)
    check_margins(*sides)


def test_scaling_keeps_the_odds_ratio_of_the_profile():
    profile = np.array([[0.8, 0.2], [0.4, 0.6]])
    table = scaled_tables(np.array([[6.0, 4.0]]), np.array([[5.0, 5.0]]), profile, sweeps=200)[0]
    assert table.sum(axis=1) == pytest.approx([6, 4])
    assert table.sum(axis=0) == pytest.approx([5, 5])
    odds = table[0, 0] * table[1, 1] / (table[0, 1] * table[1, 0])
    assert odds == pytest.approx(0.8 * 0.6 / (0.2 * 0.4))


def test_margins_are_exact_even_before_the_scaling_has_settled():
    rng = np.random.default_rng(5)
    rows = rng.multinomial(300, [0.7, 0.2, 0.1], 40).astype(float)
    columns = rng.multinomial(300, [0.1, 0.1, 0.3, 0.5], 40).astype(float)
    profile = rng.dirichlet(np.full(4, 0.1), 3) + 1e-9
    tables = scaled_tables(rows, columns, profile, sweeps=1)
    assert (tables >= 0).all()
    assert np.abs(tables.sum(axis=2) - rows).max() < 1e-9
    assert np.abs(tables.sum(axis=1) - columns).max() < 1e-9
    assert scaled_total(rows, columns, profile, sweeps=1) == pytest.approx(tables.sum(axis=0))


def test_an_empty_unit_stays_empty():
    tables = scaled_tables(np.zeros((1, 2)), np.zeros((1, 3)), np.full((2, 3), 1 / 3))
    assert not tables.any()


def test_totals_are_met_by_a_stack_of_tables():
    rng = np.random.default_rng(2)
    rows, columns = np.array([30.0, 70.0]), np.array([20.0, 50.0, 30.0])
    found = scale_to_totals(rng.random((4, 2, 3)), rows, columns)
    assert found.sum(axis=2) == pytest.approx(np.tile(rows, (4, 1)))
    assert found.sum(axis=1) == pytest.approx(np.tile(columns, (4, 1)))


def test_a_gap_is_seen_beside_a_smaller_one_in_a_unit_without_votes() -> None:
    rows, columns = np.array([[0.0], [1e6]]), np.array([[9e-7], [1e6 + 1 + 5e-7]])
    with pytest.raises(DataError, match="unit 1 has 1e\\+06 votes"):
        check_margins(rows, columns)

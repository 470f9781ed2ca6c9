"""Margins, and tables that honour them."""

import numpy as np
import pytest

from bench.core.errors import DataError
from bench.models.ecological_inference.margins import (
    check_margins,
    scaled_tables,
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


def test_scaling_keeps_the_odds_ratio_of_the_profile():
    profile = np.array([[0.8, 0.2], [0.4, 0.6]])
    table = scaled_tables(np.array([[6.0, 4.0]]), np.array([[5.0, 5.0]]), profile, sweeps=200)[0]
    assert table.sum(axis=1) == pytest.approx([6, 4])
    assert table.sum(axis=0) == pytest.approx([5, 5])
    odds = table[0, 0] * table[1, 1] / (table[0, 1] * table[1, 0])
    assert odds == pytest.approx(0.8 * 0.6 / (0.2 * 0.4))


def test_a_gap_is_seen_beside_a_smaller_one_in_a_unit_without_votes() -> None:
    rows, columns = np.array([[0.0], [1e6]]), np.array([[9e-7], [1e6 + 1 + 5e-7]])
    with pytest.raises(DataError, match="unit 1 has 1e\\+06 votes"):
        check_margins(rows, columns)

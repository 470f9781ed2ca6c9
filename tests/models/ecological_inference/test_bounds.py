"""Bounds that follow from the margins alone."""

import numpy as np
import pytest

from bench.models.ecological_inference import METHODS, estimate, total_bounds, unit_bounds
from tests.contextual import ContextualElectorate


def test_a_unit_of_one_row_is_known():
    low, high = unit_bounds([[10, 0]], [[7, 3]])
    assert low.tolist() == high.tolist() == [[[7, 3], [0, 0]]]


def test_the_larger_group_must_overlap():
    low, high = total_bounds([[8, 2]], [[9, 1]])
    assert low.tolist() == [[7, 0], [1, 0]]
    assert high.tolist() == [[8, 1], [2, 1]]


@pytest.mark.parametrize("method", METHODS)
def test_truth_and_estimates_lie_within(method):
    rows, columns, units = ContextualElectorate().draw(0.3, np.random.default_rng(9))
    low, high = unit_bounds(rows, columns)
    found = estimate(rows, columns, method=method, unit_tables=True).units
    for tables in (units, found):
        assert (tables >= low - 1e-8).all()
        assert (tables <= high + 1e-8).all()

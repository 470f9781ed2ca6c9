"""Bounds that follow from the margins alone."""

import numpy as np
import pytest

from bench.models.ecological_inference import METHODS, estimate, unit_bounds
from tests.contextual import ContextualElectorate


@pytest.mark.parametrize("method", METHODS)
def test_truth_and_estimates_lie_within(method):
    rows, columns, units = ContextualElectorate().draw(0.3, np.random.default_rng(9))
    low, high = unit_bounds(rows, columns)
    found = estimate(rows, columns, method=method, unit_tables=True).units
    for tables in (units, found):
        assert (tables >= low - 1e-8).all()
        assert (tables <= high + 1e-8).all()

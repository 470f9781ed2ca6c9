"""This file holds the tests of how the cost of ecological inference grows."""

import time

import numpy as np
import pytest

from bench.kit.ecological_inference import estimate


def _units(n_units: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    rows = rng.multinomial(700, rng.dirichlet(np.full(12, 3.0), n_units))
    profile = rng.dirichlet(np.full(4, 0.5), 12)
    columns = sum(rng.multinomial(rows[:, r], profile[r]) for r in range(12))
    return rows.astype(float), np.asarray(columns, dtype=float)


@pytest.mark.parametrize("method", ["likelihood", "scaling", "least_squares"])
def test_four_times_the_units_cost_at_most_eight_times_as_much(method):
    cost = []
    for n_units in (10_000, 40_000):
        rows, columns = _units(n_units)
        start = time.process_time()
        estimate(rows, columns, method=method)
        cost.append(time.process_time() - start)
    assert cost[1] < 8 * cost[0]


def test_as_many_units_as_france_has_stations_take_seconds():
    rows, columns = _units(70_000)
    start = time.process_time()
    estimate(rows, columns)
    assert time.process_time() - start < 30

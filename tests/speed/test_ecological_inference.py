"""How the cost of ecological inference grows with the number of units."""

from __future__ import annotations

import numpy as np
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from bench.models.ecological_inference import estimate

pytestmark = pytest.mark.speed


def _units(n_units: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    rows = rng.multinomial(700, rng.dirichlet(np.full(12, 3.0), n_units))
    profile = rng.dirichlet(np.full(4, 0.5), 12)
    columns = sum(rng.multinomial(rows[:, r], profile[r]) for r in range(12))
    return rows.astype(float), np.asarray(columns, dtype=float)


@pytest.mark.benchmark(group="12 x 4 cells, by units", min_rounds=3, max_time=1)
@pytest.mark.parametrize("method", ["likelihood", "scaling", "least_squares"])
@pytest.mark.parametrize("n_units", [10_000, 40_000, 70_000])
def test_estimate(benchmark: BenchmarkFixture, method: str, n_units: int) -> None:
    rows, columns = _units(n_units)
    table = benchmark(estimate, rows, columns, method=method).table
    assert table.sum() == pytest.approx(rows.sum())

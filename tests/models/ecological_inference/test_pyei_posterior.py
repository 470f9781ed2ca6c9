"""The adapter of PyEI; what needs the package is skipped where it is not installed."""

from __future__ import annotations

import importlib.util

import numpy as np
import pytest

from bench.core.errors import ConfigError
from bench.metrics.shares import transition_error_index
from bench.models.ecological_inference import METHODS, PACKAGES, estimate
from bench.models.ecological_inference.row_profiles import pyei_posterior
from tests.contextual import ContextualElectorate

INSTALLED = importlib.util.find_spec("pyei") is not None
ROWS, COLUMNS = np.array([[6.0, 4.0], [2.0, 8.0]]), np.array([[5.0, 5.0], [3.0, 7.0]])


def test_without_the_package_the_error_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ConfigError, match=r"pip install 'election-bench\[pyei\]'"):
        estimate(ROWS, COLUMNS, method="pyei")


def test_a_guest_is_not_refitted_for_every_draw() -> None:
    with pytest.raises(ConfigError, match="pass n_draws=0"):
        estimate(ROWS, COLUMNS, method="pyei", n_draws=3, rng=np.random.default_rng(1))


def test_guests_are_no_methods_of_the_house() -> None:
    assert not set(PACKAGES) & set(METHODS)


@pytest.mark.skipif(not INSTALLED, reason="the extra 'pyei' is not installed")
def test_its_draws_honour_the_totals_and_lie_near_the_truth() -> None:
    rows, columns, units = ContextualElectorate(n_units=25).draw(0.0, np.random.default_rng(7))
    drawn = pyei_posterior(rows, columns, tune=150, draws=60)
    assert np.abs(drawn.sum(axis=2) - rows.sum(axis=0)).max() < 1e-6
    assert np.abs(drawn.sum(axis=1) - columns.sum(axis=0)).max() < 1e-6
    assert 100 * transition_error_index(units.sum(axis=0), drawn.mean(axis=0)) < 10

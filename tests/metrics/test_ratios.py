"""Ratios over clusters, and errors in interviews."""

from __future__ import annotations

import numpy as np
import pytest

from bench.core.errors import ForecastError
from bench.metrics.comparison.ratios import interviews_worth, outcome_variances, ratio_of_means


def test_negative_numbers_are_refused() -> None:
    with pytest.raises(ForecastError, match="below 0"):
        ratio_of_means([1.0], [-1.0], ["a"])


def test_below_six_clusters_there_is_no_interval() -> None:
    ratio, low, high = ratio_of_means([1.0] * 5, [2.0] * 5, range(5))
    assert ratio == 0.5
    assert np.isnan([low, high]).all()


def test_a_method_without_error_is_worth_any_number() -> None:
    assert interviews_worth([0.0], [0.5], ["a"])[0] == np.inf


def test_a_cluster_counts_once_however_many_votes_it_has() -> None:
    # cluster a: 1 / 1 twice; cluster b: 3 / 1
    assert ratio_of_means([1, 1, 3], [1, 1, 1], ["a", "a", "b"])[0] == 2.0


def test_a_simple_random_sample_is_worth_its_interviews() -> None:
    """And the interval holds the number as often as it says."""
    n, held = 800, 0
    for seed in range(200):
        rng = np.random.default_rng(seed)
        p = rng.dirichlet([8.0, 5.0, 3.0, 2.0], size=40)
        x = np.stack([rng.multinomial(n, one) for one in p]) / n
        worth, low, high = interviews_worth(
            ((x - p) ** 2).sum(axis=1), outcome_variances(p), range(40)
        )
        held += low <= n <= high
        assert 0.4 * n < worth < 2.5 * n
    assert 0.90 <= held / 200 <= 0.99

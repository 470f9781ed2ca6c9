"""Calibration with few observations."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from bench.core.errors import ForecastError
from bench.metrics import calibration


@pytest.mark.parametrize(
    ("k", "n", "options"),
    [(3, 2, {}), (-1, 2, {}), (1, 2, {"confidence": 95}), (1, 2, {"method": "wald"})],
)
def test_intervals_of_impossible_counts_are_refused(k, n, options):
    with pytest.raises(ForecastError, match="0 <= successes <= n"):
        calibration.binomial_interval(k, n, **options)


def test_what_cannot_be_tabulated_is_refused():
    with pytest.raises(ForecastError, match="other than 0 and 1"):
        calibration.coverage([0.5], 0.5)
    with pytest.raises(ForecastError, match="level is 50"):
        calibration.coverage([1], 50)
    with pytest.raises(ForecastError, match="n_bins is 0"):
        calibration.pit_histogram([0.5], 0)
    with pytest.raises(ForecastError, match=r"pit\[0\] is 2"):
        calibration.pit_histogram([2], 3)


@given(st.integers(1, 60), st.data())
def test_the_exact_interval_is_made_of_beta_quantiles(n, data):
    k = data.draw(st.integers(0, n))
    low, high = calibration.binomial_interval(k, n)
    assert low == pytest.approx(0 if k == 0 else stats.beta.ppf(0.025, k, n - k + 1), abs=1e-10)
    assert high == pytest.approx(1 if k == n else stats.beta.ppf(0.975, k + 1, n - k), abs=1e-10)


@given(st.integers(1, 60), st.data())
def test_the_wilson_interval_is_scipys(n, data):
    k = data.draw(st.integers(0, n))
    theirs = stats.binomtest(k, n).proportion_ci(0.95, method="wilson")
    found = calibration.binomial_interval(k, n, method="wilson")
    np.testing.assert_allclose(found, [theirs.low, theirs.high], atol=1e-10)


def test_many_counts_are_bounded_at_once_and_nothing_observed_bounds_nothing():
    low, high = calibration.binomial_interval([0, 1, 0], [3, 3, 0])
    for place, (k, n) in enumerate([(0, 3), (1, 3)]):
        assert (low[place], high[place]) == calibration.binomial_interval(k, n)
    assert (low[2], high[2]) == (0.0, 1.0)


def test_the_exact_interval_covers_at_least_as_often_as_stated():
    n = 12
    bounds = [calibration.binomial_interval(k, n, confidence=0.9) for k in range(n + 1)]
    for p in np.linspace(0.01, 0.99, 25):
        held = sum(
            stats.binom.pmf(k, n, p) for k, (low, high) in enumerate(bounds) if low <= p <= high
        )
        assert held >= 0.9 - 1e-12


def test_nothing_observed_bounds_nothing():
    assert calibration.binomial_interval(0, 0) == (0.0, 1.0)


def test_eight_of_ten_intervals_at_one_half_are_not_yet_suspicious():
    found = calibration.coverage([1] * 8 + [0] * 2, 0.5)
    # 2 * P(K >= 8) = 2 * (45 + 10 + 1) / 1024
    assert found.p_value == pytest.approx(112 / 1024)
    assert (found.n, found.held, found.share) == (10, 8, 0.8)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=30))
@settings(max_examples=40)
def test_every_value_falls_in_one_bin(pit):
    assert calibration.pit_histogram(pit, 7).sum() == len(pit)


@pytest.mark.parametrize("level", [0, 1, 1.5, -0.1])
def test_a_level_lies_strictly_between_none_and_all(level):
    with pytest.raises(ForecastError, match=f"^level is {level}; it must lie between 0 and 1, ex"):
        calibration.coverage([1], level)


def test_coverage_has_the_bounds_and_the_test_of_its_level():
    # 3 of 4 at the level 0.8, bounds of 60 %
    found = calibration.coverage([1, 1, 0, 1], 0.8, confidence=0.6)
    assert (found.n, found.held, found.share) == (4, 3, 0.75)
    assert found.lower == pytest.approx(stats.beta.ppf(0.2, 3, 2), abs=1e-10)
    assert found.upper == pytest.approx(stats.beta.ppf(0.8, 4, 1), abs=1e-10)
    assert found.p_value == pytest.approx(stats.binomtest(3, 4, 0.8).pvalue)


def test_bins_cover_zero_to_one_whatever_was_said():
    assert calibration.pit_histogram([0.4, 0.45], 4).tolist() == [0, 2, 0, 0]
    assert calibration.pit_histogram([0.4, 0.45], 1).tolist() == [2]
    # rounding beyond the ends is theirs
    assert calibration.pit_histogram([-1e-10, 1 + 1e-10, 0.5], 2).tolist() == [1, 2]


@pytest.mark.parametrize("confidence", [0.0, 1.0, 1.5])
def test_a_confidence_lies_strictly_between_none_and_all(confidence):
    with pytest.raises(ForecastError, match=f"^1 of 2 at confidence {confidence} by 'exact'"):
        calibration.binomial_interval(1, 2, confidence=confidence)

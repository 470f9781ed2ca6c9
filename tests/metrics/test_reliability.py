"""Calibration with few observations."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from bench.core.errors import ForecastError
from bench.metrics import calibration as reliability

proportion = pytest.importorskip("statsmodels.stats.proportion")


@pytest.mark.parametrize(
    ("k", "n", "options"),
    [(3, 2, {}), (-1, 2, {}), (1, 2, {"confidence": 95}), (1, 2, {"method": "wald"})],
)
def test_intervals_of_impossible_counts_are_refused(k, n, options):
    with pytest.raises(ForecastError, match="0 <= successes <= n"):
        reliability.binomial_interval(k, n, **options)


def test_what_cannot_be_tabulated_is_refused():
    with pytest.raises(ForecastError, match="ascend from 0 to 1"):
        reliability.reliability_table([0.5], [1], [0.0, 0.5])
    with pytest.raises(ForecastError, match="other than 0 and 1"):
        reliability.coverage([0.5], 0.5)
    with pytest.raises(ForecastError, match="level is 50"):
        reliability.coverage([1], 50)
    with pytest.raises(ForecastError, match="n_bins is 0"):
        reliability.pit_histogram([0.5], 0)
    with pytest.raises(ForecastError, match=r"pit\[0\] is 2"):
        reliability.pit_uniformity([2])


@given(st.integers(1, 60), st.data())
def test_the_exact_interval_is_made_of_beta_quantiles(n, data):
    k = data.draw(st.integers(0, n))
    low, high = reliability.binomial_interval(k, n)
    assert low == pytest.approx(0 if k == 0 else stats.beta.ppf(0.025, k, n - k + 1), abs=1e-10)
    assert high == pytest.approx(1 if k == n else stats.beta.ppf(0.975, k + 1, n - k), abs=1e-10)


@given(st.integers(1, 60), st.data())
def test_the_wilson_interval_is_statsmodels(n, data):
    k = data.draw(st.integers(0, n))
    theirs = proportion.proportion_confint(k, n, method="wilson")
    np.testing.assert_allclose(
        reliability.binomial_interval(k, n, method="wilson"), theirs, atol=1e-10
    )


def test_the_exact_interval_covers_at_least_as_often_as_stated():
    n = 12
    bounds = [reliability.binomial_interval(k, n, confidence=0.9) for k in range(n + 1)]
    for p in np.linspace(0.01, 0.99, 25):
        held = sum(
            stats.binom.pmf(k, n, p) for k, (low, high) in enumerate(bounds) if low <= p <= high
        )
        assert held >= 0.9 - 1e-12


def test_nothing_observed_bounds_nothing():
    assert reliability.binomial_interval(0, 0) == (0.0, 1.0)


def test_eight_of_ten_intervals_at_one_half_are_not_yet_suspicious():
    found = reliability.coverage([1] * 8 + [0] * 2, 0.5)
    # 2 * P(K >= 8) = 2 * (45 + 10 + 1) / 1024
    assert found.p_value == pytest.approx(112 / 1024)
    assert (found.n, found.held, found.share) == (10, 8, 0.8)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=30))
@settings(max_examples=40)
def test_every_value_falls_in_one_bin(pit):
    assert reliability.pit_histogram(pit, 7).sum() == len(pit)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=30))
@settings(max_examples=40)
def test_the_table_counts_every_event_and_keeps_the_means(probability):
    happened = [int(p > 0.3) for p in probability]
    table = reliability.reliability_table(probability, happened, [0, 0.2, 0.6, 1])
    assert table.n.sum() == len(probability)
    filled = table.n > 0
    assert np.sum(table.n[filled] * table.mean_probability[filled]) == pytest.approx(
        sum(probability)
    )
    assert np.sum(table.n[filled] * table.frequency[filled]) == pytest.approx(sum(happened))
    assert (table.lower[filled] <= table.frequency[filled]).all()
    assert (table.frequency[filled] <= table.upper[filled]).all()
    assert np.isnan(table.frequency[~filled]).all()


def test_an_edge_belongs_to_the_bin_above_and_one_to_the_last():
    table = reliability.reliability_table([0.0, 0.5, 1.0], [0, 1, 1], [0, 0.5, 1])
    assert table.n.tolist() == [1, 2]


def test_uniform_values_are_rejected_as_rarely_as_stated():
    rng = np.random.default_rng(2)
    p = np.array([reliability.pit_uniformity(rng.random(6))[1] for _ in range(1500)])
    assert np.mean(p < 0.1) == pytest.approx(0.1, abs=0.03)


def test_overconfident_forecasts_are_found_out():
    # 12 outcomes, all in the outer twentieths
    assert reliability.pit_uniformity([0.02, 0.98] * 6)[1] < 0.01


@pytest.mark.parametrize("level", [0, 1, 1.5, -0.1])
def test_a_level_lies_strictly_between_none_and_all(level):
    with pytest.raises(ForecastError, match=f"^level is {level}; it must lie between 0 and 1, ex"):
        reliability.coverage([1], level)


def test_coverage_has_the_bounds_and_the_test_of_its_level():
    # 3 of 4 at the level 0.8, bounds of 60 %
    found = reliability.coverage([1, 1, 0, 1], 0.8, confidence=0.6)
    assert (found.n, found.held, found.share) == (4, 3, 0.75)
    assert found.lower == pytest.approx(stats.beta.ppf(0.2, 3, 2), abs=1e-10)
    assert found.upper == pytest.approx(stats.beta.ppf(0.8, 4, 1), abs=1e-10)
    assert found.p_value == pytest.approx(stats.binomtest(3, 4, 0.8).pvalue)


def test_bins_cover_zero_to_one_whatever_was_said():
    assert reliability.pit_histogram([0.4, 0.45], 4).tolist() == [0, 2, 0, 0]
    assert reliability.pit_histogram([0.4, 0.45], 1).tolist() == [2]
    # rounding beyond the ends is theirs
    assert reliability.pit_histogram([-1e-10, 1 + 1e-10, 0.5], 2).tolist() == [1, 2]


def test_one_bin_is_a_table_and_equal_edges_are_none():
    table = reliability.reliability_table([0.0, 1.0], [0, 1], [0.0, 1.0])
    assert (table.n.tolist(), table.frequency.tolist()) == ([2], [0.5])
    for edges in ([0.0, 0.5, 0.5, 1.0], [0.0, 0.6, 0.5, 1.0], [0.0], [0.1, 1.0], [0.0, 0.9]):
        with pytest.raises(ForecastError, match=r"^edges are \[.*; they must ascend from 0 to 1$"):
            reliability.reliability_table([0.5], [1], edges)


def test_a_chance_a_rounding_below_zero_is_in_the_first_bin():
    table = reliability.reliability_table([-1e-10, 0.7], [0, 1], [0.0, 0.5, 1.0])
    assert table.n.tolist() == [1, 1]


@pytest.mark.parametrize("method", ["exact", "wilson"])
def test_the_bounds_of_a_bin_are_those_of_its_counts(method):
    table = reliability.reliability_table(
        [0.1, 0.2, 0.9], [0, 1, 1], [0.0, 0.5, 1.0], confidence=0.8, method=method
    )
    for place, (k, n) in enumerate([(1, 2), (1, 1)]):
        expected = reliability.binomial_interval(k, n, confidence=0.8, method=method)
        assert (table.lower[place], table.upper[place]) == expected


@pytest.mark.parametrize("confidence", [0.0, 1.0, 1.5])
def test_a_confidence_lies_strictly_between_none_and_all(confidence):
    with pytest.raises(ForecastError, match=f"^1 of 2 at confidence {confidence} by 'exact'"):
        reliability.binomial_interval(1, 2, confidence=confidence)

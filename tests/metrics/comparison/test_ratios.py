"""Ratios over clusters, their intervals and what is adjusted."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from bench.core.errors import ForecastError
from bench.metrics.comparison.ratios import (
    EQUIVALENT,
    Ratio,
    mean_ratio,
    outcome_variances,
    ratio_of_means,
    verdict,
)


@pytest.mark.parametrize(("above", "below"), [([-1.0, 1.0], [1.0, 1.0]), ([1.0], [[1.0]])])
def test_what_is_no_list_of_numbers_from_zero_is_refused(above: object, below: object) -> None:
    with pytest.raises(ForecastError, match=r"^above or below holds|^below has 2 dimensions"):
        ratio_of_means(above, below, [0] * 2)
    with pytest.raises(ForecastError, match=r"^above or below holds|^above has 2 dimensions"):
        ratio_of_means(below, above, [0] * 2)


@pytest.mark.parametrize(("clusters", "there"), [(1, False), (5, False), (6, True)])
def test_below_six_clusters_there_is_no_interval(clusters: int, there: bool) -> None:
    log_ratio = np.log([0.5, 0.6] * clusters)
    country = np.repeat(np.arange(clusters), 2)
    for found in (
        ratio_of_means(np.exp(log_ratio), np.ones(2 * clusters), country),
        mean_ratio(log_ratio, country),
        mean_ratio(log_ratio[:clusters]),
    ):
        assert np.isnan([found.low, found.high]).tolist() == [not there] * 2
        assert found.verdict == ("better" if there else "not_enough")


def test_countries_of_unlike_size_are_worth_fewer_than_there_are() -> None:
    """Seven, one with most of the days: degrees of freedom of fewer than six."""
    rng = np.random.default_rng(1)
    country = np.repeat(np.arange(7), [60, 2, 2, 2, 2, 2, 2])
    assert np.isnan(mean_ratio(rng.normal(size=len(country)), country).low)
    assert not np.isnan(mean_ratio(rng.normal(size=14), np.arange(14) // 2).low)


def test_without_clusters_it_is_students_interval() -> None:
    d = np.random.default_rng(2).normal(0.2, 1.0, 12)
    found = mean_ratio(d)
    low, high = stats.ttest_1samp(d, 0).confidence_interval(0.95)
    assert (found.low, found.high) == pytest.approx((np.exp(low), np.exp(high)))
    assert found.p == pytest.approx(stats.ttest_1samp(d, 0).pvalue)
    assert mean_ratio(d, list("abcdefghijkl")) == found


def test_by_country_it_is_the_published_estimator_on_whole_matrices() -> None:
    """Bell and McCaffrey (2002): adjusted residuals, and degrees of freedom by Satterthwaite."""
    rng = np.random.default_rng(3)
    country = np.repeat(np.arange(9), [1, 1, 2, 2, 3, 3, 4, 5, 8])
    d = rng.normal(size=len(country)) + rng.normal(size=9)[country]
    n = len(d)
    annihilator = np.eye(n) - 1 / n
    total, parts = 0.0, []
    for one in range(9):
        here = country == one
        values, vectors = np.linalg.eigh(annihilator[np.ix_(here, here)])
        adjust = (vectors / np.sqrt(values)) @ vectors.T
        influence = np.zeros(n)
        influence[here] = adjust @ np.full(here.sum(), 1 / n)
        total += (influence @ annihilator @ d) ** 2
        parts.append(annihilator @ influence)
    joint = np.array(parts) @ np.array(parts).T
    half = stats.t.ppf(0.975, np.trace(joint) ** 2 / (joint**2).sum()) * np.sqrt(total)
    found = mean_ratio(d, country)
    assert (found.low, found.high) == pytest.approx(
        tuple(np.exp([d.mean() - half, d.mean() + half]))
    )


def test_the_interval_is_a_jackknife_with_as_many_degrees_as_clusters_that_count() -> None:
    above = np.array([1.0, 2.0, 4.0, 3.0, 2.0, 1.0, 3.0, 2.0, 2.0])
    below = np.array([2.0, 1.0, 3.0, 0.0, 2.0, 1.0, 2.0, 3.0, 2.0])
    log = [np.log(np.delete(above, k).sum() / np.delete(below, k).sum()) for k in range(9)]
    part = above / above.sum() + below / below.sum()
    half = stats.t.ppf(0.975, 4 / (part**2).sum() - 1) * np.std(log) * np.sqrt(8)
    found = ratio_of_means(above, below, range(9))
    expected = above.sum() / below.sum() * np.exp([0.0, -half, half])
    assert (found.value, found.low, found.high) == pytest.approx(tuple(expected))
    # nine clusters of which one makes most of both means are worth fewer than six
    assert np.isnan(ratio_of_means([30.0, *above[1:]], [30.0, *below[1:]], range(9)).low)


def test_a_ratio_that_never_varies_is_certain_and_1_is_not_tested() -> None:
    found = mean_ratio([np.log(2.0)] * 8)
    assert (round(found.low, 9), round(found.high, 9), found.verdict) == (2.0, 2.0, "worse")
    same = mean_ratio([0.0] * 8)
    assert same.verdict == "equivalent"
    assert np.isnan(same.p)


def test_a_simple_random_sample_is_worth_its_interviews() -> None:
    """And the interval holds the number as often as it says."""
    n, held = 800, 0
    for seed in range(200):
        rng = np.random.default_rng(seed)
        p = rng.dirichlet([8.0, 5.0, 3.0, 2.0], size=40)
        x = np.stack([rng.multinomial(n, one) for one in p]) / n
        found: Ratio = ratio_of_means(outcome_variances(p), ((x - p) ** 2).sum(axis=1), range(40))
        held += found.low <= n <= found.high
        assert 0.4 * n < found.value < 2.5 * n
    assert 0.90 <= held / 200 <= 0.99


@pytest.mark.parametrize(
    ("bounds", "expected"),
    [
        ((0.91, 0.97, 0.905, 0.98), "equivalent"),  # although 1 is outside: less than anyone minds
        ((EQUIVALENT[0], EQUIVALENT[1], 0.88, 1.13), "equivalent"),  # a bound on the margin is in
        ((0.89, 0.97, 0.88, 0.99), "better"),
        ((1.02, 1.12, 1.01, 1.14), "worse"),
        ((0.89, 0.97, 0.88, 1.0), "not_enough"),  # 1 itself is not excluded
        ((1.02, 1.2, 0.99, 1.3), "not_enough"),
        ((0.3, 4.0, 0.2, 5.0), "not_enough"),
        ((np.nan,) * 4, "not_enough"),
    ],
)
def test_one_rule_turns_intervals_into_a_verdict(
    bounds: tuple[float, float, float, float], expected: str
) -> None:
    assert verdict(*bounds) == expected

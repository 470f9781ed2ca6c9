"""Ratios over clusters, and errors in interviews."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from bench.core.errors import ForecastError
from bench.metrics.comparison.ratios import interviews_worth, outcome_variances, ratio_of_means


def test_negative_numbers_are_refused() -> None:
    with pytest.raises(ForecastError, match="below 0"):
        ratio_of_means([1.0], [-1.0], ["a"])


@pytest.mark.parametrize(("above", "below"), [([-1.0, 1.0], [1.0, 1.0]), ([1.0], [[1.0]])])
def test_what_is_no_list_of_numbers_from_zero_is_refused(above: object, below: object) -> None:
    with pytest.raises(ForecastError, match=r"^above or below holds|^below has 2 dimensions"):
        ratio_of_means(above, below, [0] * 2)
    with pytest.raises(ForecastError, match=r"^above or below holds|^above has 2 dimensions"):
        ratio_of_means(below, above, [0] * 2)


@pytest.mark.parametrize(
    ("clusters", "given", "there"),
    [
        (5, {}, False),
        (6, {}, True),
        (3, {"fewest_clusters": 3}, True),
        (2, {"fewest_clusters": 0}, True),
        (1, {"fewest_clusters": 0}, False),
    ],
)
def test_below_six_clusters_there_is_no_interval(
    clusters: int, given: dict[str, int], there: bool
) -> None:
    for found in (ratio_of_means, lambda a, b, *c, **k: interviews_worth(b, a, *c, **k)):
        ratio, low, high = found([1.0] * clusters, [2.0] * clusters, range(clusters), **given)
        assert ratio == 0.5
        assert np.isnan([low, high]).tolist() == [not there] * 2
        assert not there or low == high == 0.5


@pytest.mark.parametrize("level", [None, 0.8])
def test_the_interval_is_a_jackknife_of_the_logarithm(level: float | None) -> None:
    above, below = [1.0, 2.0, 4.0, 3.0], [2.0, 1.0, 3.0, 0.0]
    log = [np.log(np.delete(above, k).sum() / np.delete(below, k).sum()) for k in range(len(above))]
    half = stats.t.ppf(0.975 if level is None else 0.9, 3) * np.std(log) * np.sqrt(3)
    given = {} if level is None else {"level": level}
    found = ratio_of_means(above, below, list("abcd"), fewest_clusters=4, **given)
    assert found == pytest.approx((10 / 6, 10 / 6 * np.exp(-half), 10 / 6 * np.exp(half)))


@pytest.mark.parametrize(
    ("above", "below"), [([3.0, 0, 0], [1.0, 1, 1]), ([1.0, 1, 1], [3.0, 0, 0])]
)
def test_where_all_but_one_cluster_is_zero_there_is_no_interval(
    above: list[float], below: list[float]
) -> None:
    ratio, *bounds = ratio_of_means(above, below, range(3), fewest_clusters=3)
    assert ratio == 1.0
    assert np.isnan(bounds).all()


def test_a_ratio_of_nothing_is_zero() -> None:
    assert ratio_of_means([0.0], [1.0], ["a"])[0] == 0.0


def test_a_method_without_error_is_worth_any_number() -> None:
    worth, *bounds = interviews_worth([0.0] * 6, [0.5] * 6, range(6))
    assert worth == np.inf
    assert np.isnan(bounds).all()
    assert outcome_variances(np.array([[0.5, 0.5], [1.0, 0.0]])).tolist() == [0.5, 0.0]


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

"""Ratios over clusters, their intervals and what is adjusted."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from bench.core.errors import ForecastError
from bench.metrics.comparison.ratios import (
    LEVEL,
    NEAR,
    Ratio,
    holm,
    holm_levels,
    judged,
    mean_ratio,
    outcome_variances,
    ratio_of_means,
)
from bench.metrics.comparison.significance import mean_interval, serial_correlation

pytestmark = pytest.mark.usefixtures("no_garbage_collection")


def table_of(*ratios: Ratio) -> pd.DataFrame:
    """What is said of ratios that are the rows of one table."""
    return judged(pd.DataFrame([vars(ratio) for ratio in ratios]))


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
        assert table_of(found)["direction"].tolist() == ["better" if there else "not_shown"]


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
    assert (found.ratio, found.low, found.high) == pytest.approx(tuple(expected))
    # nine clusters of which one makes most of both means are worth fewer than six
    assert np.isnan(ratio_of_means([30.0, *above[1:]], [30.0, *below[1:]], range(9)).low)


def test_a_ratio_that_never_varies_is_certain_and_1_is_not_tested() -> None:
    certain, same = mean_ratio([np.log(2.0)] * 8), mean_ratio([0.0] * 8)
    assert (round(certain.low, 9), round(certain.high, 9)) == (2.0, 2.0)
    assert np.isnan(same.p)
    table = table_of(certain, same)
    assert table["direction"].tolist() == ["worse", "not_shown"]
    assert table["within"].tolist() == ["no", "yes"]
    assert table["tests"].tolist() == [1, 1]


def test_a_simple_random_sample_is_worth_its_interviews() -> None:
    """And the interval holds the number as often as it says."""
    n, held = 800, 0
    for seed in range(200):
        rng = np.random.default_rng(seed)
        p = rng.dirichlet([8.0, 5.0, 3.0, 2.0], size=40)
        x = np.stack([rng.multinomial(n, one) for one in p]) / n
        found: Ratio = ratio_of_means(outcome_variances(p), ((x - p) ** 2).sum(axis=1), range(40))
        held += found.low <= n <= found.high
        assert 0.4 * n < found.ratio < 2.5 * n
    assert 0.90 <= held / 200 <= 0.99


def ratio(low: float, high: float, p: float = 0.001) -> dict[str, float]:
    middle = float(np.sqrt(low * high))
    return {"ratio": middle, "low": low, "high": high, "p": p, "error": 0.1, "degrees": 9.0}


@pytest.mark.parametrize(
    ("row", "direction", "within"),
    [
        (ratio(0.93, 0.98), "better", "yes"),  # both: a direction is no size
        (ratio(1.02, 1.08), "worse", "yes"),
        (ratio(NEAR[0], NEAR[1], 0.9), "not_shown", "yes"),  # a bound on the margin is in
        (ratio(0.95, 1.05, 0.9), "not_shown", "yes"),
        (ratio(0.85, 0.97), "better", "not_shown"),
        (ratio(0.5, 0.8), "better", "no"),
        (ratio(1.2, 1.5), "worse", "no"),
        (ratio(0.8, 1.2, 0.9), "not_shown", "not_shown"),
        (ratio(0.9, 1.2, 0.051), "not_shown", "not_shown"),
        (ratio(np.nan, np.nan, np.nan), "not_shown", "not_shown"),
    ],
)
def test_direction_and_size_are_two_questions(
    row: dict[str, float], direction: str, within: str
) -> None:
    found = judged(pd.DataFrame([row])).iloc[0]
    assert (found["direction"], found["within"]) == (direction, within)


def test_a_method_5_percent_worse_is_called_worse_and_within_10_percent() -> None:
    """Not equal: the days of a record find 5 % with the spread that polls have."""
    rng = np.random.default_rng(4)
    tables = [table_of(mean_ratio(rng.normal(np.log(1.05), 0.1, 195))) for _ in range(100)]
    found = pd.concat(tables)
    assert found["direction"].eq("worse").all()
    assert found["within"].eq("yes").mean() > 0.9


def test_directions_are_those_of_holm_over_the_rows_of_the_table() -> None:
    p = [0.001, 0.02, np.nan, 0.03, 0.2]
    rows = pd.DataFrame([ratio(1.1, 1.5, one) for one in p])
    alone = judged(rows.iloc[[1]])
    assert alone["direction"].tolist() == ["worse"]
    assert judged(rows)["direction"].tolist() == ["worse", *["not_shown"] * 4]
    assert judged(rows)["tests"].eq(4).all()


def test_the_level_that_holm_leaves_is_where_its_rejections_end() -> None:
    rng = np.random.default_rng(5)
    for _ in range(60):
        p = rng.uniform(size=rng.integers(1, 8)) ** 3
        levels = holm_levels(p)
        assert ((p <= levels) == (holm(p) <= LEVEL)).all()
        place = rng.integers(len(p))
        for factor, is_rejected in ((0.999, True), (1.001, False)):
            moved = p.copy()
            moved[place] = factor * levels[place]
            assert (holm(moved)[place] <= LEVEL) is np.bool_(is_rejected)


@pytest.mark.parametrize("n", [6, 40])
def test_the_detectable_ratio_is_found_four_times_in_five(n: int) -> None:
    """By simulation, at the level that four other rows leave it."""
    rng = np.random.default_rng(6)
    spread, others = 0.3, [0.2, 0.3, 0.4, 0.5]
    days = rng.normal(0.0, 1.0, n)
    days = spread * (days - days.mean()) / days.std(ddof=1)
    own = pd.DataFrame([vars(mean_ratio(days))])
    rows = pd.concat([own, pd.DataFrame([ratio(0.9, 1.2, p) for p in others])])
    detectable = judged(rows)["detectable"].iloc[0]
    simulated = rng.normal(np.log(detectable), spread, (20_000, n))
    found = stats.ttest_1samp(simulated, 0.0, axis=1).pvalue <= LEVEL / 5
    assert found.mean() == pytest.approx(0.8, abs=0.015)


def test_correlated_days_have_the_interval_of_few_elections() -> None:
    days = pd.date_range("1965", periods=11, freq="5YS")
    order = serial_correlation(["FR"] * 11, list(days))
    d = np.random.default_rng(8).normal(0.1, 0.2, 11)
    found = mean_ratio(d, correlation=order)
    bounds = np.ravel(mean_interval(d[:, None], correlation=order))
    assert (found.low, found.high) == pytest.approx(tuple(np.exp(bounds)))
    assert found.high / found.low > mean_ratio(d).high / mean_ratio(d).low

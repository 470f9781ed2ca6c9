"""Scores of draws."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.core.errors import ForecastError
from bench.metrics import ensemble as scores

scoringrules = pytest.importorskip("scoringrules")

SEEDS = st.integers(0, 2**32 - 1)


def forecast(seed, n_draws=23, n_candidates=5):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n_draws, n_candidates)), rng.normal(size=n_candidates)


@pytest.mark.parametrize("score", [scores.crps, scores.energy_score])
def test_one_draw_cannot_be_scored_fairly(score):
    with pytest.raises(ForecastError, match=r"^draws holds 1 draw; .* needs 2, or pass fair=False"):
        score([[0.5, 0.5]], [0.6, 0.4])
    assert np.max(score([[0.5, 0.5]], [0.6, 0.4], fair=False)) == pytest.approx(
        0.1 if score is scores.crps else np.sqrt(0.02)
    )


@pytest.mark.parametrize("level", [0.0, 1.0, 50])
def test_a_level_is_a_fraction(level):
    with pytest.raises(ForecastError, match="between 0 and 1, exclusive"):
        scores.inside_interval([[0.5]], [0.5], level=level)
    with pytest.raises(ForecastError, match="between 0 and 1, exclusive"):
        scores.interval_score([0.4], [0.6], [0.5], level=level)


def test_crossed_bounds_and_bad_weights_are_refused():
    with pytest.raises(ForecastError, match="lower <= upper"):
        scores.interval_score([0.6], [0.4], [0.5], level=0.5)
    with pytest.raises(ForecastError, match="one length"):
        scores.interval_score([0.4], [[0.6], [0.6]], [0.5], level=0.5)


@given(SEEDS)
@settings(max_examples=25)
@pytest.mark.parametrize("fair", [True, False])
def test_crps_and_energy_score_are_those_of_scoringrules(fair, seed):
    sample, outcome = forecast(seed)
    estimator = "fair" if fair else "nrg"
    theirs = scoringrules.crps_ensemble(outcome, sample.T, estimator=estimator, backend="numpy")
    np.testing.assert_allclose(scores.crps(sample, outcome, fair=fair), theirs, atol=1e-10)
    energy = scoringrules.es_ensemble(outcome, sample, estimator=estimator, backend="numpy")
    assert scores.energy_score(sample, outcome, fair=fair) == pytest.approx(energy, abs=1e-10)


@given(SEEDS)
@settings(max_examples=25)
def test_the_weighted_interval_score_is_twice_the_mean_pinball_loss(seed):
    sample, outcome = forecast(seed)
    tails = [(1 - level) / 2 for level in scores.LEVELS]
    probability = np.array([*tails, 0.5, *(1 - t for t in tails)])
    quantile = scores.quantiles(sample, probability)
    loss = ((outcome <= quantile) - probability[:, None]) * (quantile - outcome)
    ours = scores.weighted_interval_score(sample, outcome)
    np.testing.assert_allclose(ours, 2 * loss.mean(axis=0), atol=1e-12)


@pytest.mark.parametrize(
    "score",
    [
        lambda x, y: scores.crps(x, y).mean(),
        scores.energy_score,
        lambda x, y: scores.weighted_interval_score(x, y).mean(),
    ],
)
def test_the_true_distribution_has_the_smallest_expected_score(score):
    rng = np.random.default_rng(7)
    spread = np.array([[1.0, 0.6], [0.6, 1.0]])
    outcomes = rng.multivariate_normal([0, 0], spread, size=150)
    true = rng.multivariate_normal([0, 0], spread, size=200)
    rivals = {
        "too narrow": 0.5 * true,
        "too wide": 2 * true,
        "apart": true + np.array([1.0, -1.0]),
        "wrong sign of dependence": true * [1, -1],
    }
    expected = np.mean([score(true, y) for y in outcomes])
    for name, rival in rivals.items():
        value = np.mean([score(rival, y) for y in outcomes])
        marginal = score is not scores.energy_score
        if name == "wrong sign of dependence" and marginal:
            assert value == pytest.approx(expected, rel=0.02)
        else:
            assert value > expected, name


def test_an_exchangeable_outcome_is_covered_as_often_as_stated():
    rng = np.random.default_rng(3)
    # 19 draws and level 0.9: bounds are the extremes, missed by 2 of 20 equally likely ranks
    sample, outcome = rng.normal(size=(19, 40_000)), rng.normal(size=40_000)
    for level in (0.9, 0.5):
        held = scores.inside_interval(sample, outcome, level=level)
        assert held.mean() == pytest.approx(level, abs=0.01)


def test_the_randomised_pit_is_uniform_even_with_ties_and_few_draws():
    rng = np.random.default_rng(4)
    sample, outcome = rng.integers(0, 3, size=(4, 40_000)), rng.integers(0, 3, size=40_000)
    value = scores.pit(sample, outcome, rng)
    counts, _ = np.histogram(value, bins=10, range=(0, 1))
    np.testing.assert_allclose(counts / counts.sum(), 0.1, atol=0.008)


def test_without_a_generator_the_outcome_stands_in_the_middle_of_its_ties():
    # of 3 draws 1 is below and 1 equal: ranks 2 and 3 of 4, so (1 + 1/2 * 2) / 4
    assert scores.pit([[0.1], [0.3], [0.4]], [0.3]).tolist() == [0.5]
    assert scores.pit([[0.1], [0.2], [0.2]], [0.3]).tolist() == [3.5 / 4]


def test_the_monte_carlo_error_by_loops():
    sample, truth = np.random.default_rng(2).dirichlet([3, 2, 1], 9), np.array([0.5, 0.3, 0.2])
    part = [
        np.mean(
            [abs(row[c] - truth[c]) - sum(abs(row[c] - x[c]) for x in sample) / 8 for c in range(3)]
        )
        for row in sample
    ]
    expected = np.std(part, ddof=1) / 3
    assert scores.crps_monte_carlo_error(sample, truth) == pytest.approx(expected)
    with pytest.raises(ForecastError, match="draws holds 1 draw"):
        scores.crps_monte_carlo_error(sample[:1], truth)

"""Comparisons of methods."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from bench.contract.errors import ForecastError
from bench.score import resamples
from bench.score.confidence_set import model_confidence_set
from bench.score.significance import (
    diebold_mariano,
    holm,
    in_words,
    paired_bootstrap,
    share_ranked_above,
)
from bench.score.skill import relative_skill, skill_score

stattools = pytest.importorskip("statsmodels.tsa.stattools")
multitest = pytest.importorskip("statsmodels.stats.multitest")

SEEDS = st.integers(0, 2**32 - 1)


def losses(seed, n=40, m=5):
    rng = np.random.default_rng(seed)
    return rng.gamma(2.0, size=(n, m)) * np.linspace(1.0, 1.6, m)


def test_one_block_cannot_be_resampled():
    with pytest.raises(ForecastError, match=r"at least 2 \(for the days of one election"):
        resamples.block_counts(["fr2017"] * 5, 10, np.random.default_rng(0))


@pytest.mark.parametrize("length", [0, 5])
def test_runs_leave_a_choice(length):
    with pytest.raises(ForecastError, match="between 1 and 4"):
        resamples.moving_block_counts(5, length, 10, np.random.default_rng(0))


def test_resamples_are_at_least_one():
    with pytest.raises(ForecastError, match="n_resamples is 0"):
        resamples.block_counts(["a", "b"], 0, np.random.default_rng(0))


def test_counts_of_other_rows_are_refused():
    with pytest.raises(ForecastError, match=r"counts has shape \(1, 3\) for 2 rows"):
        paired_bootstrap([1, 2], [2, 1], [[1, 1, 1]])


@pytest.mark.parametrize("unit", [2.0**-90, 2.0**90])
def test_tests_do_not_depend_on_the_unit_of_the_losses(unit):
    table = losses(4, n=20, m=3)
    test, again = (diebold_mariano(t[:, 0], t[:, 1]) for t in (table, unit * table))
    assert again.statistic == pytest.approx(test.statistic, rel=1e-12)
    counts = resamples.block_counts(np.arange(20), 200, np.random.default_rng(0))
    found, scaled = (model_confidence_set(t, counts) for t in (table, unit * table))
    assert scaled.p_value == pytest.approx(found.p_value, rel=1e-12)


def test_comparisons_that_are_not_defined_are_refused():
    with pytest.raises(ForecastError, match="all loss differences are equal"):
        diebold_mariano([0.3, 0.4, 0.5], [0.2, 0.3, 0.4])
    with pytest.raises(ForecastError, match="at least 3 dates"):
        diebold_mariano([1, 2], [2, 1])
    with pytest.raises(ForecastError, match="lags is 9"):
        diebold_mariano([1, 2, 3], [2, 1, 3], lags=9)
    with pytest.raises(ForecastError, match="at least 2 methods"):
        model_confidence_set([[1.0], [2.0]], [[1, 1]])
    with pytest.raises(ForecastError, match=r"one of \['max', 'range'\]"):
        model_confidence_set([[1.0, 2.0]], [[1]], statistic="mean")
    with pytest.raises(ForecastError, match="baseline's mean loss is 0"):
        skill_score([1.0], [0.0])
    with pytest.raises(ForecastError, match=r"baseline_losses\[1\] is nan"):
        skill_score([1.0, 1.0], [1.0, np.nan])
    with pytest.raises(ForecastError, match="ratios of losses need losses above 0"):
        relative_skill([[0.0, 1.0]])
    with pytest.raises(ForecastError, match="baseline is column 2"):
        relative_skill([[1.0, 1.0]], baseline=2)
    with pytest.raises(ForecastError, match=r"p_values\[0\] is 1.5"):
        holm([1.5])
    with pytest.raises(ForecastError, match="between 0 and 1"):
        in_words(90, "a", "b")


def test_resamples_follow_from_the_generator_alone():
    first, second = (
        resamples.moving_block_counts(30, 7, 20, np.random.default_rng(5)) for _ in range(2)
    )
    np.testing.assert_array_equal(first, second)


def test_rows_of_one_election_enter_together_and_elections_equally_often():
    blocks = np.repeat(["fr2002", "fr2007", "fr2012", "fr2017"], [1, 5, 2, 9])
    counts = resamples.block_counts(blocks, 20_000, np.random.default_rng(1))
    for label in np.unique(blocks):
        rows = counts[:, blocks == label]
        assert (rows == rows[:, :1]).all()
        # each is drawn once on average; SD of one draw is sqrt(3/4)
        assert rows[:, 0].mean() == pytest.approx(1, abs=5 * np.sqrt(0.75 / 20_000))


def test_runs_of_days_stay_together():
    counts = resamples.moving_block_counts(6, 3, 500, np.random.default_rng(2))
    # the first day can only enter with the second
    assert (counts[:, 0] <= counts[:, 1]).all()
    assert set(counts.sum(axis=1)) == {6.0}


def test_runs_of_one_day_are_the_ordinary_bootstrap():
    counts = resamples.moving_block_counts(8, 1, 20_000, np.random.default_rng(3))
    np.testing.assert_allclose(counts.mean(axis=0), 1, atol=0.04)
    np.testing.assert_allclose(counts.var(axis=0), 1 - 1 / 8, atol=0.04)


def test_the_bootstrap_has_the_standard_error_of_a_mean():
    rng = np.random.default_rng(4)
    a, b = rng.normal(size=50), rng.normal(size=50)
    counts = resamples.block_counts(np.arange(50), 20_000, rng)
    found = paired_bootstrap(a, b, counts, confidence=0.6827)
    assert found.mean_difference == pytest.approx((a - b).mean())
    expected = (a - b).std() / np.sqrt(50)
    assert (found.upper - found.lower) / 2 == pytest.approx(expected, rel=0.05)


@given(SEEDS)
@settings(max_examples=20)
def test_shares_of_resamples_add_to_one_and_agree_with_the_pairs(seed):
    loss = losses(seed)
    counts = resamples.block_counts(np.arange(40), 100, np.random.default_rng(seed))
    share = share_ranked_above(loss, counts)
    np.testing.assert_allclose(share + share.T, 1)
    pair = paired_bootstrap(loss[:, 0], loss[:, 3], counts)
    assert share[0, 3] == pytest.approx(pair.share_above)


@given(SEEDS, st.integers(1, 6))
@settings(max_examples=30)
def test_diebold_mariano_is_statsmodels(seed, horizon):
    if not hasattr(stattools, "diebold_mariano_test"):
        pytest.skip("statsmodels before 0.15")
    a, b = losses(seed)[:, :2].T
    ours = diebold_mariano(a, b, horizon=horizon)
    theirs = stattools.diebold_mariano_test(
        np.zeros(40), a, b, criterion=lambda _, f: f, harvey_adj=True, horizon=horizon
    )
    assert ours.lags == theirs.lags
    assert ours.statistic == pytest.approx(theirs.statistic, abs=1e-10)
    assert ours.p_value == pytest.approx(theirs.pvalue, abs=1e-10)


def test_diebold_mariano_rejects_equal_methods_as_rarely_as_stated():
    rng = np.random.default_rng(6)
    p = [diebold_mariano(*rng.normal(size=(2, 60)), lags=0).p_value for _ in range(2000)]
    # 5 % with a standard error of 0.5 points
    assert np.mean(np.array(p) < 0.05) == pytest.approx(0.05, abs=0.02)


@given(SEEDS)
@settings(max_examples=30)
def test_diebold_mariano_turns_with_the_methods(seed):
    a, b = losses(seed)[:, :2].T
    there, back = diebold_mariano(a, b), diebold_mariano(b, a)
    assert there.statistic == pytest.approx(-back.statistic)
    assert there.p_value == pytest.approx(back.p_value)


def confidence_set_step_by_step(loss, counts, statistic):
    """Hansen, Lunde and Nason's algorithm with loops, pair by pair."""
    means = np.array([np.average(loss, axis=0, weights=row) for row in counts])
    left, highest, p = list(range(loss.shape[1])), 0.0, {}
    while len(left) > 1:
        t, boot = {}, []
        for i in left:
            rivals = [[j] for j in left if j != i] if statistic == "range" else [left]
            values = []
            for group in rivals:
                gap = loss[:, i].mean() - np.mean([loss[:, j].mean() for j in group])
                gaps = means[:, i] - means[:, group].mean(axis=1)
                deviation = np.sqrt(np.mean((gaps - gap) ** 2))
                values.append(gap / deviation)
                boot.append((gaps - gap) / deviation)
            t[i] = max(values)
        worst = max(t, key=t.get)
        highest = max(highest, np.mean(np.max(boot, axis=0) >= t[worst]))
        p[worst] = highest
        left.remove(worst)
    p[left[0]] = 1.0
    return [p[i] for i in range(loss.shape[1])], list(p)[:-1]


@given(SEEDS)
@settings(max_examples=20)
@pytest.mark.parametrize("statistic", ["range", "max"])
def test_the_confidence_set_follows_the_published_algorithm(statistic, seed):
    loss = losses(seed)
    counts = resamples.moving_block_counts(40, 4, 60, np.random.default_rng(seed))
    found = model_confidence_set(loss, counts, statistic=statistic)
    p, order = confidence_set_step_by_step(loss, counts, statistic)
    np.testing.assert_allclose(found.p_value, p, atol=1e-12)
    assert list(found.eliminated) == order


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(("statistic", "theirs"), [("range", "R"), ("max", "max")])
def test_the_confidence_set_is_archs(statistic, theirs, seed):
    bootstrap = pytest.importorskip("arch.bootstrap")
    loss = losses(seed)
    other = bootstrap.MCS(
        loss, 0.1, reps=80, block_size=4, method=theirs, bootstrap="mbb", seed=seed
    )
    other.compute()
    counts = [np.bincount(rows, minlength=40) for rows in other._bootstrap_indices]
    found = model_confidence_set(loss, counts, statistic=statistic)
    np.testing.assert_allclose(found.p_value, other.pvalues["Pvalue"].sort_index(), atol=1e-12)


def test_the_confidence_set_holds_the_best_and_drops_the_bad():
    rng = np.random.default_rng(8)
    loss = rng.normal(size=(200, 4)) + np.array([0.0, 0.0, 0.0, 2.0])
    counts = resamples.block_counts(np.arange(200), 500, rng)
    for statistic in ("range", "max"):
        found = model_confidence_set(loss, counts, statistic=statistic)
        assert found.included[:3].any()
        assert not found.included[3]
        assert found.eliminated[0] == 3


def test_identical_methods_are_never_told_apart():
    loss = np.repeat(np.random.default_rng(9).random((30, 1)), 3, axis=1)
    counts = resamples.block_counts(np.arange(30), 50, np.random.default_rng(9))
    for statistic in ("range", "max"):
        found = model_confidence_set(loss, counts, statistic=statistic)
        # their statistics are 0, and so are all of the bootstrap's: none is smaller
        assert found.eliminated == (0, 1)
        np.testing.assert_allclose(found.p_value, 1.0)


@given(SEEDS)
@settings(max_examples=30)
def test_with_complete_losses_relative_skill_ranks_by_mean_loss(seed):
    loss = losses(seed)
    mean = loss.mean(axis=0)
    np.testing.assert_allclose(relative_skill(loss), mean / np.exp(np.log(mean).mean()))
    np.testing.assert_allclose(relative_skill(loss, baseline=2), mean / mean[2])


@given(SEEDS, st.floats(0.1, 10))
@settings(max_examples=30)
def test_an_easy_vote_does_not_help_who_alone_forecast_it(seed, ease):
    rng = np.random.default_rng(seed)
    loss = losses(seed)
    loss[rng.random(loss.shape) < 0.2] = np.nan
    alone = np.full((1, 5), np.nan)
    alone[0, 0] = ease
    extended = relative_skill(np.vstack([loss, alone]))
    # only the ratio of the method to itself sees that row, and it is 1
    np.testing.assert_allclose(extended, relative_skill(loss))


def test_a_method_that_shares_no_vote_is_compared_with_itself_only():
    skill = relative_skill([[1.0, np.nan, np.nan], [np.nan, 2.0, 8.0]])
    np.testing.assert_allclose(skill, [1.0, 0.5, 2.0])
    assert np.isnan(relative_skill([[1.0, np.nan]])[1])


@given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
@settings(max_examples=15)  # theirs collects garbage on every call
def test_holm_is_statsmodels(p):
    np.testing.assert_allclose(holm(p), multitest.multipletests(p, method="holm")[1], atol=1e-12)


@given(st.floats(0, 1, exclude_min=True, exclude_max=True))
def test_words_never_say_all_or_none_of_what_is_neither(share):
    words = in_words(share, "a", "b").split()
    number, out_of = int(words[0]), int(words[2])
    assert 1 <= number < out_of
    assert abs(number / out_of - share) <= 0.5 / out_of + 0.001


def test_words_for_never():
    assert in_words(0.0, "a", "b") == "no resample ranks a above b"


@pytest.mark.parametrize("confidence", [0.0, 1.0, 1.5])
def test_the_confidence_of_an_interval_is_strictly_between_none_and_all(confidence):
    with pytest.raises(ForecastError, match=f"^confidence is {confidence}; it must lie between 0"):
        paired_bootstrap([1.0], [2.0], [[1]], confidence=confidence)


def test_a_paired_bootstrap_by_hand():
    # differences -1, 0, 3; resamples: each row three times, then all once
    counts = [[3, 0, 0], [0, 3, 0], [0, 0, 3], [1, 1, 1]]
    found = paired_bootstrap([1, 2, 5], [2, 2, 2], counts, confidence=0.5)
    means = [-1, 0, 3, 2 / 3]
    assert found.mean_difference == pytest.approx(2 / 3)
    assert (found.lower, found.upper) == pytest.approx(tuple(np.quantile(means, [0.25, 0.75])))
    assert found.share_above == 1 / 4 + 0.5 * 1 / 4


def test_a_difference_of_one_is_no_tie():
    found = paired_bootstrap([2.0, 3.0], [1.0, 2.0], [[2, 0], [0, 2]])
    assert found.share_above == 0.0


@given(SEEDS)
@settings(max_examples=20)
def test_without_lags_diebold_mariano_is_scipys_paired_t_test(seed):
    # Harvey's factor sqrt((T - 1) / T) turns the variance by T into the one by T - 1
    a, b = losses(seed, n=9)[:, :2].T
    ours, theirs = diebold_mariano(a, b, lags=0), stats.ttest_rel(a, b)
    assert ours.statistic == pytest.approx(theirs.statistic, abs=1e-10)
    assert ours.p_value == pytest.approx(theirs.pvalue, abs=1e-10)


@given(SEEDS)
@settings(max_examples=15)
def test_on_the_same_resamples_the_bootstrap_is_scipys(seed):
    a, b = losses(seed)[:, :2].T
    theirs = stats.bootstrap(
        (a - b,),
        np.mean,
        n_resamples=300,
        confidence_level=0.9,
        method="percentile",
        rng=np.random.default_rng(seed),
    )
    drawn = np.random.default_rng(seed).integers(0, 40, (300, 40))
    counts = np.stack([np.bincount(rows, minlength=40) for rows in drawn])
    ours = paired_bootstrap(a, b, counts)
    assert ours.lower == pytest.approx(theirs.confidence_interval.low, abs=1e-10)
    assert ours.upper == pytest.approx(theirs.confidence_interval.high, abs=1e-10)
    means = theirs.bootstrap_distribution
    assert ours.share_above == pytest.approx((means < 0).mean(), abs=1e-10)


def test_the_longest_horizon_and_lags_that_are_accepted():
    a, b = losses(1, n=8)[:, :2].T
    assert diebold_mariano(a, b, horizon=4, lags=0).lags == 0
    assert diebold_mariano(a, b, lags=7).lags == 7
    with pytest.raises(ForecastError, match="a horizon between 1 and half of them are needed"):
        diebold_mariano(a, b, horizon=5)
    with pytest.raises(ForecastError, match=r"^lags is 8; it must lie between 0 and 7$"):
        diebold_mariano(a, b, lags=8)
    assert np.isfinite(diebold_mariano(a[:3], b[:3], lags=0).p_value)


def test_one_resample_is_accepted_and_an_empty_one_is_not():
    assert resamples.block_counts(["a", "b"], 1, np.random.default_rng(0)).shape == (1, 2)
    with pytest.raises(ForecastError, match=r"^blocks must be a list of labels, one per row of"):
        resamples.block_counts([["a", "b"]], 1, np.random.default_rng(0))
    with pytest.raises(ForecastError, match=r"^blocks must be a list of labels, one per row of"):
        resamples.block_counts([], 1, np.random.default_rng(0))
    with pytest.raises(ForecastError, match=r"needs one column per row and no empty resample$"):
        resamples.resampled_means(np.ones((2, 1)), np.array([[2.0, 0.0], [0.0, 0.0]]))
    assert resamples.resampled_means(np.ones((2, 1)), np.array([[1.0, 0.0]])).tolist() == [[1.0]]


@pytest.mark.parametrize("size", [0.0, 1.0, 1.5])
def test_the_size_of_a_confidence_set_is_strictly_between_none_and_all(size):
    with pytest.raises(ForecastError, match=f"size is {size}"):
        model_confidence_set([[1.0, 2.0]], [[1.0]], size=size)


def test_what_has_no_ratio_of_losses_is_refused():
    for bad in ([1.0, 2.0], [[np.inf, 1.0]], np.empty((0, 2))):
        with pytest.raises(ForecastError, match=r"^losses has shape .* finite numbers \(or NaN\)"):
            relative_skill(bad)
    assert relative_skill([[2.0]]).tolist() == [1.0]


@pytest.mark.parametrize("baseline", [-1, 2])
def test_a_baseline_is_one_of_the_columns(baseline):
    with pytest.raises(ForecastError, match=f"^baseline is column {baseline}; there are 2 methods"):
        relative_skill([[1.0, 2.0]], baseline)

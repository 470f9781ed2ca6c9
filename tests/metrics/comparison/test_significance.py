"""Comparisons of methods."""

import numpy as np
import pytest
from scipy import stats

from bench.core.errors import ForecastError
from bench.metrics.comparison.ratios import log_ratios
from bench.metrics.comparison.significance import (
    EXACT_UP_TO,
    N_RANDOM,
    block_counts,
    flipped_statistics,
    mean_interval,
    model_confidence_set,
    sign_flip_test,
    sign_flips,
)


def losses(seed, n=40, m=5):
    rng = np.random.default_rng(seed)
    return rng.gamma(2.0, size=(n, m)) * np.linspace(1.0, 1.6, m)


def apart(loss):
    """Differences [n, M, M] of losses [n, M]."""
    return loss[:, :, None] - loss[:, None]


def rng(seed=0):
    return np.random.default_rng(seed)


def test_all_signs_are_turned_once_where_that_can_be_done_and_many_at_random_beyond():
    exact = sign_flips(5, rng())
    assert len({tuple(row) for row in exact}) == len(exact) == 2**4
    assert (exact[0] == 1).all()
    assert len(sign_flips(EXACT_UP_TO, rng())) == 2 ** (EXACT_UP_TO - 1)
    drawn = sign_flips(EXACT_UP_TO + 1, rng())
    assert drawn.shape == (N_RANDOM + 1, EXACT_UP_TO + 1)
    assert (drawn[0] == 1).all()
    assert set(np.unique(drawn)) == {-1.0, 1.0}
    assert abs(drawn.mean()) < 0.03


@pytest.mark.parametrize("seed", range(4))
def test_one_comparison_is_scipys_permutation_test(seed):
    a, b = losses(seed, n=9)[:, :2].T
    theirs = stats.permutation_test(
        (a, b),
        lambda x, y, axis: abs(np.mean(x - y, axis=axis)),
        permutation_type="samples",
        vectorized=True,
        n_resamples=np.inf,
        alternative="greater",
    )
    assert sign_flip_test((a - b)[:, None], rng()) == pytest.approx([theirs.pvalue], abs=1e-12)


def test_many_comparisons_are_stepped_down_by_hand():
    """Every row of signs in loops, with the t statistic itself."""
    difference = losses(22, n=7, m=4)[:, 1:] - 1.5
    n, k = difference.shape

    def t(signs):
        turned = difference * np.asarray(signs)[:, None]
        return abs(stats.ttest_1samp(turned, 0).statistic)

    rows = [t([1 - 2 * (code >> e & 1) for e in range(n)]) for code in range(2**n)]
    order = sorted(range(k), key=lambda j: -rows[0][j])
    p, highest = {}, 0.0
    for place, j in enumerate(order):
        left = order[place:]
        beyond = np.mean([row[left].max() >= rows[0][j] - 1e-9 for row in rows])
        highest = max(highest, beyond)
        p[j] = highest
    assert sign_flip_test(difference, rng()) == pytest.approx([p[j] for j in range(k)])


def test_five_elections_cannot_reach_five_percent_and_six_can():
    for n in (5, 6):
        p = sign_flip_test(np.arange(1.0, n + 1)[:, None], rng())
        assert p == pytest.approx([2.0 ** (1 - n)])


def test_an_interval_of_a_mean_is_scipys():
    value = losses(5, n=8, m=2)
    low, high = mean_interval(value, level=0.9)
    theirs = stats.ttest_1samp(value, 0).confidence_interval(0.9)
    np.testing.assert_allclose([low, high], [theirs.low, theirs.high])


def test_the_confidence_set_follows_the_published_algorithm():
    """Hansen, Lunde and Nason's elimination with loops, pair by pair, over turned signs."""
    loss = losses(11, n=8)
    signs = np.array([[1 - 2 * (code >> e & 1) for e in range(8)] for code in range(2**8)])
    left, highest, p = list(range(5)), 0.0, {}
    while len(left) > 1:
        pairs = [(i, j) for i in left for j in left if i != j]
        gaps = np.array([loss[:, i] - loss[:, j] for i, j in pairs])
        t = [stats.ttest_1samp(gap, 0).statistic for gap in gaps]
        every = stats.ttest_1samp(gaps * signs[:, None], 0, axis=2).statistic
        highest = max(highest, np.mean(np.abs(every).max(axis=1) >= max(t) - 1e-9))
        worst = pairs[int(np.argmax(t))][0]
        p[worst] = highest
        left.remove(worst)
    found = model_confidence_set(apart(loss), rng())
    assert list(found.eliminated) == list(p)
    assert [found.p_value[k] for k in p] == pytest.approx(list(p.values()))
    assert found.p_value[left[0]] == 1


def test_ratios_count_votes_of_every_size_and_elections_alike():
    # election a: ratios 1/2 and 1/8 on two dates, one value of 1/4; b: 4
    found = log_ratios([[1.0, 2.0], [0.1, 0.8], [8.0, 2.0]], ["a", "a", "b"])
    assert found[:, 0, 1] == pytest.approx(np.log([0.25, 4.0]))
    np.testing.assert_allclose(found, -found.transpose(0, 2, 1))
    assert log_ratios([[100.0, 200.0], [0.1, 0.8], [8.0, 2.0]], ["a", "a", "b"]) == (
        pytest.approx(found)
    )


def test_ratios_use_common_votes_only_and_have_bounds():
    nan = np.nan
    found = log_ratios([[1.0, nan, 2.0], [nan, 4.0, 2.0], [-0.1, 0.0, 5.0]], ["a", "a", "b"])
    assert np.isnan(found[0, 0, 1])
    assert found[0, 0, 2] == pytest.approx(np.log(0.5))
    assert found[0, 1, 2] == pytest.approx(np.log(2))
    assert found[1, 0, 1] == 0  # both perfect
    assert found[1, 0, 2] == pytest.approx(np.log(1 / 100))
    assert found[1, 2, 0] == pytest.approx(np.log(100))


def test_rows_of_one_block_enter_together_and_blocks_equally_often():
    blocks = np.repeat(["ain", "gers", "lot", "var"], [1, 5, 2, 9])
    counts = block_counts(blocks, 20_000, np.random.default_rng(1))
    for label in np.unique(blocks):
        rows = counts[:, blocks == label]
        assert (rows == rows[:, :1]).all()
        # each is drawn once on average; SD of one draw is sqrt(3/4)
        assert rows[:, 0].mean() == pytest.approx(1, abs=5 * np.sqrt(0.75 / 20_000))


PAIR = np.zeros((5, 2, 2))
TOO_SMALL = (
    r"^there are 1 elections and the level is 0\.95; at least 2 elections and a level between 0 "
    r"and 1, exclusive, are needed$"
)
ONE_METHOD = (
    r"^differences has shape \(5, 1, 1\) and size is 0\.1; at least 2 methods and a size between "
    r"0 and 1 are accepted$"
)
NO_LOSSES = r"^losses has shape .* finite numbers \(or NaN\)"


@pytest.mark.parametrize(
    ("comparison", "words"),
    [
        (lambda: sign_flip_test([[1.0]], rng()), "there is 1 election; a test needs at least 2"),
        (lambda: mean_interval([[1.0]]), TOO_SMALL),
        (lambda: mean_interval([[1.0], [2.0]], level=0.0), r"the level is 0\.0"),
        (lambda: mean_interval([[1.0], [2.0]], level=1.0), r"the level is 1\.0"),
        (lambda: model_confidence_set(np.zeros((5, 1, 1)), rng()), ONE_METHOD),
        (lambda: model_confidence_set(PAIR, rng(), size=0.0), r"size is 0\.0"),
        (lambda: model_confidence_set(PAIR, rng(), size=1.0), r"size is 1\.0"),
        (lambda: model_confidence_set(PAIR[:1], rng()), r"^there is 1 election; a test needs"),
        (lambda: log_ratios([1.0, 2.0], ["a"]), NO_LOSSES),
        (lambda: log_ratios([[np.inf, 1.0]], ["a"]), NO_LOSSES),
        (lambda: log_ratios(np.empty((0, 2)), ["a"]), NO_LOSSES),
        (lambda: log_ratios([[1.0, 2.0]], ["a", "b"]), "one label for each of 1 rows of losses"),
        (lambda: block_counts([["a", "b"]], 1, rng()), r"^blocks must be a list of labels, one"),
        (lambda: block_counts(["a"], 1, rng()), r"^all rows belong to 1 block; resampling needs"),
        (lambda: block_counts(["a", "b"], 0, rng()), r"^n_resamples is 0; at least 1 is needed$"),
    ],
)
def test_what_is_too_little_is_refused_by_its_name(comparison, words):
    with pytest.raises(ForecastError, match=words):
        comparison()


@pytest.mark.parametrize("scale", [1e-3, 1.0, 1e3])
def test_the_statistic_is_a_paired_t_on_a_scale_from_0_to_1(scale):
    difference = scale * (losses(6, n=9, m=4)[:, 1:] - 1.2)
    u = flipped_statistics(difference, sign_flips(9, rng()))
    assert ((u >= 0) & (u <= 1)).all()
    t = abs(stats.ttest_1samp(difference, 0).statistic)
    np.testing.assert_allclose(np.sqrt(8 * u[0] / (1 - u[0])), t)
    turned = difference * sign_flips(9, rng())[77][:, None]
    t = abs(stats.ttest_1samp(turned, 0).statistic)
    np.testing.assert_allclose(np.sqrt(8 * u[77] / (1 - u[77])), t)

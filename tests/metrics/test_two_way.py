"""Methods over different votes: effects that are known come back, and intervals hold them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from bench.core.errors import ForecastError
from bench.metrics.comparison.significance import mean_interval
from bench.metrics.comparison.two_way import (
    Losses,
    bradley_terry,
    closer,
    fixed_effects,
    holm,
    losses,
    random_effects,
)

EFFECTS = np.array([0.0, 0.2, 0.5, 1.0])


def made_up(rng: np.random.Generator, *, n_small: int = 25, n_large: int = 4) -> pd.DataFrame:
    """Log losses of four methods: large clusters are hard, and methods choose what they answer."""
    rows = []
    for cluster in range(n_small + n_large):
        large = cluster < n_large
        shared = rng.normal(0.0, 0.25, len(EFFECTS))
        for vote in range(20 if large else 1):
            hard = rng.normal(2.0 if large else 0.0, 1.0)
            answers = rng.random(len(EFFECTS)) < ([1, 0.9, 0.3, 0.2] if large else [1, 0.3, 0.5, 1])
            noise = 0.4 * rng.standard_t(5, len(EFFECTS))
            rows += [
                (hard + EFFECTS[m] + shared[m] + noise[m], f"{cluster}-{vote}", m, cluster)
                for m in np.flatnonzero(answers)
            ]
    return pd.DataFrame(rows, columns=["value", "vote", "method", "cluster"])


def of(table: pd.DataFrame, n_methods: int = 4, **more: str) -> Losses:
    columns = (table[name] for name in ("value", "vote", "method", "cluster"))
    return losses(*columns, n_methods=n_methods, reference=0, **more)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"value": [1.0, np.nan]}, "value\\[1\\] is nan"),
        ({"method": [0, 0]}, "answered a vote twice"),
        ({"cluster": ["a", "b"]}, "lies in two clusters"),
    ],
)
def test_rows_that_compare_nothing_are_refused(change: dict[str, list[object]], words: str) -> None:
    rows = {"value": [1.0, 2.0], "vote": [1, 1], "method": [0, 1], "cluster": ["a", "a"]}
    with pytest.raises(ForecastError, match=words):
        of(pd.DataFrame(rows | change), 2)


def test_an_unknown_way_to_weigh_is_refused() -> None:
    rows = {"value": [1.0, 2.0], "vote": [1, 1], "method": [0, 1], "cluster": ["a", "a"]}
    with pytest.raises(ForecastError, match="alike is 'days'; accepted: clusters, votes"):
        of(pd.DataFrame(rows), 2, alike="days")


def test_where_all_answer_all_it_is_students_interval_of_the_paired_differences() -> None:
    rng = np.random.default_rng(1)
    loss = rng.normal(size=(9, 3)) + rng.normal(size=(9, 1))
    vote, method = np.indices(loss.shape)
    found = fixed_effects(
        losses(loss.ravel(), vote.ravel(), method.ravel(), vote.ravel(), n_methods=3, reference=1),
        1,
    )
    gap = loss - loss[:, [1]]
    low, high = mean_interval(gap[:, [0, 2]])
    np.testing.assert_allclose(found.estimate, gap.mean(axis=0), atol=1e-12)
    np.testing.assert_allclose(found.low[[0, 2]], low)
    np.testing.assert_allclose(found.high[[0, 2]], high)
    np.testing.assert_allclose(found.degrees[[0, 2]], 8.0)
    p = stats.ttest_rel(loss[:, 0], loss[:, 1]).pvalue
    assert found.p_value[0] == pytest.approx(p)


@pytest.mark.parametrize("alike", ["clusters", "votes"])
def test_estimates_are_those_of_statsmodels_with_a_dummy_for_every_vote(alike: str) -> None:
    from statsmodels.regression.linear_model import WLS

    rows = of(made_up(np.random.default_rng(2)), alike=alike)
    dummies = pd.get_dummies(rows.vote, dtype=float)
    methods = pd.get_dummies(rows.method, dtype=float).drop(columns=0).add_prefix("m")
    fit = WLS(rows.value, pd.concat([methods, dummies], axis=1), weights=rows.weight).fit(
        cov_type="cluster", cov_kwds={"groups": rows.cluster, "use_correction": False}
    )
    found = fixed_effects(rows, 0, fewest_clusters=2)
    np.testing.assert_allclose(found.estimate[1:], fit.params[:3], atol=1e-9)
    # statsmodels has the sandwich without a correction for few clusters; CR2 widens it a little
    wider = found.standard_error[1:] / fit.bse[:3]
    assert (wider > 1).all()
    assert (wider < 1.5).all()


def test_the_difficulty_of_votes_is_taken_out() -> None:
    table = made_up(np.random.default_rng(3), n_small=60)
    means = table.groupby("method")["value"].mean()
    found = fixed_effects(of(table), 0)
    # the third method is worse than the first and answers few of the hard votes
    assert means[2] < means[0]
    np.testing.assert_allclose(found.estimate, EFFECTS, atol=4 * np.nanmax(found.standard_error))
    assert list(np.argsort(found.estimate)) == [0, 1, 2, 3]


def test_intervals_hold_what_is_true_as_often_as_they_say() -> None:
    held = np.zeros(4)
    asked = np.zeros(4)
    for seed in range(200):
        found = fixed_effects(of(made_up(np.random.default_rng([4, seed]))), 0)
        asked += ~np.isnan(found.low)
        held += (found.low <= EFFECTS) & (found.high >= EFFECTS)
    # 200 times: standard error .015
    np.testing.assert_allclose(held[1:] / asked[1:], 0.95, atol=0.05)
    assert asked[1:].min() > 150


def test_a_chain_that_hangs_on_one_cluster_has_no_interval() -> None:
    """Methods 1 and 2 meet on many days, the reference and method 1 on one alone."""
    rows = [(1.0, 0, 0, 0), (2.0, 0, 1, 0)]
    rows += [(float(m), vote, m, vote) for vote in range(1, 20) for m in (1, 2)]
    found = fixed_effects(of(pd.DataFrame(rows, columns=["value", "vote", "method", "cluster"])), 0)
    assert found.estimate[:3].round(9).tolist() == [0.0, 1.0, 2.0]
    assert found.clusters[1] == 20
    assert found.beside[:3].tolist() == [1, 1, 0]
    assert np.isnan(found.low).all()


def test_methods_without_a_chain_of_common_votes_are_left_out() -> None:
    rows = [(0.0, 0, 0, 0), (1.0, 0, 1, 0), (5.0, 1, 2, 1), (6.0, 1, 3, 1)]
    table = of(pd.DataFrame(rows, columns=["value", "vote", "method", "cluster"]))
    found = fixed_effects(table, 0, fewest_clusters=2)
    assert found.estimate[:2].tolist() == [0.0, 1.0]
    assert np.isnan(found.estimate[2:]).all()
    assert np.isnan(bradley_terry(table, 0)[2:]).all()


def test_votes_drawn_at_random_give_the_same_effects() -> None:
    table = made_up(np.random.default_rng(5), n_small=150)
    # its votes are draws of one population: without the large clusters, all of which are hard
    rows = of(table[table["cluster"] >= 4], alike="votes")
    np.testing.assert_allclose(random_effects(rows, 0), EFFECTS, atol=0.2)


def test_too_few_votes_have_no_variance_between_them() -> None:
    table = made_up(np.random.default_rng(6), n_small=8, n_large=0)
    assert np.isnan(random_effects(of(table), 0)).all()


def test_strengths_are_those_of_a_logistic_regression_of_pairs() -> None:
    from statsmodels.genmod.families import Binomial
    from statsmodels.genmod.generalized_linear_model import GLM

    rows = of(made_up(np.random.default_rng(7), n_small=80), alike="votes")
    wins = closer(rows)
    one, other = np.triu_indices(4, k=1)
    design = np.zeros((len(one), 4))
    design[np.arange(len(one)), one] = -1.0
    design[np.arange(len(one)), other] = 1.0
    counts = np.column_stack([wins[one, other], wins[other, one]])
    fit = GLM(counts, design[:, 1:], family=Binomial()).fit()
    np.testing.assert_allclose(bradley_terry(rows, 0, prior=0.0)[1:], fit.params, atol=1e-5)


def test_nobody_is_infinitely_strong() -> None:
    rows = [(float(m), vote, m, vote) for vote in range(5) for m in (0, 1)]
    table = of(pd.DataFrame(rows, columns=["value", "vote", "method", "cluster"]), 2)
    # five wins and half a win against half a win
    assert bradley_terry(table, 0)[1] == pytest.approx(np.log(5.5 / 0.5))


def test_holm_is_statsmodels() -> None:
    from statsmodels.stats.multitest import multipletests

    p = np.random.default_rng(8).random(12) ** 3
    np.testing.assert_allclose(holm(p), multipletests(p, method="holm")[1])
    assert np.isnan(holm([np.nan])).all()

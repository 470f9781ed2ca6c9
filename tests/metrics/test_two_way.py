"""Methods over different votes: effects that are known come back, and intervals hold them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from scipy.optimize import minimize_scalar

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
        ({"method": [0, 0]}, "^a method answered a vote twice"),
        ({"cluster": ["a", "b"]}, "lies in two clusters"),
    ],
)
def test_rows_that_compare_nothing_are_refused(change: dict[str, list[object]], words: str) -> None:
    rows = {"value": [1.0, 2.0], "vote": [1, 1], "method": [0, 1], "cluster": ["a", "a"]}
    with pytest.raises(ForecastError, match=words):
        of(pd.DataFrame(rows | change), 2)


def test_only_votes_on_which_methods_of_one_chain_meet_are_kept() -> None:
    rows = [
        ("a", 0, "x", 1.0),
        ("a", 1, "x", 2.0),
        ("b", 0, "x", 3.0),  # nobody beside it
        ("c", 1, "y", 4.0),
        ("c", 2, "y", 5.0),  # joined by method 1 alone
        ("d", 3, "z", 6.0),
        ("d", 4, "z", 7.0),  # an island
        ("e", 2, "w", 8.0),
        ("e", 3, "w", 9.0),  # which this vote joins
        ("f", 5, "w", 10.0),  # never met anybody
        ("g", 0, "y", 11.0),
        ("g", 2, "y", 12.0),
    ]
    vote, method, cluster, value = zip(*rows, strict=True)
    found = losses(value, vote, method, cluster, n_methods=6, reference=0)
    assert found.value.tolist() == [1, 2, 4, 5, 6, 7, 8, 9, 11, 12]
    assert found.vote.tolist() == [0, 0, 1, 1, 2, 2, 3, 3, 4, 4]
    assert found.method.tolist() == [0, 1, 1, 2, 3, 4, 2, 3, 0, 2]
    assert found.cluster.tolist() == [1, 1, 2, 2, 3, 3, 0, 0, 2, 2]
    assert found.weight.tolist() == [1, 1, 0.5, 0.5, 1, 1, 1, 1, 0.5, 0.5]
    by_vote = losses(value, vote, method, cluster, n_methods=6, reference=0, alike="votes")
    assert by_vote.weight.tolist() == [1.0] * 10
    without = [row for row in rows if row[0] != "e"]
    vote, method, cluster, value = zip(*without, strict=True)
    found = losses(value, vote, method, cluster, n_methods=6, reference=0)
    assert found.value.tolist() == [1, 2, 4, 5, 11, 12]
    found = losses(value, vote, method, cluster, n_methods=6, reference=3)
    assert found.value.tolist() == [6, 7]
    extent = fixed_effects(by_vote, 0)
    assert extent.votes.tolist() == [2, 2, 3, 2, 1, 0]
    assert extent.clusters.tolist() == [2, 2, 2, 2, 1, 0]
    assert extent.beside.tolist() == [2, 1, 1, 0, 0, 0]


def test_no_rows_are_no_error() -> None:
    rows = losses([], [], [], [], n_methods=2, reference=0)
    assert (rows.value.tolist(), rows.weight.tolist(), rows.n_methods) == ([], [], 2)
    found = fixed_effects(rows, 0)
    assert found.estimate[0] == 0.0
    assert np.isnan(found.estimate[1])
    for counts in (found.votes, found.clusters, found.beside):
        assert counts.tolist() == [0, 0]
    assert closer(rows).tolist() == [[0.0, 0.0], [0.0, 0.0]]
    assert np.isnan(bradley_terry(rows, 0)).all()


def test_the_vote_in_two_clusters_is_named() -> None:
    given = ([1.0] * 4, ["u", "u", "v", "v"], [0, 1, 0, 1], ["a", "a", "a", "b"])
    with pytest.raises(ForecastError, match=r"^vote .*'v'.* lies in two clusters$"):
        losses(*given, n_methods=2, reference=0)


@pytest.mark.parametrize("level", [0.8, 0.95])
def test_intervals_have_the_level_and_begin_with_as_many_clusters_as_said(level: float) -> None:
    loss = np.random.default_rng(11).normal(size=(6, 2))
    vote, method = np.indices(loss.shape)
    rows = losses(
        loss.ravel(), vote.ravel(), method.ravel(), vote.ravel(), n_methods=2, reference=0
    )
    low, high = mean_interval(loss[:, [1]] - loss[:, [0]], level=level)
    found = fixed_effects(rows, 0, level=level)
    assert (found.low[1], found.high[1]) == pytest.approx((low[0], high[0]))
    assert found.standard_error[1] == pytest.approx((loss[:, 1] - loss[:, 0]).std(ddof=1) / 6**0.5)
    for one in (found.low, found.high, found.p_value, found.standard_error, found.degrees):
        assert np.isnan(one[0])
    assert np.isnan(fixed_effects(rows, 0, fewest_clusters=7).low[1])


def test_a_tie_is_half_a_win_and_votes_count_by_weight() -> None:
    rows = losses(
        [1, 2, 3, 3, 3, 1, 1, 2, 4],
        [0, 0, 1, 1, 2, 2, 3, 3, 3],
        [0, 1, 0, 1, 0, 1, 0, 1, 2],
        [0, 0, 1, 1, 1, 1, 2, 2, 2],
        n_methods=3,
        reference=0,
    )
    assert closer(rows).tolist() == [[0.0, 2.25, 1.0], [0.75, 0.0, 1.0], [0.0, 0.0, 0.0]]


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

    rows = of(made_up(np.random.default_rng(2), n_small=25, n_large=2), alike=alike)
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


def dense(rows: Losses, reference: int) -> tuple[np.ndarray, np.ndarray]:
    """Errors and degrees of freedom [M - 1] with a dummy for every vote, all matrices whole."""
    methods = np.delete(np.eye(rows.n_methods)[rows.method], reference, axis=1)
    root = np.sqrt(rows.weight)[:, None]
    x = np.hstack([methods, np.eye(rows.vote.max() + 1)[rows.vote]]) * root
    bread = np.linalg.pinv(x.T @ x)
    annihilator = np.eye(len(x)) - x @ bread @ x.T
    scores, parts = [], []
    for cluster in np.unique(rows.cluster):
        here = rows.cluster == cluster
        values, vectors = np.linalg.eigh(annihilator[np.ix_(here, here)])
        left = values > 1e-8
        adjust = (vectors[:, left] / np.sqrt(values[left])) @ vectors[:, left].T
        influence = np.zeros(methods.shape)
        influence[here] = adjust @ (x @ bread)[here, : methods.shape[1]]
        scores.append(influence.T @ annihilator @ (root[:, 0] * rows.value))
        parts.append(annihilator @ influence)
    joint = np.einsum("gnk,hnk->kgh", parts, parts)
    degrees = np.trace(joint, axis1=1, axis2=2) ** 2 / (joint**2).sum(axis=(1, 2))
    return np.sqrt(np.square(scores).sum(axis=0)), degrees


@pytest.mark.parametrize("alike", ["clusters", "votes"])
def test_errors_and_degrees_are_those_of_the_published_formulae_on_whole_matrices(
    alike: str,
) -> None:
    """Bell and McCaffrey (2002); Pustejovsky and Tipton (2018), equations 9 and 12."""
    table = made_up(np.random.default_rng(21), n_small=12, n_large=2)
    once = table.iloc[-1].to_dict() | {"value": 3.0, "method": 4}
    rows = of(pd.concat([table, pd.DataFrame([once])]), 5, alike=alike)
    error, degrees = dense(rows, 0)
    found = fixed_effects(rows, 0, fewest_clusters=2)
    np.testing.assert_allclose(found.standard_error[1:4], error[:3])
    np.testing.assert_allclose(found.degrees[1:4], degrees[:3])
    # of the method that answered a single vote nothing else tells the error
    assert np.isfinite(found.estimate[4])
    assert np.isnan([found.standard_error[4], found.degrees[4], found.low[4]]).all()


@pytest.mark.parametrize(("gap", "p_value"), [(1.0, 0.0), (0.0, np.nan)])
def test_a_difference_that_never_varies_is_certain_and_none_is_not_tested(
    gap: float, p_value: float
) -> None:
    vote, method = np.indices((8, 2))
    loss = vote + gap * method
    rows = losses(
        loss.ravel(), vote.ravel(), method.ravel(), vote.ravel(), n_methods=2, reference=0
    )
    found = fixed_effects(rows, 0)
    assert (found.estimate[1], found.standard_error[1], found.low[1]) == (gap, 0.0, gap)
    np.testing.assert_equal(found.p_value[1], p_value)


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
    for seed in range(80):
        found = fixed_effects(of(made_up(np.random.default_rng([4, seed]))), 0)
        asked += ~np.isnan(found.low)
        held += (found.low <= EFFECTS) & (found.high >= EFFECTS)
    # 80 times: standard error .024
    np.testing.assert_allclose(held[1:] / asked[1:], 0.95, atol=0.07)
    assert asked[1:].min() > 60


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


def by_restricted_likelihood(rows: Losses) -> np.ndarray:
    """Differences from method 0 by generalised least squares, the ratio of variances by REML."""
    x = np.eye(rows.n_methods)[rows.method]
    x[:, 0] = 1.0
    z = np.eye(rows.vote.max() + 1)[rows.vote]

    def solved(log_ratio: float) -> tuple[float, np.ndarray]:
        covariance = np.eye(len(x)) + np.exp(log_ratio) * z @ z.T
        inverse = np.linalg.inv(covariance)
        cross = x.T @ inverse @ x
        beta = np.linalg.solve(cross, x.T @ inverse @ rows.value)
        left = rows.value - x @ beta
        spread = (len(x) - x.shape[1]) * np.log(left @ inverse @ left)
        return spread + np.linalg.slogdet(covariance)[1] + np.linalg.slogdet(cross)[1], beta

    best = minimize_scalar(lambda at: solved(at)[0], bounds=(-15, 10), method="bounded")
    return solved(best.x)[1][1:]


def test_ten_votes_are_enough_for_a_variance_between_them_and_nine_are_not() -> None:
    rows = of(made_up(np.random.default_rng(7), n_small=10, n_large=0), alike="votes")
    assert len(np.unique(rows.vote)) == 10
    assert random_effects(rows, 0)[1:] == pytest.approx(by_restricted_likelihood(rows), abs=1e-5)
    assert np.isnan(random_effects(replace(rows, n_methods=5), 4)).all(), "it answered nothing"
    few = of(made_up(np.random.default_rng(7), n_small=9, n_large=0))
    assert len(np.unique(few.vote)) == 9
    assert np.isnan(random_effects(few, 0)).all()


def test_votes_that_do_not_differ_have_an_effect_too() -> None:
    """Answers to one vote repel each other: the variance between votes is 0, at the border."""
    rng, (vote, method) = np.random.default_rng(8), np.indices((12, 2))
    loss = rng.normal(size=(12, 2))
    loss[:, 1] += 1.0 - 0.8 * loss[:, 0]
    rows = losses(
        loss.ravel(), vote.ravel(), method.ravel(), vote.ravel(), n_methods=2, reference=0
    )
    assert random_effects(rows, 0)[1] == pytest.approx(loss[:, 1].mean() - loss[:, 0].mean())


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
    found = bradley_terry(rows, 0, prior=0.0)
    np.testing.assert_allclose(found[1:], fit.params, atol=1e-5)
    # neither the unit of the weights nor the reference changes who is how much closer
    light = replace(rows, weight=rows.weight / 1000)
    np.testing.assert_allclose(bradley_terry(light, 0, prior=0.0), found, atol=1e-5)
    np.testing.assert_allclose(bradley_terry(rows, 3, prior=0.0), found - found[3], atol=1e-5)


def test_nobody_is_infinitely_strong() -> None:
    rows = [(float(m), vote, m, vote) for vote in range(5) for m in (0, 1)]
    table = of(pd.DataFrame(rows, columns=["value", "vote", "method", "cluster"]), 2)
    # five wins and half a win against half a win
    assert bradley_terry(table, 0)[1] == pytest.approx(np.log(5.5 / 0.5))
    assert bradley_terry(table, 0, prior=0.0)[1] == np.inf
    once = losses([1, 2], [0, 0], [0, 1], [0, 0], n_methods=2, reference=0)
    assert bradley_terry(once, 0)[1] == pytest.approx(np.log(1.5 / 0.5))
    # one tie
    tie = losses([1, 1], [0, 0], [0, 1], [0, 0], n_methods=2, reference=0)
    assert bradley_terry(tie, 0, prior=0.0).tolist() == [0.0, 0.0]


def test_holm_is_statsmodels() -> None:
    from statsmodels.stats.multitest import multipletests

    p = np.random.default_rng(8).random(12) ** 3
    np.testing.assert_allclose(holm(p), multipletests(p, method="holm")[1])
    assert np.isnan(holm([np.nan])).all()

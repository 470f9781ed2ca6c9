"""The simpler methods, and the parts of the likelihood method."""

import numpy as np
import pytest
import statsmodels.api as sm

from bench.models.ecological_inference.likelihood import (
    RowPrior,
    base_scale,
    estimate_spread,
    multinomial_blocks,
    simplex_posterior,
    truncated_moments,
)
from bench.models.ecological_inference.row_profiles import (
    constrained_least_squares,
    goodman,
    scaling_em,
)
from bench.models.ecological_inference.two_way import Pooling, expand
from bench.models.log_ratio import contrasts
from tests.contextual import ContextualElectorate


@pytest.fixture(scope="module")
def electorate():
    return ContextualElectorate().draw(0.0, np.random.default_rng(1))


def test_goodman_is_weighted_least_squares(electorate):
    rows, columns, _ = electorate
    size = rows.sum(axis=1)
    shares = [side / size[:, None] for side in (rows, columns)]
    wanted = [sm.WLS(y, shares[0], weights=size).fit().params for y in shares[1].T]
    assert goodman(rows, columns) == pytest.approx(np.transpose(wanted), abs=1e-9)


def test_least_squares_inside_the_simplex_are_goodmans(electorate):
    rows, columns, _ = electorate
    free = goodman(rows, columns)
    assert ((free > 0) & (free < 1)).all()
    assert constrained_least_squares(rows, columns, steps=5000) == pytest.approx(free, abs=1e-4)


def test_scaling_recovers_a_common_profile_without_noise():
    profile = np.array([[0.7, 0.3], [0.2, 0.8]])
    rows = np.array([[90.0, 10.0], [10.0, 90.0], [50.0, 50.0]])
    found = scaling_em(rows, rows @ profile, rounds=20000, tolerance=1e-9)
    assert found == pytest.approx(profile, abs=1e-3)


def test_truncated_moments_are_those_of_many_draws():
    draws = np.random.default_rng(0).normal(-0.5, 0.7, 2_000_000)
    positive = draws[draws > 0]
    mean, variance = truncated_moments(np.array([-0.5]), np.array([0.7]))
    assert mean[0] == pytest.approx(positive.mean(), abs=2e-3)
    assert variance[0] == pytest.approx(positive.var(), abs=2e-3)


def test_a_posterior_cut_off_by_the_simplex_has_the_moments_of_draws_inside():
    precision, linear = np.diag([30.0, 20.0]), np.array([14.0, 3.0])
    draws = np.random.default_rng(0).multivariate_normal(
        np.linalg.solve(precision, linear), np.linalg.inv(precision), 400_000
    )
    profiles = 1 / 3 + draws @ contrasts(3).T
    inside = profiles[(profiles > 0).all(axis=1)]
    found = simplex_posterior(precision, linear, 1, sweeps=50)
    assert found.profile[0] == pytest.approx(inside.mean(axis=0), abs=0.01)
    assert found.variance[0] == pytest.approx(inside.var(axis=0), rel=0.15)


def test_the_prior_has_the_variance_of_a_dirichlet():
    prior = RowPrior(np.array([[0.5, 0.3, 0.2]]), votes=9.0)
    covariance = contrasts(3) @ np.linalg.inv(prior.precision()) @ contrasts(3).T
    share = prior.mean[0]
    assert covariance == pytest.approx((np.diag(share) - np.outer(share, share)) / 10)


def test_multinomial_scale_is_that_of_the_multinomial():
    profile = np.array([[0.5, 0.3, 0.2], [0.1, 0.1, 0.8]])
    scale = base_scale(np.array([[10.0, 20.0]]), multinomial_blocks(profile), 0.0)[0]
    whole = contrasts(3) @ scale @ contrasts(3).T
    one, two = (np.diag(p) - np.outer(p, p) for p in profile)
    assert whole == pytest.approx(10 * one + 20 * two)


def test_overdispersion_is_found_again():
    made_up = ContextualElectorate(n_units=600, overdispersion=0.05)
    rows, columns, _ = made_up.draw(0.0, np.random.default_rng(2))
    profile = np.asarray(made_up.profile)
    residual = (columns - rows @ profile) @ contrasts(3)
    spread = estimate_spread(rows, residual, multinomial_blocks(profile), degrees=1000.0)
    assert 0.03 < spread.overdispersion < 0.08
    assert spread.mixing == pytest.approx(np.eye(2), abs=0.15)


def test_pools_keep_all_votes_and_share_them_out_again():
    votes = np.array([[60.0, 1.0, 36.0, 3.0], [70.0, 0.0, 29.0, 1.0]])
    pooling = Pooling.of(votes, 0.03)
    assert pooling.merge(votes).tolist() == [[60, 36, 4], [70, 29, 1]]
    wide = expand(np.array([[0.5, 0.3, 0.2]]), Pooling.of(np.ones((1, 1)), 0.0), pooling)
    assert wide[0] == pytest.approx([0.5, 0.2 * 1 / 5, 0.3, 0.2 * 4 / 5])

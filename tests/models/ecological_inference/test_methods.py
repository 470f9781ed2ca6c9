"""The simpler methods, and the parts of the likelihood method."""

import numpy as np
import pytest
import statsmodels.api as sm

from bench.models.ecological_inference.likelihood import (
    RowPrior,
    simplex_posterior,
    truncated_moments,
)
from bench.models.ecological_inference.row_profiles import (
    constrained_least_squares,
    goodman,
)
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

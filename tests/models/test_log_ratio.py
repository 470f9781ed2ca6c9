from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.core import ForecastError
from bench.models.log_ratio import closed, contrasts, normal_draws, softmax

shares = st.lists(st.floats(0.01, 1.0), min_size=2, max_size=12)


@pytest.mark.parametrize("bad", [[0.5, np.nan], [0.5, -0.1], [np.inf, 0.1]])
def test_a_share_that_is_no_share_is_refused(bad: list[float]) -> None:
    with pytest.raises(ForecastError, match="at least 0"):
        closed(bad)


def test_nothing_at_all_is_refused() -> None:
    with pytest.raises(ForecastError, match="sums to 0"):
        closed([0.0, 0.0], floor=0.0)


@given(shares)
def test_softmax_leads_back_from_logarithms(values: list[float]) -> None:
    share = closed(values)
    np.testing.assert_allclose(softmax(np.log(share) + 3.0), share, atol=1e-12)


def test_contrasts_are_orthonormal_and_blind_to_a_common_shift() -> None:
    for n in range(1, 8):
        basis = contrasts(n)
        np.testing.assert_allclose(basis.T @ basis, np.eye(n - 1), atol=1e-12)
        np.testing.assert_allclose(basis.sum(axis=0), 0.0, atol=1e-12)


@pytest.mark.parametrize(
    "covariance",
    [
        np.diag([2.0, 1.0, 1.0, 1.0]),  # equal variances: any axes in their space are as good
        np.eye(4) - 0.25,  # no variance along (1, 1, 1, 1)
        np.full((4, 4), 0.5) + np.diag([0.5, 0.5, 0.5, 0.1]),
    ],
)
def test_draws_do_not_turn_with_the_last_digit(covariance: np.ndarray) -> None:
    noise = np.random.default_rng(7).uniform(-1e-12, 1e-12, covariance.shape)
    moved = covariance * (1 + noise + noise.T)
    first, second = (
        normal_draws(matrix, np.random.default_rng(1), 20_000) for matrix in (covariance, moved)
    )
    np.testing.assert_allclose(first, second, atol=1e-9)
    np.testing.assert_allclose(np.cov(first.T), covariance, atol=0.05)

"""A', B, B_w and the tests of no bias."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from bench.core.errors import ForecastError
from bench.metrics.bias import (
    a_prime,
    arzheimer_evans,
    arzheimer_evans_b,
    arzheimer_evans_bw,
)
from bench.metrics.shares import martin_traugott_kennedy_a

COUNTS = st.integers(2, 9).flatmap(
    lambda n: st.tuples(
        st.lists(st.integers(1, 500), min_size=n, max_size=n),
        st.lists(st.floats(0.02, 1), min_size=n, max_size=n),
    )
)


@given(COUNTS)
def test_the_functions_of_shares_agree_with_those_of_counts(pair):
    counts, votes = map(np.array, pair)
    whole = arzheimer_evans(counts, votes)
    share, outcome = counts / counts.sum(), votes / votes.sum()
    np.testing.assert_allclose(a_prime(share, outcome), whole.a_prime, atol=1e-12)
    assert arzheimer_evans_b(share, outcome) == pytest.approx(whole.b)
    assert arzheimer_evans_bw(share, outcome) == pytest.approx(whole.b_w)


@given(COUNTS)
def test_pearson_and_likelihood_ratio_are_scipys(pair):
    counts, votes = map(np.array, pair)
    found = arzheimer_evans(counts, votes)
    expected = counts.sum() * votes / votes.sum()
    for kind, value, p in (
        ("pearson", found.pearson, found.pearson_p),
        ("log-likelihood", found.likelihood_ratio, found.likelihood_ratio_p),
    ):
        # theirs can round to just below 0, where its own p-value is not defined
        theirs = max(stats.power_divergence(counts, expected, lambda_=kind).statistic, 0)
        assert value == pytest.approx(theirs, rel=1e-10, abs=1e-9)
        assert p == pytest.approx(stats.chi2.sf(theirs, found.df), abs=1e-10, rel=1e-6)


@given(st.floats(0.05, 0.95), st.floats(0.05, 0.95))
def test_with_two_candidates_a_prime_is_martin_traugott_and_kennedys_a(p, v):
    expected = martin_traugott_kennedy_a([p], [1 - p], v, 1 - v)[0]
    np.testing.assert_allclose(a_prime([p, 1 - p], [v, 1 - v]), [expected, -expected], atol=1e-10)


def test_the_standard_error_is_the_spread_over_samples():
    rng = np.random.default_rng(1)
    outcome = np.array([0.5, 0.3, 0.2])
    polls = rng.multinomial(2000, outcome, size=4000)
    spread = np.std(a_prime(polls / 2000, outcome), axis=0)
    stated = arzheimer_evans(2000 * outcome, outcome).standard_error
    # a standard deviation from 4,000 samples is known to 1 / sqrt(8000) = 1.1 %
    np.testing.assert_allclose(spread, stated, rtol=0.05)


def test_whose_odds_are_missing_is_said():
    with pytest.raises(ForecastError, match=r"^there is 1 candidate; odds need at least 2$"):
        a_prime([1.0], [1.0])
    with pytest.raises(ForecastError, match=r"^outcome\[1\] is 0; it must be above 0: A' is a log"):
        a_prime([0.5, 0.5], [1.0, 0.0])
    with pytest.raises(ForecastError, match=r"^outcome\[1\] is 0; it must be above 0: A' is a log"):
        arzheimer_evans([5, 5], [1.0, 0.0])
    with pytest.raises(ForecastError, match=r"^counts has shape \(2,\) but outcome has \(3,\)"):
        arzheimer_evans([5, 5], [0.5, 0.3, 0.2])

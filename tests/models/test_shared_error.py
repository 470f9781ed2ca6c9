"""The error that institutes share: density, fit and draws against independent computations."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from scipy.stats import multivariate_t

from bench.data.past_errors import shipped
from bench.models.log_ratio import closed, contrasts
from bench.models.polls.poll_table import PollMean
from bench.models.polls.shared_error import (
    FORM,
    Fit,
    SharedError,
    _Likelihood,
    learn_from,
    shared_error,
)
from bench.models.polls.shared_error import past_errors as arranged
from tests.evidence import evidence
from tests.models.polls import VOTE_ON, past_errors

SHARE = np.array([0.4, 0.3, 0.2, 0.1])
POLLED = PollMean(share=SHARE, days=30.0, respondents=1000.0, institutes=4.0)


def fitted(table: pd.DataFrame) -> Fit:
    return learn_from(arranged(table))


def scale_of(fit: Fit, country: int | None) -> tuple[float, float]:
    """Mean and standard deviation of the log scale."""
    mean, covariance = fit.of(country)
    return float(mean[2]), float(covariance[2, 2] ** 0.5)


def test_the_form_is_the_one_that_was_frozen() -> None:
    assert FORM.digest == "4d14fc327f5f"
    assert replace(FORM, tail_df=9.0).digest != FORM.digest


def test_without_past_errors_the_prior_stands_alone() -> None:
    fit = fitted(past_errors(1, {"AA": 0.1}).iloc[:0])
    assert fit.n_votes == 0
    mean, covariance = fit.of(None)
    np.testing.assert_allclose(mean, [FORM.growth[0], FORM.house[0], FORM.scale[0], 0.0])
    variance = [
        FORM.growth[1] ** 2,
        FORM.house[1] ** 2,
        FORM.scale[1] ** 2 + FORM.country_spread**2,
        FORM.others_spread**2,
    ]
    np.testing.assert_allclose(covariance, np.diag(variance))


def test_the_likelihood_is_the_multivariate_t_of_scipy() -> None:
    """Up to a constant, at any parameters, with the sampling of polls negligible."""
    table = past_errors(3, {"AA": 0.1}, shares=(0.5, 0.3, 0.15, 0.05), others_mean=0.2)
    rows = arranged(table)
    zero = np.zeros(len(rows), dtype=int)
    model = _Likelihood(rows, FORM, zero, 1)

    def expected(theta: np.ndarray) -> float:
        growth, house, scale, remainder = theta
        total = 0.0
        for r, (_, one) in enumerate(table.groupby(["election", "horizon_days"], observed=True)):
            polled, came = closed(one["polled"]), closed(one["share"])
            is_others = (one["candidate"] == "others").to_numpy()
            size = (0.2 / polled) ** 0.84 * np.where(is_others, 1.5, 1.0)
            grown = (1 - np.exp(-one["days"].iloc[0] / 80)) / (1 - np.exp(-30 / 80))
            v = np.exp(2 * scale) * (
                1 + np.exp(growth) * grown + np.exp(2 * house) / one["institutes"].iloc[0]
            )
            basis = contrasts(len(polled))
            shape = basis.T @ np.diag((v + rows.sampling[r]) * size) @ basis
            error = np.log(came / polled) - remainder * is_others
            total += rows.weight[r] * multivariate_t.logpdf(basis.T @ error, shape=shape, df=8)
        return float(total)

    def ours(theta: np.ndarray) -> float:
        full = np.array([theta[0], theta[1], theta[2], 0.0, theta[3]])
        prior = np.square((full - model.centre) / model.spread).sum() / 2
        return float(model.value(full) + prior)

    points = [np.array(p) for p in ((0, -0.3, -2, 0.1), (1, 0.4, -3, -0.2), (-1, -1, -1.5, 0.4))]
    gaps = [ours(p) - expected(p) for p in points]
    for one, other in pairwise(gaps):
        assert one == pytest.approx(other, abs=1e-6)


def test_the_fit_is_the_mode_and_its_spread_that_of_the_exact_posterior() -> None:
    """One country, all but the scale fixed by tight priors: the posterior on a fine grid."""
    tight = replace(FORM, growth=(0.0, 1e-4), house=(-0.7, 1e-4), country_spread=1e-4)
    rows = arranged(past_errors(6, {"AA": 0.1}, form=tight), tight)
    fit = learn_from(rows, tight)
    zero = np.zeros(len(rows), dtype=int)
    model = _Likelihood(rows, tight, zero, 1)
    grid = np.linspace(-4, -1, 2001)
    at = np.tile(fit.mode, (len(grid), 1))
    at[:, 2] = grid
    log = np.array([model.value(one) for one in at])
    weight = np.exp(log - log.max())
    weight /= weight.sum()
    mean = weight @ grid
    sd = np.sqrt(weight @ (grid - mean) ** 2)
    ours = scale_of(fit, 0)
    assert ours[0] == pytest.approx(mean, abs=0.15 * sd)
    assert ours[1] == pytest.approx(sd, rel=0.15)


def test_the_mean_of_the_remainder_is_that_of_the_country_drawn_towards_zero() -> None:
    """With normal tails and two pieces the model is linear: the BLUP of a random intercept.

    Robinson, G. K. (1991). That BLUP is a good thing. doi:10.1214/ss/1177011926
    """
    form = replace(FORM, tail_df=1e6, vote_weight=1.0, growth=(-20, 1e-4), house=(-20, 1e-4))
    rng = np.random.default_rng(3)
    means = dict(
        zip(["AA", "BB", "CC", "DD", "EE", "FF"], 0.3 * rng.standard_normal(6), strict=True)
    )
    parts = [
        past_errors(
            40,
            {name: 0.1},
            shares=(0.8, 0.2),
            others_mean=mean,
            days=(2,),
            growth=1e-9,
            house=1e-9,
            form=form,
            seed=k,
        )
        for k, (name, mean) in enumerate(means.items())
    ]
    table = pd.concat(parts, ignore_index=True)
    columns = ["election", "country", "group", "candidate"]
    table = table.astype(dict.fromkeys(columns, "object")).astype(
        dict.fromkeys(columns, "category")
    )
    ratio = np.asarray(np.log(table["share"] / table["polled"])).reshape(-1, 2) @ [-1.0, 1.0]
    by_country = pd.Series(ratio).groupby(np.asarray(table["country"])[::2])
    noise = by_country.var(ddof=0).mean() / 40
    fit = learn_from(arranged(table, form), form)
    for code, name in enumerate(means):
        between = form.others_spread**2
        blup = by_country.mean()[name] * between / (between + noise)
        assert fit.of(code)[0][3] == pytest.approx(blup, abs=0.005)
    assert fit.of(None)[0][3] == 0.0, "a country that taught nothing has no mean of its own"


def test_the_expected_outcome_is_the_mean_of_the_draws() -> None:
    mean = np.array([np.log(1.5), np.log(0.5), np.log(0.2), 0.3])
    others = np.array([False, False, False, True])
    covariance = np.diag([0.1, 0.1, 0.05, 0.01])
    model = SharedError(mean, covariance, others, FORM, 1)
    sampling = 0.01 * np.eye(4) + 0.002
    draws = model.draws(POLLED, np.random.default_rng(1), 400_000, sampling)
    expected = model.expected(POLLED, sampling)
    assert expected.sum() == pytest.approx(1.0)
    np.testing.assert_allclose(expected, draws.mean(axis=0), atol=1e-3)
    assert expected[0] < 0.39, "wide errors take from the largest"


def test_the_spread_of_countries_is_the_likeliest_on_votes_before_2015() -> None:
    """Laplace's approximation to the marginal likelihood, up to a constant."""
    votes = shipped()
    votes = votes[votes["vote_on"] < "2015-01-01"]

    def evidence_of(spread: float) -> float:
        form = replace(FORM, country_spread=spread)
        rows = arranged(votes, form)
        fit = learn_from(rows, form)
        countries, country = np.unique(rows.country, return_inverse=True)
        model = _Likelihood(rows, form, country, len(countries))
        _, information = model.slope(fit.mode)
        spreads = np.log(model.spread).sum()
        return model.value(fit.mode) - spreads - np.linalg.slogdet(information)[1] / 2

    chosen = evidence_of(FORM.country_spread)
    assert all(evidence_of(spread) < chosen for spread in (0.2, 0.25, 0.38, 0.45))
    assert evidence_of(0.05) < chosen - 4


def test_votes_of_one_day_in_one_country_count_for_few_and_horizons_for_one_vote() -> None:
    table = past_errors(5, {"AA": 0.1})
    apart = arranged(table).weight.sum()
    together = arranged(table.assign(vote_on=VOTE_ON)).weight.sum()
    assert apart == pytest.approx(5 * 2.0)
    assert together == pytest.approx(5 * 2.0 / (1 + 4 * 0.25))


def test_draws_have_the_stated_covariance_and_mean_and_lie_on_the_simplex() -> None:
    mean = np.array([np.log(1.5), np.log(0.5), np.log(0.1), 0.3])
    others = np.array([False, False, False, True])
    model = SharedError(mean, 1e-12 * np.eye(4), others, FORM, 1)
    draws = model.draws(POLLED, np.random.default_rng(1), 80_000)
    np.testing.assert_allclose(draws.sum(axis=1), 1.0)
    logs = np.log(draws) - np.log(SHARE) - 0.3 * others
    logs -= logs.mean(axis=1, keepdims=True)
    np.testing.assert_allclose(logs.mean(axis=0), 0.0, atol=2e-3)
    # 0.1^2 (1 + 1.5 * 1 + 0.5^2 / 4) (0.2 / p)^0.84, times 1.5 for the remainder, times 8/6
    variance = 0.01 * 2.5625 * (0.2 / SHARE) ** 0.84 * np.where(others, 1.5, 1) * 8 / 6
    centre = np.eye(4) - 0.25
    np.testing.assert_allclose(np.cov(logs.T), (centre * variance) @ centre, rtol=0.05, atol=1e-3)


def test_a_table_changed_in_place_is_learned_anew() -> None:
    table = past_errors(8, {"AA": 0.1}, same_country="AA")
    given = evidence("ash", "birch", past_errors=table)
    before = shared_error(given).mean.copy()
    table.loc[:, "share"] = table["share"].to_numpy()[::-1].copy()
    changed = shared_error(evidence("ash", "birch", past_errors=table)).mean
    assert not np.array_equal(changed, before)


def test_nobody_can_change_what_others_are_told() -> None:
    given = evidence("ash", "birch", past_errors=past_errors(2, {"AA": 0.1}))
    before = shared_error(given).mean
    shared_error(given).mean[0] = 9.0
    np.testing.assert_array_equal(shared_error(given).mean, before)

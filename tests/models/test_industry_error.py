from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from bench.models.polls.industry_error import IndustryError, learn, log_likelihood
from bench.models.polls.past_errors import PastError, votes
from bench.models.polls.poll_mean import PollMean
from tests.models.polls import past, poll

SHARE = np.array([0.4, 0.3, 0.2, 0.1])


def prior() -> IndustryError:
    polls, outcomes = past(1, 0.05)
    return learn(polls.iloc[:0], outcomes)


def spread(model: IndustryError, days: float, institutes: float) -> np.ndarray:
    """Standard deviations of the shares."""
    rng = np.random.default_rng(1)
    return model.draws(SHARE, days, rng, 40_000, institutes=institutes).std(axis=0)


def past_errors(polls: pd.DataFrame, outcomes: pd.DataFrame) -> list[PastError]:
    return [error for vote in votes(polls, outcomes) for error in vote.errors()]


def test_without_other_votes_the_prior_stands_alone() -> None:
    assert prior().n_votes == 0
    even, rng = np.full(5, 0.2), np.random.default_rng(1)
    near, far = (prior().draws(even, d, rng, 80_000, institutes=8.0).std() for d in (1.0, 100.0))
    np.testing.assert_allclose([near, far], [0.027, 0.048], atol=1.5e-3)


def test_errors_are_negatively_correlated() -> None:
    draws = prior().draws(SHARE, 2.0, np.random.default_rng(1), 40_000)
    assert (np.corrcoef(draws.T)[np.triu_indices(4, 1)] < 0).all()


def test_the_error_grows_with_the_days_and_shrinks_with_the_institutes() -> None:
    assert (np.diff([spread(prior(), d, 1.0) for d in (1, 30, 100, 200)], axis=0) > 0).all()
    assert (spread(prior(), 2, 9.0) < spread(prior(), 2, 1.0)).all()


def test_votes_that_were_missed_by_more_teach_a_larger_error() -> None:
    small, large = (learn(*past(8, sd)) for sd in (0.02, 0.25))
    assert small.n_votes == large.n_votes == 8
    a, b, c = (spread(model, 2.0, 3.0)[0] for model in (small, prior(), large))
    assert a < b < c


def test_draws_have_the_stated_covariance_and_lie_on_the_simplex() -> None:
    model = IndustryError(np.array([[0.1, 0.02, 0.6, 0.05]]), np.array([1.0]), 0)
    draws = model.draws(SHARE, 3.0, np.random.default_rng(1), 80_000, institutes=4.0, runoff=True)
    np.testing.assert_allclose(draws.sum(axis=1), 1.0)
    logs = np.log(draws)
    logs -= logs.mean(axis=1, keepdims=True)
    # (0.1^2 + 0.05^2/4 + 3*0.02^2) * 0.6^2 * (0.2/p)^(2/3), times 6/4 for six degrees of freedom
    variance = (0.01 + 0.000625 + 0.0012) * 0.36 * (0.2 / SHARE) ** (2 / 3) * 6 / 4
    centre = np.eye(4) - 0.25
    np.testing.assert_allclose(np.cov(logs.T), (centre * variance) @ centre, rtol=0.05, atol=1e-4)


def test_sampling_noise_comes_on_top() -> None:
    noise = np.diag(np.full(4, 0.2**2))
    calm, noisy = (
        prior().draws(SHARE, 2.0, np.random.default_rng(1), 5_000, sampling=s)
        for s in (None, noise)
    )
    assert (noisy.std(axis=0) > calm.std(axis=0)).all()


def test_the_density_of_two_candidates_is_a_student_t_of_the_log_odds() -> None:
    from scipy.stats import t as student

    mean = PollMean(np.array([0.5, 0.5]), 10.0, 1e12, 2.0)
    row = PastError("old", 2, mean, np.array([0.55, 0.45]))
    grid = np.array([[0.1, 0.02, 0.6, 0.05]])
    # variance of one log weight: (0.1^2 + 0.05^2/2 + 10*0.02^2) * 0.6^2 * (0.2/0.5)^(2/3)
    one = (0.01 + 0.00125 + 0.004) * 0.36 * 0.4 ** (2 / 3) + 0.0025**2 / 3 / 0.25
    contrast = (np.log(0.55 / 0.5) - np.log(0.45 / 0.5)) / np.sqrt(2)
    expected = student.logpdf(contrast, df=6, scale=np.sqrt(one))
    assert log_likelihood(grid, row)[0] == pytest.approx(expected, abs=1e-6)


def test_candidates_in_no_poll_are_learned_as_one() -> None:
    polls, outcomes = past(1, 0.01)
    rows = past_errors(polls[polls["candidate"] != "cedar"], outcomes)
    assert {len(row.outcome) for row in rows} == {3}  # ash, birch and the rest
    both = polls[polls["candidate"] != "cedar"].copy()
    both["share"] /= both.groupby("poll_id")["share"].transform("sum")
    assert past_errors(both, outcomes)[0].polled.share[2] < 0.01


def test_the_order_of_the_rows_and_other_levels_change_nothing() -> None:
    polls, outcomes = past(3, 0.05)
    noise = outcomes.assign(level="departement", share=0.0)
    shuffled = pd.concat([noise, outcomes]).sample(frac=1.0, random_state=1)
    one, other = learn(polls, outcomes), learn(polls.sample(frac=1.0, random_state=2), shuffled)
    np.testing.assert_allclose(one.weight, other.weight)


def test_polls_of_another_pair_or_of_a_hypothetical_ballot_are_no_errors() -> None:
    polls, outcomes = past(2, 0.05)
    runoff = outcomes[outcomes["candidate"] != "cedar"].assign(round=2, share=[0.55, 0.45] * 2)
    known = pd.concat([outcomes, runoff], ignore_index=True)
    pair = poll(3, {"ash": 0.5, "birch": 0.5}, election="old0", round=2)
    other_pair = poll(3, {"ash": 0.2, "cedar": 0.8}, election="old0", round=2, institute="East")
    other_ballot = poll(
        2, {"ash": 0.1, "birch": 0.1, "dogwood": 0.8}, election="old1", institute="East", n=1e6
    )
    clean = pd.concat([polls, pd.DataFrame(pair)], ignore_index=True)
    mixed = pd.concat(
        [clean, pd.DataFrame([*other_pair, *other_ballot])], ignore_index=True
    ).sample(frac=1.0, random_state=1)
    one, two = past_errors(clean, known), past_errors(mixed, known)
    assert [(e.election, e.round) for e in one] == [(e.election, e.round) for e in two]
    assert ("old0", 2) in [(e.election, e.round) for e in one]
    for a, b in zip(one, two, strict=True):
        np.testing.assert_allclose(a.polled.share, b.polled.share)
    # a vote of which only another pair was polled teaches nothing
    assert past_errors(pd.DataFrame(other_pair), known) == []
    np.testing.assert_allclose(learn(mixed, known).weight, learn(clean, known).weight)

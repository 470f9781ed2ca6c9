"""The running count."""

from __future__ import annotations

import numpy as np
import pytest

from bench.models.election_night import NightEstimate, RunningCount, SharedBias
from tests.models.election_night.made_up import counted, night

PARTS = [0.02, 0.03, 0.05, 0.07, 0.1]


def test_when_all_is_counted_nothing_is_estimated() -> None:
    frame, votes = night()
    queue = np.arange(frame.n)
    found = counted(frame, votes, queue, [0.3, 0.6, 1.0]).estimate()
    assert found.share == pytest.approx(votes.sum(axis=0) / votes.sum(), abs=1e-9)
    assert np.diag(found.covariance).max() < 1e-12


def test_shares_sum_to_one_with_and_without_polls() -> None:
    frame, votes = night()
    found = counted(frame, votes, np.arange(frame.n), [0.05, 0.1]).estimate()
    polls = NightEstimate(
        share=np.array([0.5, 0.3, 0.2]),
        covariance=1e-4 * (np.eye(3) - 1 / 3),
    )
    both = found.with_prior(polls)
    for estimate in (found, both):
        assert estimate.share.sum() == pytest.approx(1)
        assert np.abs(estimate.covariance.sum(axis=0)).max() < 1e-9
    assert both.covariance[0, 0] < min(found.covariance[0, 0], polls.covariance[0, 0])


def test_certain_leaders_have_probability_one() -> None:
    sure = NightEstimate(share=np.array([0.2, 0.5, 0.3]), covariance=1e-8 * np.eye(3))
    assert sure.leaders(2) == {1, 2}
    assert sure.probability(sure.leaders(2), np.random.default_rng(0)) == 1
    assert sure.probability(frozenset({0, 1}), np.random.default_rng(0)) == 0


def test_what_other_evenings_shared_is_half_of_the_variance_and_moves_no_share() -> None:
    frame, votes = night(urban=0.02)
    count = counted(frame, votes, np.argsort(frame.registered), PARTS)
    plain = count.estimate()
    none = count.calibrated(SharedBias(registered=np.array([0.1]), square=np.array([1e-12])))
    much = count.calibrated(SharedBias(registered=np.array([0.1]), square=np.array([0.04])))
    assert much.share == pytest.approx(plain.share)
    left = 1 - count.registered / count.total
    p = plain.share
    # votes of three: off-diagonals are those of a multinomial
    added = 0.04 / 2 * left**2 * p * (1 - p)
    assert np.diag(much.covariance) - np.diag(none.covariance) == pytest.approx(added, rel=0.02)
    assert np.abs(much.covariance.sum(axis=0)).max() < 1e-9


def test_the_bias_of_an_evening_is_its_error_per_outstanding_voter() -> None:
    frame, votes = night(urban=0.02)
    count = counted(frame, votes, np.argsort(frame.registered), PARTS)
    p = count.estimate().share
    error = p - votes.sum(axis=0) / votes.sum()
    left = 1 - count.registered / count.total
    # to first order: turnout differs by a few percent
    assert count.bias(votes.sum(axis=0)) == pytest.approx(
        error / left / np.sqrt(p * (1 - p)), rel=0.1
    )


def test_the_scale_of_other_evenings_holds_on_the_next_one() -> None:
    def evening(seed: int) -> tuple[np.ndarray, RunningCount]:
        tilt = np.random.default_rng(100 + seed).normal(0, 0.02)
        frame, votes = night(800, urban=tilt, seed=seed)
        return votes, counted(frame, votes, np.argsort(frame.registered), PARTS)

    past = [evening(seed) for seed in range(15)]
    learned = [
        [(np.array([c.registered / c.total]), np.array([np.mean(c.bias(v.sum(axis=0)) ** 2)]))]
        for v, c in past
    ]
    bias = SharedBias.of(learned)
    inside = []
    for seed in range(20, 50):
        votes, count = evening(seed)
        low, high = count.calibrated(bias).interval(0.9)
        final = votes.sum(axis=0) / votes.sum()
        inside.append((low <= final) & (final <= high))
    assert 0.85 < np.mean(inside) <= 1

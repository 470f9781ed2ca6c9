"""The estimate from a sample of polling stations."""

from __future__ import annotations

import numpy as np
import pytest

from bench.kit.election_night import (
    covariates_of,
    draw_sample,
    polling_station_sample,
    strata_of,
)
from tests.kit.election_night.made_up import night


def test_strata_hold_equal_numbers_of_registered() -> None:
    frame, _ = night()
    strata = strata_of(frame)
    held = np.bincount(strata, weights=frame.registered) / frame.registered.sum()
    assert held == pytest.approx(0.1, abs=0.02)


def test_a_sample_has_its_size_and_nobody_twice() -> None:
    frame, _ = night()
    chosen = draw_sample(frame, strata_of(frame), 50, np.random.default_rng(1), allowed=~frame.late)
    assert 40 <= len(chosen) <= 50
    assert len(set(chosen)) == len(chosen)
    assert not frame.late[chosen].any()


def test_a_census_is_exact() -> None:
    frame, votes = night()
    every = np.arange(frame.n)
    found = polling_station_sample(frame, strata_of(frame), every, votes)
    assert found.share == pytest.approx(votes.sum(axis=0) / votes.sum())
    assert np.abs(found.covariance).max() < 1e-15


@pytest.mark.parametrize("regression", [False, True])
def test_design_based_intervals_hold(regression: bool) -> None:
    frame, votes = night(urban=0.02)
    final, strata = votes.sum(axis=0) / votes.sum(), strata_of(frame)
    z = covariates_of(frame) if regression else None
    rng, inside, centre = np.random.default_rng(3), [], []
    for _ in range(150):
        chosen = draw_sample(frame, strata, 100, rng)
        found = polling_station_sample(frame, strata, chosen, votes[chosen], covariates=z)
        low, high = found.interval(0.9)
        inside.append((low <= final) & (final <= high))
        centre.append(found.share)
    assert 0.82 < np.mean(inside) < 0.96
    assert np.mean(centre, axis=0) == pytest.approx(final, abs=0.003)


def test_past_votes_make_the_interval_narrower() -> None:
    frame, votes = night()
    strata = strata_of(frame)
    chosen = draw_sample(frame, strata, 200, np.random.default_rng(4))
    plain = polling_station_sample(frame, strata, chosen, votes[chosen])
    z = covariates_of(frame)
    better = polling_station_sample(frame, strata, chosen, votes[chosen], covariates=z)
    assert np.diag(better.covariance).sum() < 0.5 * np.diag(plain.covariance).sum()

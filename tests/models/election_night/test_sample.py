"""The estimate from a sample of polling stations."""

from __future__ import annotations

import numpy as np
import pytest

from bench.models.election_night import (
    covariates_of,
    draw_sample,
    polling_station_sample,
    strata_of,
)
from tests.models.election_night.made_up import night


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


def test_intervals_hold_where_cities_close_later_and_only_the_regression_reaches_them() -> None:
    rng, inside = np.random.default_rng(6), []
    for seed in range(6):
        frame, votes = night(2000, urban=0.02, seed=seed)
        final, strata, z = votes.sum(axis=0) / votes.sum(), strata_of(frame), covariates_of(frame)
        for _ in range(30):
            chosen = draw_sample(frame, strata, 100, rng, allowed=~frame.late)
            found = polling_station_sample(
                frame, strata, chosen, votes[chosen], allowed=~frame.late, covariates=z
            )
            low, high = found.interval(0.9)
            inside.append((low <= final) & (final <= high))
    assert 0.82 < np.mean(inside) < 0.96


def test_a_small_sample_has_wider_tails_than_a_normal() -> None:
    frame, votes = night()
    strata = strata_of(frame)
    chosen = draw_sample(frame, strata, 20, np.random.default_rng(4))
    found = polling_station_sample(frame, strata, chosen, votes[chosen])
    assert found.degrees == len(chosen) - len(np.unique(strata[chosen]))
    low, high = found.interval(0.9)
    normal = 1.645 * np.sqrt(np.diag(found.covariance))
    assert ((high - low) / 2 > 1.05 * normal).all()

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

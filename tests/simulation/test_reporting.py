"""Orders in which stations report."""

from __future__ import annotations

import numpy as np
import pytest

from bench.core.errors import ConfigError
from bench.studies.election_night.reporting_order import ORDERS, minutes_after_19
from tests.models.election_night.made_up import night


def test_an_unknown_order_is_refused() -> None:
    frame, votes = night()
    with pytest.raises(ConfigError, match="did you mean 'realistic'"):
        minutes_after_19("realistc", frame, votes.sum(axis=1), votes, np.random.default_rng(0))


@pytest.mark.parametrize("order", ORDERS)
def test_the_same_chance_gives_the_same_order(order: str) -> None:
    frame, votes = night()
    once, twice = (
        minutes_after_19(order, frame, votes.sum(axis=1), votes, np.random.default_rng(5))
        for _ in range(2)
    )
    assert np.isfinite(once).all()
    assert (once == twice).all()


def test_small_stations_report_before_large_cities_close() -> None:
    frame, votes = night()
    minutes = minutes_after_19(
        "realistic", frame, votes.sum(axis=1), votes, np.random.default_rng(0)
    )
    assert minutes[frame.late].min() >= 70
    first = np.argsort(minutes)[:60]
    assert frame.registered[first].mean() < 0.5 * frame.registered.mean()


def test_an_adversary_shows_the_second_candidate_weak_at_first() -> None:
    frame, votes = night()
    second = np.argsort(-votes.sum(axis=0))[1]
    final = votes[:, second].sum() / votes.sum()
    for order, less in (("strongholds_first", 0.02), ("against_the_past", 0.0)):
        minutes = minutes_after_19(order, frame, votes.sum(axis=1), votes, np.random.default_rng(0))
        early = np.argsort(minutes)[:60]
        assert votes[early, second].sum() / votes[early].sum() < final - less

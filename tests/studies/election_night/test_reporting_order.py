"""Orders in which stations report."""

from __future__ import annotations

import numpy as np
import pytest

from bench.core.errors import ConfigError
from bench.data.country import load_country
from bench.data.night import Night
from bench.studies.election_night.reporting_order import ORDERS, minutes_after_closing
from tests.models.election_night import made_up

FRANCE = load_country("FR")


def night() -> Night:
    frame, votes = made_up.night()
    return Night(frame=frame, candidates=("a", "b", "c"), votes=votes, ballots=votes.sum(axis=1))


def test_an_unknown_order_is_refused() -> None:
    evening = night()
    with pytest.raises(ConfigError, match="did you mean 'realistic'"):
        minutes_after_closing("realistc", evening, FRANCE, np.random.default_rng(0))


@pytest.mark.parametrize("order", ORDERS)
def test_the_same_chance_gives_the_same_order(order: str) -> None:
    evening = night()
    once, twice = (
        minutes_after_closing(order, evening, FRANCE, np.random.default_rng(5)) for _ in range(2)
    )
    assert np.isfinite(once).all()
    assert (once == twice).all()


def test_small_stations_report_before_large_cities_close() -> None:
    evening = night()
    minutes = minutes_after_closing("realistic", evening, FRANCE, np.random.default_rng(0))
    assert minutes[evening.frame.late].min() >= 70
    country = load_country("XT")  # where late stations close two hours after the others
    later = minutes_after_closing("realistic", evening, country, np.random.default_rng(0))
    late = evening.frame.late
    assert later[late] - minutes[late] == pytest.approx(np.full(late.sum(), 60.0))
    first = np.argsort(minutes)[:60]
    assert evening.frame.registered[first].mean() < 0.5 * evening.frame.registered.mean()


def test_an_adversary_shows_the_second_candidate_weak_at_first() -> None:
    evening = night()
    second = np.argsort(-evening.votes.sum(axis=0))[1]
    final = evening.votes[:, second].sum() / evening.votes.sum()
    for order, less in (("strongholds_first", 0.02), ("against_the_past", 0.0)):
        minutes = minutes_after_closing(order, evening, FRANCE, np.random.default_rng(0))
        early = np.argsort(minutes)[:60]
        assert evening.votes[early, second].sum() / evening.votes[early].sum() < final - less

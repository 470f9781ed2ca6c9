"""Draws from a record: what they are learned from, how wide they are, and what they may see."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from bench.core import Evidence
from bench.data.task import Task
from bench.models.dressing import Record, learn_dressing, past_votes

EVEN = np.full(5, 0.2)


def drawn(rng: np.random.Generator, scale: float, n: int) -> list[Record]:
    """Outcomes around five even shares whose logs err by that much."""
    error = scale * rng.standard_normal((n, 5))
    came = np.exp(error) / np.exp(error).sum(axis=1, keepdims=True)
    return [Record(share=EVEN, outcome=one) for one in came]


@pytest.mark.parametrize("scale", [0.05, 0.2, 0.6])
def test_many_records_teach_the_size_of_the_error(scale: float) -> None:
    records = drawn(np.random.default_rng(1), scale, 60)
    # normal errors, whose chi-square varies from vote to vote in the model
    assert learn_dressing(records).scale == pytest.approx(scale, rel=0.2)


def test_without_a_record_the_draws_are_the_prior_and_wide() -> None:
    found = learn_dressing([])
    draws = found.draws(EVEN, np.random.default_rng(0), 20_000)
    np.testing.assert_allclose(draws.sum(axis=1), 1.0)
    low, high = np.quantile(draws[:, 0], [0.05, 0.95])
    assert found.n_votes == 0
    assert low < 0.1
    assert high > 0.33


def test_draws_hold_the_outcome_as_often_as_they_say() -> None:
    rng = np.random.default_rng(3)
    held = []
    for _ in range(150):
        *records, last = drawn(rng, 0.3, 7)
        draws = learn_dressing(records).draws(EVEN, rng, 500)
        low, high = np.quantile(draws, [0.05, 0.95], axis=0)
        held.append(((last.outcome >= low) & (last.outcome <= high)).mean())
    assert 0.86 < np.mean(held) < 0.97


NEEDS = frozenset({"polls", "past_polls", "outcomes", "ballots", "ratings"})


@pytest.fixture(scope="module")
def evidence() -> Evidence:
    return Task("fr2022", 1, "2022-04-08 20:00").evidence()


def test_every_past_vote_is_seen_as_many_days_before_it(evidence: Evidence) -> None:
    found = list(past_votes(evidence, NEEDS, most=40))
    names = [one.election for one in found]
    assert names[:2] == ["fr2017", "fr2012"]  # newest first
    assert "fr2022" not in names
    for one in found:
        assert one.vote_on - one.as_of == evidence.vote_on - evidence.as_of
        for table in ("polls", "past_polls", "outcomes"):
            assert (one[table]["published_on"] <= one.as_of).all()
        assert one.election not in set(one["outcomes"]["election"])
        assert (one["ballots"]["vote_on"] <= one.vote_on).all()


def test_tables_of_the_campaign_do_not_go_to_other_votes(evidence: Evidence) -> None:
    (newest,) = past_votes(evidence, NEEDS, most=1)
    assert newest["ratings"].empty
    assert set(newest["polls"]["election"]) == {"fr2017"}
    assert pd.Series(newest.candidates).is_monotonic_increasing

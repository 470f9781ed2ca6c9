"""Posts on social media are counted per day, and as many as were really counted."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from bench.core.evidence import EvidenceBatch
from bench.simulation.instruments.social_posts import SocialPosts
from bench.simulation.simulate import Simulation

# ETH notebook, 20 March to 7 May 2017: authors, and mean posts of each in the 49 days
AUTHORS, MEAN_POSTS, DAYS = 1_069_373, 19.3, 49


def a_day(batch: EvidenceBatch, measure: str) -> float:
    """Sum over candidates, mean of days and replicates."""
    table = batch["buzz"]
    mine = table.rows["measure"].eq(measure).to_numpy()
    return float(table.values["value"][:, mine].mean(axis=0).sum() / table.rows["day"].nunique())


def test_the_posts_of_a_day_are_those_that_the_source_counted(manipulation: Simulation) -> None:
    assert a_day(manipulation.clean(0)[1], "mentions") == pytest.approx(
        AUTHORS * MEAN_POSTS / DAYS, rel=0.03
    )


def test_authors_by_hand_where_everybody_writes_alike(manipulation: Simulation) -> None:
    usual = manipulation.instruments["social_posts"]
    assert isinstance(usual, SocialPosts)
    one = replace(
        usual, sigma=0.0, median_posts=49.0, accuracy=1.0, own_positive=1.0, other_positive=1.0
    )
    alone = replace(manipulation.facts, attention=np.eye(11))
    frame = one.frame(manipulation.electorate, alone)
    batch = replace(
        manipulation.shared,
        tables=one.collect(frame, alone, 6, np.random.default_rng(1)),
        size=6,
    )
    # one post a day about one's own candidate: Poisson, so 1 - 1/e write at least once
    assert a_day(batch, "mentions") == pytest.approx(AUTHORS, rel=0.001)
    assert a_day(batch, "authors_positive") == pytest.approx(AUTHORS * (1 - np.exp(-1)), rel=0.001)

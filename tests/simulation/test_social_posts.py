"""Posts on social media are counted per day, and as many as were really counted."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from bench.core import paths
from bench.core.evidence import EvidenceBatch
from bench.simulation.calibration import attention_seen
from bench.simulation.instruments.social_posts import SocialPosts
from bench.simulation.simulate import Simulation, shares

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


def test_attention_within_communities_is_the_real_one(manipulation: Simulation) -> None:
    batch = manipulation.clean(0)[1]
    table = batch["buzz"]
    mine = table.rows["measure"].eq("community_share")
    value = pd.Series(table.values["value"].mean(axis=0), index=table.rows.index)[mine]
    made = value.groupby([table.rows["community"], table.rows["candidate"]]).mean().unstack()
    evidence = replace(manipulation.shared.evidence, tables=REAL)
    seen = attention_seen(evidence).dropna(axis=1)
    pd.testing.assert_frame_equal(
        made.loc[seen.index, seen.columns], seen, atol=0.002, rtol=0.03, check_names=False
    )


REAL = {"buzz": pd.read_parquet(paths.datasets() / "fr2017" / "inputs" / "buzz.parquet")}


def test_bots_leave_attention_within_communities_alone(manipulation: Simulation) -> None:

    frames, batch = manipulation.clean(0)
    attack = manipulation.scenarios["bot_amplification"].distortion
    bad = manipulation.distorted(0, frames, batch, "bot_amplification", attack, 5000.0)
    assert np.array_equal(
        shares(manipulation, "attention_share", batch), shares(manipulation, "attention_share", bad)
    )
    moved = shares(manipulation, "post_volume", bad) - shares(manipulation, "post_volume", batch)
    assert (moved[:, batch.candidates.index("fillon")] > 0.2).all()

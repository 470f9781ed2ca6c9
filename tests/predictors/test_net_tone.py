"""Praise minus blame, by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from bench.core import Abstain, Evidence
from predictors.net_tone import NetTone

TONE = NetTone(source="posts", window_days=14, max_age_days=31)


@pytest.fixture
def counted(first_round_2017: Evidence) -> Evidence:
    rows = [
        ("macron", "positive", 60.0),
        ("macron", "negative", 30.0),
        ("fillon", "positive", 40.0),
        ("fillon", "negative", 30.0),
        ("hamon", "positive", 10.0),
        ("hamon", "negative", 50.0),
    ]
    table = pd.DataFrame(rows, columns=["candidate", "measure", "value"]).assign(
        day=pd.Timestamp("2017-04-20"),
        source="posts",
        community="",
        published_on=pd.Timestamp("2017-04-21"),
        available_on=pd.Timestamp("2017-04-20"),
    )
    return replace(first_round_2017, tables={**first_round_2017.tables, "buzz": table})


def test_net_praise_is_cut_at_nothing_and_brought_to_one(counted: Evidence) -> None:
    share = TONE.predict(counted, np.random.default_rng(1)).share
    assert share[["macron", "fillon", "hamon"]].tolist() == [0.75, 0.25, 0.0]


def test_attention_within_communities_holds_no_tone(first_round_2017: Evidence) -> None:
    real = NetTone(source="politoscope", window_days=14, max_age_days=31)
    with pytest.raises(Abstain, match="no posts by tone"):
        real.predict(first_round_2017, np.random.default_rng(1))


def test_nobody_praised_is_no_forecast(counted: Evidence) -> None:
    table = counted["buzz"]
    worse = table.assign(value=table["value"].where(table["measure"].eq("negative"), 0.0))
    with pytest.raises(Abstain, match="no candidate"):
        TONE.predict(
            replace(counted, tables={**counted.tables, "buzz": worse}), np.random.default_rng(1)
        )

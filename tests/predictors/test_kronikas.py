"""The adapter of kronikas; what needs the package is skipped where it is not installed."""

from __future__ import annotations

import importlib.util
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from bench.core import Abstain, Evidence, check_forecast
from bench.models.polls.poll_table import poll_table
from predictors.kronikas import Kronikas, named_by, rows_of
from tests.models.polls import NAMES, VOTE_ON, poll, share_of, table_of

INSTALLED = importlib.util.find_spec("kronikas") is not None
QUICK: dict[str, Any] = {"draws_per_chain": 60, "tune_per_chain": 120, "cores": 1}


@pytest.fixture
def adapter(settings_of: Any) -> Kronikas:
    return Kronikas(**settings_of("kronikas"))


def test_without_the_package_it_abstains_and_names_the_extra(
    adapter: Kronikas, toy: Evidence, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(Abstain, match=r"pip install 'election-bench\[kronikas\]'"):
        adapter.predict(toy, np.random.default_rng(0))


def test_candidates_usually_polled_below_the_limit_are_not_named() -> None:
    table = poll_table(
        table_of(poll(3, share_of(0.6, 0.38, 0.02)), poll(9, share_of(0.62, 0.37, 0.01))),
        NAMES,
        VOTE_ON,
    )
    assert named_by(table, 0.03).tolist() == [True, True, False]


def test_a_poll_is_a_row_in_percent_with_the_unnamed_as_other() -> None:
    table = poll_table(table_of(poll(3, share_of(0.6, 0.3, 0.1), n=900.4)), NAMES, VOTE_ON)
    rows = rows_of(table, np.array([True, False, False]), VOTE_ON)
    assert rows["date"].tolist() == [VOTE_ON - pd.Timedelta(days=3)]
    assert rows["pollster"].tolist() == ["North"]
    assert rows["sample_size"].tolist() == [900]
    assert rows[["ash", "other"]].to_numpy().round(9).tolist() == [[60.0, 40.0]]
    whole = rows_of(table, np.array([True, True, True]), VOTE_ON)
    assert "other" not in whole


@pytest.mark.skipif(not INSTALLED, reason="needs the extra kronikas")
@pytest.mark.filterwarnings("ignore")
def test_it_forecasts_the_named_and_repeats_itself(adapter: Kronikas, toy: Evidence) -> None:
    quick = replace(adapter, **QUICK)
    one, two = (
        check_forecast(quick.predict(toy, np.random.default_rng(3)), toy.candidates)
        for _ in range(2)
    )
    assert one.share.dropna().between(0, 1).all()
    assert one.draws is not None
    assert len(one.draws) == quick.draws_per_chain * quick.chains
    np.testing.assert_array_equal(one.draws, two.draws)

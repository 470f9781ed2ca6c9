"""The table of past quotes: cut by the task, equal to its sources."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from bench.audit.look_ahead import poison_for
from bench.core import DataError, paths
from bench.data.past_errors import shipped
from bench.data.past_quotes import shipped_quotes
from bench.data.tables import replaced
from bench.data.task import Task
from predictors.market_odds import MarketOdds
from tools import market_calibration
from tools.past_errors import past_quotes_of

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = ("us2004/president", "us2016/senate/nv", "us2018/senate/tx", "fr2017")
METHOD = MarketOdds(publishers=("predictit",), max_age_days=31, slope="learned")
RACE = ("us2018/senate/tx", 1, "2018-11-05 20:00")


@pytest.mark.parametrize("table", [shipped_quotes, shipped])
def test_a_missing_table_says_how_it_is_made(
    tmp_path: object, monkeypatch: pytest.MonkeyPatch, table: Callable[[], object]
) -> None:
    monkeypatch.setattr(paths, "datasets", lambda: tmp_path)
    with pytest.raises(DataError, match=r"python -m tools\.past_errors"):
        table()


def test_the_shipped_table_is_what_the_sources_give() -> None:
    computed = past_quotes_of(SAMPLE)
    rows = shipped_quotes()
    rows = rows[rows["election"].isin(SAMPLE)].reset_index(drop=True)
    assert set(computed["election"]) == set(SAMPLE)
    pd.testing.assert_frame_equal(rows, computed, check_dtype=False)


def test_chances_of_one_winner_sum_to_one_and_one_comes_true() -> None:
    rows = shipped_quotes()
    whole = rows[rows["event"].eq("elected")]
    key = ["election", "round", "publisher", "horizon_days"]
    by_race = whole.groupby(key)[["chance", "happened"]].sum()
    n = whole.groupby(key).size()
    np.testing.assert_allclose(by_race.loc[n == 2, "chance"], 1.0, atol=2e-6)
    assert (by_race.loc[n == 2, "happened"] == 1).all()
    # in a first round of two nobody is elected
    french = rows[rows["election"].eq("fr2017")]
    assert set(french["event"]) == {"qualify"}


def test_a_learned_slope_changes_prices_and_later_rows_change_nothing() -> None:
    task = Task(*RACE)
    rows = task.evidence()["past_quotes"]
    assert (rows["published_on"] <= pd.Timestamp(RACE[2])).all()

    def chances(method: MarketOdds = METHOD) -> dict[str, float]:
        forecast = method.predict(task.assembled(), np.random.default_rng(0))
        assert forecast.chances is not None
        return {str(name): float(p) for name, p in forecast.chances["elected"].items()}

    before = chances()
    assert before != chances(MarketOdds(publishers=("predictit",), max_age_days=31, slope=1.0))
    with replaced(poison_for(task, "permuted")):
        assert chances() == before


def test_the_page_of_markets_has_the_numbers_of_the_command() -> None:
    page = (ROOT / "docs" / "families" / "markets.md").read_text("utf-8").replace("\u2212", "-")
    rows = [line for line in page.splitlines() if line.startswith(("| markets |", "| model-mak"))]
    of_all = [line for line in market_calibration.tables().splitlines() if "| all |" in line]
    assert len(rows) == 2
    for row in rows:
        counts, brier, change, log, change_of_log = (cell.strip() for cell in row.split("|")[2:-1])
        lines = [line for line in of_all if f"| {counts} |" in line]
        assert f"| as quoted | {brier} |  | {log} |" in lines[0]
        assert f"| {change} |" in lines[1]
        assert f"| {change_of_log} |" in lines[1]

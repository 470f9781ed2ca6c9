"""Odds over many votes: the same events for all who are compared, elections counting alike."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from bench.core import Forecast
from bench.metrics.comparison.significance import mean_interval, serial_correlation
from bench.report.context import ReportContext
from bench.studies.backtest import odds_over_votes as over_votes
from bench.studies.backtest.odds_over_votes import (
    events_that_count,
    odds_over_votes,
)
from tests.studies.backtest.test_odds import SAID, context, vote


def long(said: dict[str, Forecast], facts: ReportContext) -> pd.DataFrame:
    given = vote(said, facts).forecasts
    return given.assign(election=facts.election, round=facts.round)


def test_events_of_many_votes_are_what_methods_say_themselves_and_each_counts_once() -> None:
    first = context()
    pair = pd.Series([0.45, 0.55], index=["ash", "birch"])
    last = context(1, pair, ranked_on=(), qualifiers=("birch",), round=2)
    drawn = np.random.default_rng(1).dirichlet([60, 40], 100)
    runoff = {
        "poll": Forecast(share=pd.Series(drawn.mean(axis=0), index=pair.index), draws=drawn),
        "market": Forecast(chances={"elected": {"ash": 0.3, "birch": 0.7}}),
    }
    partial = np.random.default_rng(2).dirichlet([5, 4, 1], 100)[:, :2]
    said = SAID | {
        "partial": Forecast(
            share=pd.Series(partial.mean(axis=0), index=["ash", "birch"]), draws=partial
        )
    }
    rows = pd.concat([long(said, first), long(runoff, last)], ignore_index=True)
    found = events_that_count(rows, [first, last])
    assert found.groupby(["round", "predictor"]).size().to_dict() == {
        (1, "copy"): 4, (1, "even"): 4, (1, "market"): 3, (1, "narrow"): 2, (1, "partial"): 2,
        (1, "tracker"): 4, (2, "market"): 1, (2, "poll"): 1,
    }  # fmt: skip
    mine = found[found["predictor"].eq("market")]
    assert mine["probability"].tolist() == [0.9, 0.7, 0.4, 0.3]
    assert mine["happened"].tolist() == [1.0, 1.0, 0.0, 0.0]


def events(n: int = 8, days: int = 8) -> pd.DataFrame:
    """Of n elections: two events each that two methods state, and others that not all do."""
    rng, rows = np.random.default_rng(6), []
    for k in range(n):
        happened = rng.integers(0, 2, 3)
        for name, sharp in (("market", 0.9), ("poll", 0.6), ("narrow", 0.7), ("seldom", 0.99)):
            for i, candidate in enumerate(("ash", "birch", "cedar")):
                if (name, candidate) == ("narrow", "cedar") or (name == "seldom" and k > 2):
                    continue
                chance = sharp - 0.05 * k / n
                rows.append(
                    {
                        "election": f"xx{k}",
                        "day": pd.Timestamp("2031-04-20") + pd.Timedelta(days=k % days),
                        "round": 1,
                        "as_of": pd.Timestamp("2031-04-18"),
                        "predictor": name,
                        "candidate": candidate,
                        "probability": chance if happened[i] else 1 - chance,
                        "happened": float(happened[i]),
                    }
                )
    return pd.DataFrame(rows)


def test_all_who_are_compared_are_so_on_the_same_events() -> None:
    found = odds_over_votes(events()).set_index("predictor")
    assert found.index.tolist() == ["market", "narrow", "poll", "seldom"]
    assert found["rank"].fillna(0).tolist() == [1, 2, 3, 0]
    assert found["n_events"].fillna(0).tolist() == [16, 16, 16, 0]
    assert found["answered"].tolist() == [24, 16, 24, 9]
    assert found.loc["seldom", ["brier", "log_score", "less"]].isna().all()
    wrong = 0.1 + 0.05 * np.arange(8) / 8
    assert found.loc["market", "brier"] == pytest.approx(np.square(wrong).mean())
    assert found.loc["market", "log_score"] == pytest.approx(-np.log(1 - wrong).mean())


def test_the_difference_from_the_first_is_paired_and_its_interval_is_over_days(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    short = odds_over_votes(events()).set_index("predictor")
    assert short[["less_low", "less_high"]].isna().all(axis=None)  # eight days in one series
    monkeypatch.setattr(over_votes, "has_interval", lambda correlation: len(correlation) > 5)
    found = odds_over_votes(events()).set_index("predictor")
    wrong = 0.05 * np.arange(8) / 8
    gaps = np.square(0.4 + wrong) - np.square(0.1 + wrong)
    of = serial_correlation([""] * len(gaps), list(pd.date_range("2031-04-20", periods=len(gaps))))
    low, high = mean_interval(gaps[:, None], correlation=of)
    assert found.loc["poll", "less"] == pytest.approx(gaps.mean())
    assert found.loc["poll", ["less_low", "less_high"]].tolist() == pytest.approx([low[0], high[0]])
    assert np.isnan(found.loc["market", "less"])
    few = odds_over_votes(events(days=5)).set_index("predictor")
    assert few.loc["poll", "less"] == pytest.approx(gaps.mean())
    assert few[["less_low", "less_high"]].isna().all(axis=None)
    assert few["days"].dropna().eq(5).all()


def test_without_chances_there_is_nothing_to_compare() -> None:
    assert odds_over_votes(events().iloc[:0]).empty

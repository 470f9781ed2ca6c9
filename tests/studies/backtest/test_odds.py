"""The odds: who is ranked, on which events, by which chances; over votes all on the same."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from bench.core import Forecast, check_forecast
from bench.metrics import events, probabilities
from bench.metrics.comparison.significance import mean_interval, serial_correlation
from bench.metrics.score_forecast import forecast_rows, score_forecast
from bench.report.context import ReportContext
from bench.studies.backtest import odds as odds_module
from bench.studies.backtest.findings import odds_facts
from bench.studies.backtest.headline import Vote
from bench.studies.backtest.odds import (
    events_of,
    events_that_count,
    facts_of_odds,
    odds,
    odds_over_votes,
)
from tests.studies.backtest.pages import context_of

NAMES = ("ash", "birch", "cedar", "date")
OUTCOME = pd.Series([0.40, 0.31, 0.20, 0.09], index=NAMES)
AS_OF, COMMON = pd.Timestamp("2031-04-18 20:00"), ("ash", "birch", "cedar")


def poll(*weights: float, n: int = 500) -> Forecast:
    draws = np.random.default_rng(3).dirichlet(weights, n)
    return Forecast(share=pd.Series(draws.mean(axis=0), index=NAMES), draws=draws)


SAID = {
    "tracker": poll(44, 30, 20, 6),
    "copy": poll(44, 30, 20, 6),
    "even": poll(25, 25, 25, 25),
    "point": Forecast(share=OUTCOME),
    "market": Forecast(
        chances={
            "qualify": {"ash": 0.9, "birch": 0.7, "cedar": 0.4},
            "elected": {"ash": 0.7, "birch": 0.2, "cedar": 0.1},
        }
    ),
    "narrow": Forecast(chances={"qualify": {"ash": 0.9, "birch": 0.7}}),
}


def context(n_advance: int = 2, outcome: pd.Series = OUTCOME, **changes: Any) -> ReportContext:
    return context_of(outcome, AS_OF, n_advance, **({"ranked_on": COMMON} | changes))


def vote(said: dict[str, Forecast], facts: ReportContext, elected: str = "ash") -> Vote:
    names = tuple(map(str, facts.outcome.index))
    ballots = {"all": names} | ({"compared": COMMON} if facts.ranked_on else {})
    errors, forecasts = [], []
    for name, given in said.items():
        checked = check_forecast(given, names, facts.n_advance)
        cell = {"as_of": AS_OF, "predictor": name}
        rows = score_forecast(
            checked, facts.outcome, facts.n_advance, ballots=ballots, elected=elected
        )
        errors.append(rows.assign(**cell))
        forecasts.append(forecast_rows(checked, facts.n_advance).assign(**cell))
    methods = pd.DataFrame({"as_of": AS_OF, "predictor": list(said), "family": "f", "status": "ok"})
    return Vote(
        context=facts,
        errors=pd.concat(errors, ignore_index=True),
        forecasts=pd.concat(forecasts, ignore_index=True),
        methods=methods,
    )


def of(table: pd.DataFrame, event: str) -> pd.DataFrame:
    return table[table["event"].eq(event)].set_index("predictor")


def test_a_market_is_scored_beside_polls_on_the_same_candidates() -> None:
    found = of(odds([vote(SAID, context())])[0], "qualify")
    assert found.index.tolist() == ["tracker", "market", "even", "narrow"]
    assert found.loc["market", "brier"] == pytest.approx((0.1**2 + 0.3**2 + 0.4**2) / 3)
    assert found.loc["market", "log_score"] == pytest.approx(-np.log([0.9, 0.7, 0.6]).mean())
    assert found["states"].tolist() == ["from draws", "stated", "from draws", "stated"]
    assert found.loc[["tracker", "market", "even"], "n_events"].tolist() == [3, 3, 3]


def test_the_odds_of_a_poll_are_counted_in_its_draws() -> None:
    found = of(odds([vote(SAID, context())])[0], "qualify")
    drawn = SAID["tracker"].draws
    assert drawn is not None
    chance = events.event_probability(drawn, 2)[:3]
    expected = probabilities.brier_score(chance, [1, 1, 0]).mean()
    assert found.loc["tracker", "brier"] == pytest.approx(expected)
    assert found.loc["tracker", "brier_mc_error"] > 0
    assert np.isnan(found.loc["market", "brier_mc_error"])
    assert found.loc["tracker", "also"] == ("copy",)


def test_who_says_nothing_of_one_candidate_has_no_score() -> None:
    found = of(odds([vote(SAID, context())])[0], "qualify").loc["narrow"]
    assert found["block"] == "partial"
    assert found["missing"] == ("cedar",)
    assert found[["brier", "log_score"]].isna().all()


def test_shares_without_draws_state_no_chances() -> None:
    table = odds([vote(SAID, context())])[0]
    assert "point" not in set(table["predictor"])
    assert facts_of_odds(vote(SAID, context()), table).silent == ["point"]


def test_what_one_method_alone_states_has_a_score() -> None:
    found = of(odds([vote(SAID, context())])[0], "elected")
    assert found.index.tolist() == ["market"]
    assert found["brier"].tolist() == pytest.approx([(0.3**2 + 0.2**2 + 0.1**2) / 3])


def test_an_event_that_nobody_doubts_is_left_out_and_said_so() -> None:
    sure = {"tracker": poll(4000, 3000, 2000, 600), "even": poll(2500, 2500, 2500, 2500)}
    table = odds([vote(sure, context())])[0]
    assert "majority" not in set(table["event"])
    assert "majority" in facts_of_odds(vote(sure, context()), table).left_out


def test_without_chances_there_is_no_table() -> None:
    assert odds([vote({"point": SAID["point"]}, context())])[0].empty
    assert odds_facts(odds([vote({"point": SAID["point"]}, context())])[0]) is None


def test_between_two_candidates_winning_is_one_event() -> None:
    pair = pd.Series([0.55, 0.45], index=["ash", "birch"])
    facts = context(1, pair, ranked_on=(), qualifiers=("ash",), round=2)
    draws = np.random.default_rng(1).dirichlet([60, 40], 400)
    said = {
        "market": Forecast(chances={"elected": {"ash": 0.8, "birch": 0.2}}),
        "poll": Forecast(share=pd.Series(draws.mean(axis=0), index=pair.index), draws=draws),
    }
    table = odds([vote(said, facts)])[0]
    assert set(table["event"]) == {"elected"}
    assert table["n_events"].tolist() == [1, 1]
    found = of(table, "elected")
    assert found.loc["market", "brier"] == pytest.approx(0.04)
    assert found.loc["poll", "brier"] == pytest.approx((1 - (draws[:, 0] > 0.5).mean()) ** 2)
    assert events_of(facts) == ("elected",)
    votes = [vote(said, facts), vote(SAID, context()), vote({"point": SAID["point"]}, context())]
    for together, alone in zip(odds(votes), votes, strict=True):
        pd.testing.assert_frame_equal(together, odds([alone])[0], check_dtype=False)


def test_a_stated_certainty_is_counted_and_capped() -> None:
    said = SAID | {"sure": Forecast(chances={"qualify": {"ash": 1.0, "birch": 0.0, "cedar": 1.0}})}
    found = of(odds([vote(said, context())])[0], "qualify").loc["sure"]
    assert found["n_certain"] == 3
    assert found["log_score"] == pytest.approx(-np.log([0.9995, 0.0005, 0.0005]).mean())


def test_the_finding_holds_the_scores_of_the_table() -> None:
    given = vote(SAID, context())
    table = odds([given])[0]
    brier = of(table, "qualify")["brier"]
    facts = odds_facts(table)
    assert facts is not None
    assert facts.event == "qualify"
    # of methods of one kind the range, never the best
    ranked = [brier[name] for name in ("tracker", "market", "even")]
    assert facts.kinds == [("others", (min(ranked), max(ranked)))]


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
    table = events_that_count(rows, [first, last])
    assert table.groupby(["round", "predictor"]).size().to_dict() == {
        (1, "copy"): 4, (1, "even"): 4, (1, "market"): 3, (1, "narrow"): 2, (1, "partial"): 2,
        (1, "tracker"): 4, (2, "market"): 1, (2, "poll"): 1,
    }  # fmt: skip
    market = table[table["predictor"].eq("market")]
    assert market["probability"].tolist() == [0.9, 0.7, 0.4, 0.3]
    assert market["happened"].tolist() == [1.0, 1.0, 0.0, 0.0]


def events_over_votes(n: int = 8, days: int = 8) -> pd.DataFrame:
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
    scores = odds_over_votes(events_over_votes()).set_index("predictor")
    assert scores.index.tolist() == ["market", "narrow", "poll", "seldom"]
    assert scores["rank"].fillna(0).tolist() == [1, 2, 3, 0]
    assert scores["n_events"].fillna(0).tolist() == [16, 16, 16, 0]
    assert scores["answered"].tolist() == [24, 16, 24, 9]
    assert scores.loc["seldom", ["brier", "log_score", "less"]].isna().all()
    wrong = 0.1 + 0.05 * np.arange(8) / 8
    assert scores.loc["market", "brier"] == pytest.approx(np.square(wrong).mean())
    assert scores.loc["market", "log_score"] == pytest.approx(-np.log(1 - wrong).mean())


def test_the_difference_from_the_first_is_paired_and_its_interval_is_over_days(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    short = odds_over_votes(events_over_votes()).set_index("predictor")
    assert short[["less_low", "less_high"]].isna().all(axis=None)  # eight days in one series
    monkeypatch.setattr(odds_module, "has_interval", lambda correlation: len(correlation) > 5)
    scores = odds_over_votes(events_over_votes()).set_index("predictor")
    wrong = 0.05 * np.arange(8) / 8
    gaps = np.square(0.4 + wrong) - np.square(0.1 + wrong)
    of = serial_correlation([""] * len(gaps), list(pd.date_range("2031-04-20", periods=len(gaps))))
    low, high = mean_interval(gaps[:, None], correlation=of)
    assert scores.loc["poll", "less"] == pytest.approx(gaps.mean())
    assert scores.loc["poll", ["less_low", "less_high"]].tolist() == pytest.approx(
        [low[0], high[0]]
    )
    assert np.isnan(scores.loc["market", "less"])
    few = odds_over_votes(events_over_votes(days=5)).set_index("predictor")
    assert few.loc["poll", "less"] == pytest.approx(gaps.mean())
    assert few[["less_low", "less_high"]].isna().all(axis=None)
    assert few["days"].dropna().eq(5).all()


def test_without_chances_there_is_nothing_to_compare() -> None:
    assert odds_over_votes(events_over_votes().iloc[:0]).empty

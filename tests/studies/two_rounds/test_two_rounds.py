"""Two rounds as one forecast, on the made-up election."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from bench.core import ConfigError, Evidence, Forecast
from bench.core.settings import Experiment
from bench.data.election import load_election
from bench.data.evidence import evidence_for
from bench.report.terminal import print_report
from bench.runner.attempt import Prediction
from bench.runner.both_rounds import pairs_polled, runoff_draws
from bench.studies.two_rounds import STUDY, analysis
from bench.studies.two_rounds.view import drawn_pairs, facts_of, wide
from tests.french import reported_in_both

Compose = Callable[..., Experiment]
TOY = ("elections=[toy]", "as_of=[]", "days_before=[2]", "n_draws=400")


@pytest.fixture(scope="module")
def settings(composed: Compose) -> Experiment:
    return composed("+experiment=2017_chain", *TOY)


def said(forecast: Forecast | None) -> Prediction:
    return Prediction(
        status="abstained" if forecast is None else "ok",
        forecast=forecast,
    )


def test_a_chain_starts_before_the_first_round(settings: Experiment) -> None:
    with pytest.raises(ConfigError, match=r"rounds is \[2\]; a chain starts before round 1"):
        analysis.analyse(replace(settings, rounds=[2]))


def test_a_method_without_draws_of_the_whole_ballot_abstains(composed: Compose) -> None:
    mixed = composed("+experiment=2017_chain", *TOY, "predictor=[last_poll,last_election]")
    found = analysis.analyse(mixed)
    status = found.tables["methods"].set_index("predictor")["status"]
    assert status.to_dict() == {"last_poll": "ok", "last_election": "abstained"}
    assert set(found.tables["errors"]["predictor"]) == {"last_poll"}
    with pytest.raises(ConfigError, match="no predictor gave draws"):
        analysis.analyse(composed("+experiment=2017_chain", *TOY, "predictor=[last_election]"))


def test_the_probabilities_of_all_pairs_sum_to_one(settings: Experiment) -> None:
    found = analysis.analyse(settings)
    total = found.tables["pairs"].groupby("predictor")["probability"].sum()
    np.testing.assert_allclose(total, 1.0)
    assert set(total.index) == set(settings.predictors)
    scores = found.tables["errors"].pivot(index="predictor", columns="score", values="value")
    pairs = found.tables["pairs"]
    came = pairs[pairs["came"]].set_index("predictor")["probability"]
    assert scores["p_pair"].to_dict() == pytest.approx(came.to_dict())


def test_a_pair_that_was_polled_gets_its_polls_and_any_other_the_transfers(
    toy: Evidence, toy_runoff: Evidence
) -> None:
    a, b = toy_runoff.candidates
    forecast = Forecast(share=pd.Series({a: 0.9, b: 0.1}), draws=np.tile([0.9, 0.1], (5, 1)))
    first = np.tile(np.full(len(toy.candidates), 1 / len(toy.candidates)), (50, 1))
    pair = (toy.candidates.index(a), toy.candidates.index(b))
    other = (0, 1)
    assert pair != other
    draws = runoff_draws(toy, {(a, b): said(forecast)}, np.random.default_rng(0))
    assert (draws(pair, first) == 0.9).all()
    assert draws(other, first).std() > 0.01
    for silent in ({(a, b): said(None)}, {}):
        drawn = runoff_draws(toy, silent, np.random.default_rng(0))
        assert drawn(pair, first).std() > 0.01


def test_every_polled_pair_is_asked_about_and_only_where_several_were_polled() -> None:
    def first(name: str) -> Evidence:
        election = load_election(name)
        return evidence_for(election, 1, election.round(1).vote_on - pd.Timedelta(hours=28))

    assert pairs_polled(first("fr2017")) == [
        ("fillon", "le_pen"),
        ("fillon", "macron"),
        ("fillon", "melenchon"),
        ("le_pen", "macron"),
        ("le_pen", "melenchon"),
        ("macron", "melenchon"),
    ]
    assert pairs_polled(first("fr2012")) == []


def test_the_runoff_of_every_polled_pair_is_near_the_mean_of_its_polls(composed: Compose) -> None:
    found = analysis.analyse(composed("+experiment=2017_chain", "predictor=[last_poll]"))
    share = found.tables["pairs"].set_index(["first", "second"])["first_share"]
    # means of the polls of 8 to 21 April 2017
    assert share["fillon", "macron"] == pytest.approx(0.340, abs=0.01)
    assert share["fillon", "le_pen"] == pytest.approx(0.573, abs=0.01)
    assert 1 - share["le_pen", "melenchon"] == pytest.approx(0.602, abs=0.015)
    assert share["macron", "melenchon"] == pytest.approx(0.577, abs=0.015)
    assert set(found.tables["pairs"].loc[found.tables["pairs"]["probability"] > 0.02, "basis"]) == {
        "polls"
    }


def test_two_runs_give_the_same_tables_within_the_width_of_a_terminal(
    settings: Experiment, capsys: pytest.CaptureFixture[str]
) -> None:
    reports = [reported_in_both(STUDY, settings, analysis.analyse(settings)) for _ in range(2)]
    for one, other in zip(*(report.tables for report in reports), strict=True):
        assert one.to_markdown() == other.to_markdown()
        pd.testing.assert_frame_equal(one.data, other.data)
    chain, pairs, missing = reports[0].tables
    assert (chain.name, pairs.name, missing.name) == ("chain", "pairs", "missing")
    print_report(reports[0])
    printed = capsys.readouterr().out
    assert "P(pair)" in printed
    assert all(name in printed for name in settings.predictors)
    assert max(map(len, printed.splitlines())) <= 100
    assert reports[0].title == "Made-up election of 2031, both rounds as one forecast"


def test_the_findings_hold_the_numbers_of_the_table(settings: Experiment) -> None:
    found = analysis.analyse(settings)
    scores = wide(found.tables["errors"]).set_index("predictor")
    facts = facts_of(scores.reset_index(), found.tables["pairs"])
    assert facts["best"] == scores["log_chain"].idxmin()
    assert facts["log_score"] == scores["log_chain"].min()
    assert (facts["low"], facts["high"]) == (scores["p_pair"].min(), scores["p_pair"].max())
    assert facts["elected"] == scores.loc[facts["best"], "p_elected"]


def test_a_new_contestant_changes_nobodys_numbers(settings: Experiment, composed: Compose) -> None:
    alone = composed("+experiment=2017_chain", *TOY, "predictor=[quota_poll]")
    one, all_ = (analysis.analyse(e).tables["errors"] for e in (alone, settings))
    same = all_[all_["predictor"] == "quota_poll"].reset_index(drop=True)
    pd.testing.assert_frame_equal(one, same)


def test_likely_runoffs_stand_by_their_chance_and_the_one_that_came_is_not_left_out() -> None:
    rivals = ["Birch", "Cedar", "Elm", "Fir", "Holly", "Oak", "Yew"]
    chance = [0.3, 0.2, 0.15, 0.12, 0.1, 0.08, 0.05]
    one = pd.DataFrame(
        {
            "election": "xx2032",
            "as_of": pd.Timestamp("2032-04-09"),
            "predictor": "quota_poll",
            "first": "Ash",
            "second": rivals,
            "probability": chance,
            "came": [rival == "Yew" for rival in rivals],
        }
    )
    other = one.iloc[::-1].assign(predictor="last_poll", probability=chance)
    rows = drawn_pairs(pd.concat([one, other]))
    shown = rows.groupby("predictor", sort=False)
    assert shown["second"].agg(list).tolist() == [
        ["Birch", "Cedar", "Elm", "Fir", "Holly", "Yew"],
        ["Yew", "Oak", "Holly", "Fir", "Elm"],
    ]
    assert shown["probability"].agg(list).tolist() == [
        [0.3, 0.2, 0.15, 0.12, 0.1, 0.05],
        [0.3, 0.2, 0.15, 0.12, 0.1],
    ]
    assert rows.loc[rows["came"], "probability"].tolist() == [0.05, 0.3]


def test_the_newest_election_is_drawn_whatever_its_key() -> None:
    pairs = pd.DataFrame(
        {
            "election": ["xx2032", "zz2007"],
            "as_of": pd.to_datetime(["2032-04-09", "2007-04-20"]),
            "predictor": "last_poll",
            "first": ["Ash", "Elm"],
            "second": ["Fir", "Oak"],
            "probability": [0.7, 0.6],
            "came": True,
        }
    )
    assert drawn_pairs(pairs)["first"].tolist() == ["Ash"]

"""The study `chain`, on the made-up election."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from bench.core import ConfigError, Evidence, Forecast
from bench.core.settings import Experiment
from bench.data.election import load_election
from bench.data.task import Task
from bench.runner import Prediction
from bench.studies import two_rounds as chain

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
        chain.results_of(replace(settings, rounds=[2]))


def test_a_method_without_draws_of_the_whole_ballot_abstains(composed: Compose) -> None:
    mixed = composed("+experiment=2017_chain", *TOY, "predictor=[last_poll,last_election]")
    found = chain.results_of(mixed)
    status = found.results.methods.set_index("predictor")["status"]
    assert status.to_dict() == {"last_poll": "ok", "last_election": "abstained"}
    assert set(found.results.errors["predictor"]) == {"last_poll"}
    with pytest.raises(ConfigError, match="no predictor gave draws"):
        chain.results_of(composed("+experiment=2017_chain", *TOY, "predictor=[last_election]"))


def test_the_probabilities_of_all_pairs_sum_to_one(settings: Experiment) -> None:
    found = chain.results_of(settings)
    total = found.pairs.groupby("predictor")["probability"].sum()
    np.testing.assert_allclose(total, 1.0)
    assert set(total.index) == set(settings.predictors)
    scores = found.results.errors.pivot(index="predictor", columns="score", values="value")
    came = found.pairs[found.pairs["came"]].set_index("predictor")["probability"]
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
    draws = chain.runoff_draws(toy, {(a, b): said(forecast)}, np.random.default_rng(0))
    assert (draws(pair, first) == 0.9).all()
    assert draws(other, first).std() > 0.01
    for silent in ({(a, b): said(None)}, {}):
        drawn = chain.runoff_draws(toy, silent, np.random.default_rng(0))
        assert drawn(pair, first).std() > 0.01


def test_every_polled_pair_is_asked_about_and_only_where_several_were_polled() -> None:
    def first(name: str) -> Evidence:
        election = load_election(name)
        return Task(election, 1, election.round(1).vote_on - pd.Timedelta(hours=28)).evidence()

    assert chain.pairs_polled(first("fr2017")) == [
        ("fillon", "le_pen"),
        ("fillon", "macron"),
        ("fillon", "melenchon"),
        ("le_pen", "macron"),
        ("le_pen", "melenchon"),
        ("macron", "melenchon"),
    ]
    assert chain.pairs_polled(first("fr2012")) == []


def test_the_runoff_of_every_polled_pair_is_near_the_mean_of_its_polls(composed: Compose) -> None:
    found = chain.results_of(composed("+experiment=2017_chain", "predictor=[last_poll]"))
    share = found.pairs.set_index(["first", "second"])["first_share"]
    # means of the polls of 8 to 21 April 2017
    assert share["fillon", "macron"] == pytest.approx(0.340, abs=0.01)
    assert share["fillon", "le_pen"] == pytest.approx(0.573, abs=0.01)
    assert 1 - share["le_pen", "melenchon"] == pytest.approx(0.602, abs=0.015)
    assert share["macron", "melenchon"] == pytest.approx(0.577, abs=0.015)
    assert set(found.pairs.loc[found.pairs["probability"] > 0.02, "basis"]) == {"polls"}


def test_two_runs_give_the_same_rows_and_files(
    settings: Experiment, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    places = []
    for name in ("one", "two"):
        there = replace(settings, results=str(tmp_path / name))
        places.append(chain.publish(there, chain.results_of(there), []))
    for file in ("errors.csv", "tables/chain.md", "tables/chain.tex", "tables/pairs.csv"):
        assert (places[0] / file).read_bytes() == (places[1] / file).read_bytes()
    printed = capsys.readouterr().out
    assert "P(pair)" in printed
    assert all(name in printed for name in settings.predictors)
    assert "Traceback" not in printed
    assert max(map(len, printed.splitlines())) <= 200
    assert "| from |" in (places[0] / "tables/pairs.md").read_text(encoding="utf-8")
    assert "came to be" not in (places[0] / "tables/chain.md").read_text(encoding="utf-8")


def test_a_new_contestant_changes_nobodys_numbers(settings: Experiment, composed: Compose) -> None:
    alone = composed("+experiment=2017_chain", *TOY, "predictor=[quota_poll]")
    one, all_ = (chain.results_of(e).results.errors for e in (alone, settings))
    same = all_[all_["predictor"] == "quota_poll"].reset_index(drop=True)
    pd.testing.assert_frame_equal(one, same)

"""Two rounds as one forecast, on the made-up election."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from bench.core import ConfigError, Evidence, Forecast
from bench.core.errors import DataError
from bench.core.settings import Experiment
from bench.data.election import load_election
from bench.data.evidence import evidence_for
from bench.report import document
from bench.runner.attempt import Prediction
from bench.runner.both_rounds import pairs_polled, runoff_draws
from bench.runner.results import Results
from bench.studies.run import execute
from bench.studies.two_rounds import analysis
from bench.studies.two_rounds.view import best_of, wide

Compose = Callable[..., Experiment]
TOY = ("elections=[toy]", "n_draws=400")


@pytest.fixture(scope="module")
def settings(composed: Compose) -> Experiment:
    return composed("+experiment=2017_chain", *TOY)


@pytest.fixture(scope="module")
def results(settings: Experiment) -> Results:
    return analysis.analyse(settings)


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


def test_the_probabilities_of_all_pairs_sum_to_one(settings: Experiment, results: Results) -> None:
    total = results.tables["pairs"].groupby("predictor")["probability"].sum()
    np.testing.assert_allclose(total, 1.0)
    assert set(total.index) == set(settings.predictors)
    scores = results.tables["errors"].pivot(index="predictor", columns="metric", values="value")
    pairs = results.tables["pairs"]
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


def test_the_findings_hold_the_numbers_of_the_table(results: Results) -> None:
    scores = wide(results.tables["errors"]).set_index("predictor")
    met, best, n_methods = best_of(scores.reset_index(), results.tables["pairs"])
    assert met is not None
    assert best is not None
    assert n_methods == len(scores)
    assert best.method == scores["log_chain"].idxmin()
    assert best.log_score == scores["log_chain"].min()
    assert (met.low, met.high) == (scores["p_pair"].min(), scores["p_pair"].max())
    assert best.elected == scores.loc[best.method, "p_elected"]


def test_leading_persons_stand_with_three_chances_of_which_the_first_is_scored(
    results: Results,
) -> None:
    people = results.tables["elected"]
    errors = results.tables["errors"]
    scored = errors[errors["metric"].eq("p_elected")].set_index("predictor")["value"]
    elected = people[people["came"]].set_index("predictor")
    assert len(elected) > 0
    np.testing.assert_allclose(elected["elected"], scored[elected.index])
    assert (people[["elected", "elected_50", "elected_90"]].max(axis=1) >= 0.1).all()


def test_a_misspelt_name_stops_before_anything_is_computed(
    settings: Experiment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(document.STUDIES / "two_rounds", tmp_path / "two_rounds")
    page = tmp_path / "two_rounds" / "page.fr.md"
    page.write_text(page.read_text("utf-8").replace("without_polls|", "without_poll|"), "utf-8")
    monkeypatch.setattr(document, "STUDIES", tmp_path)
    monkeypatch.setattr(Results, "__init__", lambda *_args, **_more: pytest.fail("computed"))
    with pytest.raises(DataError, match=r"page\.fr\.md, line \d+: the name is 'without_poll'"):
        execute(settings)


def test_a_new_contestant_changes_nobodys_numbers(results: Results, composed: Compose) -> None:
    alone = composed("+experiment=2017_chain", *TOY, "predictor=[quota_poll]")
    errors = results.tables["errors"].query("predictor == 'quota_poll'")
    pd.testing.assert_frame_equal(
        analysis.analyse(alone).tables["errors"], errors.reset_index(drop=True)
    )

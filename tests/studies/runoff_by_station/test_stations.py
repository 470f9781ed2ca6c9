"""The study of a runoff by polling station, on the made-up election."""

from __future__ import annotations

from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from bench.audit import audit
from bench.audit.look_ahead import verdicts_of
from bench.core import ConfigError, DataError
from bench.core.compose import compose, predictor_settings
from bench.core.registry import make_predictor
from bench.core.settings import Experiment
from bench.data import evidence as assembling
from bench.data.election import load_election
from bench.data.margins import margins_of_rounds
from bench.models.ecological_inference import estimate
from bench.runner.attempt import Prediction
from bench.runner.prediction import predict_named
from bench.runner.results import Results
from bench.runner.runner import tasks_of
from bench.studies.base import settings_of
from bench.studies.runoff_by_station import STUDY, Settings, analyse
from bench.studies.runoff_by_station.runoff import (
    runoff_of,
    single_candidate_stations,
)
from bench.studies.runoff_by_station.runoff import (
    vote_of as one_vote,
)
from bench.studies.runoff_by_station.view import drawn_groups, facts_of, ranked

TOY = load_election("toy")
HINDSIGHT = ["hindsight_everywhere", "hindsight_by_departement"]


composed = cache(compose)


def experiment_in(folder: Path, **settings: Any) -> Experiment:
    experiment = deepcopy(composed("+experiment=stations_2017_r2", "execution=serial"))
    experiment.elections, experiment.hour = ["toy"], "20:00"
    experiment.results = str(folder)
    experiment.settings |= {
        "places": {"coast": ["t1", "t2"]},
        "commune_size_from": [0, 10_000],
        "first_round_from": [0, 0.5],
        "n_resamples": 50,
        **settings,
    }
    return experiment


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("results")


@pytest.fixture(scope="module")
def kept(folder: Path) -> Results:
    return analyse(experiment_in(folder))


def scores(kept: Results, method: str) -> pd.Series:
    return kept.tables["scores"].set_index("method").loc[method]


def counted() -> tuple[pd.DataFrame, np.ndarray, np.ndarray]:
    """First round, outcome of the winner (quill) and valid votes, straight from the files."""
    first, second = (
        pd.read_parquet(TOY.folder / "outcome" / f"stations_r{number}.parquet") for number in (1, 2)
    )
    return first, (second["quill"] / second["valid"]).to_numpy(), second["valid"].to_numpy(float)


def test_the_finalists_share_of_the_first_round_is_scored_as_by_hand(kept: Results) -> None:
    first, outcome, votes = counted()
    error = (first["quill"] / (first["quill"] + first["thorne"])).to_numpy() - outcome
    found = scores(kept, "last_election")
    assert found["n"] == 90
    assert found["mae"] == pytest.approx(votes @ np.abs(error) / votes.sum())
    assert found["mae_areas"] == pytest.approx(np.abs(error).mean())
    assert found["bias"] == pytest.approx(votes @ error / votes.sum())


def test_the_floor_is_one_share_and_uniform_swing_the_same_shift_everywhere(kept: Results) -> None:
    first, outcome, votes = counted()
    pair = (first["quill"] + first["thorne"]).to_numpy(float)
    before = first["quill"].to_numpy() / pair
    level = float(scores(kept, "polls_everywhere")["forecast"])
    floor = np.full(90, level)
    shifted = np.clip(before + level - pair @ before / pair.sum(), 0, 1)
    for name, share in (("polls_everywhere", floor), ("uniform_swing", shifted)):
        mae = votes @ np.abs(share - outcome) / votes.sum()
        assert scores(kept, name)["mae"] == pytest.approx(mae)


def test_hindsight_applies_the_transfers_of_both_rounds_to_the_first(kept: Results) -> None:
    first, outcome, votes = counted()
    margins = margins_of_rounds(TOY)
    table = estimate(margins.rows.to_numpy(), margins.columns.to_numpy()).table
    rates = table / table.sum(axis=1, keepdims=True)
    places = [list(margins.columns).index(name) for name in ("quill", "thorne")]
    names = list(TOY.round(1).candidates)
    nobody = (first["registered"] - first["valid"]).to_numpy(float)
    rows = np.column_stack([first[names].to_numpy(float), nobody])
    went = rows @ rates[:, places]
    error = np.abs(went[:, 0] / went.sum(axis=1) - outcome)
    found = scores(kept, "hindsight_everywhere")
    assert found["mae"] == pytest.approx(votes @ error / votes.sum(), rel=1e-3)
    assert found["family"] == "hindsight"


def test_rates_are_those_of_single_candidate_stations(kept: Results) -> None:
    table = kept.tables["rates"].set_index("origin")
    assert table["votes"].iloc[:-1].is_monotonic_decreasing
    assert table.index[-1] == "No candidate"
    # swings say nothing of voters of others; transfers and hindsight do
    methods = {"polls_everywhere", "vote_transfer", "vote_transfer_learned", *HINDSIGHT}
    assert set(table.columns) == {"votes", *methods}
    assert table["vote_transfer"]["Ravi Quill"] > 0.95
    assert table["vote_transfer"]["Ida Thorne"] < 0.05
    margins = margins_of_rounds(TOY)
    found = estimate(margins.rows.to_numpy(), margins.columns.to_numpy()).table
    to = [list(margins.columns).index(name) for name in ("quill", "thorne")]
    rates = pd.Series(found[:, to[0]] / found[:, to].sum(axis=1), index=margins.rows.columns)
    people = TOY.people.set_index("candidate")["name"]
    for slug in TOY.round(1).candidates:
        assert table["hindsight_everywhere"][people[slug]] == pytest.approx(rates[slug])


def test_made_up_stations_move_no_real_one(folder: Path) -> None:
    experiment = experiment_in(folder)
    runoff = runoff_of(experiment)
    predictor = make_predictor("vote_transfer", experiment.predictors["vote_transfer"])
    said = [
        predictor.predict(evidence, np.random.default_rng(0)).areas
        for evidence in (runoff.task.evidence(), single_candidate_stations(runoff))
    ]
    assert said[0] is not None
    assert said[1] is not None
    both = said[0].index
    np.testing.assert_allclose(said[0], said[1].loc[both], atol=1e-9)
    assert len(said[1]) == len(both) + 5
    # a mixture of the rates by votes times turnout lies between the least and the most
    rates = said[1].drop(both)["quill"]
    assert said[0]["quill"].between(rates.min(), rates.max()).all()


def test_a_method_that_fails_or_lacks_stations_is_named_and_not_scored(
    monkeypatch: pytest.MonkeyPatch, folder: Path
) -> None:
    def fails(experiment: Experiment, name: str, *rest: Any) -> Prediction:
        if name == "uniform_swing":
            return Prediction(status="failed", message="ValueError: no", trace="Traceback …")
        return predict_named(experiment, name, *rest)

    monkeypatch.setattr("bench.studies.runoff_by_station.analysis.predict_named", fails)
    experiment = experiment_in(folder / "failing", hindsight=[])
    names = ("polls_everywhere", "uniform_swing")
    experiment.predictors = {name: experiment.predictors[name] for name in names}
    experiment.predictors |= {"last_poll": predictor_settings("last_poll")}
    results = analyse(experiment)
    assert results.failures == {"uniform_swing": "Traceback …"}
    assert set(results.tables["scores"]["method"]) == {"polls_everywhere"}
    tables = {table.name: table for table in STUDY.report(experiment, results).tables}
    words = ["ValueError: no", "says nothing of 90 of 90 stations"]
    assert tables["silent"].texts("message") == words
    assert list(tables)[-1] == "silent"


def test_without_a_floor_there_is_nothing_to_compare_with(
    monkeypatch: pytest.MonkeyPatch, folder: Path
) -> None:
    monkeypatch.setattr(
        "bench.studies.runoff_by_station.analysis.predict_named",
        lambda *given: Prediction(status="abstained", message="no poll yet"),
    )
    with pytest.raises(ConfigError, match=r"the baseline says nothing .* no poll yet"):
        analyse(experiment_in(folder / "floorless", hindsight=[]))


def test_groups_add_up_to_all_stations(kept: Results) -> None:
    groups = kept.tables["by_group"]
    for _, part in groups.groupby(["partition", "method"]):
        assert part["n"].sum() == 90
    places = groups[groups["partition"].eq("place")]
    assert dict(zip(places["group"], places["n"], strict=True)) == {"coast": 30, "elsewhere": 60}
    joint = kept.tables["joint"].groupby("method")["votes"].sum()
    assert (joint == scores(kept, "uniform_swing")["votes"]).all()


def test_nothing_of_a_single_station_is_kept(kept: Results, folder: Path) -> None:
    report = STUDY.report(experiment_in(folder), kept)
    for table in (*kept.tables.values(), *(one.data for one in report.tables)):
        assert not {"area", "station", "commune"} & set(table.columns)


def test_the_findings_hold_the_numbers_of_the_tables(kept: Results, folder: Path) -> None:
    experiment = experiment_in(folder)
    groups = drawn_groups(kept.tables["by_group"], ranked(kept.tables["scores"]))
    facts = facts_of(experiment, kept, groups)
    report = STUDY.report(experiment, kept)
    rows = report.tables[0].data.set_index("method")
    forecasts = [name for name in rows.index if name not in HINDSIGHT]
    best = facts["best"]
    assert best.method == forecasts[0]
    assert (
        best.error == pytest.approx(rows["mae_pp"].iloc[0]) == rows.loc[forecasts, "mae_pp"].min()
    )
    assert best.first_right == pytest.approx(rows["first_right_percent"].iloc[0] / 100)
    assert facts["baseline"].error == pytest.approx(rows.loc["polls_everywhere", "mae_pp"])
    rivals = dict(facts["rivals"])
    assert rivals.keys() == {*forecasts[1:]} - {"polls_everywhere"}
    for name, error in rivals.items():
        assert error == pytest.approx(rows.loc[name, "mae_pp"])
    assert f"by {best.error:.1f} points" in report.findings[0]
    assert set(rows.index[-2:]) == set(HINDSIGHT)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"areas": "commune"}, "station"),
        ({"hindsight": ["everywher"]}, "did you mean 'everywhere'"),
        ({"commune_size_from": [100, 200]}, "rising list from 0"),
        ({"first_round_from": [0, 0.5, 0.5]}, "rising list from 0"),
        ({"places": {"a": ["t1"], "b": ["t1"]}}, "names 't1' twice"),
        ({"level": 90}, "between 0 and 1"),
        ({"n_resamples": 0}, "above 0"),
        ({"nonsense": 1}, "no setting 'nonsense'"),
    ],
)
def test_settings_that_cannot_be_used_are_refused(
    changes: dict[str, Any], words: str, tmp_path: Path
) -> None:
    with pytest.raises(ConfigError, match=words):
        settings_of(Settings, experiment_in(tmp_path, **changes))


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("rounds", [1], "accepted: the runoff"),
        ("rounds", [1, 2], "accepted: the runoff"),
        ("days_before", [3, 2], "accepted: the runoff"),
        ("days_before", [14], "before the stations of the first round were public"),
        ("days_before", [0], "not before the outcome"),
        ("baseline", "uniform", "baseline 'uniform' is not asked"),
    ],
)
def test_votes_and_moments_that_cannot_be_used_are_refused(
    field: str, value: Any, words: str, tmp_path: Path
) -> None:
    experiment = experiment_in(tmp_path)
    setattr(experiment, field, value)
    with pytest.raises(ConfigError, match=words):
        one_vote(experiment)


def test_every_method_passes_the_audit_at_its_stations(folder: Path) -> None:
    experiment = experiment_in(folder)
    assert tasks_of(experiment)[0].by_station
    verdicts = {verdict.predictor: verdict.status for verdict in verdicts_of(experiment)}
    assert verdicts == dict.fromkeys(experiment.predictors, "passed")


@pytest.fixture
def leaky(monkeypatch: pytest.MonkeyPatch) -> None:
    """A bench that hands over the stations of every round."""

    def whole(rows: pd.DataFrame, number: int) -> pd.DataFrame:
        return rows

    honest = assembling.cut

    def no_cut(table: pd.DataFrame, *rest: Any, **more: Any) -> pd.DataFrame:
        stations = "level" in table and table["level"].eq("station").all()
        return table if stations else honest(table, *rest, **more)

    monkeypatch.setattr(assembling, "_earlier_rounds", whole)
    monkeypatch.setattr(assembling, "cut", no_cut)


@pytest.mark.usefixtures("leaky")
def test_stations_of_the_runoff_in_the_evidence_would_be_found(folder: Path) -> None:
    experiment = experiment_in(folder)
    vote = tasks_of(experiment)[0]
    floor = make_predictor("last_election", {})
    with pytest.raises(DataError, match="knows the outcome: the table 'outcomes'"):
        audit({"last_election": floor}, vote)

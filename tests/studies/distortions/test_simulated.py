"""The study of doses on the made-up country, small."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
import pandas as pd
import pytest

from bench.core import ConfigError, Evidence, Forecast, Predictor
from bench.core.arrays import FloatArray
from bench.core.evidence import EvidenceBatch
from bench.core.registry import make_predictor
from bench.core.settings import Experiment
from bench.runner.results import Results
from bench.studies.distortions.analysis import analyse
from bench.studies.distortions.view import facts_of

Compose = Callable[..., Experiment]
SMALL = (
    "+experiment=2017_r1_manipulation",
    "results=",
    "execution=serial",
    "elections=[toy]",
    'as_of=["2031-04-04T20:00"]',
    "simulation.replicates=4",
    "simulation.block=2",
    "distortion=[industry_error,house_effect,app_brigading,fabricated_polls]",
    "distortions.app_brigading.doses=[0,4000]",
    "distortions.fabricated_polls.doses=[0,10]",
)
ASKED = ("last_poll", "app_ratings", "app_raked")


def small(composed: Compose, *changes: str) -> Experiment:
    experiment = composed(*SMALL, *changes)
    experiment.predictors = {name: experiment.predictors[name] for name in ASKED}
    return experiment


@pytest.fixture(scope="module")
def results(composed: Compose) -> Results:
    return analyse(small(composed))


def test_every_scenario_dose_and_reader_is_there_once(results: Results) -> None:
    assert not results.failures
    response = results.tables["response"]
    assert not response.duplicated(["distortion", "dose", "predictor"]).any()
    readers = (
        response[response["distortion"].ne("none")].groupby("distortion")["predictor"].unique()
    )
    assert set(readers["fabricated_polls"]) == {"last_poll"}
    assert set(readers["app_brigading"]) == {"app_ratings", "app_raked"}


def test_the_findings_hold_the_numbers_of_the_tables(results: Results) -> None:
    facts, response = facts_of(results.tables), results.tables["response"]
    most = facts["most"]
    rows = response[
        response["distortion"].eq(most["distortion"]) & response["dose"].isin([0, 4000, 10])
    ]
    ends = rows.pivot(index="predictor", columns="dose", values="mae_pp")
    assert most["mae_pp"] == ends.loc[most["predictor"], most["dose"]]
    assert most["mae_pp"] - most["zero"] == pytest.approx(ends.diff(axis=1).max().max())
    apart = results.tables["apart"].set_index("predictor")["bias_share"]
    worst = facts["clean"][-1]
    assert worst["mae_pp"] == response.query("distortion == 'none'")["mae_pp"].max()
    assert worst["bias_share"] == apart[worst["predictor"]]
    tests = results.tables["verdicts"].query("use == 'independent'")
    assert facts["n_tests"] == len(tests)
    assert len(facts["failed"]) == tests["passes"].eq("no").sum()


@pytest.mark.parametrize(
    ("section", "change", "said"),
    [
        ("simulation", {"replicate": 3}, "did you mean 'replicates'"),
        ("simulation", {"block": "many"}, "accepted: int"),
        ("electorate", {"women_share": "half"}, "accepted: float"),
        ("electorate", {"womenshare": 0.5}, "did you mean 'women_share'"),
        ("app_brigading", {"beneficiary": "place_9"}, "accepted: place_1 to place_5 in toy"),
        ("without", {"house_effect": ""}, "names the distortion 'house_effect'"),
        ("", {"baseline": "last_poll"}, "'baseline' is 'last_poll'"),
    ],
)
def test_settings_that_nobody_can_use_are_refused(
    composed: Compose, section: str, change: dict[str, Any], said: str
) -> None:
    experiment = composed(*SMALL)
    if section == "without":
        experiment.distortions = {
            k: v for k, v in experiment.distortions.items() if k not in change
        }
    elif section in experiment.distortions:
        experiment.distortions[section] |= change
    else:
        changed = {section: getattr(experiment, section) | change} if section else change
        experiment = replace(experiment, **changed)
    with pytest.raises(ConfigError, match=said):
        analyse(experiment)


@dataclass(frozen=True, kw_only=True)
class Vandal(Predictor):
    """Writes into the arrays that it was handed, and answers in percent."""

    family: ClassVar[str] = "last poll"
    needs: ClassVar[frozenset[str]] = frozenset({"polls"})

    percent: bool = False

    def predict(self, evidence: Evidence, rng: np.random.Generator) -> Forecast:
        raise NotImplementedError

    def predict_batch(self, batch: EvidenceBatch) -> FloatArray:
        shares = np.full((batch.size, len(batch.candidates)), 1 / len(batch.candidates))
        if self.percent:
            return 100 * shares
        batch["polls"].values["share"][...] = 0.9
        return shares


@pytest.mark.parametrize("percent", [False, True])
def test_a_predictor_that_writes_or_answers_wrongly_harms_itself_alone(
    composed: Compose, results: Results, percent: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    def with_vandal(name: str, settings: Any) -> Predictor:
        return Vandal(percent=percent) if name == "app_raked" else make_predictor(name, settings)

    monkeypatch.setattr("bench.simulation.simulate.make_predictor", with_vandal)
    monkeypatch.setattr("bench.studies.distortions.analysis.memoised", lambda *all: all[-1]())
    found = analyse(small(composed))
    assert set(found.failures) == {"app_raked"}
    said = "accepted: 0 to 1" if percent else "read-only"
    assert said in found.failures["app_raked"]
    rows, usual = (
        one.tables["replicates"].query("predictor != 'app_raked'").reset_index(drop=True)
        for one in (found, results)
    )
    rows = rows.drop_duplicates(["distortion", "dose", "replicate", "predictor"])
    pd.testing.assert_frame_equal(rows, usual, check_exact=True)

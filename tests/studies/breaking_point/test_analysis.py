"""The study of breaking points on the made-up country, small."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from bench.core import ConfigError
from bench.core.settings import Experiment
from bench.report.simulated import simulated_evidence
from bench.runner.results import Results
from bench.studies.breaking_point import STUDY
from bench.studies.breaking_point.analysis import analyse, settings_of_points
from bench.studies.breaking_point.view import facts_of, smallest_attack
from tests.french import reported_in_both

SMALL = (
    "+experiment=2017_breaking_point",
    "results=",
    "execution=serial",
    "elections=[toy]",
    "hour='20:00'",
    "instrument=[quota_poll]",
    "distortion=[industry_error,house_effect,fabricated_polls]",
    "simulation.replicates=4",
    "simulation.block=4",
    "simulation.steps=4",
    "simulation.draws=2",
    "simulation.replicates_of_a_draw=2",
    "simulation.replicates_of_sensitivity=2",
    "simulation.steps_of_worlds=2",
    "simulation.beneficiaries=[place_3]",
)


@pytest.fixture(scope="module")
def experiment(composed: Callable[..., Experiment]) -> Experiment:
    made = composed(*SMALL)
    made.predictors = {"last_poll": made.predictors["last_poll"]}
    made.instruments["quota_poll"].pop("priors")
    made.electorate.pop("priors")
    priors = {"background.house_effect": {"distribution": "lognormal", "spread": 0.35}}
    made.simulation["priors"] = priors
    made.simulation["alternatives"] = {"calmer": {"simulation.background.industry_error": 0.5}}
    return made


@pytest.fixture(scope="module")
def results(experiment: Experiment) -> Results:
    return analyse(experiment)


def test_the_findings_count_every_search(experiment: Experiment, results: Results) -> None:
    report = reported_in_both(STUDY, experiment, results)
    assert "breaking_points" in report.figures
    simulated, _tables, _figures = simulated_evidence(results, {})
    facts = facts_of(results.tables, "ferrier", {}, simulated)
    counts = {
        "found": facts["n_turned"],
        "at once": facts["n_at_once"],
        "beyond": facts["n_beyond"],
    }
    points = results.tables["points"]
    assert counts == {key: points["status"].eq(key).sum() for key in counts}
    assert sum(counts.values()) == facts["n_searches"]
    turned = points[points["beneficiary"].eq("ferrier") & points["status"].eq("found")]
    assert facts["n_first_turned"] == turned["event"].eq("first").sum()
    assert facts["n_pair_turned"] == turned["event"].eq("pair").sum()


def test_every_dose_says_what_it_moves_and_from_which_rank(results: Results) -> None:
    table = results.tables["points"]
    done = table[table["status"].eq("found")]
    assert len(done)
    assert (done["moved_pp"] > 0).all()
    places = done["event"].map({"first": 1, "pair": 2})
    assert (done["place"] <= places).all()
    assert (done["place_before"] > places).all()
    for row in table[table["status"].eq("at once")].to_dict("records"):
        assert row["moved_pp"] == 0


def test_a_range_that_begins_at_nothing_shows_no_smallest_attack(results: Results) -> None:
    attack = results.tables["points"].iloc[0].to_dict() | {"status": "found"}
    cheap = {**attack, "dose": 6.0, "low": 0.0, "high": 44.0, "share_of_honest_users": 6e-6}
    dear = {**attack, "dose": 83.0, "low": 16.0, "high": np.inf, "share_of_honest_users": 8e-5}
    smallest = smallest_attack(pd.DataFrame([cheap, dear]), {})
    assert smallest is not None
    assert (smallest.dose, smallest.is_bounded) == (83.0, False)
    simulated, _tables, _figures = simulated_evidence(results, {})
    tables = {**results.tables, "points": pd.DataFrame([cheap])}
    facts = facts_of(tables, "ferrier", {}, simulated)
    assert (facts["smallest"], facts["n_relative_to_users"], facts["n_free"]) == (None, 1, 1)


def test_a_scenario_without_a_range_of_doses_is_refused(
    composed: Callable[..., Experiment],
) -> None:
    made = composed(*SMALL, "~simulation.search.fabricated_polls")
    made.predictors = {"last_poll": made.predictors["last_poll"]}
    made.simulation |= {"priors": {}, "alternatives": {}}
    with pytest.raises(ConfigError, match="no range for the distortion 'fabricated_polls'"):
        analyse(made)


def test_a_misspelt_setting_of_a_range_is_corrected(composed: Callable[..., Experiment]) -> None:
    made = composed(*SMALL, "+simulation.search.fabricated_polls.largets=3")
    with pytest.raises(ConfigError, match="did you mean 'largest'"):
        settings_of_points(made).ranges  # noqa: B018

"""The study of doses on the made-up country, small."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from bench.core import ConfigError
from bench.core.settings import Experiment
from bench.data.election import load_election
from bench.report.simulated import simulated_evidence
from bench.runner.results import Results
from bench.studies.distortions.analysis import analyse
from bench.studies.distortions.view import facts_of, largest_doses

Compose = Callable[..., Experiment]
SMALL = (
    "+experiment=2017_r1_manipulation",
    "results=",
    "execution=serial",
    "elections=[toy]",
    "hour='20:00'",
    "simulation.replicates=4",
    "simulation.block=2",
    "distortion=[industry_error,house_effect,app_brigading,fabricated_polls,"
    "coordinated_down_rating,late_swing]",
    "distortions.app_brigading.doses=[0,4000]",
    "distortions.coordinated_down_rating.doses=[0,4000]",
    "distortions.coordinated_down_rating.targets=[place_1,place_2]",
    "distortions.late_swing.doses=[0,8]",
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


def test_what_moves_is_every_replicate_less_itself_undistorted(results: Results) -> None:
    """By hand, from the long table of shares: means, errors, ranks and who gets through."""
    long, response = results.tables["replicates"], results.tables["response"]
    people = list(load_election("toy").round(1).candidates)
    clean = long[long["distortion"].eq("none")].set_index(["predictor", "replicate"])[people]
    served = {"app_brigading": "ferrier", "fabricated_polls": "ferrier"}
    served |= {"coordinated_down_rating": "ferrier"}
    for row in response[response["dose"].gt(0)].to_dict("records"):
        mine = long["distortion"].eq(row["distortion"]) & long["dose"].eq(row["dose"])
        mine &= long["predictor"].eq(row["predictor"])
        after = long[mine].set_index("replicate")[people]
        before = clean.loc[row["predictor"]]
        moved = after - before
        expected = served.get(row["distortion"], moved.mean().abs().idxmax())
        assert row["whom"] in (expected, "")  # nobody where that may be chance
        assert row["whom"] or row["distortion"] not in served
        if not row["whom"]:
            assert np.isnan(row["moved_pp"])
            continue
        points = 100 * moved[row["whom"]]
        assert row["moved_pp"] == pytest.approx(points.mean())
        assert row["moved_se_pp"] == pytest.approx(points.sem())
        assert row["share_pp"] == pytest.approx(100 * after[row["whom"]].mean())
        ranks = [one.rank(axis=1, ascending=False)[row["whom"]] for one in (before, after)]
        reached = [one.quantile(0.5, interpolation="lower") for one in ranks]
        assert [row["place_before"], row["place"]] == reached
        pairs = [one.apply(lambda x: set(x.nlargest(2).index), axis=1) for one in (before, after)]
        assert row["through_changed"] == (pairs[0] != pairs[1]).mean()
        if row["distortion"] == "coordinated_down_rating":
            both = 100 * moved[["quill", "thorne"]].sum(axis=1)
            assert row["targets_pp"] == pytest.approx(both.mean())
            assert row["targets_pp"] < 0 < row["moved_pp"]
    gainer = response[response["distortion"].eq("late_swing") & response["whom"].eq("thorne")]
    assert gainer["moved_pp"].min() < -4  # the evidence shows who gains later that much lower


def test_whom_an_attack_serves_is_on_the_ballot(composed: Compose) -> None:
    experiment = small(composed, "distortions.app_brigading.beneficiary=feriier")
    with pytest.raises(ConfigError, match="did you mean 'ferrier'"):
        analyse(experiment)


def test_the_findings_hold_the_numbers_of_the_tables(results: Results) -> None:
    tables, response = results.tables, results.tables["response"]
    simulated, _tables, _figures = simulated_evidence(results, {})
    facts = facts_of(tables, largest_doses(response), {}, simulated)
    attack, attacks = facts["attack"], response[response["kind"].eq("manipulation")]
    assert attack is not None
    assert attack.moved_pp == attacks["moved_pp"].max()
    clean = response[response["distortion"].eq("none")].set_index("predictor")["mae_pp"]
    assert attack.mae_before_pp == clean[attack.predictor]
    apart = tables["apart"].set_index("predictor")["bias_share"]
    worst = facts["worst_error"]
    assert worst is not None
    assert worst.mae_pp == response.query("distortion == 'none'")["mae_pp"].max()
    assert worst.bias_share == apart[worst.predictor]
    tests = tables["verdicts"].query("use == 'independent'")
    assert simulated.likeness.n_tests == len(tests)
    assert len(simulated.likeness.failed) == tests["passes"].eq("no").sum()


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

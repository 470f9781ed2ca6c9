"""The study that distorts real evidence."""

from __future__ import annotations

import pandas as pd
import pytest

from bench.core import ConfigError, paths
from bench.core.compose import compose
from bench.core.settings import Experiment
from bench.runner.results import Results
from bench.studies.distortions.analysis import analyse
from bench.studies.distortions.real import setup_of

REFERENCE = paths.datasets().parent / "results" / "reference" / "2017_r1" / "errors.csv"


def few(*changes: str) -> Experiment:
    return compose(
        "+experiment=2017_r1_spoiled_polls",
        "predictor=[last_poll,quota_poll,poll_tracker]",
        "distortion=[fabricated_polls,herding]",
        "simulation.replicates=2",
        "execution=serial",
        "distortions.fabricated_polls.doses=[0,10]",
        "distortions.herding.doses=[0,0.5]",
        *changes,
    )


@pytest.fixture(scope="module")
def results() -> Results:
    return analyse(few("results="))


@pytest.fixture(scope="module")
def replicates(results: Results) -> pd.DataFrame:
    return results.tables["replicates"]


def test_what_acts_before_a_sample_is_drawn_is_refused() -> None:
    experiment = compose("+experiment=2017_r1_spoiled_polls", "distortion=[late_swing]")
    with pytest.raises(ConfigError, match="accepted on real evidence"):
        setup_of(experiment)


def test_a_misspelt_setting_is_corrected() -> None:
    with pytest.raises(ConfigError, match="did you mean 'replicates'"):
        setup_of(few("+simulation.replicate=3"))


def test_at_dose_zero_the_errors_are_those_of_the_backtest(results: Results) -> None:
    table = results.tables["response"]
    then = pd.read_csv(REFERENCE)
    then = then[(then["ballot"] == "all") & (then["metric"] == "absolute_error")]
    official = then.groupby("predictor")["value"].mean()
    calm = table[table["dose"] == 0]
    assert set(calm["distortion"]) == {"none", "fabricated_polls", "herding"}
    for row in calm.to_dict("records"):
        assert row["mae_pp"] / 100 == pytest.approx(official[row["predictor"]], abs=1e-6)


def test_made_up_polls_raise_their_candidate_and_chance_differs(replicates: pd.DataFrame) -> None:
    rows = replicates[replicates["distortion"] == "fabricated_polls"]
    calm, distorted = (rows[rows["dose"] == dose].set_index("predictor") for dose in (0, 10))
    assert (
        distorted["fillon"].groupby(level=0).min() > calm["fillon"].groupby(level=0).max()
    ).all()
    assert (distorted["fillon"].groupby(level=0).nunique() == 2).all()


def test_what_is_not_random_says_the_same_in_every_replicate(replicates: pd.DataFrame) -> None:
    rows = replicates[(replicates["distortion"] == "herding") & (replicates["dose"] > 0)]
    assert (rows.groupby("predictor")["fillon"].nunique() == 1).all()


def test_a_predictor_that_does_not_read_an_attack_is_left_out() -> None:
    experiment = compose("+experiment=2017_r1_spoiled_apps")
    ground = setup_of(experiment)
    readers = {n: set(one.readers(ground.predictors)) for n, one in ground.distortions.items()}
    assert readers["app_brigading"] == {"app_ratings", "online_ballot"}
    assert readers["vote_budget_farming"] == {"app_ratings"}

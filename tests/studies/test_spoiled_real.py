"""The study that spoils real evidence."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from bench.cli import hydra_setup
from bench.core import ConfigError, paths
from bench.core.settings import Experiment
from bench.runner import tasks_of
from bench.simulation.summaries import response_table, scored_against
from bench.studies.contaminated_evidence.analysis import make_real_study, run_real

REFERENCE = paths.datasets().parent / "results" / "reference" / "2017_r1" / "errors.csv"


def few(*changes: str) -> Experiment:
    return hydra_setup.compose(
        "+experiment=2017_r1_spoiled_polls", "predictor=[last_poll,quota_poll,poll_tracker]",
        "scenario=[fabricated_polls,herding]", "simulation.replicates=2", "execution=serial",
        "scenarios.fabricated_polls.doses=[0,10]", "scenarios.herding.doses=[0,0.5]", *changes,
    )  # fmt: skip


@pytest.fixture(scope="module")
def replicates(tmp_path_factory: pytest.TempPathFactory) -> pd.DataFrame:
    return run_real(few(f"results={tmp_path_factory.mktemp('one')}")).table


def test_what_acts_before_a_sample_is_drawn_is_refused() -> None:
    experiment = hydra_setup.compose("+experiment=2017_r1_spoiled_polls", "scenario=[late_swing]")
    with pytest.raises(ConfigError, match="accepted on real evidence"):
        make_real_study(experiment, tasks_of(experiment)[0])


def test_at_dose_zero_the_errors_are_those_of_the_backtest(replicates: pd.DataFrame) -> None:
    experiment = few()
    study = make_real_study(experiment, tasks_of(experiment)[0])
    pieces = scored_against(
        np.repeat(study.truth[None], 2, axis=0), replicates, study.evidence.candidates, 2
    )
    table = response_table(study.evidence.candidates, study.scenarios, pieces)
    then = pd.read_csv(REFERENCE)
    then = then[(then["ballot"] == "full") & (then["score"] == "absolute_error")]
    official = then.groupby("predictor")["value"].mean()
    calm = table[table["dose"] == 0]
    assert set(calm["scenario"]) == {"none", "fabricated_polls", "herding"}
    for row in calm.to_dict("records"):
        assert row["mae_pp"] / 100 == pytest.approx(official[row["predictor"]], abs=1e-6)


def test_made_up_polls_raise_their_candidate_and_chance_differs(replicates: pd.DataFrame) -> None:
    rows = replicates[replicates["scenario"] == "fabricated_polls"]
    calm, spoilt = (rows[rows["dose"] == dose].set_index("predictor") for dose in (0, 10))
    assert (spoilt["fillon"].groupby(level=0).min() > calm["fillon"].groupby(level=0).max()).all()
    assert (spoilt["fillon"].groupby(level=0).nunique() == 2).all()


def test_what_is_not_random_says_the_same_in_every_replicate(replicates: pd.DataFrame) -> None:
    rows = replicates[(replicates["scenario"] == "herding") & (replicates["dose"] > 0)]
    assert (rows.groupby("predictor")["fillon"].nunique() == 1).all()


def test_two_workers_say_what_one_says(replicates: pd.DataFrame, tmp_path: Path) -> None:
    again = run_real(few("execution=loky", f"results={tmp_path}")).table
    pd.testing.assert_frame_equal(replicates, again, check_exact=True)


def test_a_method_that_does_not_read_an_attack_is_left_out() -> None:
    experiment = hydra_setup.compose("+experiment=2017_r1_spoiled_apps")
    study = make_real_study(experiment, tasks_of(experiment)[0])
    assert study.readers["app_brigading"] == {"app_ratings", "online_ballot"}
    assert study.readers["vote_budget_farming"] == {"app_ratings"}

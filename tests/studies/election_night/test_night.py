"""Election night: one order of a real election at few moments, all of it on the made-up one."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import pytest

from bench.core.compose import compose
from bench.core.errors import DataError
from bench.core.settings import Experiment
from bench.runner.results import Results
from bench.studies.election_night import STUDY, analyse
from bench.studies.election_night.metrics import calls
from tests.french import reported_in_both


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Results:
    experiment = compose("+experiment=election_night_2017", "execution=serial")
    experiment.results = str(tmp_path_factory.mktemp("results"))
    experiment.rounds = [1]
    experiment.n_draws = 500
    experiment.settings |= {
        "orders": {"realistic": 1},
        "learned_in": {"realistic": 1},
        "moments": [0.02, 0.03, 0.05, 0.5, 1.0],
        "sample_sizes": [200],
        "n_samples": 8,
    }
    return analyse(experiment)


def test_at_five_percent_the_pair_is_right_with_polls_and_intervals_hold(found: Results) -> None:
    rows = found.tables["track"][found.tables["track"]["counted"].eq(0.05)].set_index("estimator")
    assert rows.loc["extrapolation_and_polls", "leaders_right"] == 1
    assert rows.loc["extrapolation_and_polls", "covered"] >= 0.8
    assert rows.loc["counted", "leaders_right"] == 0  # villages alone put the wrong pair ahead


def test_the_shared_bias_of_nine_evenings_widens_what_the_night_itself_says(found: Results) -> None:
    learned = found.tables["learned"]
    assert set(learned["n_evenings"]) == {9}
    assert set(learned["level"]) == {"departement"}
    assert learned["bias_pp"].iloc[0] > 2 * learned["bias_pp"].iloc[-1] > 0
    assert found.tables["other_evenings"].groupby("level")["n_evenings"].max().to_dict() == {
        "commune": 1,
        "departement": 8,
    }


def test_errors_fall_to_nothing(found: Results) -> None:
    last = found.tables["track"][found.tables["track"]["counted"].eq(1.0)]
    assert last["mae"].max() < 1e-9
    assert (last["leaders_right"] == 1).all()


def test_regression_on_past_votes_beats_expansion(found: Results) -> None:
    error = found.tables["samples"].groupby("estimator")["mae_leading"].mean()
    assert error["regression"] < error["expansion"]


def test_a_call_is_counted_once_and_a_wrong_one_is_remembered() -> None:
    track = pd.DataFrame(
        {
            "order": "o",
            "estimator": "e",
            "realisation": [0, 0, 1, 1],
            "counted": [0.1, 0.2, 0.1, 0.2],
            "minute": [5, 9, 5, 9],
            "called": [1, 1, 0, 1],
            "called_wrongly": [1, 0, 0, 0],
        }
    )
    (row,) = calls(track).to_dict("records")
    assert (row["n"], row["ever_called"], row["wrong_first_call"]) == (2, 1.0, 0.5)
    assert (row["counted_at_call"], row["minute_of_call"]) == (pytest.approx(0.15), 7)


@pytest.fixture(scope="module")
def toy(composed: Callable[..., Experiment]) -> Experiment:
    experiment = composed("+experiment=election_night_2017", "execution=serial")
    experiment.elections, experiment.n_draws = ["toy"], 200
    experiment.settings |= {
        "orders": dict.fromkeys(experiment.settings["orders"], 1),
        "runoff_orders": {"realistic": 1},
        "learned_in": {"realistic": 2},
        "moments": [0.05, 0.5, 1.0],
        "sample_sizes": [30, 60],
        "n_samples": 3,
    }
    return experiment


def test_a_night_of_the_made_up_country_in_every_order(toy: Experiment) -> None:
    found = analyse(toy)
    track = found.tables["track"]
    assert set(track["order"]) == set(toy.settings["orders"])
    assert set(track["round"]) == {1, 2}
    by_votes = {"extrapolation", "calibrated"}
    assert set(track["estimator"]) == {
        "counted",
        *by_votes,
        *(f"{name}_and_polls" for name in by_votes),
    }
    # two earlier evenings, each with what the other teaches
    assert set(found.tables["rule"]["n_evenings"]) == {2}
    assert set(found.tables["learned"]["n_evenings"]) == {2}
    last = track[track["counted"].eq(1.0)]
    assert last["mae"].max() < 1e-9
    # its first stations close at 18:00; all stations are more than those
    assert set(found.tables["samples"]["allowed"]) == {"all", "closed_at_18"}
    report = reported_in_both(STUDY, toy, found)
    assert "Made-up election of 2031" in report.title
    assert [one.name for one in report.tables][3:] == ["shared_bias", "other_evenings", "rule"]
    assert "2 other evenings were called wrongly" in report.findings[3]
    for draw in report.figures.values():
        assert draw("single")


def test_without_an_earlier_election_the_past_vote_is_left_out(toy: Experiment) -> None:
    toy.elections = ["toy_prior2"]
    found = analyse(toy)
    assert found.facts["elections"] == ["toy_prior2"]
    assert "calibrated" not in set(found.tables["track"]["estimator"])
    assert len(STUDY.report(toy, found).tables) == 3
    assert found.tables["track"]["mae"].notna().all()


def test_an_election_without_stations_says_so(toy: Experiment) -> None:
    toy.elections = ["fr2012"]
    with pytest.raises(DataError, match="fr2012 has no polling stations for round 1"):
        analyse(toy)

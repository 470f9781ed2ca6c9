"""The study of an evening, one realisation of an order at few moments."""

from __future__ import annotations

import pandas as pd
import pytest

from bench.cli import hydra_setup
from bench.studies.election_night import Found, compute
from bench.studies.election_night.metrics import calls


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Found:
    experiment = hydra_setup.compose("+experiment=election_night_2017", "execution=serial")
    experiment.results = str(tmp_path_factory.mktemp("results"))
    experiment.rounds = [1]
    experiment.n_draws = 500
    experiment.settings |= {
        "orders": {"realistic": 1},
        "moments": [0.02, 0.03, 0.05, 0.5, 1.0],
        "sample_sizes": [200],
        "n_samples": 8,
    }
    return compute(experiment)


def test_at_five_percent_the_pair_is_right_with_polls_and_intervals_hold(found: Found) -> None:
    rows = found.track[found.track["counted"].eq(0.05)].set_index("estimator")
    assert rows.loc["extrapolation_and_polls", "leaders_right"] == 1
    assert rows.loc["extrapolation_and_polls", "covered"] >= 0.8
    assert rows.loc["counted", "leaders_right"] == 0  # villages alone put the wrong pair ahead


def test_errors_fall_to_nothing(found: Found) -> None:
    last = found.track[found.track["counted"].eq(1.0)]
    assert last["mae"].max() < 1e-9
    assert (last["leaders_right"] == 1).all()


def test_regression_on_past_votes_beats_expansion(found: Found) -> None:
    error = found.samples.groupby("estimator")["mae_leading"].mean()
    assert error["regression"] < error["expansion"]


def test_a_call_is_counted_once_and_a_wrong_one_is_remembered() -> None:
    track = pd.DataFrame(
        {
            "order": "o", "estimator": "e", "realisation": [0, 0, 1, 1],
            "counted": [0.1, 0.2, 0.1, 0.2], "minute": [5, 9, 5, 9],
            "called": [1, 1, 0, 1], "called_wrongly": [1, 0, 0, 0],
        }
    )  # fmt: skip
    (row,) = calls(track).to_dict("records")
    assert (row["n"], row["ever_called"], row["wrong_first_call"]) == (2, 1.0, 0.5)
    assert (row["counted_at_call"], row["minute_of_call"]) == (pytest.approx(0.15), 7)

"""Election night: one order of a real election at few moments, all of it on the made-up one."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bench.core.errors import DataError
from bench.core.settings import Experiment
from bench.studies.election_night import STUDY, analyse


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

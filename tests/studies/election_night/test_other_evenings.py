"""What is learned from other evenings."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from bench.data.election import load_election
from bench.studies.election_night.other_evenings import (
    coverage_on,
    curve_of,
    other_evenings,
    rule_on,
    shared_bias,
    teachers,
)


def names(number: int, election: str = "fr2012") -> list[str]:
    return [one.election.name for one in other_evenings(load_election(election), number)]


def test_other_evenings_were_over_before() -> None:
    assert names(1)[0] == "fr1965"
    assert names(1)[-1] == "fr2007"
    assert names(1, "fr1965") == []


def test_an_open_election_teaches_nothing() -> None:
    assert "fr2022" in names(1, "fr2027")
    assert "fr2027" not in names(1, "fr2027")


def test_areas_are_as_fine_as_enough_evenings_are_known_by() -> None:
    this = load_election("fr2017")
    evenings = other_evenings(this, 1)
    few = teachers("station", evenings, this, 1)
    assert [(one.election.name, level) for one, level in few] == [("fr2012", "commune")]
    enough = teachers("station", evenings, this, 5)
    assert {level for _, level in enough} == {"departement"}
    assert len(enough) == 9


def test_an_evening_is_never_its_own_teacher() -> None:
    this = load_election("fr2017")
    evenings = other_evenings(this, 1)
    taught = teachers("commune", evenings, load_election("fr2012"), 5)
    assert "fr2012" not in [one.election.name for one, _ in taught]
    assert len(taught) == 8


def test_without_other_evenings_there_is_no_shared_bias() -> None:
    assert curve_of(pd.DataFrame(), []) == []
    assert shared_bias([]) is None


def track(**columns: object) -> pd.DataFrame:
    rows = {
        "round": 1,
        "level": "departement",
        "estimator": "calibrated",
        "order": "realistic",
        "realisation": 0,
        **columns,
    }
    return pd.DataFrame(rows)


def test_a_rule_counts_the_first_call_of_every_evening() -> None:
    checked = track(
        election=["a", "a", "b", "b", "c"],
        registered=[0.1, 0.3, 0.1, 0.3, 0.2],
        chance=[0.95, 0.99, 0.5, 0.99, 0.2],
        leaders_right=[0.0, 1.0, 0.0, 1.0, 0.0],
    )
    low, high = rule_on(checked, [0.9, 0.99]).to_dict("records")
    assert (low["n_evenings"], low["n_called"], low["n_wrong"]) == (3, 2, 1)  # a; c never
    assert (high["n_called"], high["n_wrong"]) == (2, 0)
    # no error in two: 1 - 0.05 ** (1 / 2); one in two: the root of (1 - p)^2 = 0.95 from above
    assert high["wrong_at_most"] == pytest.approx(1 - np.sqrt(0.05))
    assert low["wrong_at_most"] == pytest.approx(np.sqrt(0.95))
    assert low["registered_at_call"] == pytest.approx(20)


def test_coverage_is_a_mean_over_evenings_not_over_moments() -> None:
    checked = track(
        election=["a", "a", "a", "b"],
        registered=[0.03, 0.04, 0.05, 0.03],
        covered=[1.0, 1.0, 1.0, 0.0],
        covered_leading=1.0,
        half_width=0.02,
        mae_leading=0.01,
    )
    (row,) = coverage_on(checked).to_dict("records")
    assert (row["up_to"], row["n_evenings"], row["covered"]) == (5.0, 2, 0.5)
    assert row["half_width"] == pytest.approx(2)

"""The electorate has the margins that it was given."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from bench.core import DataError, paths
from bench.data.election import load_election
from bench.data.tables import outcome_of
from bench.simulation.electorate import complete
from bench.simulation.simulate import Simulation


def test_an_unknown_variable_is_refused(manipulation: Simulation) -> None:
    electorate = manipulation.electorate
    with pytest.raises(DataError, match="did you mean 'age'"):
        electorate.among(("agee",), electorate.voters)


def test_an_unknown_group_is_refused(manipulation: Simulation) -> None:
    with pytest.raises(DataError, match="no group 'very_low'"):
        manipulation.electorate.on("interest", {"very_low": 2.0})


def test_the_electorate_votes_as_france_did(manipulation: Simulation) -> None:
    official = outcome_of(load_election("fr2017"), 1)
    assert np.allclose(manipulation.electorate.share, official.share, atol=1e-8)
    assert manipulation.electorate.n_voters == pytest.approx(official.votes.sum(), rel=1e-8)


@pytest.mark.parametrize("variable", ["age", "sex", "occupation"])
def test_published_survey_cells_are_met_within_a_point_and_a_half(
    manipulation: Simulation, variable: str
) -> None:
    electorate = manipulation.electorate
    found = electorate.among((variable,), electorate.voters)
    found = found / found.sum(axis=1, keepdims=True)
    table = pd.read_csv(paths.datasets() / "fr2017" / "outcome" / "vote_by_group.csv")
    rows = table[table["variable"] == variable]
    for row in rows.itertuples():
        group = electorate.levels[variable].index(str(row.group))
        candidate = electorate.candidates.index(str(row.candidate))
        assert found[group, candidate] == pytest.approx(row.share, abs=0.015)


def test_published_shares_above_one_are_refused() -> None:
    with pytest.raises(DataError, match="exceed 1"):
        complete([[0.7, 0.6]], [1.0], [0.4, 0.4, 0.2])

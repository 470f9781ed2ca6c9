"""What one election lends to another, and the electorates of those that borrow."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from bench.core import ConfigError, DataError
from bench.core.settings import Experiment
from bench.data.election import load_election
from bench.data.tables import outcome_of
from bench.runner.runner import only_task
from bench.simulation.borrowing import (
    Ballot,
    borrowed_facts,
    borrowed_groups,
    calibration_of,
    kinship,
)
from bench.simulation.calibration import Calibration, Facts
from bench.simulation.electorate import Electorate
from bench.simulation.settings import electorate_settings, simulation_settings
from bench.simulation.simulate import Simulation

LENDER = Ballot(
    candidates=("a", "b", "c"), family=("left", "right", "right"), share=np.array([0.5, 0.3, 0.2])
)


def test_a_family_without_a_candidate_is_refused_unless_kin_is_named() -> None:
    stranger = Ballot(candidates=("z",), family=("green",), share=np.array([1.0]))
    with pytest.raises(DataError, match=r"'green'.*name one in `kin`"):
        kinship(stranger, LENDER, {})
    assert kinship(stranger, LENDER, {"green": "left"}).tolist() == [[1.0, 0.0, 0.0]]


def test_groups_are_those_of_the_family_and_votes_ones_own() -> None:
    groups = np.array([[0.3, 0.05, 0.05, 0.1], [0.1, 0.15, 0.05, 0.2]])
    weights = kinship(LENDER, LENDER, {})
    vote = np.array([0.4, 0.2, 0.1, 0.3])
    found = borrowed_groups(groups, vote, weights)
    assert np.allclose(found.sum(axis=0), vote)
    assert found[0, 0] == pytest.approx(0.4 * 0.75)
    # both of the right: 3/5 of b (1/4 in the first group) and 2/5 of c (1/2)
    assert found[0, 1] / vote[1] == pytest.approx(0.6 * 0.25 + 0.4 * 0.5)


def test_who_borrows_from_families_of_one_gets_back_what_was_lent(manipulation: Simulation) -> None:
    facts, electorate = manipulation.facts, manipulation.electorate
    alone = Ballot(
        candidates=electorate.candidates, family=electorate.candidates, share=electorate.share
    )
    found = borrowed_facts(facts, alone, alone, kinship(alone, alone, {}))
    assert np.allclose(found["declared_votes"], facts.declared_votes)
    assert np.allclose(found["approval"], facts.approval)
    assert np.allclose(found["attention"], facts.attention)


def test_a_family_is_declared_as_many_times_more_often_as_with_the_lender(
    manipulation: Simulation,
) -> None:
    facts = replace(
        manipulation.facts,
        declared_votes=np.array([80.0, 10.0, 10.0]),
        approval=np.full((3, 3), 0.5),
        attention=np.full((3, 3), 1 / 3),
        naming=np.array([0.9, 0.5, 0.2]),
    )
    new = Ballot(candidates=("x", "y"), family=("left", "right"), share=np.array([0.2, 0.8]))
    found = borrowed_facts(facts, new, LENDER, kinship(new, LENDER, {}))
    # left: 80 % declared for 50 % of the votes, so 1.6; right: 20 % for 50 %, so 0.4
    assert found["declared_votes"].tolist() == pytest.approx([50.0, 50.0])
    assert found["attention"].sum(axis=1) == pytest.approx([1.0, 1.0])
    # the right: 0.5 and 0.2 of posts name anybody, 3 votes to 2
    assert found["naming"].tolist() == pytest.approx([0.9, 0.6 * 0.5 + 0.4 * 0.2])


def _calibrated(experiment: Experiment, election: str) -> tuple[Experiment, Calibration]:
    about = replace(experiment, elections=[election], as_of=[], days_before=[2])
    return about, calibration_of(about, only_task(about))


@pytest.fixture(scope="module", params=["fr2002", "toy_prior1"])
def calibrated(
    request: pytest.FixtureRequest, composed: Callable[..., Experiment]
) -> tuple[Electorate, Facts]:
    """The electorate of an election that borrows, and of one that knows its own."""
    manipulation = composed("+experiment=2017_r1_manipulation")
    experiment, calibration = _calibrated(manipulation, request.param)
    assumed = electorate_settings(experiment)
    facts = calibration.facts(assumed, simulation_settings(experiment))
    return calibration.electorate(assumed), facts


def test_every_electorate_votes_as_its_country_did(calibrated: tuple[Electorate, Facts]) -> None:
    electorate, facts = calibrated
    official = outcome_of(load_election(electorate.election), 1)
    assert facts.lent == (electorate.election == "fr2002")  # which knows no survey
    assert electorate.levels["past_vote"][-1] == "nobody"
    assert np.allclose(electorate.share, official.share, atol=1e-7)
    assert electorate.n_voters == pytest.approx(official.votes.sum(), rel=1e-6)
    assert np.allclose(electorate.areas.sum(), 1)
    assert np.allclose(facts.attention.sum(axis=1), 1)
    assert facts.approval.min() >= 0
    assert facts.approval.max() <= 1


def test_its_polls_are_its_own_and_nothing_is_from_after_the_moment(
    calibrated: tuple[Electorate, Facts],
) -> None:
    electorate, facts = calibrated
    vote_on = load_election(electorate.election).round(1).vote_on
    assert (facts.calendar["published_on"] <= facts.as_of).all()
    assert (vote_on - facts.calendar["fieldwork_end"]).dt.days.max() <= 12


@pytest.mark.parametrize("lender", ["", "fr2012", "toy"])
def test_an_election_without_tables_needs_a_lender_of_its_country(
    lender: str, composed: Callable[..., Experiment]
) -> None:
    manipulation = composed("+experiment=2017_r1_manipulation", f"simulation.lender='{lender}'")
    with pytest.raises(ConfigError, match=r"lacks inputs.*accepted: an"):
        _calibrated(manipulation, "fr2012")

"""What one election lends to another."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from bench.core import DataError
from bench.simulation.borrowing import Ballot, borrowed_facts, borrowed_groups, kinship
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

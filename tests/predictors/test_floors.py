"""The floors, by hand."""

import numpy as np
import pytest

from bench.core import Abstain
from predictors.last_election import LastElection
from tests.evidence import evidence, person, vote

RNG = np.random.default_rng(0)


def test_last_election_abstains_without_one() -> None:
    with pytest.raises(Abstain, match="no earlier first round"):
        LastElection().predict(evidence("ash", "birch"), RNG)


def test_a_person_keeps_the_votes_and_a_family_divides_them() -> None:
    given = evidence(
        "ash",
        "birch",
        "cedar",
        outcomes=[vote("ash", 500), vote("oak", 400), vote("yew", 100)],
        ballots=[
            person("ash", "left"),
            person("birch", "right"),
            person("cedar", "right"),
            person("ash", "left", "old"),
            person("oak", "right", "old"),
            person("yew", "hunters", "old"),
        ],
    )
    forecast = LastElection().predict(given, RNG)
    # yew has no heir: 500, 200, 200 of 900
    assert forecast.share.tolist() == pytest.approx([500 / 900, 200 / 900, 200 / 900])


def test_the_family_called_other_inherits_nothing() -> None:
    given = evidence(
        "ash",
        "birch",
        outcomes=[vote("ash", 500), vote("oak", 400)],
        ballots=[
            person("ash", "left"),
            person("birch", "other"),
            person("ash", "left", "old"),
            person("oak", "other", "old"),
        ],
    )
    assert LastElection().predict(given, RNG).share.tolist() == [1.0, 0.0]

"""Votes carried over by person and family, and the words when nobody inherits any."""

from __future__ import annotations

import numpy as np
import pytest

from bench.core import Abstain, Evidence
from bench.core.compose import predictor_settings
from bench.core.registry import make_predictor
from bench.data.task import Task
from bench.models.families import carried_over
from tests.evidence import evidence, person, vote
from tests.models.polls import poll


def strangers(*, family: str) -> Evidence:
    """Two candidates without any tie to the past, but for the family of the first."""
    polls = poll(10, {"ash": 0.5, "birch": 0.5}, published_on="2031-04-11")
    ballots = [person("ash", family), person("birch", "other"), person("old", "left", "old")]
    return evidence(
        "ash",
        "birch",
        polls=polls,
        ballots=ballots,
        outcomes=[vote("old", 10), vote("old", 5, area="01"), vote("old", 5, area="02")],
    )


@pytest.mark.parametrize("name", ["last_election", "uniform_swing", "proportional_swing"])
def test_without_an_heir_a_method_of_past_votes_abstains_in_words(name: str) -> None:
    predictor = make_predictor(name, predictor_settings(name))
    with pytest.raises(Abstain, match=r"nobody on this ballot inherits votes of old: none stood"):
        predictor.predict(strangers(family="other"), np.random.default_rng(0))


def test_a_state_inherits_from_itself_and_shares_stand_in_for_unknown_counts() -> None:
    """Bavaria 2018 from Bavaria 2013, although Lower Saxony voted in between."""
    task = Task("de2018/landtag/by", 1, "2018-10-14T18:00")
    votes = carried_over(task.evidence()).iloc[0]
    before = Task("de2013/landtag/by", 1, "2013-09-15T18:00").outcome().share
    assert votes.drop("others").to_dict() == pytest.approx(before.drop("others").to_dict())

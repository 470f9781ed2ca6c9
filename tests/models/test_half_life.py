"""The half-life that other votes teach, and what may teach it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from bench.core import ConfigError, Evidence
from bench.core.registry import make_predictor
from bench.data.election import load_election
from bench.data.evidence import evidence_for
from bench.data.tables import replaced
from bench.models.polls.half_life import BY_HAND_DAYS, GRID_DAYS, half_life, learned_half_life
from tests.models.polls import NAMES, VOTE_ON, poll, share_of

SETTINGS = {"design_effect": 1.5, "error_from": "country", "n_draws": 50}


def votes_of(
    n: int, early: tuple[float, ...], late: tuple[float, ...], came: tuple[float, ...]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Votes with one poll of 1,000 twelve days before and one two days before."""
    polls, outcomes = [], []
    for k in range(n):
        for days, said in ((12, early), (2, late)):
            polls += poll(days, share_of(*said), election=f"old{k}")
        outcomes.append(
            pd.DataFrame(
                {
                    "election": f"old{k}",
                    "round": 1,
                    "vote_on": VOTE_ON,
                    "candidate": NAMES,
                    "level": "national",
                    "share": came,
                }
            )
        )
    return pd.DataFrame(polls), pd.concat(outcomes, ignore_index=True)


EARLY, LATE = (0.5, 0.3, 0.2), (0.4, 0.4, 0.2)


def learned(came: tuple[float, ...], n: int = 3, days: float = 2) -> float:
    return learned_half_life(*votes_of(n, EARLY, LATE, came), number=1, days=days)


def test_the_half_life_with_the_smallest_error_is_taken() -> None:
    assert learned(LATE) == 1.0  # the last poll alone was right
    assert learned((0.45, 0.35, 0.2)) == 30.0  # both alike were
    # weights 1 and 0.5^(10 / 10): 2/3 of the late poll
    assert learned((0.4 + 0.1 / 3, 0.4 - 0.1 / 3, 0.2)) == 10.0


def test_fewer_than_three_votes_leave_what_was_chosen_by_hand() -> None:
    assert learned(LATE, n=2) == BY_HAND_DAYS == 7.0
    assert learned(LATE, days=10) == 7.0  # by then one poll a vote: nothing to weigh


def test_the_other_round_teaches_nothing() -> None:
    polls, outcomes = votes_of(5, EARLY, LATE, LATE)
    assert learned_half_life(polls, outcomes, number=2, days=2) == 7.0


def test_a_poll_of_another_ballot_teaches_nothing() -> None:
    polls, outcomes = votes_of(3, EARLY, LATE, LATE)
    extra = [
        row
        for k in range(3)
        for row in poll(1, {"ash": 0.1, "birch": 0.1, "dogwood": 0.8}, election=f"old{k}", n=1e6)
    ]
    more = pd.concat([polls, pd.DataFrame(extra)], ignore_index=True)
    assert learned_half_life(more, outcomes, number=1, days=0) == learned(LATE, days=0)


@pytest.fixture(scope="module")
def tables() -> tuple[Evidence, pd.Timestamp]:
    election = load_election("fr2012")
    vote_on = election.round(1).vote_on
    return evidence_for(election, 1, vote_on - pd.Timedelta(hours=28)), vote_on


def test_the_scored_and_later_outcomes_cannot_move_what_is_learned_from_earlier_votes(
    tables: tuple[Evidence, pd.Timestamp],
) -> None:
    given, vote_on = tables
    assert (given["outcomes"]["vote_on"] < given.as_of).all()

    def permuted(name: str, rows: pd.DataFrame) -> pd.DataFrame:
        if name != "outcomes":
            return rows
        late = (rows["vote_on"] >= vote_on) & (rows["level"] == "national")
        moved = rows.loc[late, "share"].to_numpy()[::-1]
        return rows.assign(share=rows["share"].mask(late, pd.Series(moved, rows.index[late])))

    election, moment = load_election("fr2012"), given.as_of
    before = evidence_for(election, 1, moment, learn_from="others")["outcomes"]
    with replaced(permuted):
        others = evidence_for(election, 1, moment, learn_from="others")["outcomes"]
        again = evidence_for(election, 1, moment)
    assert not others.equals(before)
    assert half_life(again, "learned") == half_life(given, "learned") in GRID_DAYS


def test_a_number_is_used_as_it_is_and_no_other_word_is_known(
    tables: tuple[Evidence, pd.Timestamp],
) -> None:
    assert half_life(tables[0], 3) == 3.0
    make_predictor("quota_poll", {**SETTINGS, "half_life_days": "learned"})
    with pytest.raises(ConfigError, match="'soon'; accepted: float, or learned"):
        make_predictor("quota_poll", {**SETTINGS, "half_life_days": "soon"})


def test_the_learned_value_is_that_of_a_number_set_by_hand(
    tables: tuple[Evidence, pd.Timestamp],
) -> None:
    given = tables[0]
    days = half_life(given, "learned")
    by_word, by_number = (
        make_predictor("quota_poll", {**SETTINGS, "half_life_days": value}).predict(
            given, np.random.default_rng(0)
        )
        for value in ("learned", days)
    )
    assert days != BY_HAND_DAYS
    pd.testing.assert_series_equal(by_word.share, by_number.share)

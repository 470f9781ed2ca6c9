from __future__ import annotations

import numpy as np
import pytest

from bench.core import DataError
from bench.models.log_ratio import FLOOR
from bench.models.polls.poll_table import (
    PollTable,
    last_polls,
    pattern,
    poll_mean,
    poll_table,
    whole_ballots,
)
from tests.models.polls import NAMES, VOTE_ON, poll, share_of, table_of


def arranged(*polls: list[dict[str, object]]) -> PollTable:
    return poll_table(table_of(*polls), NAMES, VOTE_ON)


def test_whoever_is_not_on_the_ballot_is_dropped_with_the_interviews() -> None:
    table = arranged(poll(2, {"ash": 0.5, "birch": 0.3, "elm": 0.2}, n=1000))
    np.testing.assert_allclose(table.share, [[0.625, 0.375, np.nan]])
    assert table.respondents.tolist() == [800.0]


def test_of_several_questions_to_one_sample_the_nearest_to_the_ballot_is_read() -> None:
    whole = poll(2, share_of(0.5, 0.3, 0.1) | {"elm": 0.1})
    without_one = poll(2, {"ash": 0.7, "birch": 0.3})
    with_more = poll(2, share_of(0.4, 0.3, 0.1) | {"elm": 0.1, "sloe": 0.1})
    table = arranged(without_one, whole, with_more)
    np.testing.assert_allclose(table.share, [[5 / 9, 3 / 9, 1 / 9]])


def test_a_poll_that_names_somebody_twice_is_refused() -> None:
    rows = poll(2, share_of(0.5, 0.3, 0.2))
    with pytest.raises(DataError, match="twice"):
        arranged(rows, rows)


def test_a_poll_one_half_life_old_counts_half() -> None:
    table = arranged(poll(2, share_of(0.6, 0.2, 0.2)), poll(9, share_of(0.3, 0.5, 0.2)))
    mean = poll_mean(table, half_life_days=7.0)
    # (0.6 * 1000 + 0.3 * 500) / 1500 = 0.5; effective size 1500^2 / (1000 + 250) = 1800
    np.testing.assert_allclose(mean.share, [0.5, 0.3, 0.2])
    assert mean.respondents == pytest.approx(1800.0)
    assert mean.days == pytest.approx((2 * 1000 + 9 * 500) / 1500)
    assert mean.institutes == pytest.approx(1.0)


def test_the_last_polls_count_every_institute_once() -> None:
    table = arranged(
        poll(2, share_of(0.6, 0.2, 0.2)),
        poll(5, share_of(0.1, 0.1, 0.8)),
        poll(4, share_of(0.4, 0.4, 0.2), institute="South", n=100000),
        poll(20, share_of(0.0, 0.0, 1.0), institute="Gone"),
    )
    mean = last_polls(table, window_days=8)
    np.testing.assert_allclose(mean.share, [0.5, 0.3, 0.2])
    assert mean.institutes == pytest.approx(2.0)


def test_a_rolling_poll_counts_its_new_days_only() -> None:
    share = share_of(0.5, 0.3, 0.2)
    table = arranged(
        poll(4, share, rolling=True, length=3),
        poll(3, share, rolling=True, length=3),
        poll(2, share, rolling=True),
    )
    # one of three days is new; without a first day three days are assumed
    np.testing.assert_allclose(table.respondents, [1000.0, 1000.0 / 3, 1000.0 / 3])


def test_the_remainder_goes_to_the_unlisted_and_the_listed_keep_their_shares() -> None:
    table = arranged(
        poll(2, share_of(0.5, 0.3)), poll(9, share_of(0.45, 0.3, 0.25), institute="South")
    )
    np.testing.assert_allclose(whole_ballots(table)[-1], [0.5, 0.3, 0.2])


def test_a_poll_without_remainder_makes_room_for_the_unlisted() -> None:
    table = arranged(
        poll(2, share_of(0.6, 0.4)), poll(9, share_of(0.5, 0.3, 0.2), institute="South")
    )
    np.testing.assert_allclose(whole_ballots(table)[-1], [0.48, 0.32, 0.2])


def test_somebody_in_no_poll_shares_what_is_left_or_stands_at_the_floor() -> None:
    left = whole_ballots(arranged(poll(2, share_of(0.5, 0.4))))
    np.testing.assert_allclose(left, [[0.5, 0.4, 0.1]])
    none = whole_ballots(arranged(poll(2, share_of(0.5, 0.5))))
    assert none[0, 2] == pytest.approx(FLOOR)
    assert np.isnan(pattern(arranged(poll(2, share_of(0.5, 0.5))))[2])

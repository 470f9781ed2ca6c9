"""Lists put to one sample: which make a pair, who gains, and what is learned from them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from statsmodels.api import WLS

from bench.data.task import Task
from bench.models.list_pairs import gains, list_pairs
from bench.models.polls.poll_table import poll_table
from tests.models.polls import poll, table_of
from tools.list_pairs import (
    BLOC_OF,
    TO_OWN_BLOC,
    Vote,
    errors,
    fitted,
    moved,
    polls_on_ballot,
    predicted,
    vote_of,
)

FULL = {"ash": 0.4, "birch": 0.3, "cedar": 0.2, "sloe": 0.1}
WITHOUT_SLOE = {"ash": 0.42, "birch": 0.31, "cedar": 0.27}
BLOC = pd.Series({"ash": "left", "birch": "left", "cedar": "right", "sloe": "right"})


def pairs_in(*polls: list[dict[str, object]]) -> int:
    return len(list_pairs(table_of(*polls)).sample)


def test_two_lists_of_one_sample_are_a_pair_in_both_directions() -> None:
    assert pairs_in(poll(10, FULL), poll(10, WITHOUT_SLOE)) == 2
    assert pairs_in(poll(10, FULL), poll(9, WITHOUT_SLOE)) == 0, "not on one day"
    assert pairs_in(poll(10, FULL), poll(10, WITHOUT_SLOE, n=999)) == 0, "not the same people"
    assert pairs_in(poll(10, FULL, n=np.nan), poll(10, WITHOUT_SLOE, n=np.nan)) == 0
    assert pairs_in(poll(10, FULL), poll(10, {"ash": 0.4, "birch": 0.3})) == 0, "printed in part"
    others = {"ash": 0.4, "elm": 0.3, "fir": 0.2, "yew": 0.05, "oak": 0.05}
    assert pairs_in(poll(10, FULL), poll(10, others)) == 0, "three leave"
    assert gains(list_pairs(table_of(poll(10, FULL)).iloc[:0])).empty, "no poll"


def test_a_sample_counts_once_however_many_of_its_lists_agree() -> None:
    """By hand: the first sample says +2 and +4 of ash, the second +1; their mean is 2."""
    again = {"ash": 0.44, "birch": 0.30, "cedar": 0.26}
    other = {"ash": 0.41, "birch": 0.35, "cedar": 0.24}
    repeated = [row | {"poll_id": "again"} for row in poll(10, again)]
    polls = table_of(
        poll(10, FULL),
        poll(10, WITHOUT_SLOE),
        repeated,
        poll(10, FULL, institute="South"),
        poll(10, other, institute="South"),
    )
    rows = gains(list_pairs(polls))
    assert set(zip(rows["leaves"], rows["comes"], strict=True)) == {("sloe", "")}
    (ash,) = rows[rows["candidate"] == "ash"].to_dict("records")
    assert ash["change"] == pytest.approx((0.03 + 0.01) / 2)
    assert (ash["n_samples"], ash["n_institutes"]) == (2, 2)
    assert (ash["lowest"], ash["highest"]) == pytest.approx((0.01, 0.03))
    assert rows.loc[rows["candidate"] == "sloe", "change"].item() == pytest.approx(-0.1)


def test_an_exchange_is_told_in_the_direction_in_which_others_gain() -> None:
    elm = {"ash": 0.38, "birch": 0.28, "cedar": 0.19, "elm": 0.15}
    polls = table_of(poll(10, FULL), [row | {"poll_id": "elm"} for row in poll(10, elm)])
    rows = gains(list_pairs(polls))
    assert set(zip(rows["leaves"], rows["comes"], strict=True)) == {("elm", "sloe")}


@pytest.mark.parametrize("to_own_bloc", [0.0, 0.3, 1.0])
def test_the_part_by_which_lists_were_made_is_learned_from_them(to_own_bloc: float) -> None:
    first = np.array([list(FULL.values())])
    stays, gone = first.copy(), np.zeros((1, 4))
    stays[0, 3], gone[0, 3] = np.nan, 0.1
    bloc = np.array([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0], [0.0, 1.0]])
    second = moved(stays, gone, bloc, to_own_bloc)[0, :3]
    assert second[2] == pytest.approx(0.2 + 0.1 * (to_own_bloc + (1 - to_own_bloc) * 0.2 / 0.9))
    polls = table_of(
        *(poll(10, FULL, institute=name) for name in ("North", "South")),
        *(
            poll(10, dict(zip(FULL, second, strict=False)), institute=name)
            for name in ("North", "South")
        ),
    )
    pairs = list_pairs(polls)
    goes = np.asarray(pairs.leaves.any(axis=1))
    learned = fitted(Vote(pairs, BLOC, 2), goes)
    assert learned.value == pytest.approx(to_own_bloc)
    assert learned.high - learned.low < 1e-6, "institutes agree"


def test_what_2017_teaches_is_what_least_squares_of_a_library_gives() -> None:
    vote = vote_of("fr2017")
    pairs = vote.pairs
    assert vote.n_samples == 49
    in_proportion = predicted(pairs, vote.bloc, 0.0)
    to_bloc = predicted(pairs, vote.bloc, 1.0) - in_proportion
    use = ~np.isnan(to_bloc)
    weight = (1 / np.bincount(pairs.sample)[pairs.sample])[np.nonzero(use)[0]]
    fit = WLS((pairs.after - in_proportion)[use], to_bloc[use], weights=weight).fit()
    learned = fitted(vote)
    assert learned.value == pytest.approx(fit.params[0])
    assert round(learned.value, 2) == TO_OWN_BLOC
    assert 0 < learned.low < learned.high < 1
    assert errors(vote, TO_OWN_BLOC).mean() < errors(vote, 0.0).mean()


def test_without_blocs_polls_are_read_as_they_are_read_anyway() -> None:
    task = Task("fr2017", 1, "2016-10-15 20:00")
    polls = task.evidence()["polls"]
    in_proportion = polls_on_ballot(polls, task.ballot, pd.Series(dtype=object))
    assert in_proportion["converted"].any()
    plain, converted = (
        poll_table(rows, task.ballot, task.vote_on) for rows in (polls, in_proportion)
    )
    assert converted.poll_id == plain.poll_id
    assert np.allclose(converted.respondents, plain.respondents)
    closed = [table.share / np.nansum(table.share, axis=1)[:, None] for table in (plain, converted)]
    assert np.allclose(*closed, equal_nan=True)


def test_a_list_is_read_as_the_ballot_and_no_newcomer_is_invented() -> None:
    bloc = pd.Series(["far_right", "far_right"], index=["cedar", "sloe"]).map(BLOC_OF)
    ballot = ("ash", "birch", "cedar", "elm")
    on_it = dict(zip(ballot, (0.4, 0.3, 0.2, 0.1), strict=True))
    polls = table_of(poll(10, FULL), poll(10, on_it, institute="South"))
    rows = polls_on_ballot(polls, ballot, bloc)
    south, north = (rows[rows["institute"] == name] for name in ("South", "North"))
    assert dict(zip(south["candidate"], south["share"], strict=True)) == on_it
    assert not south["converted"].any()
    assert north["converted"].all()
    assert list(north["candidate"]) == ["ash", "birch", "cedar"], "nobody asked about elm"
    # sloe leaves with 10 %, elm comes with the 10 % of the other poll: the bloc gains, all lose
    gain = TO_OWN_BLOC * 0.1 / 0.9
    by_hand = np.array([0.4 * (1 - gain), 0.3 * (1 - gain), 0.2 * (1 - gain) + TO_OWN_BLOC * 0.1])
    assert north["share"].to_numpy() == pytest.approx(by_hand / by_hand.sum())
    assert north["sample_size"].unique() == pytest.approx([900.0])

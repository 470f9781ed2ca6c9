from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import brentq

from bench.core import Abstain, Evidence, Predictor, check_forecast
from bench.core.evidence import BatchTable, EvidenceBatch
from predictors.last_poll import LastPoll
from predictors.poll_tracker import PollTracker
from predictors.polls_30_days_ago import Polls30DaysAgo
from predictors.polls_and_last_election import PollsAndLastElection
from predictors.quota_poll import QuotaPoll
from predictors.stack import Stack
from predictors.vote_transfer import VoteTransfer
from tests.evidence import evidence as made_up
from tests.evidence import person, vote
from tests.models.polls import NAMES, VOTE_ON, past, past_errors, poll, share_of, table_of

SETTINGS = {
    "window_days": 150.0,
    "daily_sd": (0.02, 0.05),
    "house_sd": (0.05,),
    "poll_sd": (0.0,),
    "first_round_shock_sd": 0.1,
    "n_draws": 500,
}
TRACKER = PollTracker(has_shared_error=True, **SETTINGS)
QUOTA: dict[str, Any] = {
    "half_life_days": 7.0,
    "design_effect": 1.5,
    "n_draws": 500,
}
STACK = Stack(
    window_days=8.0,
    half_life_days=7.0,
    daily_sd=0.03,
    house_sd=0.05,
    poll_sd=0.03,
    prior_votes=2.0,
    design_effect=1.5,
    n_draws=500,
)
LAST_POLLS = LastPoll(window_days=8.0, n_draws=500)
PULLED = PollsAndLastElection(
    window_days=8.0,
    max_weight=0.8,
    growth_days=200.0,
    max_log_ratio=0.7,
    n_draws=500,
)
METHODS = [
    PULLED,
    TRACKER,
    PollTracker(has_shared_error=False, **SETTINGS),
    QuotaPoll(**QUOTA),
    LAST_POLLS,
    STACK,
]
TRANSFER = VoteTransfer(
    surveys=True,
    half_life_days=7.0,
    survey_sd=0.25,
    declared_sd=0.2,
    usual_turnout=0.72,
    turnout_sd=0.4,
    n_draws=4000,
)


def evidence(polls: pd.DataFrame) -> Evidence:
    """Of the eve, with four votes of earlier years to learn from."""
    past_polls, outcomes = past(4, 0.05)
    years = pd.Timedelta(days=1500)
    past_polls["fieldwork_end"] -= years
    return made_up(
        *NAMES,
        n_advance=2,
        as_of=VOTE_ON - pd.Timedelta(days=1),
        polls=polls,
        past_polls=past_polls.assign(vote_on=VOTE_ON - years),
        outcomes=outcomes.assign(vote_on=VOTE_ON - years),
        past_errors=past_errors(4, {"AA": 0.08}),
    )


def three_polls() -> pd.DataFrame:
    return table_of(
        poll(2, share_of(0.5, 0.3, 0.2)),
        poll(4, share_of(0.48, 0.32), institute="South"),
        poll(9, share_of(0.45, 0.35, 0.2), institute="South"),
    )


@pytest.mark.parametrize("method", METHODS, ids=lambda m: type(m).__name__)
def test_without_polls_it_abstains(method: Predictor) -> None:
    with pytest.raises(Abstain, match="no poll"):
        method.predict(evidence(three_polls().iloc[:0]), np.random.default_rng(0))


@pytest.mark.parametrize("method", METHODS, ids=lambda m: type(m).__name__)
def test_forecasts_are_whole_repeatable_and_deaf_to_row_order(method: Predictor) -> None:
    frame = three_polls()
    one = check_forecast(method.predict(evidence(frame), np.random.default_rng(7)), NAMES)
    again = check_forecast(
        method.predict(evidence(frame.iloc[::-1]), np.random.default_rng(7)), NAMES
    )
    assert one.draws is not None
    assert one.draws.shape == (500, 3)
    np.testing.assert_allclose(one.share, again.share, atol=1e-12)
    np.testing.assert_allclose(one.draws, again.draws, atol=1e-10)
    np.testing.assert_allclose(one.draws.mean(axis=0), one.share, atol=0.03)


def test_old_polls_are_pulled_towards_the_last_election_by_name() -> None:
    def after(*votes: dict[str, Any], days: float = 100) -> Evidence:
        rows = pd.DataFrame(votes).assign(vote_on=VOTE_ON - pd.Timedelta(days=1500))
        polls = table_of(poll(days, share_of(0.5, 0.3, 0.2)))
        return evidence(polls).with_tables(outcomes=rows)

    def share_and_draws(method: Predictor, now: Evidence) -> tuple[np.ndarray, np.ndarray]:
        forecast = method.predict(now, np.random.default_rng(3))
        assert forecast.draws is not None
        return forecast.share.to_numpy(), forecast.draws

    before = [vote("ash", 300), vote("birch", 600), vote("oak", 100)]  # oak left, cedar is new
    share, draws = share_and_draws(PULLED, after(*before))
    _, polled_draws = share_and_draws(LAST_POLLS, after(*before))
    # ash had 0.6 of the polls, birch twice as much: a log ratio of 0.693, not yet cut
    factor = np.array([0.6, 2.0, 1.0]) ** (0.8 * (1 - np.exp(-100 / 200)))
    np.testing.assert_allclose(share, draws.mean(axis=0))
    moved = np.log(draws / polled_draws / factor)  # what a draw is divided by
    np.testing.assert_allclose(moved, np.tile(moved[:, :1], 3), atol=1e-12)
    for now in (after(*before, days=0), replace(after(*before), candidates=NAMES[:2])):
        np.testing.assert_allclose(
            share_and_draws(PULLED, now)[1], share_and_draws(LAST_POLLS, now)[1]
        )
    with pytest.raises(Abstain, match="nobody on this ballot stood in old"):
        PULLED.predict(after(vote("oak", 1)), np.random.default_rng(3))


def test_stack_learns_from_earlier_votes_only() -> None:
    now = evidence(three_polls())
    afterwards = now["outcomes"].assign(vote_on=VOTE_ON + pd.Timedelta(days=1500))
    table = STACK.predict(now.with_tables(outcomes=afterwards), np.random.default_rng(0))
    equal = replace(STACK, prior_votes=1e9).predict(now, np.random.default_rng(0))
    np.testing.assert_allclose(table.share, equal.share, atol=0.01)


def runoff(transfers: pd.DataFrame) -> Evidence:
    """Of two weeks after a first round that cedar won and left."""
    shares = {"ash": 0.30, "birch": 0.28, "cedar": 0.42}
    family = {"ash": "socialist", "birch": "right", "cedar": "other"}
    given = made_up(
        *("ash", "birch"),
        round_number=2,
        as_of=VOTE_ON + pd.Timedelta(days=10),
        outcomes=[vote(name, 0, election="toy") | {"share": s} for name, s in shares.items()],
        ballots=[person(name, of) for name, of in family.items()],
        transfers=transfers,
    )
    return replace(given, vote_on=VOTE_ON + pd.Timedelta(days=14))


def declared(to_ash: float, to_birch: float) -> pd.DataFrame:
    rows = [("ash", to_ash), ("birch", to_birch), ("abstention", 1 - to_ash - to_birch)]
    return pd.DataFrame(
        [
            ("s", VOTE_ON + pd.Timedelta(days=9), "pre_vote_intention", "cedar", to, value)
            for to, value in rows
        ],
        columns=["survey", "published_on", "kind", "from_candidate", "to", "share"],
    )


def test_a_runoff_cannot_be_computed_before_the_first_round() -> None:
    with pytest.raises(Abstain, match="runoff only"):
        TRANSFER.predict(evidence(three_polls()), np.random.default_rng(0))


def test_declared_transfers_decide_the_runoff() -> None:
    draws = {}
    for name, rows in {
        "none": declared(0.4, 0.4).iloc[:0],
        "ash": declared(0.6, 0.2),
        "birch": declared(0.2, 0.6),
    }.items():
        forecast = check_forecast(
            TRANSFER.predict(runoff(rows), np.random.default_rng(0)), ("ash", "birch")
        )
        assert forecast.draws is not None
        draws[name] = forecast.draws[:, 0]
    assert np.median(draws["birch"]) < np.median(draws["none"]) < np.median(draws["ash"])
    assert draws["ash"].std() < draws["none"].std()
    # one survey: its rate, log(.6 / .2), counts .36 / (.36 + 2 * .0625) = .74 against the even
    # prior, so expit(.74 * 1.10) = .693 of the cedars who vote choose ash, and the total is
    # (.72 (.30 * .97 + .28 * .03) + .80 * .42 * .693) / (.72 * .58 + .80 * .42) = .595
    assert np.median(draws["ash"]) == pytest.approx(0.595, abs=0.015)


def test_the_rates_are_applied_to_every_station_known_and_give_the_total() -> None:
    now = runoff(declared(0.6, 0.2))
    votes = {"s1": (50, 10, 40), "s2": (10, 66, 44), "empty": (0, 0, 0)}
    rows = [
        ("toy", 1, VOTE_ON, level, area, name, count, np.nan)
        for level, areas in (("station", votes), ("departement", {"d": (60, 76, 84)}))
        for area, counts in areas.items()
        for name, count in zip(("ash", "birch", "cedar"), counts, strict=True)
    ]
    columns = ["election", "round", "vote_on", "level", "area", "candidate", "votes", "share"]
    local = pd.DataFrame(rows, columns=columns)
    outcomes = pd.concat([now["outcomes"], local], ignore_index=True)
    tables = {**now.tables, "outcomes": outcomes}
    fine = TRANSFER.predict(replace(now, tables=tables), np.random.default_rng(0))
    assert fine.areas is not None
    assert list(fine.areas.index) == ["s1", "s2"]  # stations, not the département; none empty
    # by hand: turnout .72 for the finalists, .80 for cedar's; all rates moved by one number d of
    # log odds until both stations together give the total
    stay, rate = np.log(0.97 / 0.03), 0.36 / (0.36 + 2 * 0.0625) * np.log(0.6 / 0.2)
    mass = np.array([[50, 10, 40], [10, 66, 44]]) * [0.72, 0.72, 0.80]

    def total(d: float) -> float:
        return (mass @ _expit([stay + d, d - stay, rate + d])).sum() / mass.sum()

    shift = brentq(lambda d: total(d) - fine.share["ash"], -5, 5)
    share = mass @ _expit([stay + shift, shift - stay, rate + shift]) / mass.sum(axis=1)
    np.testing.assert_allclose(fine.areas["ash"], share, atol=0.01)  # medians of 4,000 draws
    coarse = {**tables, "outcomes": outcomes[outcomes["level"] != "station"]}
    areas = TRANSFER.predict(replace(now, tables=coarse), np.random.default_rng(0)).areas
    assert areas is not None
    assert list(areas.index) == ["d"]


def _expit(log_odds: list[float]) -> np.ndarray:
    return 1 / (1 + np.exp(-np.asarray(log_odds)))


def test_a_survey_of_the_vote_itself_is_not_evidence_for_it() -> None:
    after = declared(0.8, 0.1).assign(kind="post_vote_survey")
    one = TRANSFER.predict(runoff(after), np.random.default_rng(0)).share
    none = TRANSFER.predict(runoff(after.iloc[:0]), np.random.default_rng(0)).share
    np.testing.assert_array_equal(one, none)


def test_the_previous_forecast_is_that_of_the_last_polls_on_that_day() -> None:
    polls = three_polls().assign(published_on=lambda rows: rows["fieldwork_end"])
    given = evidence(polls)
    method = Polls30DaysAgo(days_back=3.0, calibrated_days=None, window_days=8.0, n_draws=500)
    known = polls["published_on"] <= given.as_of - pd.Timedelta(days=3)
    assert known.any()
    assert not known.all()
    then = LastPoll(window_days=8.0, n_draws=500).predict(
        evidence(polls[known]), np.random.default_rng(1)
    )
    now = method.predict(given, np.random.default_rng(1))
    pd.testing.assert_series_equal(now.share, then.share)
    assert now.draws is not None
    np.testing.assert_array_equal(now.draws, then.draws)
    # the same, counted from the vote: the polls until the end of that day
    of_day = (VOTE_ON - polls.loc[known, "published_on"].max()).days
    same = Polls30DaysAgo(
        days_back=None, calibrated_days=of_day, window_days=8.0, n_draws=500
    ).predict(given, np.random.default_rng(1))
    pd.testing.assert_series_equal(same.share, then.share)
    early = replace(method, days_back=None, calibrated_days=0)
    with pytest.raises(Abstain, match="the day 0 days before the vote is to come"):
        early.predict(given, np.random.default_rng(1))


def test_replicates_get_what_each_would_get_alone() -> None:
    rows = table_of(
        poll(2, share_of(0.5, 0.3, 0.2)), poll(10, share_of(0.4, 0.4, 0.2), institute="South")
    )
    rng = np.random.default_rng(2)
    value = np.abs(rows["share"].to_numpy() + 0.02 * rng.standard_normal((3, len(rows))))
    value /= value.reshape(3, 2, 3).sum(axis=2).repeat(3, axis=1)
    batch = EvidenceBatch(
        evidence=evidence(rows),
        size=3,
        tables={"polls": BatchTable(rows=rows, values={"share": value})},
    )
    method = QuotaPoll(**QUOTA)
    alone = [method.predict(batch.replicate(b), np.random.default_rng(0)).share for b in range(3)]
    np.testing.assert_allclose(method.predict_batch(batch), alone, atol=1e-12)

"""Attention calibrated on early polls, by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from bench.core import Abstain, Evidence
from bench.core.evidence import BatchTable, EvidenceBatch
from bench.data.task import Task
from bench.models.elasticity import slope
from predictors.calibrated_attention import CalibratedAttention
from predictors.last_poll import LastPoll
from predictors.poll_subset import PollSubset
from predictors.polls_plus_buzz import PollsPlusBuzz
from tests.evidence import AS_OF, VOTE_ON, evidence, vote
from tests.models import polls
from tests.predictors.test_apps_and_buzz import post

METHOD = CalibratedAttention(
    source="net",
    measure="tweets",
    window_days=7,
    max_age_days=31,
    start="polls",
    calibrated_days=30,
    elasticity=1.0,
    learn_days=90,
    poll_window_days=8,
    n_draws=400,
)
HYBRID = PollsPlusBuzz(
    institutes=(),
    half_life_days=7,
    source="net",
    measure="tweets",
    window_days=7,
    max_age_days=31,
    elasticity="campaign",
    learn_days=60,
    poll_window_days=8,
    design_effect=1.5,
    n_draws=400,
)


def rng() -> np.random.Generator:
    return np.random.default_rng(0)


def poll(day: str, *, vote_on: str = "", **share: float) -> list[dict[str, Any]]:
    """One poll, public on the day it ended."""
    days = (VOTE_ON - pd.Timestamp(day)).days
    about = {"election": "old", "vote_on": vote_on} if vote_on else {}
    return polls.poll(days, share, institute="Nord", length=1, published_on=day, **about)


POLLS = poll("2031-03-20", ash=0.5, birch=0.3, cedar=0.2)
LATE = poll("2031-04-16", ash=0.1, birch=0.1, cedar=0.8)
BUZZ = [
    post("ash", 30, "2031-03-18"),
    post("birch", 30, "2031-03-18"),
    post("ash", 60, "2031-04-15"),
    post("birch", 30, "2031-04-15"),
]


def test_attention_that_doubles_doubles_the_odds_of_the_early_polls() -> None:
    given = evidence("ash", "birch", "cedar", polls=[*POLLS, *LATE], buzz=BUZZ)
    share = METHOD.predict(given, rng()).share
    start = replace(METHOD, elasticity=0.0).predict(given, rng()).share
    both = start["ash"] + start["birch"]
    odds = 2 * start["ash"] / start["birch"]
    expected = {"ash": both * odds / (1 + odds), "birch": both / (1 + odds)}
    assert share.to_dict() == pytest.approx(expected | {"cedar": start["cedar"]})


def test_an_elasticity_of_0_is_persistence_of_the_very_same_polls() -> None:
    given = evidence("ash", "birch", "cedar", polls=[*POLLS, *LATE], buzz=BUZZ)
    said = replace(METHOD, elasticity=0.0).predict(given, rng())
    early = given.with_tables(polls=given["polls"][given["polls"]["fieldwork_end"] < "2031-04-01"])
    polls = LastPoll(window_days=8, n_draws=400).predict(early, rng())
    assert said.share.tolist() == pytest.approx(polls.share.tolist())
    assert said.draws is not None
    np.testing.assert_allclose(said.draws.sum(axis=1), 1)


def test_before_the_day_of_calibration_it_is_silent() -> None:
    given = replace(
        evidence("ash", "birch", polls=POLLS, buzz=BUZZ), as_of=pd.Timestamp("2031-03-15")
    )
    with pytest.raises(Abstain, match="30 days before the vote, is to come"):
        METHOD.predict(given, rng())


def campaign(elasticity: float, noise: float = 0.0, weeks: int = 8) -> Evidence:
    """Polls that follow attention from week to week, up to 30 days before the vote."""
    draws = np.random.default_rng(3)
    rows, buzz = [], []
    names = ("ash", "birch", "cedar", "dogwood")
    level = np.array([0.4, 0.3, 0.2, 0.1])
    for week in range(weeks):
        day = VOTE_ON - pd.Timedelta(days=30 + 7 * week)
        growth = draws.normal(0, 0.5, 4)
        share = level * np.exp(elasticity * growth + draws.normal(0, noise, 4))
        share = share / share.sum()
        rows += poll(f"{day:%Y-%m-%d}", **dict(zip(names, share, strict=True)))
        buzz += [
            post(name, 100 * np.exp(g), f"{day:%Y-%m-%d}")
            for name, g in zip(names, growth, strict=True)
        ]
    buzz += [post(name, 100.0 + 50 * (name == "ash"), "2031-04-15") for name in names]
    return evidence(*names, polls=rows, buzz=buzz)


@pytest.mark.parametrize("truth", [0.0, 0.4, 1.0])
def test_the_elasticity_of_a_campaign_is_found(truth: float) -> None:
    learner = replace(METHOD, elasticity="campaign")
    found = learner.learned(campaign(truth))
    assert found.value == pytest.approx(truth, abs=1e-9)
    assert found.n == 8 * 4
    assert 1 < found.df < 3  # four candidates whose changes sum to 0
    noisy = learner.learned(campaign(truth, noise=0.1))
    assert abs(noisy.value - truth) < 4 * noisy.se < 0.5


def test_two_weeks_teach_no_elasticity() -> None:
    with pytest.raises(Abstain, match="2 weeks with polls and attention"):
        replace(METHOD, elasticity="campaign").learned(campaign(0.4, weeks=2))


def elsewhere(elasticity: float) -> dict[str, Any]:
    """One other election, whose outcome left its polls by attention to a power."""
    past = [
        {**post(name, value, day), "election": "old"}
        for name, value, day in (
            ("ash", 10, "2026-03-18"),
            ("birch", 10, "2026-03-18"),
            ("ash", 40, "2026-04-15"),
            ("birch", 10, "2026-04-15"),
        )
    ]
    odds = 4**elasticity
    outcomes = [
        {**vote("ash", 1), "share": odds / (1 + odds)},
        {**vote("birch", 1), "share": 1 / (1 + odds)},
    ]
    past_polls = poll("2026-03-20", vote_on="2026-04-20", ash=0.5, birch=0.5)
    return {"past_buzz": past, "outcomes": outcomes, "past_polls": past_polls}


def test_the_elasticity_of_other_elections_is_that_of_their_outcomes() -> None:
    given = evidence("ash", "birch", polls=POLLS, buzz=BUZZ, **elsewhere(0.3))
    learner = replace(METHOD, elasticity="elections")
    assert learner.learned(given).value == pytest.approx(0.3)


def test_a_nowcast_raises_attention_to_a_learned_power() -> None:
    given = evidence("ash", "birch", buzz=BUZZ, **elsewhere(0.5))
    nowcast = replace(METHOD, start="nothing", elasticity="elections")
    # attention 40 : 10 and votes 2 : 1 there, attention 60 : 30 here
    share = nowcast.predict(given, rng()).share
    assert share["ash"] / share["birch"] == pytest.approx(2**0.5)


def test_the_last_election_is_moved_by_attention_since_its_eve() -> None:
    given = evidence("ash", "birch", buzz=BUZZ, **elsewhere(0.0))
    share = replace(METHOD, start="last_election").predict(given, rng()).share
    # 1 : 1 there, attention from 4 : 1 to 2 : 1
    assert share["ash"] / share["birch"] == pytest.approx(0.5)


def test_without_another_election_nothing_is_learned() -> None:
    with pytest.raises(Abstain, match="no other election with this measure"):
        replace(METHOD, elasticity="elections").learned(
            evidence("ash", "birch", polls=POLLS, buzz=BUZZ)
        )


def test_searches_of_earlier_elections_are_hindsight_and_only_given_when_asked_for() -> None:
    moment = "2021-09-25 20:00"
    assert Task("de2021", 1, moment).evidence()["past_buzz"].empty
    hindsight = Task("de2021", 1, moment, hindsight_of=["google_trends"]).evidence()
    assert set(hindsight["past_buzz"]["election"]) == {"de2005", "de2009", "de2013", "de2017"}
    late = Task("de2009", 1, "2009-09-26 20:00", hindsight_of=["google_trends"]).evidence()
    assert set(late["past_buzz"]["election"]) == {"de2005"}


def test_a_batch_of_polls_and_posts_says_what_single_tables_say() -> None:
    real = campaign(0.4, noise=0.1)
    real = replace(real, as_of=AS_OF)
    rows = {name: real[name] for name in ("polls", "buzz")}
    noise = np.random.default_rng(1)
    values = {
        "polls": {"share": rows["polls"]["share"].to_numpy() * np.ones((3, 1))},
        "buzz": {
            "value": rows["buzz"]["value"].to_numpy()
            * noise.uniform(0.8, 1.2, (3, len(rows["buzz"])))
        },
    }
    tables = {
        name: BatchTable(rows=frame.drop(columns=list(values[name])), values=values[name])
        for name, frame in rows.items()
    }
    batch = EvidenceBatch(evidence=real, size=3, tables=tables)
    alone = replace(HYBRID, institutes=("Nord",))
    for method in (HYBRID, replace(HYBRID, elasticity=0.1), alone):
        said = method.predict_batch(batch)
        for b in range(3):
            single = method.predict(batch.replicate(b), rng()).share
            np.testing.assert_allclose(said[b], single)


def test_without_its_addition_a_partnership_is_its_partner_alone() -> None:
    other = [row | {"institute": "Sud", "poll_id": "s"} for row in LATE]
    rows = [*POLLS, *poll("2031-04-10", ash=0.4, birch=0.3, cedar=0.3), *other]
    given = evidence("ash", "birch", "cedar", polls=rows, buzz=BUZZ)
    institute = PollSubset(modes=(), institutes=("Nord",), window_days=8, n_draws=400)
    partner = institute.predict(given, rng())
    hybrid = replace(HYBRID, institutes=("Nord",), elasticity=0.0)
    without = hybrid.predict(given, rng())
    pd.testing.assert_series_equal(without.share, partner.share)
    np.testing.assert_allclose(without.draws, partner.draws)  # the same spread too
    # attention went from 1 : 1 to 2 : 1; that of cedar is not measured
    moved = replace(hybrid, elasticity=1.0).predict(given, rng()).share
    weight = {"ash": 0.4 * 4 / 3, "birch": 0.3 * 2 / 3, "cedar": 0.3}
    total = sum(weight.values())
    as_polled = poll("2031-04-10", **{name: w / total for name, w in weight.items()})
    level = institute.predict(given.with_tables(polls=pd.DataFrame(as_polled)), rng()).share
    assert moved.to_dict() == pytest.approx(level.to_dict(), abs=1e-9)
    with pytest.raises(Abstain, match="no poll by West"):
        replace(hybrid, institutes=("West",)).predict(given, rng())


def test_the_slope_is_that_of_another_library_and_its_error_that_of_the_formula() -> None:
    import statsmodels.api as sm

    draws = np.random.default_rng(5)
    n, groups = 60, 6
    cluster = np.repeat(np.arange(groups), n // groups)
    x = draws.normal(size=n)
    y = 0.4 * x + draws.normal(size=groups)[cluster] * x + draws.normal(size=n)
    ours, theirs = slope(x, y, cluster), sm.OLS(y, x).fit()
    assert ours.value == pytest.approx(float(theirs.params[0]))
    # of one column, CR2 divides the squared score of a cluster by what its leverage leaves
    leverage = np.bincount(cluster, x**2) / (x @ x)
    scores = np.bincount(cluster, x * theirs.resid) ** 2 / (1 - leverage)
    assert ours.se == pytest.approx(np.sqrt(scores.sum()) / (x @ x))
    # a mean of each cluster may be part of the fit or removed before it
    within = np.equal.outer(cluster, np.arange(groups)).astype(float)
    left = np.eye(n) - within @ within.T / (n // groups)
    whole, removed = slope(x, y, cluster, within), slope(left @ x, left @ y, cluster)
    assert (whole.value, whole.se) == pytest.approx((removed.value, removed.se))
    assert whole.df == pytest.approx(removed.df)
    with pytest.raises(Abstain, match="attention never moved"):
        slope(np.zeros(2), np.ones(2), np.arange(2))

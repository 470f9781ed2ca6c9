"""Apps and buzz, by hand."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from bench.core import Abstain, ConfigError
from predictors.app_ratings import AppRatings
from predictors.attention_share import AttentionShare
from predictors.community_self_focus import CommunitySelfFocus
from predictors.digital_weight import DigitalWeight
from tests.evidence import evidence


def rng() -> np.random.Generator:
    return np.random.default_rng(0)


def rating(candidate: str, favourable: float, day: str = "2031-04-10") -> dict[str, Any]:
    return {
        "source": "app",
        "round": 1,
        "day": day,
        "candidate": candidate,
        "favourable": favourable,
        "published_on": day,
        "available_on": day,
    }


def post(candidate: str, value: float, day: str = "2031-04-10", **other: Any) -> dict[str, Any]:
    return {
        "day": day,
        "source": "net",
        "community": None,
        "candidate": candidate,
        "measure": "tweets",
        "value": value,
        "published_on": day,
        "available_on": day,
        **other,
    }


def app(count: str = "favourable") -> AppRatings:
    return AppRatings(source="app", count=count, reading="sum", max_age_days=31, n_draws=50)


def test_the_latest_rating_of_each_candidate_counts() -> None:
    rows = [
        rating("ash", 0.9, "2031-04-01"),
        rating("ash", 0.6),
        rating("birch", 0.2, "2031-04-02"),
    ]
    forecast = app().predict(evidence("ash", "birch", "cedar", ratings=rows), rng())
    assert forecast.share.to_dict() == pytest.approx({"ash": 0.75, "birch": 0.25})
    assert forecast.converted
    assert forecast.draws is None


def place(name: str, votes: float) -> list[dict[str, object]]:
    """Four of ten approve of ash and two of birch; the votes as given."""
    rows = (("ash", 40, votes), ("birch", 20, 1 - votes))
    return [
        {
            "election": "before",
            "place": name,
            "candidate": candidate,
            "approvals": approvals,
            "ballots": 100,
            "share": share,
            "published_on": "2029-01-01",
        }
        for candidate, approvals, share in rows
    ]


def test_ratings_become_votes_as_approvals_did_elsewhere() -> None:
    rows = [rating("ash", 0.6), rating("birch", 0.2)]
    # four times the votes at twice the approvals: the power is 2, and (0.6 / 0.2)^2 = 9
    known = place("here", 0.8) + place("there", 0.8)
    learned = replace(app(), reading="learned")
    said = learned.predict(evidence("ash", "birch", ratings=rows, past_approvals=known), rng())
    assert said.share.to_dict() == pytest.approx({"ash": 0.9, "birch": 0.1})
    with pytest.raises(Abstain, match="in 0 places"):
        learned.predict(evidence("ash", "birch", ratings=rows), rng())


def test_ratings_that_claim_no_shares_are_an_order() -> None:
    rows = [rating("ash", 0.6), rating("birch", 0.2)]
    said = replace(app(), reading="order").predict(evidence("ash", "birch", ratings=rows), rng())
    assert said.order_only
    assert said.share["ash"] > said.share["birch"]


def test_old_ratings_are_no_forecast() -> None:
    rows = [rating("ash", 0.9, "2031-01-01"), rating("birch", 0.6, "2031-01-01")]
    with pytest.raises(Abstain, match="no ratings of two candidates"):
        app().predict(evidence("ash", "birch", ratings=rows), rng())


def test_what_is_counted_must_be_known() -> None:
    with pytest.raises(ConfigError, match="accepted: favourable, declared_votes"):
        app("smiles").predict(evidence("ash", "birch"), rng())


def test_declared_votes_are_counted_as_they_come() -> None:
    rows = [
        {
            "source": "app",
            "day": "2031-04-10",
            "candidate": name,
            "declared_votes": votes,
            "published_on": "2031-04-10",
        }
        for name, votes in (("ash", 300), ("birch", 100))
    ]
    forecast = app("declared_votes").predict(
        evidence("ash", "birch", "cedar", online_ballot=rows), rng()
    )
    assert forecast.share.tolist() == [0.75, 0.25, 0.0]
    assert forecast.draws is not None
    assert forecast.draws.shape == (50, 3)


def test_without_a_name_it_is_the_one_ballot_that_there_is() -> None:
    rows = [rating(name, 0.5) | {"declared_votes": n} for name, n in (("ash", 3), ("birch", 1))]
    unnamed = replace(app("declared_votes"), source="")
    forecast = unnamed.predict(evidence("ash", "birch", online_ballot=rows), rng())
    assert forecast.share.to_dict() == {"ash": 0.75, "birch": 0.25}
    second = [*rows, rows[0] | {"source": "club"}]
    with pytest.raises(ConfigError, match="several ballots; name one: app, club"):
        unnamed.predict(evidence("ash", "birch", online_ballot=second), rng())
    with pytest.raises(ConfigError, match="source is empty"):
        replace(app(), source="").predict(evidence("ash", "birch", ratings=rows), rng())


def test_mentions_are_averaged_and_divided() -> None:
    rows = [post("ash", 10), post("ash", 30, "2031-04-09"), post("birch", 5), post("birch", 5)]
    rows.append(post("birch", 1000, "2031-03-20"))  # outside the window
    attention = AttentionShare(source="net", measure="tweets", window_days=7, max_age_days=31)
    share = attention.predict(evidence("ash", "birch", buzz=rows), rng()).share
    assert share.to_dict() == pytest.approx({"ash": 0.8, "birch": 0.2})


@pytest.mark.parametrize("kind", [AttentionShare, CommunitySelfFocus])
def test_stale_posts_are_no_forecast(kind: type[AttentionShare]) -> None:
    rows = [post("ash", 10, "2031-01-10"), post("birch", 5, "2031-01-10")]
    with pytest.raises(Abstain, match="the 31 days before 18 April 2031"):
        kind(source="net", measure="tweets", window_days=7, max_age_days=31).predict(
            evidence("ash", "birch", buzz=rows), rng()
        )


ATTENTION = [
    post("ash", 40, community="ash"),
    post("ash", 10, community="birch"),
    post("birch", 20, community="birch"),
    post("birch", 10, community="ash"),
]


def self_focus() -> CommunitySelfFocus:
    return CommunitySelfFocus(source="net", measure="tweets", window_days=7, max_age_days=31)


def test_a_community_that_is_measured_more_often_counts_no_more_for_self_focus() -> None:
    often = [*ATTENTION, post("ash", 40, "2031-04-09", community="ash")]
    for rows in (ATTENTION, often):
        share = self_focus().predict(evidence("ash", "birch", buzz=rows), rng()).share
        # nets 40 - 10 and 20 - 10
        assert share.to_dict() == pytest.approx({"ash": 0.75, "birch": 0.25})


def test_counts_by_tone_and_without_communities_are_no_self_focus() -> None:
    rows = [post("ash", 5, measure="positive"), post("ash", 2, measure="negative")]
    rows += [post("ash", 10, community=""), post("birch", 20, community="")]
    with pytest.raises(Abstain, match="of two communities"):
        self_focus().predict(evidence("ash", "birch", buzz=rows), rng())


def test_digital_weight_is_the_mean_of_the_shares_in_each_trace() -> None:
    rows = [
        post("ash", 30),
        post("birch", 10),
        post("ash", 100, measure="followers"),
        post("birch", 300, measure="followers"),
        post("ash", 9, measure="videos"),  # names one candidate only
    ]
    weight = DigitalWeight(
        measures=("tweets", "followers", "videos"), window_days=7, max_age_days=31, least_named=2
    )
    share = weight.predict(evidence("ash", "birch", buzz=rows), rng()).share
    assert share.to_dict() == pytest.approx({"ash": 0.5, "birch": 0.5})

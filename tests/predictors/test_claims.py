"""Published figures, replayed as they stood."""

from typing import Any

import numpy as np
import pytest

from bench.core import Abstain
from predictors.market_odds import MarketOdds
from predictors.published_claim import PublishedClaim
from tests.evidence import evidence

RNG = np.random.default_rng(0)


def claim(candidate: str, share: float, day: str = "2031-04-10", **other: Any) -> dict[str, Any]:
    return {
        "publisher": "oracle",
        "round": 1,
        "day": day,
        "published_on": f"{day}T12:00",
        "candidate": candidate,
        "share": share,
        "rank": None,
        "quantity": "vote_share",
        "basis": "quoted",
        **other,
    }


def oracle(quantity: str = "vote_share", least_named: int = 2) -> PublishedClaim:
    return PublishedClaim(
        publisher="oracle", quantity=quantity, least_named=least_named, max_age_days=31
    )


@pytest.mark.parametrize(
    "rows",
    [
        [claim("ash", 0.5, publisher="else"), claim("birch", 0.4, publisher="else")],
        [claim("ash", 0.5)],
        [claim("ash", 0.5, day="2031-01-10"), claim("birch", 0.4, day="2031-01-10")],
        [claim("ash", np.nan), claim("birch", np.nan)],
    ],
)
def test_nothing_published_in_time_means_abstaining(rows: list[dict[str, Any]]) -> None:
    with pytest.raises(Abstain, match="oracle published no vote share of at least 2"):
        oracle().predict(evidence("ash", "birch", claims=rows), RNG)


def test_the_latest_full_publication_counts_as_it_stood() -> None:
    rows = [
        claim("ash", 0.30, day="2031-04-01"),
        claim("birch", 0.60, day="2031-04-01"),
        claim("ash", 0.40),
        claim("birch", 0.50),
        claim("ash", 0.99, day="2031-04-12"),
    ]
    forecast = oracle().predict(evidence("ash", "birch", "cedar", claims=rows), RNG)
    assert forecast.share.to_dict() == {"ash": 0.40, "birch": 0.50}
    assert forecast.converted == ""


def test_volumes_are_divided_by_their_sum_and_say_so() -> None:
    rows = [
        claim("ash", 0.2, quantity="volume_share"),
        claim("birch", 0.6, quantity="volume_share"),
    ]
    forecast = oracle("volume_share").predict(evidence("ash", "birch", claims=rows), RNG)
    assert forecast.share.to_dict() == pytest.approx({"ash": 0.25, "birch": 0.75})
    assert "divided by its sum" in forecast.converted


def test_a_bookmakers_margin_is_divided_out() -> None:
    rows = [
        claim("ash", 0.75, quantity="win_probability", publisher="b"),
        claim("birch", 0.50, quantity="win_probability", publisher="b"),
    ]
    forecast = MarketOdds(max_age_days=31).predict(evidence("ash", "birch", claims=rows), RNG)
    assert forecast.win_probability is not None
    assert forecast.win_probability.to_dict() == pytest.approx({"ash": 0.6, "birch": 0.4})
    assert forecast.share.isna().all()


def test_one_lonely_quote_is_no_market() -> None:
    rows = [claim("ash", 0.75, quantity="win_probability")]
    with pytest.raises(Abstain, match="no market quoted two candidates"):
        MarketOdds(max_age_days=31).predict(evidence("ash", "birch", claims=rows), RNG)

"""Published figures, replayed as they stood."""

from typing import Any

import numpy as np
import pytest

from bench.core import Abstain, Forecast
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


def test_no_share_is_made_of_the_price_of_a_chance() -> None:
    rows = [claim(who, 0.5, quantity="win_probability") for who in ("ash", "birch")]
    with pytest.raises(Abstain, match="it quotes chances, and the price of a chance is no share"):
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
    assert forecast.converted == "volume_share"
    assert oracle("volume_share").our_reading()
    assert not any(oracle(one).our_reading() for one in ("vote_share", "digital_weight", "rank"))


def market(*publishers: str) -> MarketOdds:
    return MarketOdds(publishers=publishers or ("b",), max_age_days=31, slope=1.0)


def quote(candidate: str, price: float, day: str = "2031-04-10", **other: Any) -> dict[str, Any]:
    given = {"quantity": "win_probability", "publisher": "b", **other}
    return claim(candidate, price, day, **given)


def chances(forecast: Forecast, event: str = "elected") -> dict[str, float]:
    assert forecast.chances is not None
    return {str(name): float(p) for name, p in forecast.chances[event].dropna().items()}


def test_a_bookmakers_margin_is_divided_out() -> None:
    rows = [quote("ash", 0.75), quote("birch", 0.50)]
    forecast = market().predict(evidence("ash", "birch", claims=rows), RNG)
    assert chances(forecast) == pytest.approx({"ash": 0.6, "birch": 0.4})
    assert forecast.share.empty
    assert forecast.converted == "chances"


def test_a_model_maker_is_no_market() -> None:
    rows = [quote("ash", 0.75, publisher="modeller"), quote("birch", 0.2, publisher="modeller")]
    with pytest.raises(Abstain, match="no market quoted"):
        market().predict(evidence("ash", "birch", claims=rows), RNG)
    forecast = PublishedClaim(
        publisher="modeller", quantity="win_probability", least_named=2, max_age_days=31
    ).predict(evidence("ash", "birch", claims=rows), RNG)
    assert chances(forecast) == pytest.approx({"ash": 0.75 / 0.95, "birch": 0.2 / 0.95})


def test_the_newest_price_of_every_market_counts_and_none_older_than_the_limit() -> None:
    rows = [
        *(quote("ash", 0.9, "2031-04-02"), quote("birch", 0.1, "2031-04-02")),
        *(quote("ash", 0.6), quote("birch", 0.4)),
        quote("ash", 0.99, "2031-04-12"),  # alone on its day
        *(quote("ash", 0.8, publisher="c"), quote("cedar", 0.2, publisher="c")),
        *(quote("ash", 0.1, "2031-02-01", publisher="d"), quote("birch", 0.9, "2031-02-01")),
    ]
    forecast = market("b", "c", "d").predict(evidence("ash", "birch", "cedar", claims=rows), RNG)
    # means of those who quote: 0.7, 0.4 and 0.2, together 1.3
    assert chances(forecast) == pytest.approx(
        {"ash": 0.7 / 1.3, "birch": 0.4 / 1.3, "cedar": 0.2 / 1.3}
    )


def test_chances_of_getting_through_sum_to_the_places_and_are_an_event_of_their_own() -> None:
    through = {"quantity": "qualify_probability"}
    rows = [
        *(quote("ash", 0.9, **through), quote("birch", 0.9, **through)),
        *(quote("cedar", 0.7, **through), quote("ash", 0.5), quote("birch", 0.2)),
    ]
    given = evidence("ash", "birch", "cedar", "date", claims=rows, n_advance=2)
    forecast = market().predict(given, RNG)
    assert chances(forecast, "qualify") == pytest.approx(
        {"ash": 0.72, "birch": 0.72, "cedar": 0.56}
    )
    assert chances(forecast) == {"ash": 0.5, "birch": 0.2}, "what is left belongs to the others"


def test_places_alone_are_an_order_and_no_shares() -> None:
    rows = [
        claim(name, np.nan, quantity="rank", rank=place, basis="rank_only")
        for name, place in (("ash", 1), ("birch", 1), ("cedar", 3))
    ]
    method = PublishedClaim(publisher="oracle", quantity="rank", least_named=3, max_age_days=31)
    said = method.predict(evidence("ash", "birch", "cedar", "date", claims=rows), RNG)
    assert said.order_only
    assert said.share["ash"] == said.share["birch"] > said.share["cedar"] > 0
    assert "date" not in said.share

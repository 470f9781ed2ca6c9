"""Until when a method read, and whether all of it was public by then."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
import pandas as pd
from typing_extensions import override

from bench.core import Evidence, Forecast, Predictor
from bench.runner.prediction import access, newest_row_on


@dataclass(frozen=True, kw_only=True)
class Reader(Predictor):
    """A method whose settings choose rows."""

    family: ClassVar[str] = "x"
    needs: ClassVar[frozenset[str]] = frozenset({"ratings", "polls"})
    source: str = ""
    measures: tuple[str, ...] = ()

    @override
    def predict(self, evidence: Evidence, rng: np.random.Generator) -> Forecast:
        raise NotImplementedError


def evidence() -> Evidence:
    """An app of a month ago, a ballot compiled a year later, polls of yesterday."""
    ratings = pd.DataFrame(
        {
            "source": ["app", "ballot"],
            "published_on": pd.to_datetime(["2031-03-20", "2032-03-01"]),
            "held_on": pd.to_datetime(["2031-03-20", "2031-04-17"]),
        }
    )
    polls = pd.DataFrame(
        {
            "published_on": pd.to_datetime(["2031-04-10", "2031-04-16"]),
            "corrected_on": pd.to_datetime([None, "2031-04-17"]),
            "mode": ["telephone", "online"],
        }
    )
    past = pd.DataFrame({"published_on": pd.to_datetime(["2026-04-10", "2036-04-16"])})
    return Evidence(
        election="made_up",
        round=1,
        as_of=pd.Timestamp("2031-04-18"),
        vote_on=pd.Timestamp("2031-04-20"),
        candidates=("ash", "birch"),
        seats=1,
        tables={"ratings": ratings, "polls": polls, "past_polls": past},
    )


@dataclass(frozen=True, kw_only=True)
class LooksBack(Reader):
    days_back: float


def test_what_a_method_that_looks_back_does_not_look_at_does_not_count() -> None:
    week = newest_row_on(evidence(), ["polls"], LooksBack(days_back=7.0))
    assert week == pd.Timestamp("2031-04-10")
    assert newest_row_on(evidence(), ["polls"], LooksBack(days_back=30.0)) is None


def test_only_polls_of_the_mode_that_the_settings_name_count() -> None:
    chosen = Reader(measures=("telephone",))
    assert newest_row_on(evidence(), ["polls"], chosen) == pd.Timestamp("2031-04-10")


@dataclass(frozen=True, kw_only=True)
class Calibrated(Reader):
    start: str
    calibrated_days: int


def test_polls_after_the_day_of_calibration_do_not_count() -> None:
    polls = pd.DataFrame(
        {
            "poll_id": ["early", "eve_of_it", "late"],
            "published_on": pd.to_datetime(
                ["2031-04-08 00:00", "2031-04-10 21:00", "2031-04-16 00:00"]
            ),
        }
    )
    given = replace(evidence(), tables={"polls": polls})
    early = newest_row_on(given, ["polls"], Calibrated(start="polls", calibrated_days=10))
    assert early == pd.Timestamp("2031-04-10 21:00")  # the end of that day is the border
    late = newest_row_on(given, ["polls"], Calibrated(start="nothing", calibrated_days=10))
    assert late == pd.Timestamp("2031-04-16")


def test_only_rows_of_the_source_that_the_settings_name_count() -> None:
    assert newest_row_on(evidence(), ["ratings"], Reader(source="app")) == pd.Timestamp(
        "2031-03-20"
    )
    assert newest_row_on(evidence(), ["ratings"], Reader(measures=("app",))) == pd.Timestamp(
        "2031-03-20"
    )


def test_what_was_compiled_later_counts_from_when_it_was_held() -> None:
    assert newest_row_on(evidence(), ["ratings"], Reader()) == pd.Timestamp("2031-04-17")


def test_a_correction_is_news_and_a_later_election_is_none() -> None:
    assert newest_row_on(evidence(), ["polls"], Reader()) == pd.Timestamp("2031-04-17")
    assert newest_row_on(evidence(), ["past_polls"], Reader()) == pd.Timestamp("2026-04-10")
    assert newest_row_on(evidence(), [], Reader()) is None


def test_whoever_read_what_was_published_later_is_marked() -> None:
    tables = ["polls", "ratings"]
    assert access(evidence(), tables, Reader(), ["ballot"]) == "owner"
    assert access(evidence(), tables, Reader(source="ballot"), ["ballot"]) == "owner"
    assert access(evidence(), tables, Reader(source="app"), ["ballot"]) == "public"
    assert access(evidence(), ["polls"], Reader(), ["ballot"]) == "public"
    assert access(evidence(), tables, Reader(), []) == "public"


def test_the_owner_of_a_claim_that_came_out_later_is_its_publisher() -> None:
    claims = evidence().tables["ratings"].rename(columns={"source": "publisher"})
    given = replace(evidence(), tables={"claims": claims.assign(source="a page")})
    assert access(given, ["claims"], Reader(source="ballot"), ["ballot"]) == "owner"
    assert access(given, ["claims"], Reader(source="app"), ["ballot"]) == "public"

"""What one attempt records beside the forecast: time, damage, and which rows it was based on."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
import pandas as pd
from typing_extensions import override

from bench.core import Evidence, Forecast, Predictor
from bench.data.task import Task
from bench.runner.prediction import access, newest_row_on, predict, rows_read

TASK = Task("toy", 1, "2031-04-04T20:00")
BUSY = "import time; t = time.process_time()\nwhile time.process_time() - t < 0.2: pass"


@dataclass(frozen=True, kw_only=True)
class Delegating(Predictor):
    """Lets a child process do the work."""

    family: ClassVar[str] = "other"

    def predict(self, evidence: Evidence, rng: np.random.Generator) -> Forecast:
        subprocess.run([sys.executable, "-c", BUSY], check=True)
        names = evidence.candidates
        return Forecast(share=pd.Series(1 / len(names), index=list(names)))


def test_the_work_of_child_processes_counts() -> None:
    tried = predict(TASK, Delegating())
    assert tried.status == "ok"
    assert tried.cpu_s >= 0.19


@dataclass(frozen=True, kw_only=True)
class Writing(Predictor):
    """Sets all polled shares to 0, in the memory of the table."""

    family: ClassVar[str] = "other"
    needs: ClassVar[frozenset[str]] = frozenset({"polls"})

    def predict(self, evidence: Evidence, rng: np.random.Generator) -> Forecast:
        evidence["polls"]["share"].array[:] = 0.0
        names = evidence.candidates
        return Forecast(share=pd.Series(1 / len(names), index=list(names)))


def test_whoever_writes_into_evidence_fails_and_the_others_do_not_see_it() -> None:
    before = TASK.evidence()["polls"].copy()
    tried = predict(TASK, Writing())
    assert tried.message == "ValueError: assignment destination is read-only"
    pd.testing.assert_frame_equal(TASK.evidence()["polls"], before, check_exact=True)


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


def newest(given: Evidence, tables: Sequence[str], method: Predictor) -> pd.Timestamp | None:
    return newest_row_on(rows_read(given, tables, method), given, method)


def access_to(
    given: Evidence, tables: Sequence[str], method: Predictor, owners_of: Sequence[str]
) -> str:
    return access(rows_read(given, tables, method), given.as_of, owners_of)


@dataclass(frozen=True, kw_only=True)
class LooksBack(Reader):
    days_back: float


def test_what_a_method_that_looks_back_does_not_look_at_does_not_count() -> None:
    week = newest(evidence(), ["polls"], LooksBack(days_back=7.0))
    assert week == pd.Timestamp("2031-04-10")
    assert newest(evidence(), ["polls"], LooksBack(days_back=30.0)) is None


def test_only_polls_of_the_mode_that_the_settings_name_count() -> None:
    chosen = Reader(measures=("telephone",))
    assert newest(evidence(), ["polls"], chosen) == pd.Timestamp("2031-04-10")


@dataclass(frozen=True, kw_only=True)
class Calibrated(Reader):
    start: str
    calibrated_days: int


@dataclass(frozen=True, kw_only=True)
class PollsOfThatDay(Reader):
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
    early = newest(given, ["polls"], Calibrated(start="polls", calibrated_days=10))
    assert early == pd.Timestamp("2031-04-10 21:00")  # the end of that day is the border
    late = newest(given, ["polls"], Calibrated(start="nothing", calibrated_days=10))
    assert late == pd.Timestamp("2031-04-16")
    # of one that looks at that day alone, whatever it read counts until then
    other = replace(evidence(), tables={"past_polls": polls.drop(columns="poll_id")})
    alone = newest(other, ["past_polls"], PollsOfThatDay(calibrated_days=10))
    assert alone == pd.Timestamp("2031-04-10 21:00")


def test_only_rows_of_the_source_that_the_settings_name_count() -> None:
    assert newest(evidence(), ["ratings"], Reader(source="app")) == pd.Timestamp("2031-03-20")
    assert newest(evidence(), ["ratings"], Reader(measures=("app",))) == pd.Timestamp("2031-03-20")


def test_what_was_compiled_later_counts_from_when_it_was_held() -> None:
    assert newest(evidence(), ["ratings"], Reader()) == pd.Timestamp("2031-04-17")


def test_a_correction_is_news_and_a_later_election_is_none() -> None:
    assert newest(evidence(), ["polls"], Reader()) == pd.Timestamp("2031-04-17")
    assert newest(evidence(), ["past_polls"], Reader()) == pd.Timestamp("2026-04-10")
    assert newest(evidence(), [], Reader()) is None


def test_whoever_read_what_was_published_later_is_marked() -> None:
    tables = ["polls", "ratings"]
    assert access_to(evidence(), tables, Reader(), ["ballot"]) == "owner"
    assert access_to(evidence(), tables, Reader(source="ballot"), ["ballot"]) == "owner"
    assert access_to(evidence(), tables, Reader(source="app"), ["ballot"]) == "public"
    assert access_to(evidence(), ["polls"], Reader(), ["ballot"]) == "public"
    assert access_to(evidence(), tables, Reader(), []) == "public"


def test_the_owner_of_a_claim_that_came_out_later_is_its_publisher() -> None:
    claims = evidence().tables["ratings"].rename(columns={"source": "publisher"})
    given = replace(evidence(), tables={"claims": claims.assign(source="a page")})
    assert access_to(given, ["claims"], Reader(source="ballot"), ["ballot"]) == "owner"
    assert access_to(given, ["claims"], Reader(source="app"), ["ballot"]) == "public"

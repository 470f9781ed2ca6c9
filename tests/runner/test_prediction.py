"""What one attempt records beside the forecast: time, damage, and which rows it was based on."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
import pandas as pd
import pytest
from typing_extensions import override

from bench.core import Evidence, Forecast, Predictor
from bench.data.task import Task
from bench.runner.prediction import access, newest_row_on, predict, rows_read
from tests.evidence import evidence as made

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
            "available_on": pd.to_datetime(["2031-03-20", "2031-04-17"]),
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
    tables = {"ratings": ratings, "polls": polls, "past_polls": past}
    return replace(made("ash", "birch"), as_of=pd.Timestamp("2031-04-18"), tables=tables)


@dataclass(frozen=True, kw_only=True)
class LooksBack(Reader):
    days_back: float


def newest(given: Evidence, tables: Sequence[str], method: Predictor) -> pd.Timestamp | None:
    return newest_row_on(rows_read(given, tables, method), given, method)


@pytest.mark.parametrize(
    ("tables", "method", "day"),
    [
        # of one that looks back, what it does not look at does not count
        (["polls"], LooksBack(days_back=7.0), "2031-04-10"),
        (["polls"], LooksBack(days_back=30.0), None),
        # nor do other modes and sources than those of its settings
        (["polls"], Reader(measures=("telephone",)), "2031-04-10"),
        (["ratings"], Reader(source="app"), "2031-03-20"),
        (["ratings"], Reader(measures=("app",)), "2031-03-20"),
        # what was compiled later counts from when it was held; a correction is news
        (["ratings"], Reader(), "2031-04-17"),
        (["polls"], Reader(), "2031-04-17"),
        (["past_polls"], Reader(), "2026-04-10"),  # a later election is none
        ([], Reader(), None),
    ],
)
def test_the_newest_row_is_of_those_that_count(
    tables: list[str], method: Predictor, day: str | None
) -> None:
    assert newest(evidence(), tables, method) == (None if day is None else pd.Timestamp(day))


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


@pytest.mark.parametrize(
    ("tables", "source", "owners", "marked"),
    [
        (["polls", "ratings"], "", ["ballot"], "owner"),
        (["polls", "ratings"], "ballot", ["ballot"], "owner"),
        (["polls", "ratings"], "app", ["ballot"], "public"),
        (["polls"], "", ["ballot"], "public"),
        (["polls", "ratings"], "", [], "public"),
        (["claims"], "ballot", ["ballot"], "owner"),  # of a claim, its publisher
        (["claims"], "app", ["ballot"], "public"),
    ],
)
def test_whoever_read_what_was_published_later_is_marked(
    tables: list[str], source: str, owners: list[str], marked: str
) -> None:
    claims = evidence().tables["ratings"].rename(columns={"source": "publisher"})
    given = evidence().with_tables(claims=claims.assign(source="a page"))
    assert access(rows_read(given, tables, Reader(source=source)), given.as_of, owners) == marked

"""What one attempt records beside the forecast: time, damage, and which rows it was based on."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
import pandas as pd
import pytest

from bench.core import Evidence, Forecast, Predictor
from bench.core.evidence import Read
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


def day(text: str) -> pd.Timestamp:
    return pd.Timestamp(text)


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
    errors = pd.DataFrame({"published_on": [day("2031-04-16")], "round": [1]})
    tables = {"ratings": ratings, "polls": polls, "past_polls": past, "past_errors": errors}
    return replace(made("ash", "birch"), as_of=pd.Timestamp("2031-04-18"), tables=tables)


@pytest.mark.parametrize(
    ("reads", "newest"),
    [
        # what was not public on the day that is looked back to does not count
        ([Read("polls", day("2031-04-11"))], "2031-04-10"),
        ([Read("polls", day("2031-03-19"))], None),
        # nor do other modes and sources
        ([Read("polls", filters=(("mode", ("telephone",)),))], "2031-04-10"),
        ([Read("ratings", filters=(("source", ("app",)),))], "2031-03-20"),
        ([Read("ratings", filters=(("source", ("nobody",)),))], None),
        # nor what else was read of a table that was read in parts
        ([Read("polls", filters=(("mode", ("telephone",)),)), Read("past_polls")], "2031-04-10"),
        # nor what earlier votes taught, where anything else was read
        ([Read("polls", day("2031-04-11")), Read("past_errors")], "2031-04-10"),
        ([Read("past_errors")], "2031-04-16"),
        # what was compiled later counts from when it was held; a correction is news
        ([Read("ratings")], "2031-04-17"),
        ([Read("polls")], "2031-04-17"),
        ([Read("past_polls")], "2026-04-10"),  # a later election is none
        ([], None),
    ],
)
def test_the_newest_row_is_of_those_that_were_read(reads: list[Read], newest: str | None) -> None:
    assert newest_row_on(evidence(), reads) == (None if newest is None else day(newest))


def test_rows_may_be_chosen_by_any_column() -> None:
    polls = evidence().tables["polls"].assign(candidate=["ash", "birch"])
    given = evidence().with_tables(polls=polls)
    reads = [Read("polls", filters=(("candidate", ("ash",)),))]
    assert newest_row_on(given, reads) == day("2031-04-10")


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
    of_source = {"ratings": "source", "claims": "publisher"} if source else {}
    reads = [
        Read(table, filters=((of_source[table], (source,)),)) if table in of_source else Read(table)
        for table in tables
    ]
    assert access(rows_read(given, reads), given.as_of, owners) == marked

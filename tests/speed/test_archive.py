"""What it takes to open the archive of elections, beside slicing its tables by hand."""

from __future__ import annotations

import pandas as pd
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from bench.data.collection import load_collection, spans_of
from bench.data.election import load_election
from bench.data.readers import forget
from bench.data.task import Task

pytestmark = pytest.mark.speed
COLLECTION = "united_states"
POLLS = "polls of every American race, cut at the vote, by slices of the table"


def _opened_and_cut(names: list[str]) -> int:
    forget()
    elections = [load_election(name) for name in names]
    tasks = [Task(one, 1, one.round(1).vote_on) for one in elections]
    return sum(len(task.evidence()["polls"]) for task in tasks)


def _sliced() -> int:
    rows = pd.read_parquet(load_collection(COLLECTION).folder / "polls.parquet")
    rows["election"] = rows["election"].astype(str)
    parts = [rows.iloc[start:stop] for start, stop in spans_of(rows).values()]
    return sum(len(part[part["published_on"].notna()]) for part in parts)


@pytest.mark.benchmark(group=POLLS)
def test_every_race_opened_and_cut(benchmark: BenchmarkFixture) -> None:
    names = load_collection(COLLECTION).names
    assert benchmark.pedantic(_opened_and_cut, (names,), rounds=3, iterations=1) > 10_000


@pytest.mark.benchmark(group=POLLS)
def test_slices_alone(benchmark: BenchmarkFixture) -> None:
    assert benchmark.pedantic(_sliced, rounds=3, iterations=1) > 10_000

"""The record: what a race costs, and whether twice the races cost twice as much."""

from __future__ import annotations

from dataclasses import replace

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from bench.data.collection import load_collection
from bench.runner.results import Results
from bench.studies.track_record import STUDY
from tests.conftest import Compose
from tests.speed.rates import note_forecasts_a_second

pytestmark = pytest.mark.speed


@pytest.mark.benchmark(group="American races of the record, every family")
@pytest.mark.parametrize("n", [100, 200])
def test_american_races_of_the_record(
    benchmark: BenchmarkFixture, composed: Compose, n: int
) -> None:
    """Every family on the latest races, without a cache; forecasts a second in `extra_info`."""
    experiment = composed("+experiment=track_record", "days_before=[0]", "results=''")
    register = load_collection("united_states").elections
    latest = register[register["ranked"]].sort_values("vote_on", kind="stable")["election"]
    some = replace(experiment, elections=list(latest.tail(n)))
    results: Results = benchmark.pedantic(STUDY.analyse, (some,), rounds=1)
    note_forecasts_a_second(benchmark, int(results.tables["answers"]["answered"].sum()))

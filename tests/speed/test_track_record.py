"""The record: what a race costs, whether twice the races cost twice as much, and the statistics."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from bench.data.collection import load_collection
from bench.metrics.comparison.two_way import bradley_terry, fixed_effects, losses, random_effects
from bench.runner.results import Results
from bench.studies.track_record import STUDY
from tests.conftest import Compose
from tests.speed.rates import note_forecasts_a_second

pytestmark = pytest.mark.speed
FAMILIES = 20
VOTES = 2_500


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


@pytest.fixture(scope="module")
def rows() -> pd.DataFrame:
    """50,000 losses of twenty families on 2,500 votes of 300 election days, a few of them large."""
    rng = np.random.default_rng(1)
    vote, method = np.indices((VOTES, FAMILIES)).reshape(2, -1)
    day = np.where(np.arange(VOTES) < 2_200, np.arange(VOTES) % 12, np.arange(VOTES))
    value = rng.normal(size=VOTES)[vote] + 0.1 * method + 0.5 * rng.standard_t(5, len(vote))
    return pd.DataFrame({"value": value, "vote": vote, "method": method, "cluster": day[vote]})


@pytest.mark.benchmark(group="50,000 losses compared")
@pytest.mark.parametrize("compared", [fixed_effects, random_effects, bradley_terry])
def test_fifty_thousand_losses_compared(
    benchmark: BenchmarkFixture, rows: pd.DataFrame, compared: Any
) -> None:
    columns = (rows[name] for name in ("value", "vote", "method", "cluster"))
    held = losses(*columns, n_methods=FAMILIES, reference=0)
    benchmark.pedantic(compared, (held, 0), rounds=1)

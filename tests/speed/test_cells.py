"""What a forecast costs, apart from its predictor."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from bench.core.settings import Experiment
from bench.runner.results import Results
from bench.studies.backtest.analysis import analyse
from tests.conftest import Compose
from tests.speed.rates import note_forecasts_a_second

pytestmark = pytest.mark.speed
TEN = "ten forecasts of the made-up election, by reading them from the cache"
MANY = "300 forecasts of 4,000 draws, by random numbers"


@pytest.fixture
def experiment(composed: Compose, tmp_path: Path) -> Experiment:
    return composed(
        "+experiment=quickstart",
        "predictor=[uniform,last_election]",
        "days_before=[1,2,3,4,5]",
        f"results={tmp_path}",
    )


@pytest.mark.benchmark(group=TEN)
def test_ten_forecasts_computed(benchmark: BenchmarkFixture, experiment: Experiment) -> None:
    experiment.execution.overwrite = "always"
    benchmark(analyse, experiment)


@pytest.mark.benchmark(group=TEN)
def test_ten_forecasts_computed_without_a_disk(
    benchmark: BenchmarkFixture, experiment: Experiment
) -> None:
    experiment.results = ""
    benchmark(analyse, experiment)


@pytest.mark.benchmark(group=TEN)
def test_ten_forecasts_computed_in_processes_of_their_own(
    benchmark: BenchmarkFixture, experiment: Experiment
) -> None:
    experiment.execution.overwrite = "always"
    experiment.execution.isolate = True
    benchmark(analyse, experiment)


@pytest.mark.benchmark(group=TEN)
def test_ten_forecasts_from_the_cache_alone(
    benchmark: BenchmarkFixture, experiment: Experiment
) -> None:
    analyse(experiment)
    benchmark(analyse, experiment)


@pytest.mark.benchmark(group=MANY)
def test_three_hundred_forecasts_of_a_poll_method(
    benchmark: BenchmarkFixture, composed: Compose
) -> None:
    """Forecast, checked and scored at 4,000 draws; forecasts a second stand in `extra_info`."""
    days = ",".join(map(str, range(1, 151)))
    experiment = composed(
        "+experiment=2017_r1_horizon",
        "predictor=[uniform,last_poll]",
        "baseline=uniform",
        f"days_before=[{days}]",
        "results=''",
    )
    results: Results = benchmark.pedantic(analyse, (experiment,), rounds=3)
    assert len(results.tables["methods"]) == 300
    note_forecasts_a_second(benchmark, 300)


@pytest.mark.benchmark(group=MANY)
def test_as_many_dirichlet_numbers_alone(benchmark: BenchmarkFixture) -> None:
    """Those of the one poll method of the two."""
    rng, weights = np.random.default_rng(1), np.linspace(20, 240, 11)
    benchmark(lambda: [rng.dirichlet(weights, 4000) for _ in range(150)])

"""What a forecast costs, apart from its predictor."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bench.core.settings import Experiment
from bench.runner.results import Results
from bench.studies.backtest.analysis import analyse
from tests.conftest import Compose

pytestmark = pytest.mark.speed


@pytest.fixture
def experiment(composed: Compose, tmp_path: Path) -> Experiment:
    return composed(
        "+experiment=quickstart",
        "predictor=[uniform,last_election]",
        "days_before=[1,2,3,4,5]",
        f"results={tmp_path}",
    )


def test_ten_forecasts_computed(benchmark: Any, experiment: Experiment) -> None:
    experiment.execution.overwrite = "always"
    benchmark(analyse, experiment)


def test_ten_forecasts_computed_without_a_disk(benchmark: Any, experiment: Experiment) -> None:
    experiment.results = ""
    benchmark(analyse, experiment)


def test_ten_forecasts_computed_in_processes_of_their_own(
    benchmark: Any, experiment: Experiment
) -> None:
    experiment.execution.overwrite = "always"
    experiment.execution.isolate = True
    benchmark(analyse, experiment)


def test_ten_forecasts_from_the_cache(benchmark: Any, experiment: Experiment) -> None:
    analyse(experiment)
    benchmark(analyse, experiment)


def test_three_hundred_forecasts_of_a_poll_method(benchmark: Any, composed: Compose) -> None:
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
    seconds = benchmark.stats.stats.min
    benchmark.extra_info["forecasts_a_second"] = round(len(results.tables["methods"]) / seconds)

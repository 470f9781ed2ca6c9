"""What a process of its own costs beside the same predictor in the process of the run."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from bench.core.registry import make_predictor
from bench.core.settings import Execution
from bench.data.task import Task
from bench.runner import process
from bench.runner.prediction import predict

pytestmark = pytest.mark.speed
START = "a process of its own, by an interpreter that imports pandas and pyarrow"


@pytest.mark.benchmark(group=START)
def test_first_forecast(
    benchmark: BenchmarkFixture, settings_of: Callable[[str], dict[str, Any]]
) -> None:
    predictor = make_predictor("last_poll", settings_of("last_poll") | {"n_draws": 200})

    def first() -> None:
        process.close()
        task = Task("toy", 1, "2031-04-04T20:00")
        assert predict(task, predictor, execution=Execution(isolate=True)).status == "ok"

    benchmark(first)


@pytest.mark.benchmark(group=START)
def test_libraries_import(benchmark: BenchmarkFixture) -> None:
    code = "import pandas, pyarrow"
    benchmark(lambda: subprocess.run([sys.executable, "-c", code], check=True))


def test_a_task_with_new_tables(
    benchmark: BenchmarkFixture, settings_of: Callable[[str], dict[str, Any]]
) -> None:
    """Medians of both ways, asked in turns on the same evidence, 1.3 MB of it new each time."""
    predictor = make_predictor("last_poll", settings_of("last_poll") | {"n_draws": 200})

    def more_seconds() -> float:
        spent: dict[bool, list[float]] = {True: [], False: []}
        for moment in pd.date_range("2017-03-20T20:00", "2017-04-21T20:00", freq="12h"):
            task = Task("fr2017", 1, moment)
            task.evidence().only(predictor.needs)
            for apart in spent:
                began = time.perf_counter()
                said = predict(task, predictor, execution=Execution(isolate=apart))
                spent[apart].append(time.perf_counter() - began)
                assert said.status == "ok"
        return statistics.median(spent[True]) - statistics.median(spent[False])

    more = benchmark.pedantic(more_seconds, rounds=1)
    benchmark.extra_info["more_ms"] = 1000 * more
    if benchmark.enabled:
        assert more < 20e-3

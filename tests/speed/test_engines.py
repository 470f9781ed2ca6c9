"""Forecasts on one, two and four workers of this machine beside the serial line."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from bench.runner.runner import tasks_of
from bench.studies.backtest.analysis import analyse
from tests.conftest import Compose

pytestmark = pytest.mark.speed

ARGUMENTS = ("+experiment=2017_r1", "predictor=[last_poll,quota_poll,poll_tracker]", "as_of=[]")
DAYS = f"days_before={list(range(2, 66))}"


@pytest.mark.benchmark(group="192 forecasts of 2017, scored", min_rounds=1, max_time=1)
@pytest.mark.parametrize(
    ("engine", "workers"),
    [
        pytest.param("serial", 1, id="serial alone"),
        *(("loky", n) for n in (1, 2, 4)),
    ],
    ids=str,
)
def test_workers(
    benchmark: BenchmarkFixture, composed: Compose, tmp_path: Path, engine: str, workers: int
) -> None:
    def forecasts() -> None:
        experiment = composed(
            *ARGUMENTS,
            DAYS,
            f"execution={engine}",
            f"execution.workers={workers}",
            "execution.overwrite=always",
            f"results={tmp_path}",
        )
        assert len(tasks_of(experiment)) == 64
        analyse(experiment)

    benchmark.pedantic(forecasts, rounds=1, warmup_rounds=1)

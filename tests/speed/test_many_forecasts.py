"""What scoring and caching many forecasts costs: chunks beside one by one, and what bounds them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from pytest_benchmark.fixture import BenchmarkFixture
from scipy.spatial.distance import pdist

from bench.core import Forecast, check_forecast
from bench.metrics.score_forecast import MAX_JOINT_DRAWS, Official, score_columns
from bench.runner import runner
from bench.studies.backtest.analysis import analyse
from tests.conftest import Compose

pytestmark = pytest.mark.speed

NAMES = tuple(f"candidate_{k:02d}" for k in range(11))
WEIGHTS = np.linspace(20, 240, len(NAMES))
BALLOTS = {"full": NAMES, "common": NAMES[-5:]}
MANY = 64


def made(n_draws: int) -> tuple[list[Forecast], list[Official]]:
    """Forecasts of eleven candidates, of whom five are compared."""
    rng = np.random.default_rng(1)
    share = pd.Series(WEIGHTS / WEIGHTS.sum(), index=list(NAMES))
    forecasts, officials = [], []
    for _ in range(MANY):
        draws = rng.dirichlet(WEIGHTS, n_draws) if n_draws else None
        forecasts.append(check_forecast(Forecast(share=share, draws=draws), NAMES, 2))
        outcome = pd.Series(rng.dirichlet(WEIGHTS), index=list(NAMES))
        officials.append(Official(outcome=outcome, seats=2, ballots=BALLOTS))
    return forecasts, officials


@pytest.mark.benchmark(group="64 point forecasts scored", min_rounds=3, max_time=1)
@pytest.mark.parametrize("how", ["together", "one by one"])
def test_points(benchmark: BenchmarkFixture, how: str) -> None:
    benchmark(scored, *made(0), how)


@pytest.mark.benchmark(group="64 forecasts of 200 draws scored", min_rounds=3, max_time=1)
@pytest.mark.parametrize("how", ["together", "one by one"])
def test_few_draws(benchmark: BenchmarkFixture, how: str) -> None:
    benchmark(scored, *made(200), how)


DRAWS = "64 forecasts of 4,000 draws scored, by the distances between draws"


@pytest.mark.benchmark(group=DRAWS, min_rounds=3, max_time=1)
@pytest.mark.parametrize("how", ["together", "one by one"])
def test_draws(benchmark: BenchmarkFixture, how: str) -> None:
    benchmark(scored, *made(4000), how)


@pytest.mark.benchmark(group=DRAWS, min_rounds=3, max_time=1)
def test_distances_alone(benchmark: BenchmarkFixture) -> None:
    """All pairs of the joint draws on both ballots: the energy score cannot cost less."""
    values = [one.draws for one in made(4000)[0]]

    def distances() -> float:
        joint = [draws[:MAX_JOINT_DRAWS] for draws in values if draws is not None]
        return sum(float(pdist(one).sum() + pdist(one[:, -5:]).sum()) for one in joint)

    benchmark(distances)


def scored(forecasts: list[Forecast], officials: list[Official], how: str) -> int:
    """Rows of the long table."""
    if how == "together":
        return len(score_columns(forecasts, officials)["value"])
    alone = zip(forecasts, officials, strict=True)
    return sum(len(score_columns([one], [official])["value"]) for one, official in alone)


@pytest.mark.benchmark(group="128 forecasts cached and read again", min_rounds=3, max_time=1)
@pytest.mark.parametrize("most", [16, 1], ids=["in chunks", "one by one"])
def test_bookkeeping(
    benchmark: BenchmarkFixture,
    composed: Compose,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    most: int,
) -> None:
    monkeypatch.setattr(runner, "MOST_TASKS", most)
    experiment = composed(
        "+experiment=quickstart",
        "predictor=[uniform]",
        f"days_before={list(range(1, 129))}",
        f"results={tmp_path}",
    )
    analyse(experiment)
    benchmark(analyse, experiment)


MEMORY = """
import resource, sys
from bench.core.compose import compose
from bench.studies.backtest.analysis import analyse

days = list(range(1, int(sys.argv[1]) + 1))
alone = ("predictor=[uniform]", "results=''")
analyse(compose("+experiment=quickstart", *alone, f"days_before={days}"))
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def test_memory_of_forecasts(benchmark: Any) -> None:
    """The largest memory of a process, Arrow's with it; MB per 10,000 stand in `extra_info`."""

    def peak_mb(n_days: int) -> float:
        command = [sys.executable, "-c", MEMORY, str(n_days)]
        ended = subprocess.run(command, check=True, capture_output=True, text=True)
        return int(ended.stdout) / 1024

    few = peak_mb(100)
    many = benchmark.pedantic(peak_mb, (1100,))
    benchmark.extra_info["mb_per_10_000"] = round(10 * (many - few))

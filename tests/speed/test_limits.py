"""What the inner loops take, beside the physical limit: random numbers, memory, the disk."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from bench.core.predictor import generator
from bench.data.election import load_election
from bench.data.margins import margins_of_rounds
from bench.data.stations import station_votes, votes_by
from bench.models.ecological_inference import estimate
from bench.runner.cache import Cache
from bench.runner.results import Results
from bench.simulation.simulate import Simulation

pytestmark = pytest.mark.speed
REPLICATES = 100
DRAWS = "100 replicates of an app with 10 million users, by random numbers"
STATIONS = "69,242 stations to communes, by memory"
TRANSFERS = "69,192 stations x 12 x 4, by one pass over the margins"
ENTRY = "an entry of 8 kB cached, by the disk"


def _drawn(study: Simulation) -> int:
    """How many random numbers the app takes per hundred replicates."""
    app, frame = study.instruments["opt_in_app"], study.frames["opt_in_app"]
    cells, candidates = int(np.prod(frame.share.shape[-2:])), len(frame.candidates)
    cohorts = int(app.n_cohorts)  # type: ignore[attr-defined]
    return REPLICATES * (cells * (1 + 2 * cohorts) + 2 * candidates**2)


@pytest.mark.benchmark(group=DRAWS)
def test_app(benchmark: BenchmarkFixture, manipulation: Simulation) -> None:
    frame = replace(manipulation.frames["opt_in_app"], n_respondents=1e7)
    app = manipulation.instruments["opt_in_app"]
    benchmark(lambda: app.collect(frame, manipulation.facts, REPLICATES, generator(1, "speed")))


@pytest.mark.benchmark(group=DRAWS)
def test_as_many_poisson_numbers_alone(
    benchmark: BenchmarkFixture, manipulation: Simulation
) -> None:
    benchmark(np.random.default_rng(1).poisson, 100.0, _drawn(manipulation))


@pytest.mark.benchmark(group=STATIONS)
def test_communes(benchmark: BenchmarkFixture) -> None:
    election = load_election("fr2017")
    station_votes(election, 1)
    benchmark(votes_by, election, 1, "commune")


@pytest.mark.benchmark(group=STATIONS)
def test_copy_alone(benchmark: BenchmarkFixture) -> None:
    votes = station_votes(load_election("fr2017"), 1).select_dtypes("number").to_numpy(float)
    benchmark(votes.copy)


@pytest.mark.benchmark(group=TRANSFERS, min_rounds=3, max_time=1)
def test_transfers(benchmark: BenchmarkFixture) -> None:
    margins = margins_of_rounds(load_election("fr2017"))
    benchmark(estimate, margins.rows.to_numpy(), margins.columns.to_numpy())


@pytest.mark.benchmark(group=TRANSFERS)
def test_cross_product_alone(benchmark: BenchmarkFixture) -> None:
    margins = margins_of_rounds(load_election("fr2017"))
    rows, columns = margins.rows.to_numpy(float), margins.columns.to_numpy(float)
    benchmark(lambda: rows.T @ columns)


@pytest.mark.benchmark(group=ENTRY)
def test_cache(benchmark: BenchmarkFixture, tmp_path: Path) -> None:
    rows = pd.DataFrame({"value": np.zeros(1000)})
    benchmark(Cache(tmp_path).put, "a" * 64, Results(tables={"errors": rows}).settled())


@pytest.mark.benchmark(group=ENTRY)
def test_write_and_force_alone(benchmark: BenchmarkFixture, tmp_path: Path) -> None:
    def write() -> None:
        with (tmp_path / "file").open("wb") as stream:
            stream.write(bytes(8192))
            stream.flush()
            os.fsync(stream.fileno())

    benchmark(write)

"""How long simulation takes: flat in the number of users, and one block of the big study."""

from __future__ import annotations

from dataclasses import replace

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from bench.core.predictor import generator
from bench.simulation.simulate import Simulation, simulate_block

pytestmark = pytest.mark.speed
REPLICATES = 100


@pytest.mark.benchmark(group="100 replicates of the app, by number of users")
@pytest.mark.parametrize("n_users", [10**3, 10**4, 10**5, 10**6, 10**7, 10**8])
def test_users_cost_nothing(
    benchmark: BenchmarkFixture, manipulation: Simulation, n_users: int
) -> None:
    frame = replace(manipulation.frames["opt_in_app"], n_respondents=float(n_users))
    app = manipulation.instruments["opt_in_app"]
    benchmark(
        lambda: app.collect(frame, manipulation.facts, REPLICATES, generator(1, "speed", n_users))
    )


BLOCK = "125 of 1,000 replicates, all scenarios, doses, methods, by one collection of the app"


@pytest.mark.benchmark(group=BLOCK)
def test_one_collection_alone(benchmark: BenchmarkFixture, manipulation: Simulation) -> None:
    frame, app = manipulation.frames["opt_in_app"], manipulation.instruments["opt_in_app"]
    benchmark(lambda: app.collect(frame, manipulation.facts, 125, generator(1, "speed")))


@pytest.mark.benchmark(group=BLOCK)
def test_one_block_of_the_study(benchmark: BenchmarkFixture, manipulation: Simulation) -> None:
    simulation = replace(manipulation, replicates=1000, block=125)
    benchmark.pedantic(simulate_block, args=(simulation, 0, {}), rounds=2)

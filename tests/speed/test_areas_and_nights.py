"""How long the studies of areas take; measured, never asserted in the normal suite."""

from __future__ import annotations

import numpy as np
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from bench.core.compose import compose
from bench.data.election import load_election
from bench.data.known_elections import read_known_tables
from bench.data.margins import margins_of_rounds
from bench.data.night import Night, night_of
from bench.models.ecological_inference import estimate
from bench.models.election_night import Extrapolation, RunningCount
from bench.runner.prediction import predict_named
from bench.studies.known_tables import KnownElection, evaluate, known_elections
from bench.studies.runoff_by_station.runoff import runoff_of

pytestmark = pytest.mark.speed
EVENING = "election night, 100 moments, by adding up the votes"


def _known(first: int | None) -> list[KnownElection]:
    tables = read_known_tables(first=first)
    return known_elections(tables.index, tables.row_votes, tables.column_votes, tables.true_tables)


@pytest.mark.benchmark(group="elections with known tables, m3")
@pytest.mark.parametrize("first", [1, None], ids=["one", "all"])
def test_known_elections(benchmark: BenchmarkFixture, first: int | None) -> None:
    elections = _known(first)
    rounds = 5 if first else 1
    errors = benchmark.pedantic(
        evaluate, (elections,), {"variants": ["m3"]}, rounds=rounds, iterations=1
    )
    assert errors["error_index"].mean() < 10


@pytest.mark.benchmark(group="France 2017, first to second round")
@pytest.mark.parametrize(
    "level", ["station", "commune", "canton", "circonscription", "departement"]
)
def test_france(benchmark: BenchmarkFixture, level: str) -> None:
    margins = margins_of_rounds(load_election("fr2017")).at(level)
    rows, columns = margins.rows.to_numpy(), margins.columns.to_numpy()
    table = benchmark.pedantic(estimate, (rows, columns), rounds=3, iterations=1).table
    assert table.sum() == pytest.approx(rows.sum())


@pytest.mark.benchmark(group="runoff of 2017, 69,242 stations")
@pytest.mark.parametrize("name", ["polls_everywhere", "proportional_swing", "vote_transfer"])
def test_runoff_by_station(benchmark: BenchmarkFixture, name: str) -> None:
    experiment = compose("+experiment=stations_2017_r2")
    task = runoff_of(experiment).task
    tried = benchmark.pedantic(predict_named, (experiment, name, task), rounds=3, iterations=1)
    assert tried.forecast is not None
    assert tried.forecast.areas is not None
    assert len(tried.forecast.areas) > 69_000


def _evening() -> tuple[Night, list[np.ndarray]]:
    night = night_of(load_election("fr2017"), 1, load_election("fr2012"), late_from=60_000)
    return night, np.array_split(np.random.default_rng(0).permutation(night.frame.n), 100)


@pytest.mark.benchmark(group=EVENING)
def test_counted_votes_added_up_alone(benchmark: BenchmarkFixture) -> None:
    night, parts = _evening()

    def added_up() -> np.ndarray:
        return np.cumsum([night.votes[new].sum(axis=0) for new in parts], axis=0)

    assert benchmark(added_up)[-1] == pytest.approx(night.votes.sum(axis=0))


@pytest.mark.benchmark(group=EVENING)
def test_night(benchmark: BenchmarkFixture) -> None:
    night, parts = _evening()
    model = Extrapolation(spread=0.03, overdispersion=0.0075, width=2.0)

    def evening() -> np.ndarray:
        count = RunningCount(night.frame, model, len(night.candidates), caution=1.5)
        for new in parts:
            count.add(new, night.votes[new])
            share = count.estimate().share
        return share

    share = benchmark.pedantic(evening, rounds=3, iterations=1)
    assert share == pytest.approx(night.votes.sum(axis=0) / night.votes.sum())

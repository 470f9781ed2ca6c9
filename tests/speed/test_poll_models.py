"""How long the poll models take; measured, never asserted in the normal suite."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from bench.core import Evidence
from bench.core.registry import make_predictor
from bench.core.settings import Experiment
from bench.data.election import load_election
from bench.data.evidence import evidence_for
from bench.data.readers import forget
from bench.models.memoize import Memory
from bench.models.polls import shared_error
from bench.models.polls.poll_filter import filter_polls
from bench.models.polls.poll_table import PollTable, poll_table
from bench.runner.runner import tasks_of
from bench.studies.backtest.analysis import analyse
from tests.models.polls import VOTE_ON, past_errors, poll

pytestmark = pytest.mark.speed

NAMES = tuple(f"candidate_{k:02d}" for k in range(11))
DATES = [
    f"{pd.Timestamp('2017-04-21') - pd.Timedelta(days=k):%Y-%m-%d}T{hour}:00"
    for k in range(40)
    for hour in ("08", "20")
]
POLL_METHODS = "predictor=[last_poll,quota_poll,poll_tracker]"
MOST_MB = 64.0
LONGEST_S = 1.0  # to learn from past errors in a new cut
POLLS = "200 polls of 11 candidates, by the filter"
WORLD = "the error that all polls of the world share, by the cut of the evidence"


def rows_of(n_polls: int) -> pd.DataFrame:
    rng = np.random.default_rng(1)
    rows = []
    for j in range(n_polls):
        share = rng.dirichlet(np.linspace(20, 240, 11))
        name = f"House {j % 9}"
        printed = dict(zip(NAMES, share, strict=True))
        more = {"poll_id": f"poll_{j:03d}"}
        rows += [row | more for row in poll(2 + j * 60 // n_polls, printed, institute=name)]
    return pd.DataFrame(rows)


def many(n_polls: int) -> PollTable:
    return poll_table(rows_of(n_polls), NAMES, VOTE_ON)


def evidence(n_polls: int) -> Evidence:
    return Evidence(
        election="toy",
        round=1,
        as_of=VOTE_ON - pd.Timedelta(days=2),
        vote_on=VOTE_ON,
        candidates=NAMES,
        seats=2,
        tables={"polls": rows_of(n_polls), "past_errors": past_errors(16, {"AA": 0.05})},
    )


@pytest.fixture
def forgetful(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing learned by another test helps."""
    monkeypatch.setattr(shared_error, "_LEARNED", Memory(most=64))


@pytest.mark.benchmark(group=POLLS)
def test_the_filter_alone(benchmark: BenchmarkFixture) -> None:
    table = many(200)
    state = benchmark(filter_polls, table, [0.02, 0.035, 0.06, 0.1], [0.02, 0.07], [0.0, 0.06])
    assert state.log_weight.shape == (11,)


@pytest.mark.benchmark(group=POLLS)
def test_the_tracker(benchmark: BenchmarkFixture, settings_of: Any) -> None:
    tracker = make_predictor("poll_tracker", settings_of("poll_tracker"))
    given = evidence(200)
    forecast = benchmark(lambda: tracker.predict(given, np.random.default_rng(0)))
    assert forecast.draws.shape == (4000, 11)


@pytest.mark.benchmark(group=POLLS)
def test_the_memory_of_the_tracker(
    benchmark: BenchmarkFixture, settings_of: Any, forgetful: None
) -> None:
    tracker = make_predictor("poll_tracker", settings_of("poll_tracker"))
    given = evidence(200)

    def peak_mb() -> float:
        tracemalloc.start()
        tracker.predict(given, np.random.default_rng(0))
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return peak / 2**20

    benchmark.extra_info["peak_mb"] = benchmark.pedantic(peak_mb)
    assert benchmark.extra_info["peak_mb"] < MOST_MB


def _germany_2021() -> Evidence:
    return evidence_for(load_election("de2021"), 1, pd.Timestamp("2021-09-24T20:00"))


@pytest.mark.benchmark(group=WORLD)
def test_the_cut_alone(benchmark: BenchmarkFixture) -> None:
    assert len(benchmark(_germany_2021)["past_errors"]) > 1000


@pytest.mark.benchmark(group=WORLD)
def test_the_error_in_a_new_cut(
    benchmark: BenchmarkFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    evidence = _germany_2021()

    def unlearn() -> None:
        monkeypatch.setattr(shared_error, "_LEARNED", Memory(most=64))

    learned = benchmark.pedantic(
        shared_error.shared_error, [evidence, "world"], setup=unlearn, rounds=5, warmup_rounds=1
    )
    assert learned.n_votes > 1000
    if benchmark.enabled:
        assert benchmark.stats.stats.median < LONGEST_S


EXPERIMENTS = {
    "horizon of 80 dates": (
        "+experiment=2017_r1_horizon",
        POLL_METHODS,
        "ranked_on=[]",
        "days_before=[]",
        f"as_of={DATES}",
    ),
    "history": ("+experiment=history",),
}
BY_EXPERIMENT = [
    pytest.param(name, marks=pytest.mark.benchmark(group=f"{name}, by the cuts of its evidence"))
    for name in EXPERIMENTS
]


@pytest.mark.parametrize("name", BY_EXPERIMENT)
def test_a_whole_experiment(
    benchmark: BenchmarkFixture, composed: Callable[..., Experiment], tmp_path: Path, name: str
) -> None:
    fresh = f"results={tmp_path}"  # nothing that an earlier run kept
    experiment = composed(*EXPERIMENTS[name], fresh)
    timings = benchmark.pedantic(analyse, (experiment,), rounds=1).tables["timings"]
    asked = timings.groupby("predictor")["cpu_s"]
    benchmark.extra_info["cpu_ms"] = (1000 * asked.median()).round(1).to_dict()
    benchmark.extra_info["forecasts"] = len(timings)
    assert len(timings) == len(tasks_of(experiment)) * len(experiment.predictors)


@pytest.mark.parametrize("name", BY_EXPERIMENT)
def test_its_cuts_alone(
    benchmark: BenchmarkFixture, composed: Callable[..., Experiment], name: str
) -> None:
    experiment = composed(*EXPERIMENTS[name])

    def cuts() -> int:
        return sum(len(task.evidence()["polls"]) for task in tasks_of(experiment))

    assert benchmark.pedantic(cuts, setup=forget, rounds=1) > 0

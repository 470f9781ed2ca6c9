"""How long the poll models take; measured, never asserted in the normal suite."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from bench.core import Evidence
from bench.core.registry import make_predictor
from bench.core.settings import Experiment
from bench.data.task import Task
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


def test_the_filter_on_200_polls_of_11_candidates(benchmark: Any) -> None:
    table = many(200)
    state = benchmark(filter_polls, table, [0.02, 0.035, 0.06, 0.1], [0.02, 0.07], [0.0, 0.06])
    assert state.log_weight.shape == (11,)


def test_the_tracker_on_200_polls_of_11_candidates(benchmark: Any, settings_of: Any) -> None:
    tracker = make_predictor("poll_tracker", settings_of("poll_tracker"))
    given = evidence(200)
    forecast = benchmark(lambda: tracker.predict(given, np.random.default_rng(0)))
    assert forecast.draws.shape == (4000, 11)


def test_the_memory_of_the_tracker_on_200_polls_of_11_candidates(
    benchmark: Any, settings_of: Any, forgetful: None
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


def test_the_error_of_the_world_in_a_new_cut(
    benchmark: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    evidence = Task("de2021", 1, "2021-09-24 20:00").evidence()

    def forget() -> None:
        monkeypatch.setattr(shared_error, "_LEARNED", Memory(most=64))

    learned = benchmark.pedantic(
        shared_error.shared_error, [evidence, "world"], setup=forget, rounds=5, warmup_rounds=1
    )
    assert learned.n_votes > 1000
    assert benchmark.stats["median"] < 1.0


@pytest.mark.parametrize(
    ("name", "overrides"),
    [
        ("2017_r1_horizon", ("ranked_on=[]", "days_before=[]", f"as_of={DATES}")),
        ("history", ()),
    ],
    ids=["horizon of 80 dates", "history"],
)
def test_a_whole_experiment(
    benchmark: Any,
    composed: Callable[..., Experiment],
    tmp_path: Path,
    name: str,
    overrides: tuple[str, ...],
) -> None:
    methods = () if name == "history" else (POLL_METHODS,)
    fresh = f"results={tmp_path}"  # nothing that an earlier run kept
    experiment = composed(f"+experiment={name}", fresh, *methods, *overrides)
    timings = benchmark.pedantic(analyse, (experiment,), rounds=1).tables["timings"]
    asked = timings.groupby("predictor")["cpu_s"]
    benchmark.extra_info["cpu_ms"] = (1000 * asked.median()).round(1).to_dict()
    benchmark.extra_info["forecasts"] = len(timings)
    assert len(timings) == len(tasks_of(experiment)) * len(experiment.predictors)

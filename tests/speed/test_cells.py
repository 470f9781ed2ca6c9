"""What a cell costs, apart from its predictor."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from bench.runner.fragment import decode
from bench.runner.resume import trials_of
from bench.runner.store import Store

from bench.core.settings import Experiment
from bench.runner import tasks_of
from bench.studies.backtest.analysis import run
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


@pytest.fixture
def kept(experiment: Experiment, tmp_path: Path) -> tuple[str, bytes]:
    run(experiment, tasks_of(experiment))
    trial = trials_of(experiment, tasks_of(experiment))[0]
    return trial.key, Store(tmp_path / ".cells").path(trial.key).read_bytes()


def test_ten_keys(benchmark: Any, experiment: Experiment) -> None:
    cells = tasks_of(experiment)
    benchmark(trials_of, experiment, cells)


def test_ten_cells_computed(benchmark: Any, experiment: Experiment) -> None:
    experiment.execution.overwrite = "always"
    benchmark(lambda: run(experiment, tasks_of(experiment)))


def test_ten_cells_computed_in_processes_of_their_own(
    benchmark: Any, experiment: Experiment
) -> None:
    experiment.execution.overwrite = "always"
    experiment.execution.isolate = True
    benchmark(lambda: run(experiment, tasks_of(experiment)))


def test_ten_cells_taken_up(benchmark: Any, experiment: Experiment) -> None:
    run(experiment, tasks_of(experiment))
    benchmark(lambda: run(experiment, tasks_of(experiment)))


def test_a_fragment_kept(benchmark: Any, kept: tuple[str, bytes], tmp_path: Path) -> None:
    benchmark(Store(tmp_path / "other").put, *kept)


def test_a_fragment_decoded(benchmark: Any, kept: tuple[str, bytes]) -> None:
    key, content = kept
    assert benchmark(decode, content, key) is not None

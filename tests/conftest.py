"""What several tests share: the made-up election, and settings as the shipped YAML gives them."""

from __future__ import annotations

import fcntl
import gc
import os
import pickle
import shutil
from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import pandas as pd
import pytest
from hypothesis import settings as hypothesis_settings

from bench.core import Evidence, paths
from bench.core.compose import compose
from bench.core.settings import Experiment
from bench.data.election import load_election
from bench.data.evidence import evidence_for
from bench.runner.process import ONE_THREAD
from bench.runner.runner import only_task
from bench.simulation.borrowing import calibration_of
from bench.simulation.calibration import Calibration
from bench.simulation.dosed import make_distortions
from bench.simulation.settings import SimulationSettings, section
from bench.simulation.simulate import Simulation, make_simulation

Compose = Callable[..., Experiment]
T = TypeVar("T")


def pytest_configure(config: pytest.Config) -> None:
    """Give each of several test processes, and what it starts, one thread of linear algebra.

    They share the cores, and threads that wait for one another took most of the time.
    """
    if config.getoption("numprocesses", default=None):
        os.environ.update(dict.fromkeys(ONE_THREAD, "1"))


def pytest_collection_finish() -> None:
    """Keep what is imported and collected out of every garbage collection from here on."""
    gc.freeze()


@pytest.fixture(scope="session")
def composed() -> Compose:
    """Settings that the command line would compose from these overrides."""
    once = cache(compose)
    return lambda *overrides: deepcopy(once(*overrides))


@pytest.fixture(scope="session")
def settings_of(composed: Compose) -> Callable[[str], dict[str, Any]]:
    """The shipped settings of one predictor, interpolations resolved."""
    names = sorted(path.stem for path in (paths.configs() / "predictor").glob("*.yaml"))
    predictors = composed(f"predictor=[{','.join(names)}]").predictors
    return lambda name: deepcopy(predictors[name])


@pytest.fixture
def no_garbage_collection(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of statsmodels, which collects it in every call of Holm's procedure, a tenth of a second."""
    monkeypatch.setattr(gc, "collect", lambda *_: 0)


@pytest.fixture(scope="session")
def toy() -> Evidence:
    """The first round of the made-up election, two days before it."""
    return evidence_for(load_election("toy"), 1, pd.Timestamp("2031-04-04T20:00"))


@pytest.fixture(scope="session")
def toy_runoff() -> Evidence:
    """The runoff of the made-up election, two days before it."""
    return evidence_for(load_election("toy"), 2, pd.Timestamp("2031-04-18T20:00"))


@pytest.fixture
def toy_folder(tmp_path: Path) -> Path:
    """A copy of the made-up election's folder, to be changed."""
    return shutil.copytree(paths.datasets() / "toy", tmp_path / "toy")


@pytest.fixture(scope="session")
def first_round_2017() -> Evidence:
    """France on the last evening on which polls were legal."""
    return evidence_for(
        load_election("fr2017"),
        1,
        pd.Timestamp("2017-04-21T20:00"),
        include_embargoed=["voter_autrement"],
    )


@pytest.fixture(scope="session")
def runoff_2017() -> Evidence:
    """France two days before the runoff."""
    return evidence_for(load_election("fr2017"), 2, pd.Timestamp("2017-05-05T20:00"))


# machines under load miss deadlines; a slow example is not a wrong one
hypothesis_settings.register_profile("bench", deadline=None, max_examples=40)
hypothesis_settings.load_profile("bench")


def made_once(factory: pytest.TempPathFactory, name: str, make: Callable[[], T]) -> T:
    """What `make` returns, computed in one of several test processes and read in the others."""
    if "PYTEST_XDIST_WORKER" not in os.environ:
        return make()
    path = factory.getbasetemp().parent / f"{name}.pickle"
    with path.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not path.exists():
            path.write_bytes(pickle.dumps(make()))
    value: T = pickle.loads(path.read_bytes())
    return value


@pytest.fixture(scope="session")
def calibration(
    composed: Callable[..., Experiment], tmp_path_factory: pytest.TempPathFactory
) -> Calibration:
    """What simulations know of France 2017; ten seconds' work, the same for both below."""
    experiment = composed("+experiment=2017_r1_manipulation")
    task = only_task(experiment)
    return made_once(tmp_path_factory, "calibration", lambda: calibration_of(experiment, task))


@pytest.fixture(scope="session")
def manipulation(composed: Callable[..., Experiment], calibration: Calibration) -> Simulation:
    """The manipulation simulation with few replicates."""
    experiment = composed("+experiment=2017_r1_manipulation")
    settings = section(SimulationSettings, experiment.simulation)
    return replace(make_simulation(experiment, calibration, settings), replicates=12, block=6)


@pytest.fixture(scope="session")
def unbiased(composed: Callable[..., Experiment], calibration: Calibration) -> Simulation:
    """Instruments without any bias, and nothing distorted."""
    experiment = composed("+experiment=2017_r1_bias")
    settings = section(SimulationSettings, experiment.simulation)
    return replace(make_simulation(experiment, calibration, settings), replicates=400, block=200)


@pytest.fixture(scope="session")
def settings(composed: Callable[..., Experiment]) -> dict[str, Any]:
    """Every shipped distortion's settings, with the candidates of France 2017 by slug."""
    names = sorted(path.stem for path in (paths.configs() / "distortion").glob("*.yaml"))
    given = composed(f"distortion=[{','.join(names)}]").distortions
    made = make_distortions(given, load_election("fr2017"), 1)
    return {name: {**given[name], **vars(made[name].distortion)} for name in names}

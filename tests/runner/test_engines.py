"""Every engine, with any number of workers, gives the same bytes."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from bench.core import BenchError, ConfigError, paths
from bench.core.settings import Execution, Experiment
from bench.runner import backends as engines
from bench.runner import runner
from bench.runner.workers import ONE_THREAD
from bench.studies.backtest import analysis, forecasts
from bench.studies.run import execute
from tests.runner.conftest import done

Quick = Callable[..., Experiment]
TABLES = ("errors.parquet", "forecasts.parquet", "errors.csv", "methods.csv")
ARGUMENTS = ("+experiment=quickstart", "n_draws=200", "days_before=[1,2,5]", "rounds=[1,2]")


def _sums(folder: Path) -> dict[str, str]:
    return {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in TABLES}


WITHOUT_FIGURES = """
from bench.report import report
report.draw_figures = lambda *_: []
from bench.__main__ import main
main()
"""


def _bench(folder: Path, *arguments: str) -> dict[str, str]:
    # a process of its own: these engines leave threads, sockets and warnings behind
    command = [sys.executable, "-c", WITHOUT_FIGURES, *ARGUMENTS, f"results={folder}", *arguments]
    # with as many threads as linear algebra likes, which must not show
    freely = {name: value for name, value in os.environ.items() if name not in ONE_THREAD}
    ended = subprocess.run(
        command, capture_output=True, text=True, check=False, timeout=240, env=freely
    )
    assert ended.returncode == 0, ended.stderr
    (run,) = (folder / "quickstart").iterdir()
    return _sums(run)


@pytest.fixture(scope="module")
def serial(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    return _bench(tmp_path_factory.mktemp("serial"))


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param(("execution=loky", "execution.workers=1"), marks=pytest.mark.golden),
        ("execution=loky", "execution.workers=2"),
        pytest.param(("execution=loky", "execution.workers=3"), marks=pytest.mark.golden),
        ("execution=serial", "execution.isolate=true"),
        pytest.param(("execution=loky", "execution.isolate=true"), marks=pytest.mark.golden),
    ],
    ids=" ".join,
)
def test_the_same_bytes_on_this_machine(
    serial: dict[str, str], tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    assert _bench(tmp_path, *arguments) == serial


@pytest.mark.parametrize(
    ("module", "name", "start"),
    [(forecasts, "predict", done), (analysis, "polls_shown", execute)],
    ids=["each", "all"],
)
def test_forecasts_and_what_is_made_of_them_have_one_thread_of_linear_algebra(
    quick: Quick,
    monkeypatch: pytest.MonkeyPatch,
    module: ModuleType,
    name: str,
    start: Callable[[Experiment], object],
) -> None:
    real, seen = getattr(module, name), list[int]()

    def counting(*given: Any, **named: Any) -> Any:
        seen.extend(pool["num_threads"] for pool in threadpool_info())
        return real(*given, **named)

    monkeypatch.setattr(module, name, counting)
    with threadpool_limits(limits=2):
        start(quick())
    assert set(seen) == {1}


@pytest.mark.parametrize(("engine", "module"), [("dask", "distributed"), ("ray", "ray")])
def test_the_same_bytes_on_a_local_cluster(
    serial: dict[str, str], tmp_path: Path, engine: str, module: str
) -> None:
    if importlib.util.find_spec(module) is None:
        pytest.skip(f"the extra '{engine}' is not installed")
    assert _bench(tmp_path, f"execution={engine}") == serial


GROWING = """
import sys, time
from bench.runner.backends import spread
from bench.core.settings import Execution
from tests.runner.growing import grow

if __name__ == "__main__":
    print(sorted(spread(grow, range(6), Execution(engine="loky", workers=2))))
"""


def test_workers_that_grow_are_replaced_even_where_warnings_are_errors(tmp_path: Path) -> None:
    pytest.importorskip("psutil", reason="loky measures its workers with psutil alone")
    (tmp_path / "growing.py").write_text(GROWING)
    ended = subprocess.run(
        [sys.executable, "-W", "error", "growing.py"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(paths.datasets().parent)},
        capture_output=True,
        text=True,
        check=False,
        timeout=90,
    )
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.strip() == str([(number, number) for number in range(6)])
    assert "A worker stopped" not in ended.stderr


def test_the_same_bytes_from_parts_on_submitit(serial: dict[str, str], tmp_path: Path) -> None:
    pytest.importorskip(
        "hydra_plugins.hydra_submitit_launcher", reason="the extra 'slurm' is not installed"
    )
    command = [sys.executable, "-m", "bench", "-m", *ARGUMENTS, f"results={tmp_path}"]
    command += ["hydra/launcher=submitit_local", "execution.parts=2", "execution.part=0,1"]
    ended = subprocess.run(
        command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=240
    )
    assert ended.returncode == 0, ended.stderr
    assert not (tmp_path / "quickstart").exists()
    cells = list((tmp_path / ".cache").rglob("*.entry"))
    assert len(cells) == 2 * 3 * 5
    assert _bench(tmp_path) == serial


@pytest.mark.parametrize("engine", ["dask", "ray"])
def test_a_missing_engine_names_the_extra(engine: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, {"dask": "distributed", "ray": "ray"}[engine], None)
    with pytest.raises(ConfigError, match=rf"pip install 'election-bench\[{engine}\]'"):
        list(engines.spread(str, [1], Execution(engine=engine)))


def test_a_cluster_that_does_not_answer_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    class Silent:
        def Client(self, **_: object) -> None:
            raise OSError("Timed out")

    monkeypatch.setitem(sys.modules, "distributed", Silent())
    with pytest.raises(ConfigError, match="no dask cluster answers at 'tcp://nowhere:1'"):
        list(engines.spread(str, [1], Execution(engine="dask", address="tcp://nowhere:1")))


@pytest.mark.filterwarnings("ignore:Failed to kill subprocesses")  # neither pgrep nor psutil
def test_a_worker_that_dies_costs_the_forecasts_of_whoever_killed_it(
    quick: Quick, faulty: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    experiment = quick("predictor=[uniform,last_poll]", "execution=loky", "execution.trust=all")
    experiment.predictors["f"] = {"method": "faulty", "fault": "kills_itself"}
    found = done(experiment).tables["methods"]["status"]
    for name in [one for one in sys.modules if one.startswith("bench_faults")]:
        del sys.modules[name]  # what is trusted is imported here
    assert sorted(found) == ["failed", "ok", "ok"]
    assert "orders again, each predictor by itself" in capsys.readouterr().err


def test_other_code_on_a_worker_is_refused(quick: Quick, monkeypatch: pytest.MonkeyPatch) -> None:
    code = iter(["that of the run", "that of the worker"])
    monkeypatch.setattr(runner, "code_sum", lambda *modules: next(code))
    with pytest.raises(BenchError, match="a worker runs other code"):
        done(quick("predictor=[uniform]"))


def test_orders_are_small_whatever_the_data(quick: Quick, monkeypatch: pytest.MonkeyPatch) -> None:
    import pickle

    sizes: list[int] = []

    def measured(work: Any, orders: Any, execution: Execution, brought: bytes) -> Any:
        sizes.extend(len(pickle.dumps(order)) for order in orders)
        return ((order, work(order, brought)) for order in orders)

    monkeypatch.setattr(engines, "spread", measured)
    done(quick("execution=loky"))
    assert sizes
    assert max(sizes) < 6000

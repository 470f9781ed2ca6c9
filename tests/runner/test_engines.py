"""Every engine, with any number of workers, gives the same bytes."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import pickle
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from subprocess import Popen
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from bench.core import BenchError, ConfigError, paths
from bench.core.settings import Execution, Experiment
from bench.runner import backends, runner
from bench.runner.process import ONE_THREAD
from bench.studies.backtest import analysis, forecasts
from bench.studies.run import execute
from tests.conftest import Compose
from tests.runner.conftest import done, written

Quick = Callable[..., Experiment]
TABLES = ("errors.csv", "forecasts.parquet", "methods.csv")
ARGUMENTS = ("+experiment=quickstart", "n_draws=200", "days_before=[1,2,5]", "rounds=[1,2]")


def _sums(folder: Path) -> dict[str, str]:
    return {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in TABLES}


WITHOUT_FIGURES = """
from bench.report import report
report.draw_figures = lambda *_, **__: {}
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


def _here(composed: Compose, folder: Path, *arguments: str) -> dict[str, str]:
    experiment = composed(*ARGUMENTS, f"results={folder / 'results'}", *arguments)
    written(folder / "tables", done(experiment))
    return _sums(folder / "tables")


@pytest.fixture(scope="module")
def serial(composed: Compose, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    return _here(composed, tmp_path_factory.mktemp("serial"))


def test_the_same_bytes_on_this_machine(
    composed: Compose, serial: dict[str, str], tmp_path: Path
) -> None:
    assert _here(composed, tmp_path, "execution=loky", "execution.workers=2") == serial


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
        start(quick("predictor=[uniform,quota_poll]", "baseline=uniform"))
    assert set(seen) == {1}


Cluster = tuple[list[str], list[Popen[bytes]]]
ON_DASK = Execution(engine="dask", address="tcp://nowhere:1")


@contextmanager
def _cluster(folder: Path, site: Path) -> Iterator[Cluster]:
    """Settings of a run on two workers with nannies, and the processes: scheduler, nannies."""
    if importlib.util.find_spec("distributed") is None:
        pytest.skip("the extra 'dask' is not installed")
    note = folder / "scheduler.json"
    variables = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(
            [str(site), str(paths.datasets().parent), os.environ.get("PYTHONPATH", "")]
        ),
        "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "1",
    }
    dask, quiet = (sys.executable, "-m"), "--no-dashboard"
    parts = {"scheduler": ["--port", "0"], "worker": ["--nworkers", "2", "--nthreads", "1"]}
    running = [
        Popen(
            [*dask, f"distributed.cli.dask_{part}", "--scheduler-file", str(note), *more, quiet],
            cwd=folder,
            env=variables,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        for part, more in parts.items()
    ]
    try:
        until = time.monotonic() + 120
        while not (note.exists() and note.read_text().rstrip().endswith("}")):
            assert time.monotonic() < until
            time.sleep(0.05)
        address = json.loads(note.read_text())["address"]
        yield ["execution=dask", f"execution.address={address}"], running
    finally:
        for process in running:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory, faulty: Path) -> Iterator[Cluster]:
    with _cluster(tmp_path_factory.mktemp("cluster"), faulty) as found:
        yield found


def test_the_same_bytes_on_a_cluster(
    serial: dict[str, str], tmp_path: Path, cluster: Cluster
) -> None:
    assert _bench(tmp_path, *cluster[0]) == serial


def _begun(folder: Path, *arguments: str) -> Popen[str]:
    """A run of which some is finished."""
    command = [sys.executable, "-c", WITHOUT_FIGURES, *ARGUMENTS, f"results={folder}", *arguments]
    running = Popen(command, stderr=subprocess.PIPE, text=True)
    while not list((folder / ".cache").rglob("*.entry")):
        assert running.poll() is None
        time.sleep(0.01)
    return running


def test_a_worker_that_is_killed_costs_nothing(
    serial: dict[str, str], tmp_path: Path, cluster: Cluster
) -> None:
    import psutil

    workers = psutil.Process(cluster[1][1].pid).children(recursive=True)
    running = _begun(tmp_path, *cluster[0])
    for process in workers:
        process.kill()
    said = running.communicate(timeout=240)[1]
    assert running.returncode == 0, said
    (run,) = (tmp_path / "quickstart").iterdir()
    assert _sums(run) == serial


def test_a_run_whose_cluster_ends_says_so_and_goes_on_elsewhere(
    serial: dict[str, str], tmp_path: Path, faulty: Path
) -> None:
    (tmp_path / "cluster").mkdir()
    with _cluster(tmp_path / "cluster", faulty) as (settings, (scheduler, _)):
        running = _begun(tmp_path, *settings)
        scheduler.kill()
        said = running.communicate(timeout=240)[1]
    assert running.returncode == 1, said
    assert "has ended; start it and run the same command again: what is finished is kept" in said
    assert not (tmp_path / "quickstart").exists()
    assert _bench(tmp_path) == serial


GROWING = """
import sys, time
from bench.runner.backends import spread
from bench.core.settings import Execution
from tests.runner.growing import grow

if __name__ == "__main__":
    print(sorted(spread(grow, range(6), Execution(engine="loky", workers=2))))
"""


@pytest.mark.golden
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


def test_without_dask_or_without_an_answer_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_answer(*_: object, **__: object) -> None:
        raise OSError("Timed out")

    for module, words in (
        (None, r"pip install 'election-bench\[dask\]'"),
        (SimpleNamespace(Client=no_answer), r"no Dask cluster .* answers at 'tcp://nowhere:1'"),
    ):
        monkeypatch.setitem(sys.modules, "distributed", module)
        with pytest.raises(ConfigError, match=words):
            list(backends.spread(str, [1], ON_DASK))


def test_orders_of_a_worker_that_died_are_given_again_each_predictor_by_itself(
    quick: Quick, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    isolated: list[bool] = []

    def spread(work: Any, jobs: Any, execution: Execution) -> Any:
        del execution
        isolated.append(all(job.isolated for job in jobs))
        return ((job, work(job) if isolated[-1] else None) for job in jobs)

    monkeypatch.setattr(backends, "spread", spread)
    found = done(quick("predictor=[uniform,last_poll]", "execution=loky")).tables["methods"]
    assert found["status"].eq("ok").all()
    assert isolated == [False, True]
    assert "jobs again, each predictor by itself" in capsys.readouterr().err


def test_other_code_on_a_worker_is_refused(quick: Quick, monkeypatch: pytest.MonkeyPatch) -> None:
    code = iter(["that of the run", "that of the worker"])
    monkeypatch.setattr(runner, "code_sum", lambda: next(code))
    with pytest.raises(BenchError, match="a worker runs other code"):
        done(quick("predictor=[uniform]"))


def test_orders_are_small_whatever_the_data(quick: Quick, monkeypatch: pytest.MonkeyPatch) -> None:
    sizes: list[int] = []

    def measured(work: Any, jobs: Any, execution: Execution) -> Any:
        sizes.extend(len(pickle.dumps(job)) for job in jobs)
        return ((job, work(job)) for job in jobs)

    monkeypatch.setattr(backends, "spread", measured)
    done(quick("predictor=[uniform,quota_poll]", "execution=loky"))
    assert 0 < max(sizes) < 6000

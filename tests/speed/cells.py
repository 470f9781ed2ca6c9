"""Cells per second by workers, and memory by number of cells: `python -m tests.speed.cells`."""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time

from bench.runner.resume import fetch, trials_of
from hydra import compose, initialize_config_dir
from omegaconf import OmegaConf

from bench.cli import hydra_setup
from bench.core import paths
from bench.core.settings import Experiment
from bench.studies.backtest.analysis import assembled, run

WORKERS = (("serial", 1), ("loky", 1), ("loky", 2))
TABLES = (1_000, 10_000, 100_000, 1_000_000)  # the last takes 10 GB


def main() -> None:
    """Print both tables; each figure comes from a process of its own."""
    print("engine workers cells seconds cells/s ms_of_processor_per_cell")
    for engine, workers in WORKERS:
        _apart("speed", engine, str(workers))
    print("cells rows seconds_to_assemble MiB")
    for number in TABLES:
        _apart("memory", str(number))


def _apart(*arguments: str) -> None:
    subprocess.run([sys.executable, "-m", "tests.speed.cells", *arguments], check=True)


def _experiment(folder: str, *overrides: str) -> Experiment:
    hydra_setup.register()
    with initialize_config_dir(str(paths.configs()), version_base="1.3"):
        given = ["+experiment=quickstart", f"results={folder}", *overrides]
        settings = OmegaConf.to_object(compose("bench", given))
    assert isinstance(settings, Experiment)
    return settings


def speed(engine: str, workers: str) -> None:
    """Seconds for a thousand cells of the made-up election, starting of workers included."""
    with tempfile.TemporaryDirectory() as folder:
        days = ",".join(map(str, range(1, 201)))
        experiment = _experiment(
            folder,
            f"days_before=[{days}]",
            f"execution={engine}",
            f"execution.workers={workers}",
        )
        cells = tasks_of(experiment)
        began, before = time.perf_counter(), _processor_s()
        results = run(experiment, cells)
        took = time.perf_counter() - began
    number = len(results.methods)
    _end_workers()
    each = (_processor_s() - before) / number
    print(f"{engine} {workers} {number} {took:.1f} {number / took:.0f} {1000 * each:.2f}")


def _processor_s() -> float:
    """Processor seconds of this process and of the workers that have ended."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def _end_workers() -> None:
    from joblib.externals.loky import get_reusable_executor

    get_reusable_executor().shutdown(wait=True)


def memory(number: str) -> None:
    """The largest memory of a process that assembles so many kept cells into the long tables."""
    with tempfile.TemporaryDirectory() as folder:
        experiment = _experiment(folder, "predictor=[quota_poll]")
        trials = trials_of(experiment, tasks_of(experiment))
        fragments = fetch(experiment, trials)
        many = int(number)
        began = time.perf_counter()
        results = assembled(trials * many, fragments * many)
        took = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    rows = len(results.errors) + len(results.forecasts)
    print(f"{many} {rows} {took:.1f} {peak:.0f}")


if __name__ == "__main__":
    if len(sys.argv) > 1:
        {"speed": speed, "memory": memory}[sys.argv[1]](*sys.argv[2:])
    else:
        main()

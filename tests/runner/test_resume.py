"""Whatever stops a run, the next one ends with the tables of an undisturbed one, to the byte."""

from __future__ import annotations

import itertools
import os
import random
import shutil
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bench.core import BenchError, DataError
from bench.core.settings import Experiment
from bench.runner import runner
from bench.runner.cache import CacheError
from bench.runner.runner import OnlyPart
from bench.studies.backtest import forecasts
from tests.conftest import Compose
from tests.forked import bench
from tests.runner.conftest import done, written

DATES = "days_before=[1,3,8,13]"
ENTRIES = 4 * 5

Quick = Callable[..., Experiment]


@pytest.fixture(scope="module")
def whole(composed: Compose, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of an undisturbed run: its tables and its cache."""
    folder = tmp_path_factory.mktemp("undisturbed")
    results = f"results={folder / 'results'}"
    experiment = composed("+experiment=quickstart", "n_draws=200", DATES, results)
    written(folder / "tables", done(experiment))
    return folder


@pytest.fixture(scope="module")
def undisturbed(whole: Path) -> dict[str, bytes]:
    return _bytes_in(whole / "tables")


@pytest.fixture
def cached(whole: Path, tmp_path: Path, quick: Quick) -> Experiment:
    """The run with a copy of its whole cache."""
    shutil.copytree(whole / "results", tmp_path / "results")
    return quick(DATES)


def _bytes_in(folder: Path) -> dict[str, bytes]:
    found = [p for p in folder.iterdir() if p.is_file() and p.name != "timings.csv"]
    return {path.name: path.read_bytes() for path in found}


def _entries(tmp_path: Path) -> list[Path]:
    return sorted((tmp_path / "results" / ".cache").rglob("*.entry"))


def _in_a_copy(work: Callable[[], Any]) -> int:
    """Start some work in a copy of this process."""
    child = os.fork()
    if child == 0:
        status = 1
        try:
            os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
            work()
            status = 0
        finally:
            os._exit(status)
    return child


def test_killed_at_random_moments(
    quick: Quick, tmp_path: Path, undisturbed: dict[str, bytes]
) -> None:
    chance = random.Random(0)
    experiment = quick(DATES)
    start = time.monotonic()
    os.waitpid(_in_a_copy(lambda: done(quick(DATES, "results="))), 0)
    whole_s = time.monotonic() - start  # on this machine, at this hour
    kept, kills = [0], 0
    for _ in range(3):
        child = _in_a_copy(lambda: done(experiment))
        time.sleep(chance.uniform(0.03, 0.35) * whole_s)
        os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        if not os.WIFSIGNALED(status):
            break
        kills += 1
        kept.append(len(_entries(tmp_path)))
    assert kills > 1
    assert kept == sorted(kept)
    assert written(tmp_path / "after", done(experiment)) == undisturbed


def test_what_is_damaged_or_missing_is_computed_and_nothing_else(
    cached: Experiment, tmp_path: Path, undisturbed: dict[str, bytes], quick: Quick
) -> None:
    damaged, missing, *others = cells = _entries(tmp_path)
    assert len(cells) == ENTRIES
    damaged.write_bytes(b"damage")
    with pytest.raises(DataError, match="this entry of the cache is damaged"):
        done(quick(DATES, "execution.overwrite=never"))
    assert damaged.read_bytes() == b"damage"
    missing.unlink()
    ages = [path.stat().st_mtime_ns for path in others]
    assert written(tmp_path / "after", done(cached)) == undisturbed
    assert _entries(tmp_path) == cells
    assert [path.stat().st_mtime_ns for path in others] == ages
    assert (
        written(tmp_path / "anew", done(quick(DATES, "execution.overwrite=always"))) == undisturbed
    )
    assert all(path.stat().st_mtime_ns > age for path, age in zip(others, ages, strict=True))


def test_two_runs_at_once_into_one_folder(
    quick: Quick, tmp_path: Path, undisturbed: dict[str, bytes]
) -> None:
    experiment = quick(DATES)
    children = [
        _in_a_copy(lambda n=n: written(tmp_path / f"run{n}", done(experiment)))  # type: ignore[misc]
        for n in range(2)
    ]
    assert [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children] == [0] * 2
    for number in range(2):
        assert _bytes_in(tmp_path / f"run{number}") == undisturbed
    assert not list(tmp_path.rglob("*.tmp"))


def test_a_full_disk(
    quick: Quick, tmp_path: Path, undisturbed: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    experiment, calls, real = quick(DATES), itertools.count(), os.fsync

    def full(handle: int) -> None:
        if next(calls) >= 2 * (ENTRIES - 1):  # of each entry, and of its folder
            raise OSError(28, "No space left on device")
        real(handle)

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(CacheError, match=r"No space left on device.*is finished is cached"):
            done(experiment)
    assert len(_entries(tmp_path)) == ENTRIES - 1
    assert not list(tmp_path.rglob("*.tmp"))
    assert written(tmp_path / "after", done(experiment)) == undisturbed


def test_ctrl_c_stops_at_once_and_keeps_what_is_finished(
    tmp_path: Path, undisturbed: dict[str, bytes], quick: Quick
) -> None:
    def interrupt() -> None:
        real, calls = forecasts.predict, itertools.count()

        def predict(*given: Any, **named: Any) -> Any:
            if next(calls) == 10:
                os.kill(os.getpid(), signal.SIGINT)
            return real(*given, **named)

        forecasts.predict = predict
        runner.CHECK_EVERY_S = 0.0  # what is finished is cached at once

    ended = bench(tmp_path, "+experiment=quickstart", DATES, "n_draws=200", before=interrupt)
    assert ended.status == 130, ended.err
    assert "the same command goes on" in ended.err
    assert "Traceback" not in ended.err
    assert not (tmp_path / "results" / "quickstart").exists()
    assert len(_entries(tmp_path)) == 10
    assert written(tmp_path / "after", done(quick(DATES))) == undisturbed


def test_parts_add_up_to_the_whole(
    quick: Quick, tmp_path: Path, undisturbed: dict[str, bytes]
) -> None:
    for part in range(2):
        with pytest.raises(OnlyPart):
            done(quick(DATES, "execution.parts=2", f"execution.part={part}"))
    assert len(_entries(tmp_path)) == ENTRIES
    ages = [path.stat().st_mtime_ns for path in _entries(tmp_path)]
    assert written(tmp_path / "after", done(quick(DATES))) == undisturbed
    assert [path.stat().st_mtime_ns for path in _entries(tmp_path)] == ages


def test_a_file_edited_during_a_run_is_noticed(
    quick: Quick, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read, real = tmp_path / "forecast.csv", forecasts.predict
    read.write_text("candidate,share\nferrier,0.5\nquill,0.5\n")

    def edited(*given: Any, **named: Any) -> Any:
        read.write_bytes(read.read_bytes() + b"\n")
        return real(*given, **named)

    monkeypatch.setattr(forecasts, "predict", edited)
    own = f"predictors.forecast_file.path={read}"
    with pytest.raises(BenchError, match="the files are not those with which the run began"):
        done(quick("predictor=[uniform,forecast_file]", own))
    assert not _entries(tmp_path)

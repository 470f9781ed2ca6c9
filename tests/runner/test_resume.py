"""Whatever stops a run, the next one ends with the tables of an undisturbed one, to the byte."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bench.core import BenchError, DataError
from bench.core.settings import Experiment
from bench.data.election import load_election
from bench.report import report
from bench.runner.cache import Cache, CacheError
from bench.runner.runner import OnlyPart
from bench.studies.run import execute
from tests.conftest import Compose
from tests.runner.conftest import done, written

DATES = "days_before=[1,2,3,5,8,13]"
ENTRIES = 6 * 5

Quick = Callable[..., Experiment]


@pytest.fixture(scope="module")
def undisturbed(composed: Compose, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    folder = tmp_path_factory.mktemp("undisturbed")
    experiment = composed("+experiment=quickstart", "n_draws=200", DATES, f"results={folder}")
    return written(folder / "tables", done(experiment))


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
    os.waitpid(_in_a_copy(lambda: done(replace(experiment, results=""))), 0)
    whole_s = time.monotonic() - start  # on this machine, at this hour
    kept, kills = [0], 0
    for _ in range(5):
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


def test_only_what_is_missing_is_computed(
    quick: Quick, tmp_path: Path, undisturbed: dict[str, bytes]
) -> None:
    experiment = quick(DATES)
    done(experiment)
    cells = _entries(tmp_path)
    assert len(cells) == ENTRIES
    for path in cells[::7]:
        path.unlink()
    ages = {path: path.stat().st_mtime_ns for path in _entries(tmp_path)}
    assert written(tmp_path / "after", done(experiment)) == undisturbed
    assert _entries(tmp_path) == cells
    assert {path: path.stat().st_mtime_ns for path in ages} == ages


DAMAGE: dict[str, Callable[[bytes], bytes]] = {
    "truncated": lambda content: content[: len(content) // 2],
    "one bit": lambda content: content[:-9] + bytes([content[-9] ^ 1]) + content[-8:],
    "longer": lambda content: content + b"\0",
    "empty": lambda content: b"",
    "zeros": lambda content: bytes(len(content)),
    "pickle": lambda content: b"\x80\x04\x8c\x02os\x8c\x06system\x93.",
}


def test_a_damaged_entry_is_never_read_nor_one_under_the_name_of_another(
    quick: Quick, tmp_path: Path, undisturbed: dict[str, bytes]
) -> None:
    experiment = quick(DATES)
    done(experiment)
    one, two, *others = _entries(tmp_path)
    two.write_bytes(one.read_bytes())
    for path, damage in zip(others, DAMAGE.values(), strict=False):
        path.write_bytes(damage(path.read_bytes()))
    assert written(tmp_path / "after", done(experiment)) == undisturbed


def test_never_stops_at_a_damaged_entry_and_always_computes_everything_anew(
    quick: Quick, tmp_path: Path, undisturbed: dict[str, bytes]
) -> None:
    experiment = quick(DATES, "execution.overwrite=never")
    done(experiment)
    damaged = _entries(tmp_path)[3]
    damaged.write_bytes(b"damage")
    with pytest.raises(DataError, match="this entry of the cache is damaged"):
        done(experiment)
    assert damaged.read_bytes() == b"damage"
    ages = [path.stat().st_mtime_ns for path in _entries(tmp_path)]
    experiment = quick(DATES, "execution.overwrite=always")
    assert written(tmp_path / "after", done(experiment)) == undisturbed
    assert all(p.stat().st_mtime_ns > age for p, age in zip(_entries(tmp_path), ages, strict=True))
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(CacheError, match="cannot be"):
        done(quick(f"execution.store={tmp_path / 'file'}"))


def test_two_runs_at_once_into_one_folder(
    quick: Quick, tmp_path: Path, undisturbed: dict[str, bytes]
) -> None:
    experiment = quick(DATES)
    children = [
        _in_a_copy(lambda n=n: written(tmp_path / f"run{n}", done(experiment)))  # type: ignore[misc]
        for n in range(3)
    ]
    assert [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children] == [0] * 3
    for number in range(3):
        folder = tmp_path / f"run{number}"
        found = [p for p in folder.iterdir() if p.is_file() and p.name != "timings.csv"]
        files = {path.name: path.read_bytes() for path in found}
        assert files == undisturbed
    assert not list((tmp_path / "results" / ".cache" / ".unfinished").iterdir())


def test_a_full_disk(
    quick: Quick, tmp_path: Path, undisturbed: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    experiment, good = quick(DATES), ENTRIES - 1
    calls, real = 0, Path.write_bytes

    def full(path: Path, content: bytes) -> int:
        nonlocal calls
        calls += 1
        if calls > good:
            real(path, content[:10])
            raise OSError(28, "No space left on device")
        return real(path, content)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_bytes", full)
        with pytest.raises(CacheError, match=r"No space left on device.*is finished is cached"):
            done(experiment)
    assert len(_entries(tmp_path)) == good
    assert not list((tmp_path / "results" / ".cache" / ".unfinished").iterdir())
    assert written(tmp_path / "after", done(experiment)) == undisturbed


def test_a_disk_that_is_full_when_results_are_written(
    quick: Quick, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    experiment = quick()
    monkeypatch.setattr(report, "draw_figures", lambda *_: {})  # tables and the page are written
    run = execute(experiment)
    kept, calls, real = _entries(tmp_path), 0, os.fsync

    def full(handle: int) -> None:
        nonlocal calls
        calls += 1
        if calls > 3:
            raise OSError(28, "No space left on device")
        real(handle)

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(BenchError, match=r"quickstart.*No space left.*no half of them is left"):
            run.save(experiment.results)
    assert [p.name for p in (tmp_path / "results" / "quickstart").glob("*")] == []
    assert _entries(tmp_path) == kept
    folder = run.save(experiment.results).folder
    assert folder is not None
    assert (folder / "report.html").is_file()


def test_ctrl_c_stops_at_once_and_keeps_what_is_finished(
    tmp_path: Path, undisturbed: dict[str, bytes], quick: Quick
) -> None:
    # a process for each forecast takes long enough to be in time
    slowly = ("n_draws=200", "execution.isolate=true")
    command = [sys.executable, "-m", "bench", "+experiment=quickstart", DATES, *slowly]
    run = subprocess.Popen(
        [*command, f"results={tmp_path / 'results'}"],
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    until = time.monotonic() + 30
    while len(_entries(tmp_path)) < 5 and time.monotonic() < until:
        time.sleep(0.005)
    run.send_signal(signal.SIGINT)
    words = run.communicate(timeout=30)[1]
    assert run.returncode == 130, words
    assert "the same command goes on" in words
    assert "Traceback" not in words
    assert not (tmp_path / "results" / "quickstart").exists()
    assert 5 <= len(_entries(tmp_path)) < ENTRIES
    assert written(tmp_path / "after", done(quick(DATES))) == undisturbed


def test_parts_add_up_to_the_whole(
    quick: Quick, tmp_path: Path, undisturbed: dict[str, bytes]
) -> None:
    for part in range(3):
        with pytest.raises(OnlyPart):
            done(quick(DATES, "execution.parts=3", f"execution.part={part}"))
    assert len(_entries(tmp_path)) == ENTRIES
    ages = [path.stat().st_mtime_ns for path in _entries(tmp_path)]
    assert written(tmp_path / "after", done(quick(DATES))) == undisturbed
    assert [path.stat().st_mtime_ns for path in _entries(tmp_path)] == ages


@pytest.mark.parametrize("which", ["mine/inputs/polls.csv", "forecast.csv"])
def test_a_file_edited_during_a_run_is_noticed(
    quick: Quick, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, which: str
) -> None:
    from bench.studies.backtest import forecasts

    folder = tmp_path / "mine"
    shutil.copytree(load_election("toy").folder, folder)
    forecast = tmp_path / "forecast.csv"
    forecast.write_text("candidate,share\nferrier,0.5\nquill,0.5\n")
    own = ("predictor=[uniform,forecast_file]", f"predictors.forecast_file.path={forecast}")
    experiment = quick(f"elections=[{folder}]", *own)
    read = tmp_path / which
    real = forecasts.predict

    def edited(*given: Any, **named: Any) -> Any:
        read.write_bytes(read.read_bytes() + b"\n")
        return real(*given, **named)

    monkeypatch.setattr(forecasts, "predict", edited)
    with pytest.raises(BenchError, match="the files are not those with which the run began"):
        done(experiment)
    assert not _entries(tmp_path)


def test_what_killed_writers_left_is_swept_after_a_day(tmp_path: Path) -> None:
    old, new = (tmp_path / ".unfinished" / name for name in ("old", "new"))
    old.parent.mkdir()
    for path in (old, new):
        path.write_bytes(b"half")
    os.utime(old, (0, 0))
    Cache(tmp_path).sweep()
    assert not old.exists()
    assert new.exists()

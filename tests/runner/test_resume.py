"""Whatever stops a run, the next one ends with the tables of an undisturbed one, to the byte."""

from __future__ import annotations

import itertools
import os
import signal
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from bench.core import BenchError
from bench.core.settings import Experiment
from bench.runner import runner
from bench.runner.cache import CacheError
from bench.studies.backtest import forecasts
from tests.conftest import Compose
from tests.forked import bench, start, with_a_short_page
from tests.runner.conftest import done, written

DATES = "days_before=[1,3,8,13]"
ENTRIES = 4 * 5
RUN = ("+experiment=quickstart", "n_draws=200", DATES)

Quick = Callable[..., Experiment]


@pytest.fixture(scope="module")
def undisturbed(composed: Compose, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The tables of an undisturbed run."""
    experiment = composed("+experiment=quickstart", "n_draws=200", "results=", DATES)
    return written(tmp_path_factory.mktemp("undisturbed"), done(experiment))


def _entries(tmp_path: Path) -> list[Path]:
    return sorted((tmp_path / "results" / ".cache").rglob("*.entry"))


@pytest.mark.parametrize(
    ("sent", "owner", "name", "kept"),
    [
        (signal.SIGINT, forecasts, "predict", 10),
        (signal.SIGKILL, forecasts, "predict", 10),
        (signal.SIGKILL, os, "fsync", 5),  # of an entry, and of its folder
    ],
)
def test_what_is_stopped_goes_on_where_it_was(
    tmp_path: Path,
    undisturbed: dict[str, bytes],
    quick: Quick,
    sent: signal.Signals,
    owner: ModuleType,
    name: str,
    kept: int,
) -> None:
    def interrupt() -> None:
        real, calls = getattr(owner, name), itertools.count()

        def function(*given: Any, **named: Any) -> Any:
            if next(calls) == 10:
                os.kill(os.getpid(), sent)
            return real(*given, **named)

        setattr(owner, name, function)
        runner.CHECK_EVERY_S = 0.0  # what is finished is cached at once

    ended = bench(tmp_path, *RUN, before=interrupt)
    assert ended.status == (130 if sent is signal.SIGINT else -sent), ended.err
    assert ("the same command goes on" in ended.err) == (sent is signal.SIGINT)
    assert "Traceback" not in ended.err
    assert not (tmp_path / "results" / "quickstart").exists()
    assert len(_entries(tmp_path)) == kept
    assert len(list(tmp_path.rglob("*.tmp"))) == (owner is os)
    assert written(tmp_path / "after", done(quick(DATES))) == undisturbed


def test_two_runs_at_once(tmp_path: Path, undisturbed: dict[str, bytes]) -> None:
    both = [start(tmp_path, *RUN, name=f"{n}", before=with_a_short_page) for n in range(2)]
    assert [command.ended().status for command in both] == [0, 0]
    folders = list((tmp_path / "results" / "quickstart").iterdir())
    assert len(folders) == 2
    for folder in folders:
        assert {name: (folder / name).read_bytes() for name in undisturbed} == undisturbed
    assert not list(tmp_path.rglob("*.tmp"))


def test_what_is_damaged_or_missing_is_computed_and_nothing_else(
    tmp_path: Path, undisturbed: dict[str, bytes], quick: Quick
) -> None:
    done(quick(DATES))
    damaged, missing, *others = cells = _entries(tmp_path)
    assert len(cells) == ENTRIES
    damaged.write_bytes(b"damage")
    missing.unlink()
    ages = [path.stat().st_mtime_ns for path in others]
    assert written(tmp_path / "after", done(quick(DATES))) == undisturbed
    assert _entries(tmp_path) == cells
    assert [path.stat().st_mtime_ns for path in others] == ages


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

"""The folder of a run: claimed by one run, whole or not there."""

from __future__ import annotations

import errno
import os
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path

import pytest

from bench.core import paths
from bench.core.errors import BenchError, ConfigError, DataError
from bench.core.settings import Execution, Experiment
from bench.report.run_folder import (
    experiment_of,
    find_run,
    manifest_of,
    read_manifest,
    run_folder,
)
from bench.runner.cache import Cache

RECORD = {"settings": {}}


def experiment(folder: Path) -> Experiment:
    return Experiment(name="race", results=str(folder))


def write_many(folder: str, number: int) -> None:
    for k in range(5):
        with run_folder(experiment(Path(folder)), RECORD, [f"{number}-{k}"]) as run:
            for name in "abc":
                (run.path / name).write_text(f"{number}-{k}")


def test_runs_of_the_same_second_never_share_a_folder(tmp_path: Path) -> None:
    with get_context("fork").Pool(3) as pool:
        pool.starmap(write_many, [(str(tmp_path), number) for number in range(3)])
    folders = sorted((tmp_path / "race").iterdir())
    assert len(folders) == 15
    for folder in folders:
        assert len({(folder / name).read_text() for name in "abc"}) == 1


@pytest.mark.parametrize(
    ("error", "raised", "words"),
    [
        (ValueError("other"), ValueError, "other"),
        (OSError(errno.ENOSPC, "full"), BenchError, r"cannot be written \(full\).*make room"),
        (OSError(errno.EROFS, "read-only"), BenchError, r"cannot be written \(read-only\)"),
    ],
)
def test_a_run_that_breaks_off_leaves_nothing(
    tmp_path: Path, error: Exception, raised: type[Exception], words: str
) -> None:
    with pytest.raises(raised, match=words), run_folder(experiment(tmp_path), RECORD, []):
        raise error
    assert list((tmp_path / "race").iterdir()) == []


def test_what_killed_writers_left_stops_nobody_and_is_swept_after_a_day(tmp_path: Path) -> None:
    with run_folder(experiment(tmp_path), RECORD, []) as first:
        pass
    half = f".{first.place.name}.unfinished"  # as a run of this very second would have left it
    old, new = (tmp_path / "race" / name for name in (".2026-01-01_00-00-00.unfinished", half))
    store, entry = Cache(tmp_path), tmp_path / "ab" / ".c.entry.0.tmp"
    for path in (old / "errors.csv", new / "errors.csv", entry):
        path.parent.mkdir()
        path.write_text("half")
        os.utime(path, (0, 0))
    os.utime(old, (0, 0))
    with run_folder(experiment(tmp_path), RECORD, []) as second:
        pass
    store.sweep()
    assert [old.exists(), new.exists(), entry.exists()] == [False, True, False]
    assert second.place != first.place
    assert [find_run(name, tmp_path) for name in ("race", "race/latest")] == [second.place] * 2
    assert find_run(str(first.place), tmp_path) == first.place
    with pytest.raises(ConfigError, match="did you mean 'race'"):
        find_run("rase", tmp_path)
    with pytest.raises(ConfigError, match="none lies in"):
        find_run("race", tmp_path / "empty")


def test_no_folder_of_this_machine_is_published(tmp_path: Path) -> None:
    forecasts = tmp_path / "home" / "ada" / "stan.csv"
    forecasts.parent.mkdir(parents=True)
    forecasts.write_text("candidate,share\n")
    mine = replace(
        experiment(tmp_path / "results"),
        elections=[str(tmp_path / "home" / "my town"), "toy"],
        predictors={"forecast_file": {"path": str(forecasts)}},
        execution=Execution(store=str(tmp_path / "cache")),
    )
    folders = {"my town": paths.datasets() / "toy"}
    record = manifest_of(mine, folders)
    elsewhere = replace(mine, results=str(tmp_path / "elsewhere"))
    assert manifest_of(elsewhere, folders) == record
    assert record["settings"]["elections"] == ["my town", "toy"]
    assert list(record["files"]) == ["stan.csv"]
    with run_folder(mine, record, []) as run:
        pass
    assert str(tmp_path) not in (run.place / "manifest.json").read_text()
    read = read_manifest(run.place)
    assert experiment_of(read, run.place) == mine
    (run.place / ".hydra" / "config.yaml").unlink()  # as a published folder may be
    assert experiment_of(read, run.place).elections == ["my town", "toy"]


def test_settings_of_another_version_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="another version"):
        experiment_of({"settings": {"name": "x"}}, tmp_path)
    (tmp_path / "manifest.json").write_text("{")
    with pytest.raises(DataError, match="cannot be read"):
        read_manifest(tmp_path)

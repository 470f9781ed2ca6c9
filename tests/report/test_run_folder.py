"""The folder of a run: claimed by one run, whole or not there."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
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

RECORD = {"settings": {}}


def experiment(folder: Path) -> Experiment:
    return Experiment(name="race", results=str(folder))


def write_many(folder: str, number: int) -> None:
    for k in range(5):
        with run_folder(experiment(Path(folder)), RECORD, [f"{number}-{k}"]) as run:
            for name in "abc":
                (run.path / name).write_text(f"{number}-{k}")


def test_runs_of_the_same_second_never_share_a_folder(tmp_path: Path) -> None:
    workers = [
        get_context("fork").Process(target=write_many, args=(str(tmp_path), number))
        for number in range(3)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
        assert worker.exitcode == 0
    folders = sorted((tmp_path / "race").iterdir())
    assert len(folders) == 15
    for folder in folders:
        assert len({(folder / name).read_text() for name in "abc"}) == 1


def test_a_run_that_breaks_off_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), run_folder(experiment(tmp_path), RECORD, []):
        1 / 0  # noqa: B018
    assert list((tmp_path / "race").iterdir()) == []


def test_a_full_disk_is_said_in_a_sentence(tmp_path: Path) -> None:
    with (
        pytest.raises(BenchError, match=r"cannot be written .*make room"),
        run_folder(experiment(tmp_path), RECORD, []),
    ):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_what_a_killed_run_left_does_not_stop_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with run_folder(experiment(tmp_path), RECORD, []) as first:
        pass
    # as a killed run of this very second would have left it
    first.place.with_name(f".{first.place.name}.unfinished").mkdir()
    with run_folder(experiment(tmp_path), RECORD, []) as second:
        pass
    assert second.place != first.place
    assert (second.place / "manifest.json").is_file()


def test_what_killed_runs_left_is_swept_after_a_day(tmp_path: Path) -> None:
    old, new = (tmp_path / "race" / f".2026-01-0{day}_00-00-00.unfinished" for day in (1, 2))
    for folder in (old, new):
        folder.mkdir(parents=True)
        (folder / "errors.csv").write_text("half")
    os.utime(old, (0, 0))
    with run_folder(experiment(tmp_path), RECORD, []):
        pass
    assert not old.exists()
    assert new.exists()


@pytest.mark.parametrize("given", ["race", "race/latest", str])
def test_a_run_is_found_by_name_and_by_path(
    tmp_path: Path, given: str | Callable[[Path], str]
) -> None:
    with run_folder(experiment(tmp_path), RECORD, []) as run:
        pass
    name = given if isinstance(given, str) else given(run.place)
    assert find_run(name, tmp_path) == run.place


def test_a_run_that_is_not_there_is_answered_with_those_that_are(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="none lies in"):
        find_run("2017_r1", tmp_path)
    with run_folder(experiment(tmp_path), RECORD, []):
        pass
    with pytest.raises(ConfigError, match="did you mean 'race'"):
        find_run("rase", tmp_path)


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

"""A hundred kills and a hundred races: whoever is killed goes on to the same bytes, nobody mixes.

Runs start as copies of this process, which has imported everything: of an interpreter that starts
anew, three seconds of four would be killed while it imports.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import sys
import time
from collections.abc import Callable, Collection, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from bench.report.run_folder import read_manifest
from bench.studies import run as studies_run
from bench.studies.run import execute
from tests.conftest import Compose
from tests.forked import Command, start, with_a_short_page

pytestmark = pytest.mark.golden

WORK = {
    "backtest": (
        "+experiment=quickstart",
        "predictor=[uniform,last_poll,quota_poll]",
        "baseline=uniform",
        "n_draws=200",
        "days_before=[1,2,3,5,8,13]",
    ),
    "study": (
        "+experiment=2017_chain",
        "elections=[toy]",
        "as_of=[]",
        "days_before=[1,2,3,5]",
        "n_draws=200",
        "predictor=[uniform,last_poll,quota_poll]",
        "baseline=uniform",
    ),
    "simulation": (
        "+experiment=2017_r1_manipulation",
        "elections=[toy]",
        'as_of=["2031-04-04T20:00"]',
        "instrument=[quota_poll]",
        "predictor=[last_poll,quota_poll]",
        "scenario=[industry_error,house_effect,fabricated_polls]",
        "simulation.replicates=9",
        "simulation.block=3",
    ),
}
ENGINES = {"serial": ("execution=serial",), "loky": ("execution=loky", "execution.workers=2")}
KILLS = {"serial": 22, "loky": 12}
RACES, RUNNERS = 100, 4
NAME_THE_ENGINE = {"manifest.json", "report.html", ".hydra/config.yaml", ".hydra/overrides.yaml"}
SECONDS = ("timings", "ro-crate-metadata.json")  # and what states how many bytes those have


def without_figures() -> None:
    """In a copy: whole tables and page, and no figures, which take most of the time to draw."""
    real: Callable[..., Any] = studies_run.write_report
    studies_run.write_report = lambda folder, report, *more: real(
        folder, replace(report, figures={}), *more
    )


def begun(folder: Path, *arguments: str) -> Command:
    """A run in a session of its own, whose members are counted afterwards."""

    def before() -> None:
        os.setsid()
        without_figures()

    return start(folder, *arguments, before=before)


def written(run: Path) -> dict[str, bytes]:
    """Every file of a run but seconds and what is only of this machine."""
    return {
        path.relative_to(run).as_posix(): path.read_bytes()
        for path in sorted(run.rglob("*"))
        if path.is_file() and not path.name.startswith(SECONDS)
    }


def runs(folder: Path) -> list[Path]:
    return sorted((folder / "results").glob("[!.]*/[!.]*"))


def session(number: int) -> list[int]:
    """The processes of a session that still run."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _, _, its = entry.read_text().rsplit(")", 1)[1].split()[:4]
        except OSError:
            continue
        if int(its) == number and state != "Z":
            found.append(int(entry.parent.name))
    return found


def alone_within(seconds: float, number: int) -> bool:
    until = time.monotonic() + seconds
    while session(number):
        if time.monotonic() > until:
            return False
        time.sleep(0.05)
    return True


@pytest.fixture(scope="module")
def undisturbed(
    tmp_path_factory: pytest.TempPathFactory,
) -> dict[str, tuple[dict[str, bytes], float]]:
    """The bytes of each kind of work, and the seconds that it took."""
    found = {}
    for kind, arguments in WORK.items():
        folder = tmp_path_factory.mktemp(kind) / "here"
        began = time.monotonic()
        ended = begun(folder, *arguments, *ENGINES["serial"]).ended()
        assert ended.status == 0, ended.err
        (run,) = runs(folder)
        found[kind] = (written(run), time.monotonic() - began)
    return found


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("kind", WORK)
def test_killed_again_and_again_it_ends_with_the_same_bytes(
    tmp_path: Path,
    undisturbed: dict[str, tuple[dict[str, bytes], float]],
    kind: str,
    engine: str,
) -> None:
    chance = random.Random(f"{kind} {engine}")
    whole, took = undisturbed[kind]
    longest = took + (3 if engine == "loky" else 0)  # its workers import what this process has
    folder, kills, starts, finished = tmp_path / "here", 0, 0, 0
    while kills < KILLS[engine] or not finished:
        starts += 1
        command = begun(folder, *WORK[kind], *ENGINES[engine])
        if kills < KILLS[engine]:
            time.sleep(chance.uniform(0.05, longest))
            number = chance.choice([signal.SIGKILL, signal.SIGTERM])
            os.kill(command.process, number)
        ended = command.ended()
        assert alone_within(5, command.process), "processes stayed behind"
        if ended.status:
            assert ended.status in (-signal.SIGKILL, 128 + signal.SIGTERM), ended.err
            assert "Traceback" not in ended.err
            kills += 1
        for run in runs(folder):
            finished += 1
            named = NAME_THE_ENGINE if engine != "serial" else ()
            assert _apart(named, written(run)) == _apart(named, whole)
            shutil.rmtree(folder / "results")
            break
    print(f"{kind} on {engine}: {kills} kills in {starts} starts, {finished} whole runs")


def _apart(names: Collection[str], files: dict[str, bytes]) -> dict[str, bytes]:
    return {name: content for name, content in files.items() if name not in names}


CONTESTANTS = [["uniform"], ["last_poll"], ["uniform", "last_poll"], ["uniform", "last_election"]]


def _raced(folder: Path, number: int, composed: Compose, go: int) -> int:
    """A run that waits, with the others, until the descriptor `go` is closed."""
    process = os.fork()
    if process:
        return process
    status = 1
    try:
        with_a_short_page()
        names = ",".join(CONTESTANTS[number])
        experiment = composed(
            "+experiment=quickstart",
            f"predictor=[{names}]",
            f"baseline={CONTESTANTS[number][0]}",
            "n_draws=20",
            f"results={folder / 'results'}",
        )
        os.read(go, 1)
        execute(experiment).save(experiment.results)
        status = 0
    finally:
        os._exit(status)


@pytest.fixture
def together(tmp_path: Path, composed: Compose) -> Iterator[Callable[[], list[int]]]:
    # what it imports and reads, the copies need not
    execute(composed("+experiment=quickstart", "n_draws=20", "results=''")).save(tmp_path / "warm")

    def _race() -> list[int]:
        shutil.rmtree(tmp_path / "results", ignore_errors=True)
        reading, writing = os.pipe()
        processes = [_raced(tmp_path, number, composed, reading) for number in range(RUNNERS)]
        os.write(writing, b"!" * RUNNERS)
        os.close(reading)
        os.close(writing)
        return [os.waitstatus_to_exitcode(os.waitpid(one, 0)[1]) for one in processes]

    return _race


def test_a_hundred_races_of_four_runs_end_in_four_whole_folders(
    tmp_path: Path, together: Callable[[], list[int]]
) -> None:
    first: dict[str, dict[str, bytes]] = {}
    for _ in range(RACES):
        assert together() == [0] * RUNNERS
        seen = []
        for run in runs(tmp_path):
            names = list(read_manifest(run)["settings"]["predictors"])
            assert set(pd.read_csv(run / "methods.csv")["predictor"]) == set(names)
            seen.append(names)
            files, before = written(run), first.setdefault(",".join(names), written(run))
            for name, content in files.items():
                assert content.decode("latin-1") == before[name].decode("latin-1"), name
            assert files.keys() == before.keys()
        assert sorted(seen) == sorted(CONTESTANTS)
        assert not list(tmp_path.glob("results/quickstart/.*"))
        assert not list(tmp_path.glob("results/.cache/.unfinished/*"))

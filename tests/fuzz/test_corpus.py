"""The smallest hostile files that were found, and what no file can hold: refused, or right.

`expected.csv` of the corpus says what refuses a file, or nothing where it is read.
"""

from __future__ import annotations

import csv
import os
import shutil
import time
import tracemalloc
from pathlib import Path

import pytest

from bench.cli.main import in_one_sentence, run_command
from bench.core import BenchError, DataError, paths
from bench.core.compose import as_typed, compose
from bench.core.read import visible
from bench.data import csv_dialect
from bench.data.columns import TABLES
from bench.data.election import load_election
from bench.data.evidence import evidence_for
from bench.data.stations import levels_of, votes_by
from bench.data.tables import outcomes_of
from bench.models import forecast_table
from bench.models.forecast_table import read_forecast
from bench.studies.run import execute
from tests.fuzz.replay import ELECTION, FILES, replay

CORPUS = Path(__file__).parent / "corpus"
with (CORPUS / "expected.csv").open(encoding="utf-8", newline="") as stream:
    EXPECTED = {row["file"]: row["refused_with"] for row in csv.DictReader(stream)}
SECONDS = 5.0  # of the processor, on the slowest machine; a refusal takes hundredths


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "freedonia"
    place.mkdir()
    for name, content in ELECTION.items():
        (place / name).write_bytes(content)
    return place


@pytest.mark.parametrize("file", EXPECTED)
def test_a_file_of_the_corpus(tmp_path: Path, file: str) -> None:
    kind = file.partition("/")[0]
    before = time.process_time()
    said = replay(kind, (CORPUS / file).read_bytes(), tmp_path)
    assert time.process_time() - before < SECONDS
    if not EXPECTED[file]:
        assert said is None
    else:
        assert said is not None
        assert FILES[kind] + EXPECTED[file] in said.replace("\n", " ")


NO_FILES = ["pipe", "device", "loop", "dangling"]
NOT_READ = r"(not a file|cannot be read)"


def _put(kind: str, path: Path) -> None:
    path.unlink(missing_ok=True)
    if kind == "pipe":
        os.mkfifo(path)
    else:
        target = {"device": "/dev/zero", "loop": path, "dangling": path.parent / "nowhere"}[kind]
        path.symlink_to(target)


@pytest.mark.parametrize("kind", NO_FILES)
def test_what_is_no_file_is_named_for_what_it_is(folder: Path, kind: str) -> None:
    _put(kind, folder / "polls.csv")
    with pytest.raises(DataError, match=f"polls.csv: {NOT_READ}"):
        load_election(str(folder))
    with pytest.raises(DataError, match=f"polls.csv: {NOT_READ}"):
        read_forecast(folder / "polls.csv")


FULL = [
    "candidates.csv",
    "inputs/polls.csv",
    "inputs/buzz.parquet",
    "outcome/national.csv",
    "outcome/departements.parquet",
    "outcome/stations_r1.parquet",
]


@pytest.mark.parametrize("name", FULL)
def test_no_table_of_the_full_form_is_taken_for_missing(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "mine"
    shutil.copytree(paths.datasets() / "toy", folder)
    _put("pipe", folder / name)
    with pytest.raises(DataError, match=f"{name}: not a file"):
        _read_everything(folder)


def _read_everything(folder: Path) -> None:
    election = load_election(str(folder))
    evidence = evidence_for(election, 1, election.round(1).vote_on)
    for name in TABLES:
        assert evidence[name] is not None
    outcomes_of(election)
    for level in levels_of(election, 1):
        assert len(votes_by(election, 1, level))


POLL = b"Ifop,2030-05-08,1000,Ana Rowe,0.52\n"
GIANTS = {
    "a cell of 200 kB": (b"Ifop", b"x" * 200_000, ":2: not a table (field larger than"),
    "many rows": (POLL, POLL * 300_000, "bytes; accepted: at most 10,000,000"),
    "a million cells": (POLL, b"," * 1_000_000 + b"\n", ":2: not a table (1,000,001 cells under 5"),
    "rows that end as on old Macs": (POLL, b"\r" * 60_000, "60,000 rows; accepted: 50,000"),
}


@pytest.mark.parametrize("what", GIANTS)
def test_giants_are_refused_before_they_are_understood(folder: Path, what: str) -> None:
    old, new, words = GIANTS[what]
    path = folder / "polls.csv"
    path.write_bytes(path.read_bytes().replace(old, new, 1))
    before = time.process_time()
    tracemalloc.start()
    with pytest.raises(DataError) as caught:
        load_election(str(folder))
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert words in str(caught.value)
    assert time.process_time() - before < SECONDS
    assert most < 20 * csv_dialect.MAX_BYTES


def test_a_forecast_has_limits_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "forecast.csv"
    path.write_text("candidate,share\nbrook,0.4\nferrier,0.3\nhollow,.3\n")
    for limit, value, words in (
        ("MAX_ROWS", 2, "4 rows; accepted: 2 "),
        ("MAX_BYTES", 40, "48 by"),
    ):
        monkeypatch.setattr(forecast_table, limit, value)
        with pytest.raises(DataError, match=words):
            read_forecast(path)


@pytest.mark.parametrize(
    ("name", "status"),
    [("percent", 1), ("misspelt", 3), ("good", 0)],
)
def test_check_and_run_say_the_same_with_the_same_status(
    tmp_path: Path, name: str, status: int, capsys: pytest.CaptureFixture[str]
) -> None:
    path = CORPUS / "forecast_csv" / f"{name}.csv"
    arguments = ["+experiment=quickstart", "predictor=[uniform,last_election,forecast_file]"]
    arguments.append(f"predictors.forecast_file.path={path}")
    experiment = compose(*arguments, "rounds=[1]", f"results={tmp_path}", "n_draws=50")
    try:
        failures = execute(experiment).results.failures
        ran = (3, failures["forecast_file"]) if failures else (0, "")
    except BenchError as error:
        ran = (1, str(error))
    try:
        checked = run_command("check", [str(path), "--election", "toy"])
        said = capsys.readouterr().out
    except BenchError as error:
        checked, said = 1, str(error)
    assert ran[0] == checked == status
    words = EXPECTED[f"forecast_csv/{name}.csv"]
    assert words in ran[1]
    assert words in said
    assert status == 0 or path.name in said


@pytest.mark.parametrize("name", ["${oc.env:HOME}", "[it's é 🗳], a,b"])
def test_a_folder_may_have_any_name(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / name
    folder.mkdir()
    for file, content in ELECTION.items():
        (folder / file).write_bytes(content)
    monkeypatch.chdir(tmp_path)
    (given,) = compose(*as_typed(["+experiment=own", f"election={name}"])).elections
    assert given == name
    assert load_election(f"./{given}").title == "Freedonia"


def test_what_is_said_of_a_hostile_name_has_no_escapes(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(BenchError) as caught:
        run_command("check", ["no\x1b]0;owned\x07such\u202efolder"])
    in_one_sentence(caught.type, caught.value, None)
    said = capsys.readouterr().err
    assert "no\\x1b]0;owned\\x07such\\u202efolder does not exist" in said
    assert visible(said) == said

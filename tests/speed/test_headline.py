"""How long the headline takes, beside what it cannot be faster than."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from bench.core import paths
from bench.data.columns import TABLES
from bench.data.election import load_election
from bench.data.evidence import evidence_for
from bench.data.readers import read_table

pytestmark = pytest.mark.speed
AS_OF = pd.Timestamp("2017-04-21T20:00")
POLLS = paths.datasets() / "fr2017" / "inputs" / "polls.csv"


@pytest.mark.benchmark(group="read the polls of 2017")
@pytest.mark.parametrize("check", [False, True], ids=["trusted", "validated"])
def test_read(benchmark: BenchmarkFixture, check: bool) -> None:
    benchmark(read_table, POLLS, TABLES["polls"], check=check)


@pytest.mark.benchmark(group="read the polls of 2017")
def test_read_with_pandas_alone(benchmark: BenchmarkFixture) -> None:
    benchmark(pd.read_csv, POLLS)


CUT = "evidence of one date, by one comparison of dates in each of its tables"


@pytest.mark.benchmark(group=CUT)
def test_evidence(benchmark: BenchmarkFixture) -> None:
    election = load_election("fr2017")
    benchmark(evidence_for, election, 1, AS_OF)


@pytest.mark.benchmark(group=CUT)
def test_comparisons_alone(benchmark: BenchmarkFixture) -> None:
    tables = evidence_for(load_election("fr2017"), 1, AS_OF).assembled().tables.values()
    dated = [table for table in tables if "published_on" in table]
    benchmark(lambda: [table[table["published_on"] <= AS_OF] for table in dated])


IMPORTS = (
    "import hydra, pandas, pandera.pandas, sklearn.linear_model, matplotlib.pyplot, jinja2,"
    "scipy.spatial.distance, rich.console"
)


@pytest.mark.benchmark(group="2017_r1, whole process", min_rounds=3, max_time=1)
@pytest.mark.parametrize("what", ["imports", "experiment", "help"])
def test_whole_process(benchmark: BenchmarkFixture, tmp_path: Path, what: str) -> None:
    command = {
        "imports": ["-c", IMPORTS],
        "experiment": ["-m", "bench", "+experiment=2017_r1"],
        "help": ["-m", "bench", "--help"],
    }[what]
    benchmark(
        subprocess.run, [sys.executable, *command], cwd=tmp_path, check=True, capture_output=True
    )

"""Reference tables of the studies: made by `python -m tests.golden.studies`."""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

import pandas as pd

from bench.studies import run_study
from tests.golden.reference import FOLDER, experiment_of

TABLES = {
    "transfers_2017": ("levels_registered", "levels_valid", "past_vote_transitions"),
    "stations_2017_r2": ("stations", "by_group", "pairs", "rates"),
    "election_night_2017": ("by_moment", "calls", "samples"),
    "electorates": ("bias_variance", "conclusions"),
    "ecological_confounding": ("by_dose",),
    "2017_r1_spoiled_apps": ("dose_response",),
}
DIGITS = 6


def tables_of(name: str) -> dict[str, pd.DataFrame]:
    """Run a study and read what it wrote."""
    experiment = experiment_of(name)
    with tempfile.TemporaryDirectory() as folder:
        experiment.results = folder
        run_study(experiment, [f"+experiment={name}"])
        (place,) = (Path(folder) / name).iterdir()
        return {
            table: pd.read_csv(place / "tables" / f"{table}.csv").round(DIGITS)
            for table in TABLES[name]
        }


def make(name: str) -> None:
    """Put the tables of a study under review."""
    target = FOLDER / name
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    for table, rows in tables_of(name).items():
        rows.to_csv(target / f"{table}.csv", index=False, lineterminator="\n")


if __name__ == "__main__":
    for wanted in sys.argv[1:] or TABLES:
        make(wanted)

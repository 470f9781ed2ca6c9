"""The paper: its references are used and have an identifier, its counts are those of today."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd

from bench.core import paths
from bench.data.election import folder_names

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAPER = (DOCS / "paper" / "paper.md").read_text(encoding="utf-8")
MADE_UP = ("toy", "toy_prior1", "toy_prior2")


def test_its_elections_are_counted() -> None:
    registers = [pd.read_parquet(path) for path in paths.datasets().glob("*/elections.parquet")]
    members = pd.concat([one for one in registers if "vote_on" in one])
    # held so far: the open one of 2027 is none yet
    single = [name for name in folder_names() if name not in (*MADE_UP, "fr2027")]
    count = members["election"].nunique() + len(single)
    years = pd.to_datetime(members["vote_on"]).dt.year
    assert f"{count:,} elections from {years.min()} to {years.max()}" in PAPER


def test_its_results_stand_in_the_record() -> None:
    page = DOCS / "track_record.md"
    pairs = DOCS.parent / "results" / "reference" / "track_record.md"
    record = page.read_text(encoding="utf-8") + pairs.read_text(encoding="utf-8")
    votes = re.search(r"over ([\d,]+) votes", PAPER)
    ratios = re.findall(r"\d\.\d\d \(\d\.\d\d–\d\.\d\d\)", PAPER)
    assert votes is not None
    assert f" {votes[1]} votes" in record
    assert len(ratios) == 2
    for ratio in ratios:
        assert f"| {ratio} |" in record

"""Hostile names and plug-ins: nothing that they carry runs, and nothing else is harmed."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pandas as pd

from bench.core import registry
from tests.runner.conftest import on_the_path
from tests.test_main import bench

SCRIPT = "<script>alert(1)</script><img src=x onerror=alert(2)>"
FORMULA = '=HYPERLINK("http://example.invalid","x")'
SHORT = ("+experiment=quickstart", "predictor=[uniform,last_poll]", "n_draws=50")
LATEX = r"\input{/etc/passwd} _#%&{}$^~"


def test_no_script_formula_or_command_reaches_what_is_written(
    tmp_path: Path, toy_folder: Path
) -> None:
    people = pd.read_csv(toy_folder / "candidates.csv", dtype=str)
    names = [SCRIPT, FORMULA, LATEX, "@x", "-1+1"]
    people.loc[: len(names) - 1, "name"] = names
    people.to_csv(toy_folder / "candidates.csv", index=False)
    text = (toy_folder / "election.yaml").read_text("utf-8")
    named = re.sub("(?m)^name:.*", f"name: '{SCRIPT}'", text)
    (toy_folder / "election.yaml").write_text(named, "utf-8")
    bench(tmp_path, *SHORT, f"elections=[{toy_folder}]", f"title='{SCRIPT}'", figures=True)
    (run,) = (tmp_path / "results" / "quickstart").iterdir()
    pages, tables = [*run.rglob("*.html"), *run.rglob("*.svg")], list(run.rglob("*.csv"))
    assert pages
    assert tables
    for page in pages:
        text = page.read_text("utf-8")
        assert "<script>alert" not in text, page
        assert "<img src=x" not in text, page
    for table in tables:
        with table.open(newline="", encoding="utf-8") as stream:
            for word in (word for row in csv.reader(stream) for word in row):
                if word.startswith(("=", "+", "-", "@", "\t", "\r")):
                    float(word)  # a number
    for table in run.rglob("*.tex"):
        assert r"\input{" not in table.read_text("utf-8"), table


def test_a_broken_plug_in_that_nobody_asks_for_harms_nobody(tmp_path: Path) -> None:
    info = tmp_path / "site" / "bad_guest-0.0.1.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: bad_guest\nVersion: 0.0.1\n")
    points = "[bench.predictors]\nbad = bad_guest:Guest\n[bench.configs]\nbad = no_such_package.x\n"
    (info / "entry_points.txt").write_text(points)
    with on_the_path(tmp_path / "site"):
        assert "bad" in registry.plug_ins("bench.predictors")
        bench(tmp_path / "run", *SHORT)

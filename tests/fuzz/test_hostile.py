"""Hostile names and plug-ins: nothing that they carry runs, and nothing else is harmed."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import pytest

from bench.core import paths, registry
from tests.runner.conftest import on_the_path
from tests.test_main import bench

SCRIPT = "<script>alert(1)</script><img src=x onerror=alert(2)>"
FORMULA = '=HYPERLINK("http://example.invalid","x")'
SHORT = ("+experiment=quickstart", "predictor=[uniform,last_poll]", "n_draws=50")
LATEX = r"\input{/etc/passwd} _#%&{}$^~"


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run of an election whose people have such names."""
    home = tmp_path_factory.mktemp("hostile")
    folder = home / "mine"
    shutil.copytree(paths.datasets() / "toy", folder)
    people = folder / "candidates.csv"
    with people.open(newline="", encoding="utf-8") as stream:
        rows = list(csv.reader(stream))
    column = rows[0].index("name")
    for row, name in zip(rows[1:], [SCRIPT, FORMULA, LATEX, "@x", "-1+1"], strict=False):
        row[column] = name
    with people.open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream, lineterminator="\n").writerows(rows)
    election = folder / "election.yaml"
    text = election.read_text(encoding="utf-8").splitlines()
    text = [f"name: '{SCRIPT}'" if line.startswith("name:") else line for line in text]
    election.write_text("\n".join(text) + "\n", encoding="utf-8")
    named = (f"elections=[{folder}]", f"title='{SCRIPT}'")
    bench(home, *SHORT, *named, figures=True)
    (run,) = (home / "results" / "quickstart").iterdir()
    return run


def test_no_script_formula_or_command_reaches_what_is_written(hostile: Path) -> None:
    pages = [*hostile.rglob("*.html"), *hostile.rglob("*.svg")]
    tables = list(hostile.rglob("*.csv"))
    assert pages
    assert tables
    for page in pages:
        text = page.read_text(encoding="utf-8")
        assert "<script>alert" not in text, page
        assert "<img src=x" not in text, page
    for table in tables:
        with table.open(newline="", encoding="utf-8") as stream:
            for word in (word for row in csv.reader(stream) for word in row):
                if word.startswith(("=", "+", "-", "@", "\t", "\r")):
                    float(word)  # a number
    for table in hostile.rglob("*.tex"):
        assert r"\input{" not in table.read_text(encoding="utf-8"), table


def test_a_broken_plug_in_that_nobody_asks_for_harms_nobody(tmp_path: Path) -> None:
    info = tmp_path / "site" / "bad_guest-0.0.1.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: bad_guest\nVersion: 0.0.1\n")
    points = "[bench.predictors]\nbad = bad_guest:Guest\n[bench.configs]\nbad = no_such_package.x\n"
    (info / "entry_points.txt").write_text(points)
    with on_the_path(tmp_path / "site"):
        assert "bad" in registry.plug_ins("bench.predictors")
        bench(tmp_path / "run", *SHORT)

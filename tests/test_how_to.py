"""Every page on how to add something is followed to the letter, in a checkout of its own."""

from __future__ import annotations

import re
import shlex
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from tests import forked

ROOT = Path(__file__).resolve().parents[1]
BLOCK = re.compile(r'^```(?:python|yaml|csv|jinja) title="([^"]+)"\n(.*?)^```$', re.M | re.S)
COMMANDS = re.compile(r"^```bash\n(.*?)^```$", re.M | re.S)


@pytest.fixture
def scratch(tmp_path: Path) -> Path:
    """A checkout with the made-up elections alone, and what polls elsewhere erred."""
    for folder in ("bench", "predictors", "configs"):
        shutil.copytree(ROOT / folder, tmp_path / folder)  # and what is compiled
    shutil.copy(ROOT / "CITATION.cff", tmp_path)
    (tmp_path / "datasets").mkdir()
    for folder in (ROOT / "datasets").iterdir():
        if folder.name.startswith(("toy", "made_up", "past_errors")):
            shutil.copytree(folder, tmp_path / "datasets" / folder.name)
    shutil.copytree(ROOT / "datasets" / "france", tmp_path / "datasets" / "france")
    (tmp_path / "tests" / "predictors").mkdir(parents=True)
    return tmp_path


def follow(scratch: Path, page: str, *, figures: bool = False) -> list[str]:
    """Write the files of a page and run its commands; what they print."""
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    for name, content in BLOCK.findall(text):
        path = scratch / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    lines = [line for part in COMMANDS.findall(text) for line in part.splitlines()]
    return [bench(scratch, line, figures=figures) for line in lines]


def bench(scratch: Path, line: str, *, figures: bool) -> str:
    """Run one command with the code of the scratch checkout; what it prints."""
    name, *arguments = shlex.split(line, comments=True)
    assert name == "bench"

    def before() -> None:
        for module in [one for one in sys.modules if one.split(".")[0] in ("bench", "predictors")]:
            del sys.modules[module]
        sys.path.insert(0, str(scratch))
        from bench.report import report

        assert str(report.__file__).startswith(str(scratch))
        if not figures:
            report.draw_figures = lambda *_, **__: {}

    done = forked.bench(scratch, *arguments, before=before)
    assert done.status == 0, done.out + done.err
    return done.out


def table(scratch: Path, name: str) -> pd.DataFrame:
    """A table of the one run that was made."""
    (path,) = scratch.glob(f"results/*/*/{name}")
    return pd.read_csv(path)


def a_predictor(scratch: Path, said: list[str]) -> None:
    methods = table(scratch, "methods.csv").set_index("predictor")
    assert methods.loc["my_idea", "status"] == "ok"


def a_metric(scratch: Path, said: list[str]) -> None:
    errors = table(scratch, "errors.csv")
    shares = errors[errors["metric"] == "absolute_error"]
    mine = errors[errors["metric"] == "winner_error"]
    assert len(mine) > 0
    for predictor, value in zip(mine["predictor"], mine["value"], strict=True):
        found = shares.loc[shares["predictor"] == predictor, "value"]
        assert (found - value).abs().min() == pytest.approx(0.0, abs=1e-12)


def a_distortion(scratch: Path, said: list[str]) -> None:
    listed, _ = said
    assert "leading_bonus" in listed
    assert "Bias: polls flatter whoever leads them." in listed


def an_election(scratch: Path, said: list[str]) -> None:
    assert "Presidential election of Freedonia, 2030" in said[0]
    assert set(table(scratch, "errors.csv")["candidate"].dropna()) >= {"ana_rowe", "bjorn_ase"}


def a_collection(scratch: Path, said: list[str]) -> None:
    assert "FD, parliament: 2 elections, 2 of them may be ranked" in said[0]
    assert "learns from 1 earlier election of that country" in said[1]
    assert "as shares alone" in said[1]
    errors = table(scratch, "errors.csv")
    signed = errors[errors["metric"].eq("signed_error") & errors["predictor"].eq("last_poll")]
    found = signed.set_index(["election", "candidate"])["value"]
    assert found["fd2026", "ash"] == pytest.approx(0.02, abs=4e-3)
    assert found["fd2030", "birch"] == pytest.approx(-0.02, abs=4e-3)


def a_study_and_a_plot(scratch: Path, said: list[str]) -> None:
    assert "led the polls" in said[0]
    assert len(table(scratch, "tables/leaders.csv")) == 2
    (figure,) = scratch.glob("results/*/*/figures/leading_share.svg")
    assert figure.stat().st_size > 1000


@pytest.mark.parametrize(
    ("page", "check"),
    [
        ("own_predictor.md", a_predictor),
        ("own_metric.md", a_metric),
        pytest.param("own_distortion.md", a_distortion, marks=pytest.mark.golden),
        pytest.param("own_election.md", an_election, marks=pytest.mark.golden),
        pytest.param("collections.md", a_collection, marks=pytest.mark.golden),
        ("own_study.md", a_study_and_a_plot),
    ],
)
def test_a_page_can_be_followed(
    scratch: Path, page: str, check: Callable[[Path, list[str]], None]
) -> None:
    check(scratch, follow(scratch, page, figures=page == "own_study.md"))

"""A plug-in: a package of its own, built, installed and run like any contestant."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

pytestmark = pytest.mark.install

PYPROJECT = """
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
name = "bench-guest"
version = "0.0.1"

[project.entry-points."bench.predictors"]
favourite_first = "bench_guest.favourite_first:FavouriteFirst"

[project.entry-points."bench.configs"]
bench_guest = "bench_guest.configs"
"""

PREDICTOR = '''
"""The favourite of the last poll gets everything asked for, the rest share what is left."""

from dataclasses import dataclass
from typing import ClassVar

import pandas as pd

from bench.core import Evidence, Forecast, Predictor


@dataclass(frozen=True, kw_only=True)
class FavouriteFirst(Predictor):
    """Whoever leads the latest poll gets `lead`; the others divide what is left."""

    family: ClassVar[str] = "guests"
    needs: ClassVar[frozenset[str]] = frozenset({"polls"})

    lead: float

    def predict(self, evidence, rng):
        polls = evidence["polls"]
        latest = polls[polls["fieldwork_end"] == polls["fieldwork_end"].max()]
        leader = latest.groupby("candidate")["share"].mean().idxmax()
        rest = (1 - self.lead) / (len(evidence.candidates) - 1)
        share = pd.Series(rest, index=list(evidence.candidates))
        share[leader] = self.lead
        return Forecast(share=share)
'''


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder into which the plug-in was installed."""
    source = tmp_path_factory.mktemp("guest")
    package = source / "bench_guest"
    (package / "configs" / "predictor").mkdir(parents=True)
    (source / "pyproject.toml").write_text(PYPROJECT)
    (package / "__init__.py").write_text("")
    (package / "configs" / "__init__.py").write_text("")
    (package / "favourite_first.py").write_text(PREDICTOR)
    yaml = "# @package predictors.favourite_first\nlead: 0.5\n"
    (package / "configs" / "predictor" / "favourite_first.yaml").write_text(yaml)
    target = tmp_path_factory.mktemp("site")
    subprocess.run(
        [
            *(sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index"),
            *("--no-build-isolation", "--target", str(target), str(source)),
        ],
        check=True,
        capture_output=True,
    )
    return target


def _bench(installed: Path, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join([str(installed), os.environ.get("PYTHONPATH", "")])
    return subprocess.run(
        [sys.executable, "-m", "bench", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": path},
        check=False,
    )


def test_an_installed_plug_in_is_a_row_of_the_table(installed: Path, tmp_path: Path) -> None:
    done = _bench(
        installed,
        tmp_path,
        "+experiment=quickstart",
        "predictor=[favourite_first,last_election]",
        "predictors.favourite_first.lead=0.4",
    )
    assert done.returncode == 0, done.stderr
    (run,) = (tmp_path / "results" / "quickstart").iterdir()
    forecasts = pd.read_parquet(run / "forecasts.parquet")
    mine = forecasts[forecasts["predictor"] == "favourite_first"]
    assert mine["share"].max() == pytest.approx(0.4)
    assert len(mine) == 5


def test_a_plug_in_is_named_among_the_known(installed: Path, tmp_path: Path) -> None:
    done = _bench(installed, tmp_path, "+experiment=quickstart", "predictor=[favourit_first]")
    assert done.returncode == 1
    assert "did you mean 'favourite_first'?" in done.stderr


def test_without_the_plug_in_the_name_is_unknown(tmp_path: Path) -> None:
    done = _bench(tmp_path, tmp_path, "+experiment=quickstart", "predictor=[favourite_first]")
    assert done.returncode == 1
    assert "no predictor is called 'favourite_first'" in done.stderr

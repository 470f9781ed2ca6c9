"""The example of a package: built, installed and run like anybody's."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.metadata import EntryPoint
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from bench.core.errors import ConfigError
from bench.models.ecological_inference import METHODS, estimate, row_profiles
from tests.golden.reference import FOLDER
from tests.golden.studies import TOY
from tests.plug_in import EXAMPLE

ROWS, COLUMNS = np.array([[6.0, 4.0], [2.0, 8.0]]), np.array([[5.0, 5.0], [3.0, 7.0]])


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder into which the example was installed."""
    target = tmp_path_factory.mktemp("site")
    subprocess.run(
        [
            *(sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index"),
            *("--no-build-isolation", "--target", str(target), str(EXAMPLE)),
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


@pytest.mark.install
def test_its_experiment_runs_and_its_method_says_what_it_lacks(
    installed: Path, tmp_path: Path
) -> None:
    methods = "predictor=[last_poll,quota_poll,poll_tracker,kronikas]"
    changes = [methods if "predictor=" in one else one for one in TOY["rival"]]
    done = _bench(installed, tmp_path, "+experiment=rival", *changes)
    assert done.returncode == 0, done.stderr
    said = " ".join(done.stdout.split())
    assert "(packaged poll model) (kronikas) §” abstained: the package kronikas is not" in said
    (run,) = (tmp_path / "results" / "rival").iterdir()
    votes = pd.read_csv(run / "tables" / "by_vote.csv")
    then = pd.read_csv(FOLDER / "toy" / "rival" / "by_vote.csv")
    pd.testing.assert_frame_equal(votes[[*then]], then, check_dtype=False, rtol=1e-5)
    done = _bench(installed, tmp_path, "+experiment=quickstart", "predictor=[kronika]")
    assert "did you mean 'kronikas'?" in done.stderr


def test_a_method_of_ecological_inference_that_a_package_brings_is_a_method(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    group, value = "bench.ecological_inference", f"{row_profiles.__name__}:goodman"
    brought = [EntryPoint(name=name, value=value, group=group) for name in ("theirs", *METHODS)]
    monkeypatch.setattr(row_profiles, "entry_points", lambda group: brought)
    found = estimate(ROWS, COLUMNS, method="theirs").table
    np.testing.assert_allclose(found, estimate(ROWS, COLUMNS, method="goodman").table)
    with pytest.raises(ConfigError, match="pass n_draws=0"):
        estimate(ROWS, COLUMNS, method="theirs", n_draws=3, rng=np.random.default_rng(1))
    with pytest.raises(ConfigError, match="did you mean 'theirs'"):
        estimate(ROWS, COLUMNS, method="their")

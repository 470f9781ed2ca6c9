"""What the scaffold writes runs, passes its tests and meets the house style."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from bench.cli.commands.new import checked, main
from bench.core import ConfigError


@pytest.mark.parametrize("name", ["MyIdea", "my-idea", "1st", "class", "my__idea", "quota_poll"])
def test_a_name_that_file_and_class_cannot_share_or_that_is_taken_is_refused(name: str) -> None:
    with pytest.raises(ConfigError, match=rf"'{name}'"):
        checked(name)


def test_outside_a_checkout_or_over_what_is_there_nothing_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigError, match="is not a checkout of election-bench"):
        main(["predictor", "my_idea"])
    assert not list(tmp_path.iterdir())
    main(["predictor", "my_idea", "--package", str(tmp_path)])
    with pytest.raises(ConfigError, match="exists already"):
        main(["predictor", "my_idea", "--package", str(tmp_path)])


def test_a_checkout_gets_three_files_in_the_house_style(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for room in ("predictors", "configs/predictor", "tests/predictors"):
        (tmp_path / room).mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    main(["predictor", "my_idea"])
    files = {p.relative_to(tmp_path).as_posix() for p in tmp_path.rglob("*") if p.is_file()}
    assert files == {
        "predictors/my_idea.py",
        "configs/predictor/my_idea.yaml",
        "tests/predictors/test_my_idea.py",
    }
    pytest.importorskip("ruff")
    config = Path(__file__).resolve().parents[2] / "pyproject.toml"
    style = ["ruff", "format", "--check", "--config", str(config), str(tmp_path)]
    subprocess.run([sys.executable, "-m", *style], check=True)


@pytest.mark.golden
@pytest.mark.install
def test_a_package_is_installed_passes_its_tests_and_is_in_the_table(tmp_path: Path) -> None:
    source, site = tmp_path / "source", tmp_path / "site"
    main(["predictor", "my_idea", "--package", str(source)])
    alone = ["--quiet", "--no-deps", "--no-index", "--no-build-isolation"]
    path = os.pathsep.join([str(site), os.environ.get("PYTHONPATH", "")])
    for command in (
        ["pip", "install", *alone, "--target", str(site), str(source)],
        ["pytest", "-q", "-p", "no:cacheprovider", str(source / "tests")],
        ["bench", "+experiment=quickstart", "predictor=[my_idea,last_election]"],
    ):
        done = subprocess.run(
            [sys.executable, "-m", *command],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
            env={**os.environ, "PYTHONPATH": path},
        )
        assert done.returncode == 0, done.stdout + done.stderr
    (run,) = (tmp_path / "results" / "quickstart").iterdir()
    assert "my_idea" in set(pd.read_csv(run / "methods.csv")["predictor"])

"""Every study has a page, and `bench report` makes the same one again."""

from __future__ import annotations

import importlib
import json
from pathlib import Path

import pytest

from bench.cli import hydra_setup
from bench.cli.commands import report
from bench.core.errors import ConfigError, DataError
from bench.studies import run_study, study_names
from bench.studies.published import experiment_of, report_of_study


@pytest.mark.parametrize("study", study_names())
def test_every_study_hands_over_a_report(study: str) -> None:
    assert callable(importlib.import_module(f"bench.studies.{study}").report_of)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small run of a study."""
    experiment = hydra_setup.compose("+experiment=ecological_truth", "settings.first=3")
    experiment.settings["n_draws"] = 5
    experiment.results = str(tmp_path_factory.mktemp("results"))
    run_study(experiment, [])
    (place,) = (Path(experiment.results) / "ecological_truth").iterdir()
    return place


def test_the_page_made_again_is_the_same(run: Path, tmp_path: Path) -> None:
    assert report.main([str(run), "--to", str(tmp_path)]) == 0
    assert (tmp_path / "report.html").read_bytes() == (run / "report.html").read_bytes()
    for path in (run / "tables").iterdir():
        assert (tmp_path / "tables" / path.name).read_bytes() == path.read_bytes()


def test_figures_of_a_study_come_in_sizes(run: Path, tmp_path: Path) -> None:
    report.main([str(run), "--to", str(tmp_path), "--sizes", "slide"])
    assert (tmp_path / "figures" / "known_tables_slide.pdf").is_file()
    with pytest.raises(ConfigError, match="no size is called 'poster'"):
        report.main([str(run), "--to", str(tmp_path), "--sizes", "poster"])


def test_a_study_is_no_hub(run: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="a hub can be made of a backtest only"):
        report.main([str(run), "--to", str(tmp_path), "--hubverse"])


def test_settings_of_another_version_are_refused(run: Path) -> None:
    settings = json.loads((run / "manifest.json").read_text())["settings"]
    assert experiment_of(settings, run).study == "ecological_truth"
    del settings["save_draws"]  # as in a run of before there was this setting
    assert experiment_of(settings, run).save_draws is False
    del settings["baseline"]
    with pytest.raises(DataError, match="settings of another version"):
        experiment_of(settings, run)


def test_an_unknown_study_is_refused(run: Path) -> None:
    with pytest.raises(DataError, match="'no_such', of which no page"):
        report_of_study("no_such", run)

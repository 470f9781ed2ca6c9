"""Every study is run by one path, and `bench report` makes the same report again."""

from __future__ import annotations

import os
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from bench.cli.commands import report
from bench.core import paths
from bench.core.errors import ConfigError, DataError
from bench.report.run_folder import experiment_of, read_manifest
from bench.studies import run as studies
from bench.studies.base import Study, load_study
from bench.studies.run import check, execute, load_run
from tests.conftest import Compose

PAIR = ("fr2017", "fr2012")


@pytest.fixture(scope="module")
def run(composed: Compose, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small run of a study."""
    results = tmp_path_factory.mktemp("results")
    experiment = composed("+experiment=ecological_truth", "execution=serial")
    few = {"first": 1, "n_draws": 5, "methods": ["likelihood", "scaling"], "default": "likelihood"}
    few |= {"confounding": None}
    small = replace(experiment, settings=experiment.settings | few, results=str(results))
    place = execute(small).save(results).folder
    assert place is not None
    return place


def test_the_page_made_again_is_the_same(run: Path, tmp_path: Path) -> None:
    assert report.main([str(run), "--to", str(tmp_path)]) == 0
    assert (tmp_path / "report.html").read_bytes() == (run / "report.html").read_bytes()
    for path in (run / "tables").iterdir():
        assert (tmp_path / "tables" / path.name).read_bytes() == path.read_bytes()


def test_figures_of_a_study_come_in_sizes(run: Path, tmp_path: Path) -> None:
    report.main([str(run), "--to", str(tmp_path), "--sizes", "slide", "--files", "pdf"])
    files = {
        f"known_tables{size}.{kind}" for size in ("", "_slide") for kind in ("svg", "pdf", "png")
    }
    assert {path.name for path in (tmp_path / "figures").iterdir()} == files
    with pytest.raises(ConfigError, match="no size is called 'poster'"):
        report.main([str(run), "--to", str(tmp_path), "--sizes", "poster"])


def test_settings_of_another_version_are_refused(run: Path) -> None:
    record = read_manifest(run)
    assert experiment_of(record, run).study == "ecological_inference"
    del record["settings"]["baseline"]
    with pytest.raises(DataError, match="settings of another version"):
        experiment_of(record, run)


def test_a_run_of_which_a_table_is_gone_is_refused(run: Path, tmp_path: Path) -> None:
    place = tmp_path / "copy"
    place.mkdir()
    (place / "manifest.json").write_bytes((run / "manifest.json").read_bytes())
    with pytest.raises(DataError, match=r"facts\.json: cannot be read"):
        load_run(place)


def test_a_run_that_changed_is_shown_with_a_word_or_refused(
    run: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    place = tmp_path / "copy"
    shutil.copytree(run, place)
    (table, *_) = sorted(place.glob("kept/*.parquet"))
    rows = pd.read_parquet(table)
    asked = [str(place), "--to", str(tmp_path / "again")]
    assert report.main(asked) == 0
    assert not caplog.messages
    rows.iloc[::-1].to_parquet(table)
    assert report.main(asked) == 0
    (words,) = caplog.messages
    assert words == f"{place}: kept/{table.name} changed since it was written"
    rows.iloc[:, :0].to_parquet(table)
    with pytest.raises(DataError, match=rf"{table.name} changed since .* cannot be read any more"):
        report.main(asked)
    table.unlink()
    os.mkfifo(table)
    with pytest.raises(DataError, match=rf"{table.name}: not a file; .*; run the experiment again"):
        report.main(asked)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("[" * 100_000, "cannot be read as JSON .*give the folder of a run"),
        ('{"settings": {}, "settings": {}}', "'settings' stands there twice"),
        ('{"settings": {}}', "the key 'libraries' is missing"),
    ],
)
def test_a_manifest_that_is_none_is_refused(tmp_path: Path, content: str, words: str) -> None:
    (tmp_path / "manifest.json").write_text(content)
    with pytest.raises(DataError, match=rf"manifest\.json: .*{words}"):
        load_run(tmp_path)


def test_an_unknown_study_is_refused_with_the_nearest() -> None:
    with pytest.raises(ConfigError, match="did you mean 'two_rounds'"):
        load_study("two_round")


@pytest.mark.parametrize(
    ("study", "change", "key"),
    [
        ("ecological_truth", "include_embargoed=[voter_autrement]", "include_embargoed"),
        ("track_record", "as_of=[2017-04-01] days_before=[] hour='23:59'", "as_of"),
    ],
)
def test_a_setting_that_nobody_reads_is_refused(
    composed: Compose, study: str, change: str, key: str
) -> None:
    experiment = composed(f"+experiment={study}", *change.split())
    with pytest.raises(ConfigError, match=f"does not read the setting '{key}'"):
        check(experiment, load_study(experiment.study))


def test_an_owner_of_nothing_is_refused_with_the_nearest(composed: Compose) -> None:
    experiment = composed("+experiment=2017_r1_eve", "elections=[toy]")
    check(experiment, load_study(experiment.study))  # they hold rows of another election
    with pytest.raises(ConfigError, match=r"'tweet_total', .*did you mean 'tweet_totals'"):
        check(replace(experiment, include_embargoed=["tweet_total"]), load_study(experiment.study))


def test_an_embargoed_ballot_of_nobody_is_refused_with_the_nearest(
    composed: Compose, tmp_path: Path
) -> None:
    folder = tmp_path / "own"
    shutil.copytree(paths.datasets() / "toy", folder)
    facts = folder / "election.yaml"
    text = facts.read_text("utf-8")
    facts.write_text(text.replace("ballot: open_ballot", "ballot: open_balot"), "utf-8")
    experiment = composed("+experiment=2017_r1_eve")
    experiment.elections = [str(folder)]
    with pytest.raises(ConfigError, match=r"'open_balot', .*did you mean 'open_ballot'"):
        check(experiment, load_study(experiment.study))


@pytest.mark.parametrize(
    ("name", "asked", "words"),
    [
        ("2017_r1_bias", {"elections": [*PAIR]}, "name one"),
        ("2017_r1_bias", {"days_before": [30, 2]}, "fr2017 round 1 as of 2017-03-24"),
        ("2017_breaking_point", {"elections": [*PAIR]}, "vote"),
        ("2017_r1_spoiled_polls", {"days_before": [22, 21]}, "give 2: fr2017"),
        ("2017_r1_bias", {"rounds": [2]}, "rounds holds 2; accepted in a"),
        ("2017_r1_bias", {"elections": ["toy"], "rounds": [2]}, "rounds holds 2; accepted in a"),
    ],
)
def test_votes_that_the_study_would_ignore_are_refused(
    composed: Compose, name: str, asked: dict[str, Any], words: str
) -> None:
    experiment = replace(composed(f"+experiment={name}", "execution=serial"), **asked)
    with pytest.raises(ConfigError, match=words):
        load_study(experiment.study).analyse(experiment)


def test_documents_that_passed_are_not_checked_again(
    composed: Compose, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    checked: list[str] = []
    monkeypatch.setattr(Study, "check_documents", lambda study: checked.append("once"))
    few = ("predictor=[uniform]", "baseline=uniform", "elections=[toy]", f"results={tmp_path}")
    experiment = composed("+experiment=quickstart", "execution=serial", *few)
    execute(experiment)
    execute(experiment)
    assert checked == ["once"]
    monkeypatch.setattr(studies, "pages_sum", lambda: "a comma more")
    execute(experiment)
    assert checked == ["once", "once"]

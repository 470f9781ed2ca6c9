"""The site: nothing is overwritten, every link leads somewhere, no page asks the network."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pandas as pd
import pytest

from bench.cli.commands import site
from bench.core.errors import ConfigError
from bench.core.options import first_comment
from bench.core.settings import Execution, Experiment
from bench.runner.results import Results
from bench.site import build_site
from bench.studies.run import Run
from tests.golden.reference import FOLDER, run_of
from tests.report.html.parsed import checked
from tests.report.html.test_for_everybody import held_to_everybody
from tests.report.html.test_tables_in_browser import CHROMIUM


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site of one run and of two experiments with reference results."""
    folder = tmp_path_factory.mktemp("site")
    for name in ("2017_r1", "transfers_2017"):
        shutil.copytree(FOLDER / name, folder / "results" / "reference" / name)
    run_of("quickstart", "execution=serial").save(folder / "results")
    assert build_site(folder / "results", folder / "out") == folder / "out" / "index.html"
    return folder / "out"


def test_a_folder_of_somebody_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("")
    with pytest.raises(ConfigError, match=r"no site of ours"):
        build_site(tmp_path, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]


@pytest.mark.parametrize(
    ("verdicts", "isolated", "refused"),
    [
        ({}, False, True),
        ({"mine": ["passed", "leaks"]}, False, True),
        ({"mine": ["fails"]}, False, True),
        ({"mine": ["passed", "abstains"]}, False, False),
        ({"mine": ["passed"]}, True, False),  # `uniform` ships, and may stand apart too
    ],
)
def test_a_run_of_an_unaudited_method_is_not_published(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    verdicts: dict[str, list[str]],
    isolated: bool,
    refused: bool,
) -> None:
    place, out = tmp_path / "results" / "own" / "2031-04-04_20-00-00", tmp_path / "out"
    place.mkdir(parents=True)
    (place / "manifest.json").write_text("{}")
    rows = [(name, one) for name, each in verdicts.items() for one in each]
    table = pd.DataFrame(rows, columns=["predictor", "verdict"])
    run = Run(
        experiment=Experiment(
            predictors={"mine": {}, "uniform": {}}, execution=Execution(isolate=isolated)
        ),
        results=Results(tables={"audit": table} if rows else {}),
        manifest={"protection": dict.fromkeys(["mine", "uniform"][: 1 + isolated], "process")},
    )
    monkeypatch.setattr("bench.site.load_run", lambda *_: run)
    monkeypatch.setattr("bench.site._entries", lambda *_: iter(()))
    if refused:
        with pytest.raises(ConfigError, match=r"own/2031.*: mine did not pass .*audit=true"):
            build_site(tmp_path / "results", out)
        assert not out.exists()
    else:
        assert build_site(tmp_path / "results", out).is_file()


def test_every_link_leads_to_a_file_and_nothing_is_loaded_from_elsewhere(made: Path) -> None:
    for path in made.rglob("*.html"):
        found = checked(path.read_text(encoding="utf-8"))
        for target in found.addresses:
            if not target.startswith("#"):
                assert (path.parent / target).is_file(), (path, target)


def test_runs_and_reference_results_have_a_page_and_their_tables(made: Path) -> None:
    assert {path.name for path in made.iterdir() if path.is_dir()} == {
        *("quickstart", "2017_r1", "transfers_2017")
    }
    index = (made / "index.html").read_text(encoding="utf-8")
    french = (made / "index.fr.html").read_text(encoding="utf-8")
    about = first_comment("experiment", "2017_r1")
    assert 'href="quickstart/report.en.html"' in index
    assert 'href="quickstart/report.fr.html"' in french
    assert f'<p lang="en">{about}</p>' in french  # reference results are shown in English
    assert (made / "quickstart" / "headline.csv").is_file()
    page = (made / "2017_r1" / "report.en.html").read_text(encoding="utf-8")
    assert 'id="table-headline"' in page
    assert 'id="table-errors"' not in page  # too long for a page
    assert (made / "2017_r1" / "errors.csv").is_file()


def test_the_command_makes_the_site_anew(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for language in ("en", "fr"):
        asked = ["--results", str(tmp_path), "--to", str(tmp_path / "new"), "--languages", language]
        assert site.main(asked) == 0
    assert re.match(r"1 pages, [\d.]+ MB: ", capsys.readouterr().out)
    assert 'lang="fr"' in (tmp_path / "new" / "index.html").read_text(encoding="utf-8")


@pytest.mark.browser
@pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium")
@pytest.mark.parametrize("place", ["index.fr.html", "2017_r1/report.en.html"])
def test_a_page_of_the_site_is_for_everybody(place: str, made: Path, tmp_path: Path) -> None:
    path = made / place
    page = path.read_text(encoding="utf-8")
    if "script-src" not in page:  # the index runs no script but that of this test
        page = page.replace("img-src", "script-src 'unsafe-inline'; img-src", 1)
    held_to_everybody(page, path.parent, tmp_path)

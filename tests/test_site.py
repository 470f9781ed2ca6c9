"""The site: nothing is overwritten, every link leads somewhere, no page asks the network."""

from __future__ import annotations

import json
import re
import shutil
from html.parser import HTMLParser
from pathlib import Path

import pandas as pd
import pytest

from bench.cli.commands import site
from bench.core import paths
from bench.core.assurance import AUDITED, NONE, SHIPS, WALLED
from bench.core.errors import ConfigError
from bench.core.language import LANGUAGES, use_language
from bench.core.options import label, options
from bench.core.settings import Experiment
from bench.report.macros import RUN_WORDS
from bench.report.run_folder import published_settings, reviewed_results
from bench.report.tables import table
from bench.runner.results import Results
from bench.site import (
    _refuse_unaudited,
    _runs_shown,
    _standing,
    build_site,
    changed_settings,
    excerpt,
)
from bench.studies import run as studies
from bench.studies.run import Run, load_run
from tests.golden import facts
from tests.golden.reference import FOLDER, QUICK, experiment_of, run_of
from tests.golden.studies import TABLES, toy_run
from tests.report.html.parsed import charts_in, checked
from tests.report.html.test_for_everybody import held_to_everybody
from tests.report.html.test_tables_in_browser import CHROMIUM

KEY = re.compile(r"\b[a-zà-ÿ0-9]+(?:_[a-z0-9]+)+\b")
SEVEN_DIGITS = re.compile(r"\d[.,]0*[1-9]\d{4,}")
ADDRESS = re.compile(r"10\.\d{4,}/\S+")  # of a publication
NAMES = {*options("experiment"), *(path.name for path in paths.datasets().iterdir())}
MEGABYTES = 10


class Reader(HTMLParser):
    """What people read of a page, and in each card of the index."""

    def __init__(self, text: str) -> None:
        """Read a page."""
        super().__init__(convert_charrefs=True)
        self.silent = 0
        self.parts: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Scripts, styles and the manifest are for machines."""
        del attrs
        self.silent += tag in {"script", "style", "pre"}

    def handle_endtag(self, tag: str) -> None:
        """As above."""
        self.silent -= tag in {"script", "style", "pre"}

    def handle_data(self, data: str) -> None:
        """Words."""
        if not self.silent:
            self.parts.append(data)


def raw_in(text: str) -> list[str]:
    """Keys of values, and numbers of which nobody asked for so many digits, in what people read."""
    words = ADDRESS.sub("", " | ".join(Reader(text).parts))
    keys = [key for key in KEY.findall(words) if key not in NAMES]
    return keys + SEVEN_DIGITS.findall(words)


def cards_of(index: Path) -> dict[str, str]:
    """The cards of an index, by experiment."""
    text = index.read_text(encoding="utf-8")
    cards = re.findall(r"<li>(.*?)</li>", text, flags=re.DOTALL)
    return {re.search(r'href="(\w+)/', card)[1]: card for card in cards}  # type: ignore[index]


@pytest.fixture(scope="module")
def site_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site of one run and of the reviewed result of an experiment that has no French."""
    results = tmp_path_factory.mktemp("site") / "results"
    facts.keep(toy_run("attention"), results / "reference" / "attention")
    shutil.copytree(results / "reference" / "attention", results / "reference" / "raw")
    (results / "reference" / "raw" / "manifest.json").unlink()  # tables without what a page needs
    run_of("quickstart", "execution=serial").save(results)
    out = results.parent / "out"
    assert build_site(results, out) == out / "index.html"
    return out


def test_a_folder_of_somebody_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("")
    with pytest.raises(ConfigError, match=r"no site of ours"):
        build_site(tmp_path, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]


@pytest.mark.parametrize(
    ("word", "outcome_known", "is_refused"),
    [
        (NONE, True, True),
        (AUDITED, True, True),
        (AUDITED, False, False),  # nobody can have read what is still to come
        (WALLED, True, False),
        (None, True, True),  # a run from before there were words, behind some protection
    ],
)
def test_a_run_of_what_nothing_vouches_for_is_not_published(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    word: str | None,
    outcome_known: bool,
    is_refused: bool,
) -> None:
    experiment = Experiment(name="own", predictors={"mine": {}, "uniform": {}})
    known = {"assurance": {"mine": word, "uniform": SHIPS}, "outcome_known": outcome_known}
    run = Run(
        experiment=experiment,
        results=Results(),
        manifest={
            "settings": published_settings(experiment),
            "protection": {"mine": "process"},
            **(known if word else {}),
        },
        folder=tmp_path / "results" / "own" / "2031-04-04_20-00-00",
    )
    if not is_refused:
        _refuse_unaudited(run)
        return
    assert run.folder is not None
    run.folder.mkdir(parents=True)
    (run.folder / "manifest.json").write_text("{}")
    monkeypatch.setattr("bench.site._readable", lambda *_: run)
    with pytest.raises(
        ConfigError, match=r"own/2031.*: mine \(assurance: .*bubblewrap.*audit=true"
    ):
        build_site(tmp_path / "results", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_every_link_leads_to_a_file_and_nothing_is_loaded_from_elsewhere(site_folder: Path) -> None:
    for path in site_folder.rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        assert 'src="http' not in text
        for target in checked(text).addresses:
            if not target.startswith(("#", "data:", "https://", "http://")):
                assert (path.parent / target).is_file(), (path, target)


def test_every_card_has_a_claim_a_picture_and_a_table(site_folder: Path) -> None:
    english, french = cards_of(site_folder / "index.html"), cards_of(site_folder / "index.fr.html")
    assert list(english) == list(french) == ["attention", "quickstart"]
    for code, cards in (("en", english), ("fr", french)):
        for name, card in cards.items():
            page_code = "en" if name == "attention" else code
            address = f"{name}/report.{page_code}.html"
            assert f'href="{address}" hreflang="{page_code}"' in card
            claim = re.search(rf'<p lang="{page_code}">(.*?)</p>', card)
            assert claim
            page = (site_folder / address).read_text(encoding="utf-8")
            assert claim[1] in page.partition("</header>")[0]
            picture = site_folder / name / f"picture.{page_code}.svg"
            assert f'src="{name}/{picture.name}"' in card
            assert "<svg" in picture.read_text(encoding="utf-8")
            assert 2 <= card.count('<th scope="row"') <= 6
            assert label("experiment", name, code) in card
            assert ("Cette page n’existe qu’en anglais." in card) == (
                name == "attention" and code == "fr"
            )
    assert "Reviewed result of a smaller run" in english["attention"]
    assert re.search(r"Run on this machine on \d+ \w+ \d{4}\.", english["quickstart"])
    assert not (site_folder / "attention" / "report.fr.html").exists()
    assert not list(site_folder.rglob("*.csv"))


def test_nobody_reads_a_key_or_seven_digits(site_folder: Path) -> None:
    found = {
        path.relative_to(site_folder).as_posix(): raw
        for path in (*site_folder.rglob("*.html"), *site_folder.rglob("*.svg"))
        if (raw := raw_in(path.read_text(encoding="utf-8")))
    }
    assert not found
    assert raw_in("<td>not_enough</td><td>0.839163</td><pre>n_draws 0.839163</pre>") == [
        "not_enough",
        "0.839163",
    ]


def test_pages_of_the_site_lack_only_what_readers_without_scripts_see(site_folder: Path) -> None:
    run = load_run("quickstart", site_folder.parent / "results")
    whole, on_site = run.page(), run.page(stills=False)
    assert "<noscript>" not in on_site
    assert re.sub(r"<noscript>.*?</noscript>", "", whole, flags=re.DOTALL) == on_site


def test_pages_lead_back_and_to_the_other_language(site_folder: Path) -> None:
    page = (site_folder / "quickstart" / "report.fr.html").read_text(encoding="utf-8")
    assert '<a href="../index.fr.html">Tous les résultats</a> <a href="report.en.html">' in page
    alone = (site_folder / "attention" / "report.en.html").read_text(encoding="utf-8")
    assert '<a href="../index.html">All results</a>' in alone
    assert "report.fr.html" not in alone


def test_a_run_with_changed_settings_stands_in_no_reviewed_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(studies, "write_report", lambda *_: None)  # pages are of no interest here
    changed = run_of("quickstart", "execution=serial", "predictor=[uniform,last_poll]")
    assert changed_settings(changed.manifest) == {"predictors"}
    changed.save(tmp_path)

    def standing() -> str:
        (run,) = _runs_shown(tmp_path)
        return RUN_WORDS.text("standing", **_standing(run))

    assert "with other settings than the experiment’s own." in standing()
    own = run_of("quickstart")
    own.results.save(tmp_path / "reference" / "quickstart")
    manifest = json.dumps(own.manifest, default=str)
    (tmp_path / "reference" / "quickstart" / "manifest.json").write_text(manifest)
    assert standing() == "Reviewed result."
    (reviewed,) = _runs_shown(tmp_path)
    assert reviewed.experiment.predictors == own.experiment.predictors
    own.save(tmp_path)
    changed.save(tmp_path)  # the latest
    assert re.fullmatch(r"Run on this machine on \d+ \w+ \d{4}\.", standing())


def test_a_forecast_of_the_present_is_shown_with_its_day() -> None:
    asked = published_settings(experiment_of("2027_r1", "as_of=['2026-10-07T20:00']"))
    assert changed_settings({"settings": asked}) == set()
    assert changed_settings({"settings": asked | {"seed": 7}}) == {"seed"}
    said = {"evidence_until": pd.Timestamp("2026-10-07T20:00"), "changed": False}
    reviewed = RUN_WORDS.text("standing", made_on=None, **said)
    assert reviewed == "Reviewed result of a forecast with evidence until 7 October 2026."
    with use_language("fr"):
        made_on = pd.Timestamp("2026-12-01")
        assert RUN_WORDS.text("standing", made_on=made_on, **said) == (
            "Exécution sur cette machine, le 1er décembre 2026, données jusqu’au 7 octobre 2026."
        )


def test_a_card_shows_the_columns_that_name_a_row_and_the_short_ones_after_them() -> None:
    rows = pd.DataFrame({"predictor": list("abcdefgh"), "why": "x" * 81, "mae_pp": 1.5, "n": 3})
    few = excerpt([table("t", rows, title="T")])
    assert few is not None
    assert [column.key for column in few.columns] == ["predictor", "mae_pp", "n"]
    assert few.rows[0].cells[1].text == "1.50"
    assert [row.cells[0].text for row in few.rows] == list("ABCDEF")
    assert excerpt([table("t", rows.head(0), title="T")]) is None


@pytest.mark.golden
def test_the_reviewed_results_give_a_site_of_finished_pages(tmp_path: Path) -> None:
    expected = {*QUICK, *TABLES, "ecological_truth"}
    folders = reviewed_results(FOLDER.parent)
    assert {path.name for path in folders.values()} == expected, "python -m tests.golden.reference"
    written = [path for folder in folders.values() for path in (folder / "kept").iterdir()]
    assert sum(path.stat().st_size for path in written) < MEGABYTES * 1e6
    (tmp_path / "results").mkdir()
    shutil.copytree(FOLDER, tmp_path / "results" / "reference")
    build_site(tmp_path / "results", tmp_path / "out")
    for index in ("index.html", "index.fr.html"):
        cards = cards_of(tmp_path / "out" / index)
        assert cards.keys() == folders.keys()
        assert all("<table>" in card and "<img" in card for card in cards.values())
    test_every_link_leads_to_a_file_and_nothing_is_loaded_from_elsewhere(tmp_path / "out")
    test_nobody_reads_a_key_or_seven_digits(tmp_path / "out")
    for code in LANGUAGES:
        page = (tmp_path / "out" / "track_record" / f"report.{code}.html").read_text("utf-8")
        assert charts_in(page) or "<svg" in page
        assert page.index("<figure") < page.index("<table")


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
@pytest.mark.parametrize("place", ["index.fr.html", "quickstart/report.en.html"])
def test_a_page_of_the_site_is_for_everybody(place: str, site_folder: Path, tmp_path: Path) -> None:
    path = site_folder / place
    page = path.read_text(encoding="utf-8")
    if "script-src" not in page:  # the index runs no script but that of this test
        page = page.replace("img-src", "script-src 'unsafe-inline'; img-src", 1)
    held_to_everybody(page, path.parent, tmp_path)

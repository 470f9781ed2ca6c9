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
from bench.core.options import fact, label, options
from bench.core.settings import Experiment
from bench.report.macros import RUN_WORDS
from bench.report.run_folder import published_settings, reviewed_results
from bench.report.tables import table
from bench.runner.results import Results
from bench.site.build import (
    _refuse_unaudited,
    _runs_shown,
    _standing,
    build_site,
    changed_settings,
    excerpt,
)
from bench.site.front import FRONT, families_of, past_performance_of, rounds_of
from bench.studies import run as studies
from bench.studies.run import Run, load_run
from tests.french import ENGLISH
from tests.golden import facts
from tests.golden.conftest import shared_run
from tests.golden.reference import FOLDER, QUICK, experiment_of, run_of
from tests.golden.studies import TABLES
from tests.report.html.parsed import charts_in, checked
from tests.report.html.test_for_everybody import held_to_everybody
from tests.report.html.test_tables_in_browser import CHROMIUM, run_browser

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


def entries_of(index: Path) -> dict[str, str]:
    """The lines about runs of a first page, by experiment."""
    text = index.read_text(encoding="utf-8")
    entries = re.findall(r"<li data-text=.*?</li>", text, flags=re.DOTALL)
    return {re.search(r'href="(\w+)/', entry)[1]: entry for entry in entries}  # type: ignore[index]


@pytest.fixture(scope="module")
def site_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site of one run and of reviewed results, one of which has no French."""
    results = tmp_path_factory.mktemp("site") / "results"
    for name in ("2027_r1", "track_record", "attention"):
        facts.keep(shared_run(tmp_path_factory, name), results / "reference" / name)
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
    monkeypatch.setattr("bench.site.build._readable", lambda *_: run)
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
                assert (path.parent / target.partition("#")[0]).is_file(), (path, target)


def test_every_run_has_a_line_with_its_claim_in_the_language_of_the_page(site_folder: Path) -> None:
    for code, index in (("en", "index.html"), ("fr", "index.fr.html")):
        entries = entries_of(site_folder / index)
        assert set(entries) == {"2027_r1", "track_record", "attention", "quickstart"}
        for name, entry in entries.items():
            page_code = "en" if name == "attention" else code
            address = f"{name}/report.{page_code}.html"
            assert f'href="{address}" hreflang="{page_code}"' in entry
            assert label("experiment", name, code) in entry
            claim = re.search(r"<p>(.*?)</p>", entry)
            assert claim
            page = (site_folder / address).read_text(encoding="utf-8")
            if page_code == code:
                assert claim[1] in page.partition("</header>")[0]
            else:
                assert claim[1] == "Cette page n’existe qu’en anglais."
    english = entries_of(site_folder / "index.html")
    assert "Reviewed result of a smaller run" in english["attention"]
    assert re.search(r"Run on this machine on \d+ \w+ \d{4}\.", english["quickstart"])
    assert not (site_folder / "attention" / "report.fr.html").exists()
    assert not list(site_folder.rglob("*.csv"))


def test_the_first_page_counts_as_the_published_tables_do() -> None:
    """A second way: from the CSV files beside what the pages are made of."""
    past = pd.read_csv(FOLDER / "2027_r1_in_october" / "past_performance.csv")
    chances = pd.Series(", ".join(past["chances"]).split(", "), dtype=float)
    year, seen = past_performance_of(load_run(FOLDER / "2027_r1_in_october"))
    assert year == "2027"
    assert seen is not None
    assert seen.performance.mean_error == pytest.approx(100 * past["mae_leading"].mean())
    assert seen.performance.n_below_half == len(chances) - (chances >= 0.5).sum()
    assert (seen.min_days, seen.max_days) == (202, 227)

    pairs = pd.read_csv(FOLDER / "track_record" / "pairs.csv")
    families = families_of(load_run(FOLDER / "track_record"))
    for name in ("markets", "volunteers", "social_counts", "poll_tracker"):
        rows = pairs.query("primary and family == @name and other == 'last_polls'")
        of_chances = name in ("markets", "poll_tracker")  # on more votes than shares
        rows = rows[rows["kind"].eq("chances" if of_chances else "shares")]
        family = families[name]
        assert family.of_chances == of_chances
        assert family.low == pytest.approx(rows["ratio"].min())
        assert family.high == pytest.approx(rows["ratio"].max())
        assert family.is_shown == (set(rows["direction"]) != {"not_shown"})
    assert (families["markets"].n_days, families["markets"].countries) == (9, ["United States"])
    assert families["social_counts"].countries == ["Brazil", "France"]

    errors = pd.read_csv(FOLDER / "history" / "errors.csv").query("predictor == 'last_poll'")
    errors = errors.assign(points=100 * errors["signed_error"].abs())
    by_vote = errors.groupby(["round", "election"])["points"].mean().dropna()
    history, vote = load_run(FOLDER / "history"), load_run(FOLDER / "2017_r1")
    year, rounds = rounds_of(vote, history)
    assert year == "2017"
    for row in rounds:
        assert row.error == pytest.approx(by_vote[row.round, "fr2017"], abs=1e-3)
        assert row.median == pytest.approx(by_vote[row.round].median(), abs=1e-3)
        assert row.place == by_vote[row.round].rank()["fr2017"]
        assert row.n_votes == len(by_vote[row.round])
    assert [row.round for row in rounds] == [1, 2]


def test_the_first_page_answers_in_one_language(site_folder: Path) -> None:
    for code, index in (("en", "index.html"), ("fr", "index.fr.html")):
        page = checked((site_folder / index).read_text(encoding="utf-8"))
        words = " ".join(Reader((site_folder / index).read_text(encoding="utf-8")).parts)
        foreign = ENGLISH if code == "fr" else re.compile(r"\b(les?|des|est|dans|avec|sur)\b")
        assert not foreign.search(words), foreign.search(words)
        menu = [address for address in page.addresses if address.endswith("#all")]
        assert menu == [f"{index}#all"]


def test_every_question_that_experiments_answer_is_asked_in_both_languages() -> None:
    for question in {fact("experiment", name, "question") for name in options("experiment")}:
        assert FRONT.text("question", words=question) == question
        with use_language("fr"):
            assert FRONT.text("question", words=question) != question


def test_without_forecast_or_record_the_first_page_leaves_the_answers_out(
    site_folder: Path, tmp_path: Path
) -> None:
    shutil.copytree(site_folder.parent / "results" / "quickstart", tmp_path / "results/quickstart")
    text = build_site(tmp_path / "results", tmp_path / "out").read_text(encoding="utf-8")
    assert "<h1>Can you trust them?</h1>" in text
    assert 'class="number"' not in text
    assert list(entries_of(tmp_path / "out" / "index.html")) == ["quickstart"]


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
    assert '<a href="../index.fr.html">Peut-on s’y fier' in page
    assert '<a href="../2027_r1/report.fr.html">' in page
    assert '<a href="report.en.html" lang="en" hreflang="en">English</a>' in page
    assert '<form role="search" action="../index.fr.html">' in page
    alone = (site_folder / "attention" / "report.en.html").read_text(encoding="utf-8")
    assert '<a href="../index.html#all">All results</a>' in alone
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
            "Calcul fait sur cette machine, le 1er décembre 2026, données jusqu’au 7 octobre 2026."
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
        assert entries_of(tmp_path / "out" / index).keys() == folders.keys()
        text = (tmp_path / "out" / index).read_text(encoding="utf-8")
        assert text.count('class="number"') == 4
    test_the_first_page_answers_in_one_language(tmp_path / "out")
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
    held_to_everybody(path.read_text(encoding="utf-8"), path.parent, tmp_path)


FIRST_PAGE_STEPS = """
<script>
addEventListener("load", () => {
  const out = {
    bottoms: [...document.querySelectorAll(".answers .answer")]
      .map((answer) => answer.getBoundingClientRect().bottom + scrollY),
    matches: [...document.querySelectorAll(".entries li")].filter((entry) => !entry.hidden)
      .map((entry) => entry.querySelector("a").getAttribute("href")),
  };
  parent.postMessage(out, "*");
});
</script></body>
"""
PHONE = """<!DOCTYPE html><title>Phone</title><body><script>
const frame = document.createElement("iframe");
Object.assign(frame, { width: 390, height: 844, src: "phone.html?q=ATTÉNTION" });
document.body.append(frame);
addEventListener("message", (event) => {
  const pre = document.createElement("pre");
  pre.id = "out";
  pre.textContent = JSON.stringify(event.data);
  document.body.append(pre);
});
</script></body>
"""


@pytest.mark.browser
@pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium")
@pytest.mark.parametrize("index", ["index.html", "index.fr.html"])
def test_the_answers_stand_on_two_screens_of_a_phone_and_the_search_finds(
    index: str, site_folder: Path, tmp_path: Path
) -> None:
    text = (site_folder / index).read_text(encoding="utf-8")
    (tmp_path / "phone.html").write_text(text.replace("</body>", FIRST_PAGE_STEPS), "utf-8")
    (tmp_path / "frame.html").write_text(PHONE, encoding="utf-8")
    seen, console = run_browser(tmp_path / "frame.html", tmp_path)
    assert len(seen["bottoms"]) == 4
    assert max(seen["bottoms"]) < 2 * 844
    matches = {address.partition("/")[0] for address in seen["matches"]}
    assert "attention" in matches  # whatever its accents
    assert "2027_r1" not in matches
    assert "CONSOLE" not in console

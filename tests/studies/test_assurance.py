"""A method that opens the outcome: marked wherever it is shown, claimed and published nowhere."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

import bench
from bench.audit.preregistration import freeze
from bench.core import paths
from bench.core.assurance import AUDITED, MARK, NONE, SHIPS, WALLED, use_assurance
from bench.core.compose import compose
from bench.core.errors import ConfigError
from bench.core.options import labels
from bench.core.registry import make_predictor, third_party
from bench.report.figure import Figure
from bench.report.tables import Table
from bench.runner import process
from bench.runner.process import RemotePredictor
from bench.site.build import build_site, excerpt
from bench.studies.run import Run, load_run
from tests.runner.conftest import bring_plug_in, on_the_path
from tests.wall import needs_wall

OUTCOME = paths.datasets() / "toy" / "outcome" / "national.csv"
OPENS = f"""
import pandas as pd
from bench.core import Forecast, Predictor


class Opens(Predictor):
    family = "cheats"
    needs = frozenset()

    def predict(self, evidence, rng):
        votes = pd.read_csv({str(OUTCOME)!r}).query("round == @evidence.round")
        votes = votes.set_index("candidate")["votes"].reindex(evidence.candidates)
        return Forecast(share=votes / votes.sum())
"""
CYRILLIC = "L\N{CYRILLIC SMALL LETTER A}st poll of each institute"
CALLED = f"Opens the outcome (opens){MARK}"
OWN = "method: forecast_file\npath: {path}\nmodel: ''\nlocation: national\nn_draws: 50\n"
ASKED = ("predictor=[uniform,last_poll,opens,own_csv]", "baseline=uniform")


@pytest.fixture(scope="module", autouse=True)
def guest(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A package with a method that opens the outcome, and with the outcome as a forecast file."""
    site = tmp_path_factory.mktemp("site")
    votes = pd.read_csv(OUTCOME).query("round == 1")
    votes.assign(share=votes["votes"] / votes["votes"].sum())[["candidate", "share"]].to_csv(
        site / "own.csv", index=False
    )
    sources = {
        "opens.py": OPENS,
        "configs/predictor/opens.yaml": "# label: Opens the outcome\nmethod: opens\n",
        "configs/predictor/own_csv.yaml": f"# label: {CYRILLIC}\n"
        + OWN.format(path=site / "own.csv"),
        "configs/distortion/theirs.yaml": "# label: Industry-wide error\n",
    }
    points = "[bench.predictors]\nopens = guest.opens:Opens\n[bench.configs]\ng = guest.configs\n"
    bring_plug_in(site, "guest", sources, points)
    with on_the_path(site):
        yield site


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of the run without bubblewrap."""
    return tmp_path_factory.mktemp("results")


@pytest.fixture(scope="module")
def run(results: Path) -> Run:
    """Both of its rows beside two that ship, audited where nothing hides files."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(process, "_bubblewrap_works", lambda: False)
        return bench.run("quickstart", *ASKED, "audit=true", results=results)


def _claims(run: Run) -> str:
    """What is said at the top, over figures, and at every date."""
    shown = run.shown
    sentences = [words for words in shown.findings if words not in shown.warnings]
    sentences += [words for moment in shown.timeline for words in moment.findings]
    for figure in shown.figures.values():
        if isinstance(figure, Figure):
            sentences += [figure.title, figure.claim]
    return " ".join(sentences)


def test_every_file_marks_what_could_open_the_outcome(run: Run) -> None:
    words = {"uniform": SHIPS, "last_poll": SHIPS, "opens": AUDITED, "own_csv": AUDITED}
    assert run.assurance == run.manifest["assurance"] == words
    assert run.folder is not None
    files = {
        path.relative_to(run.folder).as_posix(): path.read_text("utf-8")
        for path in run.folder.rglob("*")
        if path.suffix in (".csv", ".html", ".md", ".tex")
    }
    named = [name for name in files if "predictor" in files[name].partition("\n")[0].split(",")]
    assert {"errors.csv", "methods.csv", "timings.csv", "tables/headline.csv"} <= set(named)
    for name in named:
        table = pd.read_csv(run.folder / name, low_memory=False)
        assert table.columns[-1] == "assurance", name
        assert table["assurance"].tolist() == table["predictor"].map(words).tolist(), name
    assert CALLED in files["tables/headline.md"]
    assert CALLED.replace("\u00a0", "~") in files["tables/headline.tex"]
    assert CALLED in files["tables/headline.html"]
    for name in ("tables/headline.md", "tables/headline.tex", "tables/headline.html"):
        assert "§: not a part of the bench" in files[name]
    assert files["report.html"].count(f">{CALLED}") >= 3
    assert f"{CYRILLIC} (own_csv){MARK}" in files["report.html"]


def test_a_terminal_marks_it_too(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    run.print()
    printed = capsys.readouterr().out
    assert re.search(r"\bopens\s§ +0\.00", printed)
    assert "= own_csv\u00a0§" in printed
    assert re.search(r"\blast_poll +0\.", printed)
    assert "§: not a part of the bench" in printed


def test_the_cards_of_a_site_mark_it_too(run: Run) -> None:
    card = excerpt(run.shown.page_sections)
    assert card is not None
    assert CALLED in " ".join(card.texts("predictor"))


def test_no_claim_rests_on_it_and_the_run_says_so(run: Run) -> None:
    assert "§" not in _claims(run)
    assert "missed by 0.0" not in _claims(run)
    assert "last polls missed by 0.4 points" in run.findings[0]
    left_out = [words for words in run.shown.warnings if words.startswith("No claim rests on")]
    assert len(left_out) == 1
    assert CALLED in left_out[0]
    assert run.tables["headline"].texts("mae_pp") == ["0.42", "0.00", "5.84"]  # yet it is compared
    methods = next(one for one in run.shown.page_sections if one.name == "methods")
    assert isinstance(methods, Table)
    passed = dict(zip(methods.texts("predictor"), methods.texts("audit"), strict=True))
    unhidden = "passed, files not hidden"
    assert passed == {
        "uniform": "passed",
        "last_poll": "passed",
        "opens": unhidden,
        "own_csv": unhidden,
    }
    assert "Aucune affirmation" in " ".join(run.in_language("fr").findings)


def test_in_a_notebook_its_row_says_what_stood_behind_it(run: Run) -> None:
    words = run.headline.set_index("predictor")["assurance"].to_dict()
    assert words == {"last_poll": SHIPS, "opens = own_csv": AUDITED, "uniform": SHIPS}
    none_marked = dict.fromkeys(run.assurance, WALLED)
    walled = replace(run, manifest={**run.manifest, "assurance": none_marked})
    assert "assurance" not in walled.headline


def test_of_a_vote_to_come_claims_leave_nobody_out(run: Run) -> None:
    words = {**run.assurance, "opens": NONE, "own_csv": NONE}
    ahead = {**run.manifest, "assurance": words, "outcome_known": False}
    to_come = replace(run, manifest=ahead)
    assert not [line for line in to_come.shown.warnings if line.startswith("No claim rests on")]
    assert "other methods by 0.0" in to_come.findings[0]
    assert to_come.left_out == ["opens", "own_csv"]  # of a site, as before


def test_read_back_it_says_the_same(run: Run) -> None:
    assert run.folder is not None
    again = load_run(run.folder)
    assert again.findings == run.findings
    assert again.tables["headline"].to_csv() == run.tables["headline"].to_csv()


def test_where_nothing_else_is_asked_nothing_is_claimed(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process, "_bubblewrap_works", lambda: False)
    alone = bench.run("quickstart", "predictor=[opens]", "baseline=opens")
    assert alone.assurance == {"opens": NONE}  # as nobody audited it
    assert alone.tables["headline"].texts("mae_pp") == ["0.00"]
    baseline_opens = {**run.manifest, "assurance": {**run.assurance, "uniform": NONE}}
    for silent in (alone, replace(run, manifest=baseline_opens)):
        assert silent.findings[0].startswith("Nothing is claimed")


@pytest.mark.parametrize("study", ["2017_r1_horizon", "2017_chain"])
def test_of_many_votes_or_dates_nothing_is_claimed_of_it_either(study: str) -> None:
    dates = "days_before=[30,2]" if study == "2017_r1_horizon" else "hour='20:00'"
    asked = (
        "predictor=[uniform,last_poll,poll_tracker]",
        "baseline=last_poll",
        "include_embargoed=[]",
    )
    known = bench.run(study, *asked, dates, elections=["toy"], n_draws=100)
    for name in ("last_poll", "poll_tracker"):
        words = {**dict.fromkeys(known.assurance, SHIPS), name: NONE}
        marked = replace(known, manifest={**known.manifest, "assurance": words})
        assert "§" not in _claims(marked)
        assert labels("predictor", [name])[name] not in _claims(marked)


def test_no_site_and_no_seal_takes_it(
    run: Run, results: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ConfigError, match=r"opens \(assurance: audited\), own_csv .*audited"):
        build_site(results, tmp_path / "site")
    monkeypatch.setattr(process, "_bubblewrap_works", lambda: False)
    for name in ("opens", "own_csv"):
        asked = compose("+experiment=quickstart", f"predictor=[uniform,{name}]", "baseline=uniform")
        with pytest.raises(ConfigError, match=rf"{name} is not sealed .*install bubblewrap"):
            freeze(asked)


@needs_wall
def test_behind_bubblewrap_it_answers_nothing_and_is_refused(tmp_path: Path) -> None:
    walled = bench.run("quickstart", *ASKED, "audit=true", results=tmp_path)
    methods = walled.table("methods").set_index("predictor")
    assert "FileNotFoundError" in methods.loc["opens", "message"]
    assert walled.assurance["opens"] == NONE
    # a file that its own settings name can be read: numbers written down are no look ahead
    assert walled.assurance["own_csv"] == WALLED
    with pytest.raises(ConfigError, match=r": opens \(assurance: none\) cannot stand on a site"):
        build_site(tmp_path, tmp_path / "site")
    with pytest.raises(ConfigError, match=r"opens is not sealed, as .* no answer"):
        freeze(compose("+experiment=quickstart", "predictor=[uniform,opens]", "baseline=uniform"))


def test_the_yaml_of_a_package_is_foreign_whatever_its_method() -> None:
    settings = compose("predictor=[own_csv,uniform]").predictors
    assert third_party(settings) == ["own_csv"]
    assert isinstance(make_predictor("own_csv", settings["own_csv"]), RemotePredictor)
    typed = {"mine": settings["own_csv"]}  # the same in settings of one's own
    assert third_party(typed) == []
    assert not isinstance(make_predictor("mine", typed["mine"]), RemotePredictor)


def test_a_label_of_a_package_carries_its_key() -> None:
    found = labels("predictor", ["own_csv", "last_poll"])
    assert found["own_csv"].endswith(" (own_csv)")
    assert found["last_poll"] == "Last poll of each institute"
    assert labels("distortion", ["theirs"]) == {"theirs": "Industry-wide error (theirs)"}
    with use_assurance({"last_poll": NONE}):
        assert labels("predictor", ["last_poll"])["last_poll"].endswith(f" (last_poll){MARK}")

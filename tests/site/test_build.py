"""The site: nothing is overwritten, every link leads somewhere, no page asks the network."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest

from bench.cli.commands import site
from bench.core.errors import ConfigError
from bench.core.options import options
from bench.data.election import load_election
from bench.report.formatting import format_value
from bench.report.html.page import on_dark_paper
from bench.site import build, content
from bench.site.build import KINDS, build_site
from bench.site.charts import polls_over_time
from tests.report.html.test_for_everybody import held_to_everybody
from tests.report.html.test_tables_in_browser import CHROMIUM

LIMIT_MB = 15
SOME = ("fr1965", "fr2017", "fr2027", "toy")


class Links(HTMLParser):
    """What a page links to and what it loads."""

    def __init__(self) -> None:
        super().__init__()
        self.leads_to: list[str] = []
        self.loads: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "a":
            self.leads_to.append(given.get("href") or "")
        if tag in ("img", "script") and given.get("src"):
            self.loads.append(given["src"] or "")
        if tag == "link":
            self.loads.append(given.get("href") or "")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    with pytest.MonkeyPatch.context() as patch:  # each further election makes it longer, not wider
        patch.setattr(content, "folder_names", lambda: list(SOME))
        build_site(folder / "no_results", folder / "out")
    return folder / "out"


def pages(made: Path) -> Iterator[tuple[Path, str]]:
    for path in sorted(made.rglob("index.html")):
        yield path, path.read_text(encoding="utf-8")


def test_a_folder_of_somebody_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("")
    with pytest.raises(ConfigError, match=r"holds files that are no site of ours; name a new fold"):
        build_site(tmp_path, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]


def test_a_missing_library_is_named_with_the_extra(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(build, "find_spec", lambda name: None if name == "vl_convert" else name)
    with pytest.raises(ConfigError, match=r"the site needs vl_convert, .*election-bench\[site\]"):
        build_site(tmp_path, tmp_path / "out")


def test_every_link_leads_to_a_file_and_nothing_is_loaded_from_elsewhere(made: Path) -> None:
    seen = 0
    for path, text in pages(made):
        found = Links()
        found.feed(text)
        for target in found.loads:
            assert (path.parent / target).is_file(), (path, target)
        for target in found.leads_to:
            if not re.match(r"https?://|#|mailto:", target) and "/data/" not in str(path):
                seen += 1
                assert (path.parent / target.partition("#")[0]).is_file(), (path, target)
    assert seen > 1000


def test_everything_has_a_page_in_both_languages(made: Path) -> None:
    for top in (made, made / "fr"):
        for kind, names in {
            "elections": SOME,
            "methods": options("predictor"),
            "experiments": [one.name for one in content.experiments(made)],
        }.items():
            assert {path.parent.name for path in (top / kind).glob("*/index.html")} == set(names)
        assert {path.name for path in top.iterdir()} >= set(KINDS)


def test_charts_have_their_colours_on_dark_paper_as_in_reports(made: Path) -> None:
    assert on_dark_paper() in (made / "site.css").read_text(encoding="utf-8")


def test_a_result_is_rounded_once_in_the_table_and_in_the_chart_of_a_page() -> None:
    election = load_election("fr2022")  # 27.846, 23.152 and 21.952 %
    chart = polls_over_time(election, 1)
    assert chart is not None
    said = [one["said"] for one in chart.spec["layer"][-1]["data"]["values"]]
    rows = next(one for one in content.votes(election) if one["number"] == 1)["rows"]
    shown = {f"{name} {format_value(share, '1%').removesuffix('%')}" for name, share in rows}
    assert len(said) > 3
    assert set(said) <= shown


def test_the_site_is_small_enough_to_be_sent_around(made: Path) -> None:
    size = sum(path.stat().st_size for path in made.rglob("*") if path.is_file())
    assert size < LIMIT_MB * 1e6


def test_the_command_says_how_large_the_site_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(content, "experiments", lambda results: [])
    assert site.main(["--to", str(tmp_path / "new"), "--languages", "fr"]) == 0
    assert re.match(r"\d+ pages, [\d.]+ MB: ", capsys.readouterr().out)
    assert 'lang="fr"' in (tmp_path / "new" / "index.html").read_text(encoding="utf-8")


@pytest.mark.browser
@pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium")
@pytest.mark.parametrize(
    "place",
    [
        *("", "experiments", "experiments/2017_r1", "experiments/track_record", "fr"),
        *(
            "fr/elections/fr2017",
            "elections/fr2027",
            "fr/methods/quota_poll",
            "families/social_media",
        ),
        *("data", "fr/data/fr2017"),
    ],
)
def test_a_page_of_the_site_is_for_everybody(place: str, made: Path, tmp_path: Path) -> None:
    page = (made / place / "index.html").read_text(encoding="utf-8")
    held_to_everybody(page, made / place, tmp_path)

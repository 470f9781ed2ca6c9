"""Before a vote, pages withhold what a law forbids to publish: by the day on which they are
written, and by the clock of whoever reads them.
"""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest

from bench.core.language import use_language
from bench.data.country import silent_periods
from bench.report import silence
from bench.site import build_site
from bench.studies.run import Run, load_run
from tests.golden.conftest import shared_run
from tests.golden.reference import FOLDER
from tests.report.html.test_tables_in_browser import CHROMIUM, run_browser

FORECAST, EARLIER = "2027_r1_in_october", "history_chain"
NAME = "Attal"  # on no page but that of 2027
# whether the page of the first round, which says who may be elected, is withheld, in universal time
MOMENTS = {
    "2027-04-16T21:59:59": False,
    "2027-04-16T22:00:00": True,
    "2027-04-18T17:59:59": True,
    "2027-04-18T18:00:00": False,
    "2027-04-30T21:59:59": False,
    "2027-04-30T22:00:00": True,
    "2027-05-02T17:59:59": True,
    "2027-05-02T18:00:00": False,
}
BEFORE, WITHIN = "2027-04-10T12:00:00", "2027-04-17T12:00:00"


def move_clock(monkeypatch: pytest.MonkeyPatch, moment: str) -> None:
    now = datetime.fromisoformat(moment).replace(tzinfo=UTC)
    monkeypatch.setattr(silence, "datetime", SimpleNamespace(now=now.astimezone))


@pytest.fixture(scope="module")
def forecast() -> Run:
    return load_run(FOLDER / FORECAST)


@pytest.fixture(scope="module")
def sites(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A site of 2027 and of a vote that is over, by the moment at which it was written."""
    folder = tmp_path_factory.mktemp("silence")
    for name in (FORECAST, EARLIER):
        shutil.copytree(FOLDER / name, folder / "results" / "reference" / name)
    for moment in (BEFORE, WITHIN):
        with pytest.MonkeyPatch.context() as patched:
            move_clock(patched, moment)
            build_site(folder / "results", folder / moment[:10])
    return {moment: folder / moment[:10] for moment in (BEFORE, WITHIN)}


@pytest.mark.parametrize(("moment", "is_withheld"), MOMENTS.items())
def test_a_page_that_is_written_in_the_silence_shows_nothing_of_the_vote(
    moment: str, is_withheld: bool, forecast: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    move_clock(monkeypatch, moment)
    page = forecast.page(stills=False)
    assert (NAME not in page) == is_withheld
    assert ('id="charts"' not in page) == is_withheld
    assert ("This page was made in that time" in page) == is_withheld
    notices = silence.notices_of(forecast.shown.silent_periods)
    # the script is there as long as a silence is to come
    assert ("keepSilence" in page) == (bool(notices) and not is_withheld)


def test_the_sentences_say_what_by_which_law_and_until_when(
    forecast: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    move_clock(monkeypatch, "2027-04-20T12:00:00")
    (runoff,) = silence.notices_of(forecast.shown.silent_periods)
    assert runoff.start == "2027-04-30T22:00:00+00:00"
    assert runoff.end == "2027-05-02T18:00:00+00:00"
    for part in ("of 2027, runoff:", "law of 19 July 1977", "2 May 2027, 20:00 (Paris time)"):
        assert part in runoff.withheld
        assert part in runoff.unscripted
    with use_language("fr"):
        (runoff,) = silence.notices_of(forecast.shown.silent_periods)
    for part in ("second tour", "loi du 19 juillet 1977", "2 mai 2027, 20:00 (heure de Paris)"):
        assert part in runoff.withheld
        assert part in runoff.unscripted
    assert "1er mai 2027, 00:00" in runoff.unscripted


def test_a_page_on_the_runoff_alone_is_shown_in_the_silence_of_the_first_round(
    forecast: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    runoff = silent_periods(forecast.experiment.elections, [2])
    move_clock(monkeypatch, WITHIN)
    assert [notice.is_in_force for notice in silence.notices_of(runoff)] == [False]


@pytest.mark.parametrize("moment", ["2017-05-05T12:00:00", "2017-05-06T12:00:00"])
def test_scores_of_a_first_round_are_withheld_on_the_eve_of_its_runoff(
    moment: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    move_clock(monkeypatch, moment)
    page = load_run(FOLDER / "2017_r1").page(stills=False)
    assert ("This page was made in that time" in page) == (moment == "2017-05-06T12:00:00")


def test_what_is_over_and_a_country_without_such_a_law_are_never_withheld(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    assert silence.notices_of(load_run(FOLDER / EARLIER).shown.silent_periods) == []
    made_up = shared_run(tmp_path_factory, "2027_r1")  # a forecast of a vote of 2031
    assert made_up.shown.silent_periods == ()
    assert "data-silence" not in made_up.page(stills=False)


def test_a_site_that_is_written_in_the_silence_shows_everything_else(
    sites: dict[str, Path],
) -> None:
    before, within = sites[BEFORE], sites[WITHIN]
    places = sorted(path.relative_to(before) for path in before.rglob("*.html"))
    assert places == sorted(path.relative_to(within) for path in within.rglob("*.html"))
    for place in places:
        text = (within / place).read_text(encoding="utf-8")
        assert NAME not in text
        if EARLIER in place.parts:
            assert text == (before / place).read_text(encoding="utf-8")
        else:
            assert NAME in (before / place).read_text(encoding="utf-8")
    french = (within / "index.fr.html").read_text(encoding="utf-8")
    assert french.count("il faut la refaire ensuite") == 2  # in its section, and among all results
    assert french.count('class="number"') == 1  # the error of earlier forecasts


def test_without_scripts_a_page_says_from_when_it_must_not_be_public(
    sites: dict[str, Path],
) -> None:
    for place in ("index.html", f"{FORECAST[:7]}/report.en.html"):
        text = (sites[BEFORE] / place).read_text(encoding="utf-8")
        _, _, words = text.partition("<noscript>")
        assert words.partition("</noscript>")[0].count("must take it offline from") == 2


CLOCK = """<script>
{
  const Clock = Date;
  const isReloaded = performance.getEntriesByType("navigation")[0].type === "reload";
  const ahead = Clock.parse("MOMENT") + (isReloaded ? 2000 : 0) - Clock.now();
  window.Date = class extends Clock {
    constructor(...values) { super(...(values.length ? values : [Clock.now() + ahead])); }
    static now() { return Clock.now() + ahead; }
  };
}
</script>"""
STEPS = """<script>
{
  const shown = () => ({
    hasName: [...document.querySelectorAll("body > :not(script)")]
      .some((part) => part.outerHTML.includes("NAME")),
    hasData: Boolean(document.getElementById("charts")),
    isBlank: !document.querySelector("h1").getClientRects().length,
    hasNotice: Boolean(document.querySelector(".silence")?.getClientRects().length),
  });
  addEventListener("load", () => {
    parent.postMessage({ isLast: false, ...shown() }, "*");
    setTimeout(() => parent.postMessage({ isLast: true, ...shown() }, "*"), 2500);
  });
}
</script></body>"""
FRAMES = """<!DOCTYPE html><title>Frames</title><body><script>
const out = Object.fromEntries(PLACES.map((place) => [place, []]));
const frames = PLACES.map((place) => {
  const frame = document.createElement("iframe");
  Object.assign(frame, { width: 1280, height: 800, src: place });
  document.body.append(frame);
  return [place, frame];
});
addEventListener("message", (event) => {
  const [place] = frames.find(([, frame]) => frame.contentWindow === event.source);
  out[place].push(event.data);
  if (!Object.values(out).every((states) => states.at(-1)?.isLast)) return;
  const pre = document.createElement("pre");
  pre.id = "out";
  pre.textContent = JSON.stringify(out);
  document.body.append(pre);
});
</script></body>"""


@pytest.mark.browser
@pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium")
@pytest.mark.parametrize("place", ["index.fr.html", f"{FORECAST[:7]}/report.en.html"])
def test_a_page_of_before_withholds_by_the_clock_of_its_reader(
    place: str, sites: dict[str, Path], tmp_path: Path
) -> None:
    text = (sites[BEFORE] / place).read_text(encoding="utf-8")
    for moment in MOMENTS:
        clock = CLOCK.replace("MOMENT", f"{moment}Z")
        page = text.replace("<head>", f"<head>{clock}", 1)
        page = page.replace("</body>", STEPS.replace("NAME", NAME))
        (tmp_path / f"{moment}.html").write_text(page, encoding="utf-8")
    frames = FRAMES.replace("PLACES", json.dumps([f"{moment}.html" for moment in MOMENTS]))
    (tmp_path / "frames.html").write_text(frames, encoding="utf-8")
    seen, console = run_browser(tmp_path / "frames.html", tmp_path)
    assert "CONSOLE" not in console
    for moment, is_withheld in MOMENTS.items():
        at_first, *_reloaded, two_seconds_later = seen[f"{moment}.html"]
        assert not at_first["isBlank"]
        assert at_first["hasName"] != is_withheld, moment
        assert at_first["hasData"] == ("report" in place and not is_withheld)
        assert at_first["hasNotice"] == is_withheld
        is_last_second = moment.endswith("59:59")  # a page that stays open follows its clock
        assert two_seconds_later["hasName"] == (is_withheld if is_last_second else not is_withheld)

"""The page in a real browser: no console error, sorting, filters, slider and theme work."""

from pathlib import Path
from typing import Any

import pytest

from bench.core.options import label
from tests.report.html.test_tables_in_browser import CHROMIUM, run_browser
from tests.studies.backtest.pages import page_of

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium"),
]

STEPS = """
<script>
addEventListener("load", () => {
  const out = {};
  const ranked = "#table-errors-table tbody[data-block='ranked'] tr";
  const seen = () => [...document.querySelectorAll(ranked)]
    .filter((row) => !row.hidden && !row.classList.contains("block"))
    .map((row) => row.cells[1].dataset.key);
  const press = (label) => [...document.querySelectorAll("#table-errors-table thead button")]
    .find((button) => button.textContent === label).click();
  const set = (id, value) => {
    const node = document.getElementById(id);
    node.value = value;
    node.dispatchEvent(new Event("input", { bubbles: true }));
  };
  out.start = seen();
  press("largest");
  out.byMax = seen();
  press("largest");
  out.byMaxDown = seen();
  out.sort = [...document.querySelectorAll("th[aria-sort]")]
    .map((th) => th.textContent + th.getAttribute("aria-sort"));
  press("predictor");
  out.byName = seen();
  set("table-errors-by-0", "buzz");
  out.buzz = seen();
  set("table-errors-by-0", "");
  set("table-errors-find", "POLL");
  out.poll = seen();
  out.shown = document.getElementById("table-errors-shown").textContent;
  set("table-errors-find", "");
  set("table-errors-by-1", "full");
  out.full = seen();
  set("table-errors-by-1", "common");
  set("table-errors-by-2", "1");
  out.other = seen();
  set("table-errors-by-2", "0");
  const said = () => document.getElementById("as-of-text").textContent;
  out.last = said();
  const errors = () => [...document.querySelectorAll("#table-errors-table tbody tr:not(.block)")]
    .filter((row) => !row.hidden).map((row) => row.cells[2].textContent);
  out.lastTable = errors();
  set("as-of-explore", "0");
  out.early = said();
  out.earlyTable = errors();
  const evidence = document.getElementById("table-errors-by-2");
  out.earlyChoice = evidence.selectedOptions[0].textContent;
  out.both = [...document.querySelectorAll("input.as-of")]
    .map((slider) => slider.value + ": " + slider.getAttribute("aria-valuetext"));
  out.marked = [...document.querySelectorAll(".as-of-line.on")].map((line) => line.dataset.days);
  set("as-of-table-errors", "1");
  out.second = said();
  out.lanes = document.querySelectorAll("#chart .lane").length;
  const paper = () => getComputedStyle(document.querySelector("section")).backgroundColor;
  const before = paper();
  document.getElementById("theme").click();
  out.themed = before !== paper();
  const pre = document.createElement("pre");
  pre.id = "out";
  pre.textContent = JSON.stringify(out);
  document.body.append(pre);
});
</script></body>
"""


@pytest.fixture(scope="module")
def seen(whole_run: Any, tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], str]:
    """What the browser saw."""
    folder = tmp_path_factory.mktemp("browser")
    run = whole_run
    text = page_of(run)
    path = folder / "report.html"
    path.write_text(text.replace("</body>", STEPS), encoding="utf-8")
    return run_browser(path, folder)


def test_the_console_is_silent(seen: tuple[dict[str, Any], str]) -> None:
    assert "CONSOLE" not in seen[1]


def test_sorting_goes_up_then_down_and_says_so(seen: tuple[dict[str, Any], str]) -> None:
    out = seen[0]
    assert out["byMax"] != out["start"]
    assert out["byMaxDown"] == out["byMax"][::-1]
    assert out["sort"] == ["largestdescending"]
    assert out["byName"] == sorted(out["start"], key=lambda key: label("predictor", key).lower())


def test_filters_keep_what_they_say(seen: tuple[dict[str, Any], str]) -> None:
    out = seen[0]
    assert set(out["buzz"]) == {"buzz_volume", "buzz_sentiment", "digital_weight"}
    assert set(out["poll"]) == {
        *("quota_poll", "last_poll", "poll_tracker", "polls_plus_buzz", "previous_forecast")
    }
    assert out["shown"] == "5 rows"
    assert 0 < len(out["full"]) < len(out["start"])
    assert out["other"]


def test_the_slider_changes_the_date(seen: tuple[dict[str, Any], str]) -> None:
    out = seen[0]
    assert out["last"] == "21 April 2031, 2 days before the vote"
    assert out["early"] == "15 January 2031, 98 days before the vote"
    assert out["lanes"] == 11


def test_a_slider_moves_table_chart_and_the_other_slider(
    seen: tuple[dict[str, Any], str],
) -> None:
    out = seen[0]
    assert out["earlyChoice"] == "15 January 2031"
    assert out["earlyTable"] != out["lastTable"]
    assert out["both"] == ["0: 15 January 2031, 98 days before the vote"] * 2
    assert out["second"].startswith("20 February 2031")


def test_the_curves_mark_the_chosen_date(seen: tuple[dict[str, Any], str]) -> None:
    assert set(seen[0]["marked"]) == {"98"}


NARROW_STEPS = """
<script>
addEventListener("load", () => {
  const root = document.documentElement;
  const out = {over: root.scrollWidth - root.clientWidth,
               wide: document.querySelectorAll(".scroll.wide").length};
  const pre = document.createElement("pre");
  pre.id = "out";
  pre.textContent = JSON.stringify(out);
  document.body.append(pre);
});
</script></body>
"""


def test_only_tables_scroll_sideways_on_a_narrow_screen(whole_run: Any, tmp_path: Path) -> None:
    run = whole_run
    path = tmp_path / "report.html"
    path.write_text(page_of(run, draw=False).replace("</body>", NARROW_STEPS), encoding="utf-8")
    out, _ = run_browser(path, tmp_path, "--window-size=500,900")
    assert out["wide"] >= 2
    assert out["over"] == 0


def test_the_theme_can_be_switched(seen: tuple[dict[str, Any], str]) -> None:
    assert seen[0]["themed"]

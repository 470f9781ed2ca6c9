"""The page in a real browser: no console error, sorting, filters, slider and theme work."""

import html
import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from bench.report.html.build import page_text
from bench.report.plain_table import plain_table
from bench.report.report import Report
from bench.studies.backtest.page import backtest_page
from tests.report.test_study import report, text_of

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
         "--disable-background-networking", "--disable-component-update", "--disable-sync",
         "--enable-logging=stderr", "--virtual-time-budget=5000",
         "--window-size=1280,900"]  # fmt: skip
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium"),
]

STEPS = """
<script>
addEventListener("load", () => {
  const out = {};
  const seen = () => [...document.querySelectorAll("#errors-table tbody[data-block='ranked'] tr")]
    .filter((row) => !row.hidden && !row.classList.contains("block"))
    .map((row) => row.cells[1].dataset.name);
  const press = (label) => [...document.querySelectorAll("#errors-table thead button")]
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
  set("errors-by-0", "buzz");
  out.buzz = seen();
  set("errors-by-0", "");
  set("errors-find", "POLL");
  out.poll = seen();
  out.shown = document.getElementById("errors-shown").textContent;
  set("errors-find", "");
  set("errors-by-1", "full");
  out.full = seen();
  set("errors-by-1", "common");
  set("errors-by-2", "1");
  out.other = seen();
  set("errors-by-2", "0");
  const said = () => document.getElementById("as-of-text").textContent;
  out.last = said();
  const errors = () => [...document.querySelectorAll("#errors-table tbody tr:not(.block)")]
    .filter((row) => !row.hidden).map((row) => row.cells[2].textContent);
  out.lastTable = errors();
  set("as-of-explore", "0");
  out.early = said();
  out.earlyTable = errors();
  const evidence = document.getElementById("errors-by-2");
  out.earlyChoice = evidence.selectedOptions[0].textContent;
  out.both = [...document.querySelectorAll("input.as-of")]
    .map((slider) => slider.value + ": " + slider.getAttribute("aria-valuetext"));
  out.marked = [...document.querySelectorAll(".as-of-line.on")].map((line) => line.dataset.days);
  set("as-of-errors", "1");
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


def run_browser(path: Path, folder: Path, *flags: str) -> tuple[dict[str, Any], str]:
    """Load a page, and return what its steps found and what the console said."""
    assert CHROMIUM is not None
    done = subprocess.run(
        [CHROMIUM, *FLAGS, *flags, f"--user-data-dir={folder / 'profile'}", "--dump-dom",
         path.as_uri()],
        capture_output=True, text=True, timeout=120, check=True,
    )  # fmt: skip
    found = re.search(r'<pre id="out">(.*?)</pre>', done.stdout, re.DOTALL)
    assert found, done.stderr[-2000:]
    return json.loads(html.unescape(found[1])), done.stderr


@pytest.fixture(scope="module")
def seen(whole_run: Any, tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], str]:
    """What the browser saw."""
    folder = tmp_path_factory.mktemp("browser")
    run = whole_run
    text = page_text(backtest_page(run.errors, run.forecasts, run.methods, run.facts))
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
    assert out["byName"] == sorted(out["start"])


def test_filters_keep_what_they_say(seen: tuple[dict[str, Any], str]) -> None:
    out = seen[0]
    assert set(out["buzz"]) == {"buzz_volume", "buzz_sentiment", "digital_weight"}
    assert set(out["poll"]) == {"quota_poll", "last_poll", "poll_tracker", "polls_plus_buzz"}
    assert out["shown"] == "4 rows"
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
    page = backtest_page(run.errors, run.forecasts, run.methods, run.facts, drawn=[])
    path = tmp_path / "report.html"
    path.write_text(page_text(page).replace("</body>", NARROW_STEPS), encoding="utf-8")
    out, _ = run_browser(path, tmp_path, "--window-size=500,900")
    assert out["wide"] >= 2
    assert out["over"] == 0


def test_the_theme_can_be_switched(seen: tuple[dict[str, Any], str]) -> None:
    assert seen[0]["themed"]


STUDY_STEPS = """
<script>
addEventListener("load", () => {
  const section = document.getElementById("table-by_order");
  const seen = () => [...section.querySelectorAll("tbody tr")].filter((row) => !row.hidden)
    .map((row) => row.cells[2].textContent);
  const out = {start: seen()};
  const heads = [...section.querySelectorAll("thead button")];
  heads.find((button) => button.textContent === "error").click();
  out.sorted = seen();
  const choice = section.querySelector("select");
  choice.value = "b";
  choice.dispatchEvent(new Event("input", { bubbles: true }));
  out.filtered = seen();
  out.said = section.querySelector("output").textContent;
  out.wide = document.documentElement.scrollWidth - document.documentElement.clientWidth;
  const pre = document.createElement("pre");
  pre.id = "out";
  pre.textContent = JSON.stringify(out);
  document.body.append(pre);
});
</script></body>
"""


def test_tables_of_a_study_sort_and_filter_without_a_console_error(tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    text = text_of(report("a"))
    path.write_text(text.replace("</body>", STUDY_STEPS), encoding="utf-8")
    out, console = run_browser(path, tmp_path)
    assert "CONSOLE" not in console
    assert out["start"] == ["3.0", "1.2", "–", "2.0", "0.5"]
    assert out["sorted"] == ["0.5", "1.2", "2.0", "3.0", "–"]
    assert out["filtered"] == ["0.5", "2.0", "–"]
    assert out["said"] == "3 rows"
    assert out["wide"] == 0


LONG_STEPS = """
<script>
addEventListener("load", () => {
  const section = document.getElementById("table-long");
  const seen = () => [...section.querySelectorAll("tbody tr")]
    .filter((row) => getComputedStyle(row).display !== "none")
    .map((row) => row.cells[1].textContent);
  const few = [...document.querySelectorAll("#table-few tbody tr")];
  const out = {few: few.filter((row) => getComputedStyle(row).display !== "none").length,
               start: seen(), button: section.querySelector(".rest button").textContent};
  const head = [...section.querySelectorAll("thead button")][1];
  head.click();
  head.click();
  out.largest = seen();
  section.querySelector(".rest button").click();
  out.all = seen().length;
  out.gone = section.querySelector(".rest").hidden;
  const pre = document.createElement("pre");
  pre.id = "out";
  pre.textContent = JSON.stringify(out);
  document.body.append(pre);
});
</script></body>
"""


def test_a_long_table_shows_its_first_rows_until_all_are_asked_for(tmp_path: Path) -> None:
    rows = pd.DataFrame({"method": [f"m{i}" for i in range(60)], "error": range(60)})
    a_few_more = plain_table("few", rows.head(30), title="T")
    one = Report(
        title="T", findings=("H",), tables=(plain_table("long", rows, title="T"), a_few_more)
    )
    path = tmp_path / "report.html"
    path.write_text(text_of(one).replace("</body>", LONG_STEPS), encoding="utf-8")
    out, console = run_browser(path, tmp_path)
    assert "CONSOLE" not in console
    assert out["start"] == [str(i) for i in range(24)]
    assert out["button"] == "Show all 60 rows"
    assert out["few"] == 30
    assert out["largest"] == [str(i) for i in range(59, 35, -1)]
    assert out["all"] == 60
    assert out["gone"]

"""The page in a real browser: no console error, sorting, filters, slider and theme work."""

from pathlib import Path
from typing import Any

import pytest

from tests.report.html.test_tables_in_browser import CHROMIUM, run_browser
from tests.studies.backtest.pages import page_of

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium"),
]

STEPS = """
<script>
const drawn = (root) => new Promise((then) => {
  const wait = setInterval(() => { if (root.dataset.drawn) { clearInterval(wait); then(); } }, 20);
});
addEventListener("load", async () => {
  const out = {};
  await drawn(document.documentElement);
  const charts = await window.Charts;
  const settled = () => new Promise((then) => setTimeout(then, 100));
  const set = (id, value) => {
    const node = document.getElementById(id);
    node.value = value;
    node.dispatchEvent(new Event("input", { bubbles: true }));
  };
  const errors = () => [...document.querySelectorAll("#table-errors-table tbody tr:not(.block)")]
    .filter((row) => !row.hidden).map((row) => row.cells[1].textContent);
  const bars = () => [...document.querySelectorAll("#closest .chart .mark-text text")]
    .map((node) => node.textContent);
  const at = (id) => document.getElementById(id);
  const now = () => ({
    said: at("as-of-text").textContent, table: errors(), bars: bars(),
    choice: at("table-errors-by-2").selectedOptions[0].textContent,
    slider: at("as-of").getAttribute("aria-valuetext"),
    lead: document.querySelector("[data-dated]").textContent,
    until: document.querySelectorAll(".counts dd")[1].textContent,
    caption: document.querySelector("#shares figcaption").textContent, address: location.hash,
  });
  out.late = now();
  set("as-of", "0");
  await settled();
  out.early = now();
  charts.set({ method: "Poll tracker", date: charts.shown });
  await settled();
  out.faded = [...document.querySelectorAll("#horizon .mark-symbol path")]
    .filter((mark) => mark.getAttribute("opacity") === "0.12").length;
  out.followed = [...document.querySelectorAll("tr.followed th")].map((node) => node.dataset.key);
  out.title = document.querySelector("#shares .role-title-text").textContent;
  out.address = location.hash;
  const numbers = document.querySelector("#polls details[data-of]");
  numbers.open = true;
  await settled();
  out.numbers = [...numbers.querySelectorAll("tbody tr")].length;
  document.querySelector("#closest [data-save=embed]").click();
  out.embed = document.querySelector("#closest .chart-tools input").value;
  out.charts = document.querySelectorAll(".chart svg").length;
  const shapes = () => [...document.querySelectorAll("#area_map .mark-shape path")];
  const one = shapes()[0].getBoundingClientRect();
  const middle = { bubbles: true, clientX: one.x + one.width / 2, clientY: one.y + one.height / 2 };
  for (const kind of ["pointerover", "pointermove"])
    shapes()[0].dispatchEvent(new PointerEvent(kind, middle));
  await settled();
  out.marked = shapes().filter((shape) => shape.getAttribute("stroke-width") === "2").length;
  out.maps = document.querySelectorAll("#area_map .cell > g").length;
  out.told = document.getElementById("vg-tooltip-element").innerText;
  out.tips = [];
  for (const bar of document.querySelectorAll("#closest .chart .mark-rect path")) {
    const place = bar.getBoundingClientRect();
    const middle = { bubbles: true, clientX: place.x + 1, clientY: place.y + place.height / 2 };
    for (const kind of ["pointerover", "pointermove"])
      bar.dispatchEvent(new PointerEvent(kind, middle));
    await settled();
    out.tips.push(document.getElementById("vg-tooltip-element").innerText);
  }
  const pre = document.createElement("pre");
  pre.id = "out";
  pre.textContent = JSON.stringify(out);
  document.body.append(pre);
});
</script></body>
"""


@pytest.fixture(scope="module")
def seen(
    run_with_areas: Any, tmp_path_factory: pytest.TempPathFactory
) -> tuple[dict[str, Any], str]:
    """What the browser saw."""
    folder = tmp_path_factory.mktemp("browser")
    text = page_of(run_with_areas)
    path = folder / "report.html"
    path.write_text(text.replace("</body>", STEPS), encoding="utf-8")
    return run_browser(path, folder)


def test_the_console_is_silent(seen: tuple[dict[str, Any], str]) -> None:
    assert "CONSOLE" not in seen[1]


def test_the_slider_moves_findings_counts_captions_tables_and_charts(
    seen: tuple[dict[str, Any], str],
) -> None:
    late, early = seen[0]["late"], seen[0]["early"]
    assert late["said"] == "21 April 2031, 2 days before the vote"
    assert early["said"] == early["slider"] == "15 January 2031, 98 days before the vote"
    assert early["choice"] == "15 January 2031"
    assert early["until"].startswith("15 January 2031")
    assert early["lead"].startswith("98 days before")
    assert "public on 15 January 2031" in early["caption"]
    assert early["table"] != late["table"]
    assert early["bars"] != late["bars"]
    assert late["address"] == ""
    assert early["address"] == "#as_of=2031-01-15T20%3A00"


def test_a_method_is_followed_in_all_charts_and_tables(seen: tuple[dict[str, Any], str]) -> None:
    out = seen[0]
    assert out["faded"] > 20
    assert set(out["followed"]) == {"poll_tracker"}
    assert out["title"] == "Poll tracker"
    assert out["address"] == "#method=Poll+tracker"
    assert "#only=closest&amp;method=Poll+tracker" in out["embed"]


def test_every_chart_is_drawn_and_has_its_numbers(seen: tuple[dict[str, Any], str]) -> None:
    out = seen[0]
    assert out["charts"] == 5
    assert out["numbers"] > 20


def test_an_area_under_the_pointer_is_marked_on_every_map(seen: tuple[dict[str, Any], str]) -> None:
    out = seen[0]
    assert out["marked"] == out["maps"] > 1
    assert all(word in out["told"] for word in ("Area", "Forecast, %", "Outcome, %"))


def test_a_tooltip_leaves_out_what_a_method_does_not_have(seen: tuple[dict[str, Any], str]) -> None:
    tips = seen[0]["tips"]
    of_whole_ballot = ["Error on the whole ballot" in tip for tip in tips]
    assert {True, False} == set(of_whole_ballot)  # of some the gaps were filled by rule
    assert all("Error on the candidates compared" in tip for tip in tips)
    assert not any("null" in tip for tip in tips)


ALONE_STEPS = """
<script>
addEventListener("load", () => {
  const wait = setInterval(() => {
    if (!document.documentElement.dataset.drawn) return;
    clearInterval(wait);
    const seen = (query) => [...document.querySelectorAll(query)]
      .filter((node) => node.getBoundingClientRect().width > 100).map((node) => node.id);
    const out = { charts: seen(".chart svg").length, sections: seen("section"),
                  rest: seen("header, nav, #follow, table, .reading, .chart-tools") };
    const pre = document.createElement("pre");
    pre.id = "out";
    pre.textContent = JSON.stringify(out);
    document.body.append(pre);
  }, 20);
});
</script></body>
"""


def test_a_frame_shows_one_chart_alone(whole_run: Any, tmp_path: Path) -> None:
    text = page_of(whole_run).replace("<body", '<script>location.hash = "only=polls"</script><body')
    path = tmp_path / "report.html"
    path.write_text(text.replace("</body>", ALONE_STEPS), encoding="utf-8")
    out, console = run_browser(path, tmp_path)
    assert "CONSOLE" not in console
    assert out == {"charts": 1, "sections": ["polls"], "rest": []}

"""Pages for everybody: axe finds nothing, the console is silent, nothing is asked for."""

from __future__ import annotations

import gzip
import hashlib
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from matplotlib.figure import Figure

from bench.report.html.page import page_text
from bench.report.plotting.layout import Rendered
from bench.report.report import Drawing, Report
from bench.report.tables import table
from tests.made_up_run import CITE, MANIFEST, made_up_facts
from tests.report.html.test_tables_in_browser import CHROMIUM, run_browser
from tests.report.study_charts import CHARTS
from tests.studies.backtest.pages import page_of

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium"),
]
AXE = Path(__file__).parent / "axe.min.js.gz"
# axe-core 4.10.3, axe.min.js, as the npm registry has it (MPL-2.0)
SHA256 = "880970c081707360e64f34cea25ff91892f5bc95675b0776925b9709dd8a68bb"
STEPS = """
<script>
addEventListener("load", () => {
  const wait = setInterval(async () => {
    if (document.querySelector("[data-chart]") && !document.documentElement.dataset.drawn) return;
    clearInterval(wait);
    for (const fold of document.querySelectorAll("details")) fold.open = true;
    const found = await axe.run(document, { resultTypes: ["violations"], preload: false });
    const pre = document.createElement("pre");
    pre.id = "out";
    pre.textContent = JSON.stringify({
      passes: found.passes.length,
      charts: document.querySelectorAll("[data-chart]").length,
      drawn: [...document.querySelectorAll("[data-chart] svg")]
        .filter((chart) => chart.getBoundingClientRect().width > 100).length,
      violations: found.violations.map((one) =>
        one.id + ": " + one.nodes.slice(0, 3).map((node) => node.html.slice(0, 160)).join(" | ")),
      asked: performance.getEntriesByType("resource").map((one) => one.name)
        .filter((name) => !name.startsWith("data:") && !name.startsWith("blob:")),
    });
    document.body.append(pre);
  }, 20);
});
</script></body>
"""


def found_by_axe(page: str, path: Path, folder: Path, *flags: str) -> None:
    """Write a page with axe in it, and hold it to what it should be for everybody."""
    axe = gzip.decompress(AXE.read_bytes())
    assert hashlib.sha256(axe).hexdigest() == SHA256
    library = axe.decode("utf-8").replace("</script", "<\\/script").replace("</body", "<\\/body")
    path.write_text(page.replace("</body>", f"<script>{library}</script>{STEPS}"), encoding="utf-8")
    out, console = run_browser(path, folder, *flags)
    assert out["violations"] == []
    assert out["passes"] > 10
    assert out["drawn"] == out["charts"]
    assert [name for name in out["asked"] if not name.startswith("file:")] == []
    assert "CONSOLE" not in console


@pytest.fixture(scope="module")
def pages(run_with_areas: Any) -> dict[str, str]:
    """A vote with areas, and the charts of all other studies on one page."""
    charts = {name: make(made_up_facts()) for name, make in CHARTS.items()}
    figures = {name: lambda size: Figure() for name in charts}
    one = table("one", pd.DataFrame({"method": ["a"], "error": [1.0]}), title="T")
    report = Report(title="T", findings=("F.",), tables=(one,), charts=charts, figures=figures)
    return {
        "backtest": page_of(run_with_areas),
        "studies": page_text(report, list(map(undrawn, charts)), MANIFEST, CITE),
    }


def undrawn(name: str) -> Drawing:
    """The figure of a chart, left blank."""
    svg = b'<defs></defs><g id="title"></g><g id="caption"></g></svg>'
    blank = Rendered(title=name, caption=name, box=(0, 0, 1, 1), files={"svg": svg})
    return Drawing(name=name, sizes={"double": blank})


@pytest.mark.parametrize(
    "flags",
    [
        ("--window-size=1280,900",),
        ("--window-size=500,900", "--blink-settings=preferredColorScheme=0"),
    ],
    ids=["wide and light", "narrow and dark"],
)
@pytest.mark.parametrize("kind", ["backtest", "studies"])
def test_a_report_is_for_everybody(
    kind: str, flags: tuple[str, ...], pages: dict[str, str], tmp_path: Path
) -> None:
    found_by_axe(pages[kind], tmp_path / "report.html", tmp_path, *flags)


FOLLOWING = """
<script>
addEventListener("load", () => {
  const wait = setInterval(async () => {
    if (!document.documentElement.dataset.drawn) return;
    clearInterval(wait);
    const charts = await window.Charts;
    const settled = () => new Promise((then) => setTimeout(then, 150));
    const count = (place) => document.querySelectorAll(place).length;
    const titles = (name) =>
      [...document.querySelectorAll(`#${name} .role-title-text`)].map((one) => one.textContent);
    const rows = async (name) => {
      const box = document.querySelector(`#${name} details[data-of]`);
      box.open = true;
      await settled();
      return box.querySelectorAll("tbody tr").length;
    };
    const shown = async () => ({
      cells: count("#moved .cell > g"), rows: await rows("moved"),
      titles: [...titles("transfer_levels"), ...titles("night")], width: document
        .querySelector("#moved .cell > g > .background").getBoundingClientRect().width,
    });
    const out = { first: await shown() };
    charts.set({ candidate: "quill", scenario: "by département" });
    await settled();
    out.other = await shown();
    charts.set({ candidate: "Faugère", scenario: null });
    await settled();
    out.origin = await shown();
    const pre = document.createElement("pre");
    pre.id = "out";
    pre.textContent = JSON.stringify(out);
    document.body.append(pre);
  }, 20);
});
</script></body>
"""


def test_what_is_followed_is_shown_alone_and_what_a_chart_lacks_changes_nothing(
    pages: dict[str, str], tmp_path: Path
) -> None:
    path = tmp_path / "report.html"
    path.write_text(pages["studies"].replace("</body>", FOLLOWING), encoding="utf-8")
    out, console = run_browser(path, tmp_path, "--window-size=1280,900")
    assert "CONSOLE" not in console
    first, other, origin = (out[key] for key in ("first", "other", "origin"))
    assert {"Delmas", "realistic"} <= set(first["titles"])
    assert (first["cells"], first["rows"]) == (3, 17)
    assert {"Delmas", "by département"} <= set(other["titles"])
    assert (other["cells"], other["rows"]) == (1, 6)
    assert other["width"] > 1.5 * first["width"]
    assert {"Faugère", "realistic"} <= set(origin["titles"])
    assert origin["cells"] == 3

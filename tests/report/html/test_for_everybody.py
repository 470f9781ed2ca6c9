"""Pages for everybody: axe finds nothing, the console is silent, nothing is asked for."""

from __future__ import annotations

import gzip
import hashlib
from pathlib import Path
from typing import Any

import pytest

from tests.report.html.test_tables_in_browser import CHROMIUM, run_browser
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
def page(run_with_areas: Any) -> str:
    return page_of(run_with_areas)


@pytest.mark.parametrize(
    "flags",
    [
        ("--window-size=1280,900",),
        ("--window-size=500,900", "--blink-settings=preferredColorScheme=0"),
    ],
    ids=["wide and light", "narrow and dark"],
)
def test_a_report_is_for_everybody(flags: tuple[str, ...], page: str, tmp_path: Path) -> None:
    found_by_axe(page, tmp_path / "report.html", tmp_path, *flags)

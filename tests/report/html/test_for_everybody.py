"""Pages for everybody, at two widths, light and dark: axe finds nothing, the console is silent,
nothing is asked for, nothing scrolls sideways, and a report begins with its claim and its chart.
"""

from __future__ import annotations

import gzip
import hashlib
from pathlib import Path
from typing import Any

import pytest

import bench
from tests.golden.studies import toy_run
from tests.report.html.test_tables_in_browser import CHROMIUM, run_browser
from tests.studies.backtest.pages import page_of

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium"),
]
AXE = Path(__file__).parent / "axe.min.js.gz"
# axe-core 4.10.3, axe.min.js, as the npm registry has it (MPL-2.0)
SHA256 = "880970c081707360e64f34cea25ff91892f5bc95675b0776925b9709dd8a68bb"
SIZES = {"light": (1280, 800), "dark": (390, 844)}
ONE_OF_EACH = (
    *("2017_areas", "2017_r1_horizon", "2017_chain", "history", "2017_r1_bias"),
    *("2017_breaking_point", "2017_r1_spoiled_apps", "stations_2017_r2"),
    *("ecological_truth", "track_record", "2027_r1", "2022_rehearsal", "attention", "rival"),
)
STEPS = """
<script>
addEventListener("load", () => {
  const wait = setInterval(async () => {
    if (document.querySelector("[data-chart]") && !document.documentElement.dataset.drawn) return;
    clearInterval(wait);
    const seen = [...document.querySelectorAll("main figure svg, main figure img")]
      .filter((one) => one.getClientRects().length);
    const top = seen.length ? seen[0].getBoundingClientRect().top : null;
    const height = document.documentElement.scrollHeight;
    const table = document.querySelector("table.few");
    const columns = () => table &&
      [...table.tHead.rows[0].cells].filter((head) => head.offsetWidth).length;
    const columnsAtFirst = columns();
    table?.closest("section").querySelector("button.columns").click();
    const columnsWhenAsked = columns();
    const folded = document.querySelector("section:has(> .fold:not([open]))");
    if (folded) document.querySelector(`nav a[href="#${folded.id}"]`).click();
    const opened = folded && folded.querySelector(".fold").open;
    for (const fold of document.querySelectorAll("details")) fold.open = true;
    const found = await axe.run(document, { resultTypes: ["violations"], preload: false });
    parent.postMessage({
      top,
      height,
      opened,
      columns: [columnsAtFirst, columnsWhenAsked],
      passes: found.passes.length,
      sideways: document.documentElement.scrollWidth - document.documentElement.clientWidth,
      charts: document.querySelectorAll("[data-chart]").length,
      drawn: [...document.querySelectorAll("[data-chart] svg")]
        .filter((chart) => chart.getBoundingClientRect().width > 100).length,
      violations: found.violations.map((one) =>
        one.id + ": " + one.nodes.slice(0, 3).map((node) => node.html.slice(0, 160)).join(" | ")),
      asked: performance.getEntriesByType("resource").map((one) => one.name)
        .filter((name) => !name.startsWith("data:") && !name.startsWith("blob:")),
    }, "*");
  }, 20);
});
</script></body>
"""
FRAMES = """<!DOCTYPE html><html lang="en"><title>Frames</title><body><script>
const out = {};
const frames = [...Object.entries(SIZES)].map(([theme, [width, height]]) => {
  const frame = document.createElement("iframe");
  Object.assign(frame, { width, height, src: `${theme}.html` });
  document.body.append(frame);
  return [theme, frame];
});
addEventListener("message", (event) => {
  const [theme] = frames.find(([, frame]) => frame.contentWindow === event.source);
  out[theme] = event.data;
  if (Object.keys(out).length < frames.length) return;
  const pre = document.createElement("pre");
  pre.id = "out";
  pre.textContent = JSON.stringify(out);
  document.body.append(pre);
});
</script></body></html>
"""


def held_to_everybody(
    page: str, place: Path, profile: Path, *, whole: bool = True
) -> dict[str, Any]:
    """Write a page into its folder, light and wide, dark and narrow, and hold it to what it should
    be for everybody; what was seen of each. Only the `whole` takes axe, which takes its time.
    """
    axe = gzip.decompress(AXE.read_bytes())
    assert hashlib.sha256(axe).hexdigest() == SHA256
    library = axe.decode("utf-8").replace("</script", "<\\/script").replace("</body", "<\\/body")
    if not whole:
        library = "axe = { run: () => ({ passes: { length: 11 }, violations: [] }) }"
    page = page.replace("</body>", f"<script>{library}</script>{STEPS}")
    for theme in SIZES:
        themed = page.replace("<html ", f'<html data-theme="{theme}" ', 1)
        (place / f"{theme}.html").write_text(themed, encoding="utf-8")
    frames = FRAMES.replace("SIZES", str({key: list(size) for key, size in SIZES.items()}), 1)
    (place / "frames.html").write_text(frames, encoding="utf-8")
    seen, console = run_browser(place / "frames.html", profile)
    for out in seen.values():
        assert out["violations"] == []
        assert out["passes"] > 10
        assert out["sideways"] == 0
        assert out["drawn"] == out["charts"]
        assert [name for name in out["asked"] if not name.startswith("file:")] == []
    assert "CONSOLE" not in console
    return seen


def claim_and_chart_on_the_first_screen(seen: dict[str, Any]) -> None:
    for theme, (_, height) in SIZES.items():
        assert seen[theme]["top"] < 0.8 * height


def test_a_report_with_maps_is_for_everybody(run_with_areas: Any, tmp_path: Path) -> None:
    page = page_of(run_with_areas)
    claim_and_chart_on_the_first_screen(held_to_everybody(page, tmp_path, tmp_path))


@pytest.mark.parametrize("name", ONE_OF_EACH)
def test_a_report_of_every_study_is_for_everybody(name: str, tmp_path: Path) -> None:
    run = toy_run(name)
    # every other one in French, whose words are longer
    page = run.in_language("fr" if ONE_OF_EACH.index(name) % 2 else "en").page()
    seen = held_to_everybody(page, tmp_path, tmp_path, whole=name in ONE_OF_EACH[:2])
    claim_and_chart_on_the_first_screen(seen)


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_page_is_ten_screens_of_a_telephone(language: str, tmp_path: Path) -> None:
    page = bench.load_run("results/reference/2017_r1").in_language(language).page()
    seen = held_to_everybody(page, tmp_path, tmp_path, whole=False)
    wide, narrow = seen["light"], seen["dark"]
    assert narrow["height"] <= 10 * SIZES["dark"][1]
    assert wide["opened"]  # by the link in the list of contents
    assert narrow["opened"]
    assert wide["columns"] == [14, 14]
    assert narrow["columns"] == [4, 14]  # once they are asked for

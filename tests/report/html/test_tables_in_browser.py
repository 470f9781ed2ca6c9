"""The page of a study in a real browser: no console error, sorting and filters work."""

import html
import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from bench.report.report import Report
from bench.report.tables import table
from tests.report.test_report import report, text_of

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--enable-logging=stderr",
    "--virtual-time-budget=5000",
    "--window-size=1280,900",
]
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium"),
]


def run_browser(path: Path, folder: Path, *flags: str) -> tuple[dict[str, Any], str]:
    """Load a page, and return what its steps found and what the console said."""
    assert CHROMIUM is not None
    done = subprocess.run(
        [
            CHROMIUM,
            *FLAGS,
            *flags,
            f"--user-data-dir={folder / 'profile'}",
            "--dump-dom",
            path.as_uri(),
        ],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    found = re.search(r'<pre id="out">(.*?)</pre>', done.stdout, re.DOTALL)
    assert found, done.stderr[-2000:]
    return json.loads(html.unescape(found[1])), done.stderr


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
    a_few_more = table("few", rows.head(30), title="T")
    one = Report(title="T", findings=("H",), tables=(table("long", rows, title="T"), a_few_more))
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

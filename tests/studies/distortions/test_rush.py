"""A rush into an app: shares by dose, whom each method has first, and the slider of the page."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from bench.runner.results import Results
from bench.studies.distortions.real import rush_table
from bench.studies.distortions.rush import Rush, rush_of
from bench.studies.distortions.view import PAGE
from tests.golden.studies import toy_run
from tests.report.html.test_for_everybody import held_to_everybody
from tests.report.html.test_tables_in_browser import CHROMIUM, run_browser

NAMES = {"ann": "Ann", "bob": "Bob", "eve": "Eve"}


@pytest.fixture
def rush() -> Rush:
    """Accounts for Ann: the app turns at 10 of them, the other method never."""
    of_ann = {("app", 0): [30, 30], ("app", 10): [40, 80], ("app", 20): [80, 80]}
    of_ann |= {("robust", dose): [10, 10] for dose in (0, 10, 20)}
    replicates = pd.DataFrame(
        [
            {"dose": dose, "predictor": name, "ann": percent / 100, "bob": 1 - percent / 100}
            for (name, dose), percents in of_ann.items()
            for percent in percents
        ]
    ).assign(eve=float("nan"))
    table = rush_table(replicates, "ann", pd.Series({"ann": 0.2, "bob": 0.5, "eve": 0.3}))
    assert set(table["candidate"]) == {"ann", "bob"}  # nobody rated Eve
    case = table.query("predictor == 'app' and dose == 10 and candidate == 'ann'").iloc[0]
    assert case[["share", "sd", "vote"]].tolist() == pytest.approx([0.6, 0.08**0.5, 0.2])
    users = {"raters": 3000, "volunteers": 0}
    rush = rush_of(Results(tables={"rush": table}, facts={"users": users}), NAMES)
    assert rush is not None
    return rush


def test_a_first_place_changes_with_the_mean_of_the_replicates(rush: Rush) -> None:
    assert (rush.served, rush.winner, rush.vote) == ("Ann", "Bob", 0.5)
    assert [dose.turns for dose in rush.doses] == [False, True, False]
    assert [dose.leaders["app"] for dose in rush.doses] == ["Bob", "Ann", "Ann"]
    assert rush.shown == 1
    assert PAGE.text("rush_at", rush=rush, dose=rush.doses[1]) == (
        "With 10 made-up accounts for Ann, the first place goes to Ann in “App” and to Bob in "
        "“Robust”. The vote does not change: Bob first, with 50.0%."
    )


def test_without_a_rush_the_page_says_nothing_of_it() -> None:
    assert rush_of(Results(), NAMES) is None
    assert rush_of(Results(tables={"rush": pd.DataFrame()}), NAMES) is None


STEPS = """
<script>
addEventListener("load", async () => {
  const charts = await window.Charts;
  const slider = document.getElementById("as-of");
  const groups = () => document.querySelectorAll("#rush .chart .mark-rect.role-mark");
  const marks = (place) => [...groups()[place].querySelectorAll("path")]
    .map((path) => path.getAttribute("d") + path.getAttribute("transform"));
  const seen = async () => {
    await new Promise((then) => setTimeout(then, 100));
    return { bars: marks(0), vote: marks(1), address: location.hash,
      lead: document.querySelector(".lead").textContent,
      words: document.getElementById("as-of-text").textContent,
      spoken: slider.getAttribute("aria-valuetext"),
      caption: document.querySelector("#rush figcaption").textContent };
  };
  const wait = setInterval(async () => {
    if (!document.documentElement.dataset.drawn) return;
    clearInterval(wait);
    const out = { marked: [...slider.list.options].map((option) => option.value) };
    out.shown = await seen();
    slider.value = "0";
    slider.dispatchEvent(new Event("input"));
    out.none = await seen();
    const pre = document.createElement("pre");
    pre.id = "out";
    pre.textContent = JSON.stringify(out);
    document.body.append(pre);
  }, 20);
});
</script></body>
"""


@pytest.mark.browser
@pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium")
def test_the_slider_moves_the_app_and_not_the_vote(tmp_path: Path) -> None:
    page = toy_run("2017_r1_spoiled_apps").page()
    path = tmp_path / "report.html"
    path.write_text(page.replace("</body>", STEPS), encoding="utf-8")
    out, console = run_browser(path, tmp_path)
    assert "CONSOLE" not in console
    shown, none = out["shown"], out["none"]
    assert out["marked"] == ["3", "4"]
    assert shown["bars"] != none["bars"]
    assert shown["vote"] == none["vote"]
    assert "goes to Quill in “GOV app”" in shown["lead"]
    assert "goes to Thorne in “GOV app”" in none["lead"]
    assert all("The vote does not change: Thorne first" in at["lead"] for at in (shown, none))
    assert shown["words"] == "1,000 accounts: a first place changes"
    assert none["words"] == none["spoken"] == "0 accounts"
    assert none["caption"].startswith("With 0 made-up accounts for Quill.")
    assert (shown["address"], none["address"]) == ("", "#dose=0")
    held_to_everybody(page, tmp_path, tmp_path)

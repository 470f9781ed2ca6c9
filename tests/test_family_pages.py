"""Every family has a page, and what the pages print is what the data and the references hold."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import pytest

from bench.core import paths
from bench.core.registry import load_predictor, predictor_methods

ROOT = Path(__file__).resolve().parents[1]
PAGES = ROOT / "docs" / "families"
HEADINGS = ("advocates claim", "fairest version", " scored", "would change our mind")
FAMILIES = sorted({load_predictor(method).family for method in predictor_methods()})


def rows(page: str) -> dict[str, list[str]]:
    """The rows of the tables of a page by their first cell."""
    text = (PAGES / page).read_text(encoding="utf-8")
    lines = [line.strip("| ").split("|") for line in text.splitlines() if line.startswith("|")]
    return {cells[0].strip(): [cell.strip() for cell in cells[1:]] for cells in lines}


@pytest.mark.parametrize("family", FAMILIES)
def test_every_family_is_in_the_index_with_a_page(family: str) -> None:
    links = re.findall(r"\]\(([^)#]+)", rows("index.md")[family][-1])
    assert links
    for link in links:
        assert (PAGES / link).is_file(), link


@pytest.mark.parametrize(
    "page", sorted(path.name for path in PAGES.glob("*.md") if path.name != "index.md")
)
def test_a_page_says_claim_fair_version_scores_and_what_would_change_our_mind(page: str) -> None:
    text = (PAGES / page).read_text(encoding="utf-8")
    headings = [line for line in text.splitlines() if line.startswith("## ")]
    for words in HEADINGS:
        assert any(words in line for line in headings), words


def test_the_swiss_votes_are_those_of_the_data() -> None:
    folder = paths.datasets() / "switzerland"
    votes = [
        f"ch2025/referendum/{name}"
        for name in ("environmental_responsibility", "imputed_rental_value", "e_id")
    ]
    official = pd.read_parquet(folder / "outcomes.parquet").query("candidate == 'yes'")
    truth = official.set_index("election")["share"].astype(float)[votes]
    claims = pd.read_parquet(folder / "claims.parquet").query("candidate == 'yes'")
    said = claims.pivot(index="publisher", columns="election", values="share")[votes]
    said.loc["even"] = 0.5
    page = rows("language_models.md")
    assert page["official"][:3] == [f"{100 * share:.1f}" for share in truth]
    for line, publisher in (
        ("survey that they imitate", "respondents"),
        ("LFM2.5 1.2B", "lfm2_5_1_2b"),
        ("Qwen3 4B", "qwen3_4b_2507"),
        ("Llama 3.2 3B", "llama_3_2_3b"),
        ("everybody the same", "even"),
    ):
        mine = said.loc[publisher]
        error = 100 * (mine - truth).abs().mean()
        assert page[line] == [*(f"{100 * share:.1f}" for share in mine), f"{error:.1f}"]


def test_the_floors_are_those_of_the_track_record() -> None:
    found = pd.read_csv(ROOT / "results" / "reference" / "track_record" / "families.csv")
    found = found[found["block"].eq("shares")].set_index("family")
    page = rows("fundamentals.md")
    for line, family in (
        ("polls a month old", "polls_month_old"),
        ("the last election", "last_election"),
        ("everybody the same", "uniform"),
    ):
        row = found.loc[family]
        interval = f"{row['low']:.2f}–{row['high']:.2f}"
        assert page[line] == [f"{row['compared']:.0f}", f"{row['relative']:.2f}", interval]

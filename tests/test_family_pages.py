"""Every family has a page that says how it works, what it claims and what it scored."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bench.core.registry import load_predictor, predictor_methods

ROOT = Path(__file__).resolve().parents[1]
PAGES = ROOT / "docs" / "families"
HEADINGS = (
    "How it works",
    "advocates claim",
    "fairest version",
    " scored",
    "would change our mind",
)
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
def test_a_page_has_every_part(page: str) -> None:
    text = (PAGES / page).read_text(encoding="utf-8")
    headings = [line for line in text.splitlines() if line.startswith("## ")]
    for words in HEADINGS:
        assert any(words in line for line in headings), words

"""The pages hold: their examples run, each is in the table of contents."""

from __future__ import annotations

import doctest
import re
from pathlib import Path

import pytest

from bench.core.registry import load_predictor, predictor_methods

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
PAGES = sorted(path for path in DOCS.rglob("*.md") if path.parent.name != "paper")


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.relative_to(DOCS).as_posix())
def test_every_example_on_a_page_gives_what_the_page_says(page: Path) -> None:
    # files to be written have examples of their own: tests/test_how_to.py
    text = re.sub(r"(?ms)^```\w+ title=.*?^```$", "", page.read_text(encoding="utf-8"))
    examples = doctest.DocTestParser().get_doctest(text, {}, page.name, str(page), 0)
    options = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS
    assert doctest.DocTestRunner(optionflags=options).run(examples).failed == 0


def test_every_family_of_methods_has_a_page() -> None:
    index = (DOCS / "families" / "index.md").read_text(encoding="utf-8")
    for family in {load_predictor(method).family for method in predictor_methods()}:
        (row,) = re.findall(rf"(?m)^\| {family} \|.*", index)
        links = re.findall(r"\]\(([^)#]+)", row)
        assert links
        assert all((DOCS / "families" / link).is_file() for link in links), family

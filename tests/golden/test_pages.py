"""The generated tables of the documentation are those that the code gives."""

from __future__ import annotations

import pytest

from tests.golden.pages import BLOCKS, make, path_of, shown

QUICK = ("economist",)
LONG = tuple(name for name in BLOCKS if name not in QUICK)


@pytest.mark.parametrize("name", QUICK)
def test_the_page_shows_the_table_that_the_code_gives(name: str) -> None:
    assert shown(name) == BLOCKS[name][1]()


@pytest.mark.golden
@pytest.mark.parametrize("name", LONG)
def test_the_page_shows_the_table_that_takes_longer(name: str) -> None:
    assert shown(name) == BLOCKS[name][1]()


@pytest.mark.parametrize("name", BLOCKS)
def test_every_block_is_filled_and_whole(name: str) -> None:
    first, rule, *rows = shown(name).splitlines()
    assert len(rows) >= 2
    assert {line.count("|") for line in rows} == {first.count("|")} == {rule.count("|")}


def test_a_block_is_replaced_between_its_markers_and_nothing_else(
    tmp_path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = tmp_path / "page.md"
    page.write_text("a\n<!-- x -->\n\nold\n\n<!-- /x -->\nold\n", encoding="utf-8")
    monkeypatch.setitem(BLOCKS, "x", ("page.md", lambda: "new"))
    monkeypatch.setattr("tests.golden.pages.path_of", lambda name: page)
    make("x")
    assert page.read_text(encoding="utf-8") == "a\n<!-- x -->\n\nnew\n\n<!-- /x -->\nold\n"


def test_every_page_says_which_command_makes_its_tables() -> None:
    for name in BLOCKS:
        assert "python -m tests.golden.pages" in path_of(name).read_text(encoding="utf-8")

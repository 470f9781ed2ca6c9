"""The generated tables of the documentation are those that the code gives."""

from __future__ import annotations

import pytest

from tests.golden import tutorial
from tests.golden.pages import BLOCKS, shown

SENTENCES = ("published", "headline", "record", "record_findings", *tutorial.COMMANDS)
SIMULATED = ("errors_of_record", "intervals_of_record")


@pytest.mark.parametrize("name", [name for name in BLOCKS if name not in SIMULATED])
def test_the_page_shows_the_table_that_the_code_gives(name: str) -> None:
    assert shown(name) == BLOCKS[name][1]()


@pytest.mark.golden
@pytest.mark.parametrize("name", SIMULATED)
def test_the_page_shows_the_table_that_is_simulated(name: str) -> None:
    assert shown(name) == BLOCKS[name][1]()


@pytest.mark.parametrize("name", [name for name in BLOCKS if name not in SENTENCES])
def test_every_block_is_filled_and_whole(name: str) -> None:
    first, rule, *rows = shown(name).splitlines()
    assert len(rows) >= 2
    assert {line.count("|") for line in rows} == {first.count("|")} == {rule.count("|")}

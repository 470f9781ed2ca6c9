"""Texts of studies: every language has the same, and numbers are written as they should be."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bench.core.errors import DataError
from bench.core.language import speaking
from bench.report.text import SHARED, STUDIES, Text

BLOCK = re.compile(r"{% block (\w+) %}")
TRANSLATED = sorted([*STUDIES.glob("*/*.fr.j2"), *SHARED.glob("*.fr.j2")])


def blocks(path: Path) -> list[str]:
    return BLOCK.findall(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("french", TRANSLATED, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_translation_has_every_text(french: Path) -> None:
    english = french.with_name(french.name.replace(".fr.", ".en."))
    assert sorted(blocks(french)) == sorted(blocks(english))


@pytest.mark.parametrize("path", sorted(STUDIES.glob("*/*.j2")), ids=lambda p: f"{p.parent.name}")
def test_no_key_is_there_twice(path: Path) -> None:
    others = [one for one in path.parent.glob(f"*.{path.name.split('.')[1]}.j2") if one != path]
    assert not set(blocks(path)) & {key for one in others for key in blocks(one)}
    assert len(blocks(path)) == len(set(blocks(path)))


def test_numbers_take_the_form_of_the_language() -> None:
    given = {"k": 1, "n": 1, "above": True, "is_pair": True, "candidate": "A", "error": 1.26}
    assert Text("backtest")("polls_claim", **given).endswith("gave A 1.3 points too much")
    with speaking("fr"):
        assert Text("backtest")("polls_claim", **given).endswith("donnait à A 1,3 point de trop")


def test_a_text_that_is_not_there_says_where_to_add_it() -> None:
    with pytest.raises(DataError, match="no text 'nothing' for the study 'backtest'"):
        Text("backtest")("nothing")

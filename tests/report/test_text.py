"""Texts that pages share: every language has the same, numbers are written as they should be."""

from __future__ import annotations

import re

import pytest

from bench.core.errors import DataError
from bench.core.language import use_language
from bench.report.formatting import points
from bench.report.text import SHARED, Text

BLOCK = re.compile(r"{% block (\w+) %}")


def keys(language: str) -> list[str]:
    path = SHARED / f"text.{language}.j2"
    return BLOCK.findall(path.read_text(encoding="utf-8"))


def test_a_translation_has_every_text_and_no_key_is_there_twice() -> None:
    english = keys("en")
    assert len(english) > 0
    assert sorted(keys("fr")) == sorted(english)
    assert len(english) == len(set(english))


def test_numbers_take_the_form_of_the_language() -> None:
    assert points(1.26) == "1.3 points"
    with use_language("fr"):
        assert points(1.26) == "1,3 point"


def test_a_text_that_is_not_there_says_where_to_add_it() -> None:
    with pytest.raises(DataError, match="no text 'nothing' that pages share"):
        Text()("nothing")

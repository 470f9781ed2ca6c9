"""Texts of studies: every language has the same, and numbers are written as they should be."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bench.cli.sealed_scores.view import FOLDER
from bench.core.errors import DataError
from bench.core.language import use_language
from bench.report.formatting import points
from bench.report.text import SHARED, STUDIES, Text

BLOCK = re.compile(r"{% block (\w+) %}")
FOLDERS = (*sorted(path for path in STUDIES.iterdir() if path.is_dir()), SHARED, FOLDER)
TRANSLATED = [path for folder in FOLDERS for path in sorted(folder.glob("*.fr.j2"))]


def blocks(path: Path) -> list[str]:
    return BLOCK.findall(path.read_text(encoding="utf-8"))


def test_a_translation_has_every_text_and_no_key_is_there_twice() -> None:
    for french in TRANSLATED:
        english = french.with_name(french.name.replace(".fr.", ".en."))
        assert sorted(blocks(french)) == sorted(blocks(english))
    for folder in FOLDERS:
        for language in ("en", "fr"):
            keys = [key for path in folder.glob(f"*.{language}.j2") for key in blocks(path)]
            assert len(keys) == len(set(keys)), folder.name


def test_numbers_take_the_form_of_the_language() -> None:
    assert points(1.26) == "1.3 points"
    with use_language("fr"):
        assert points(1.26) == "1,3 point"


def test_a_text_that_is_not_there_says_where_to_add_it() -> None:
    with pytest.raises(DataError, match="no text 'nothing' for the study ''"):
        Text()("nothing")

"""YAML that a person brings: what it may hold, and which line is named."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from bench.core import DataError
from bench.data.readers import load_yaml, read_yaml


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("# nothing\n", None),
        ("a: 1\nb: [x, 2.5, true, null]\n", {"a": 1, "b": ["x", 2.5, True, None]}),
        ("day: 2031-04-06\n", {"day": date(2031, 4, 6)}),
        ("1: one\n'1': text\n", {1: "one", "1": "text"}),
        ("- '20:00'\n- 20-00\n- x:y\n", ["20:00", "20-00", "x:y"]),
        ('"a\\u202eb"\n', "ab"),
    ],
)
def test_plain_values_are_read(tmp_path: Path, text: str, value: Any) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(text, encoding="utf-8")
    assert load_yaml(path) == value


@pytest.mark.parametrize(
    ("text", "words"),
    [
        # what else is refused stands in the corpus of tests/fuzz
        ("a: 1\nb: 2\na: 3\n", ":3: the key 'a' stands here and in line 1"),
        ("1: a\n1.0: b\n", ":2: the key '1' stands here and in line 1"),
        ("at: 20:00:00.5\n", ":1: '20:00:00.5' would be a number to base 60"),
        ("a: 1\nb: !!int ''\n", ":2: '' cannot be"),
        ("a: 1\nb: [1, 2\n", ":3: not readable as YAML"),
        ("a: b\uffffc\n", ": not readable as YAML"),
        ("[" * 9_999, ": nested too deep"),
        ("#" * 100_001, ": 100,001 bytes"),
        ("", ": must hold keys and values"),
        ("- 1\n", ": must hold keys and values"),
    ],
)
def test_what_is_no_mapping_or_hides_something_is_refused_with_its_line(
    tmp_path: Path, text: str, words: str
) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match=f"^{re.escape(f'{path}{words}')}"):
        read_yaml(path)

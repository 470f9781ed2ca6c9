"""YAML that a person brings: what it may hold, where the bounds lie, and which line is named."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from bench.core import DataError
from bench.data.readers import load_yaml, read_yaml


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    return tmp_path / "mine.yaml"


def nested(levels: int) -> str:
    return "[" * levels + "]" * levels


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("# nothing\n", None),
        ("a: 1\nb: [x, 2.5, true, null]\n", {"a": 1, "b": ["x", 2.5, True, None]}),
        ("day: 2031-04-06\n", {"day": date(2031, 4, 6)}),
        ("{a: {b: {c: d}}, b: {b: 1}}", {"a": {"b": {"c": "d"}}, "b": {"b": 1}}),
        ("1: one\n'1': text\n", {1: "one", "1": "text"}),
        ("- '20:00'\n- 20-00\n- x:y\n", ["20:00", "20-00", "x:y"]),
        (f"- {'9' * 30}\n- '{'9' * 31}'\n", [int("9" * 30), "9" * 31]),
    ],
)
def test_plain_values_are_read(mine: Path, text: str, value: Any) -> None:
    mine.write_text(text, encoding="utf-8")
    assert load_yaml(mine) == value


@pytest.mark.parametrize(
    ("text", "words"),
    [
        # what else is refused stands in the corpus of tests/fuzz
        (f"{'k' * 61}: 1\n{'k' * 61}: 2\n", f":2: the key '{'k' * 60}' stands"),
        ("at: 20:00:00.5\n", ":1: '20:00:00.5' would be a number to base 60"),
        ("a: 1\nb: !!int ''\n", ":2: the tag '!!int'"),
        ("a: !x [1]\n", ":1: the tag '!x'"),
        ("a: 1\nb: [1, 2\n", ":3: not readable as YAML"),
        ("a: b\uffffc\n", ": not readable as YAML"),
    ],
)
def test_what_hides_or_unfolds_is_refused_with_its_line(mine: Path, text: str, words: str) -> None:
    mine.write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match=f"^{re.escape(f'{mine}{words}')}"):
        load_yaml(mine)


@pytest.mark.parametrize(
    ("most", "too_much", "words"),
    [
        ("\n".join(["- x"] * 9_999), "- x\n" * 10_000, ":10000: more than 10,000"),
        (nested(20), nested(21), ":1: nested more than 20"),
        (f"[{nested(3)}, {nested(19)}]", f"[{nested(3)}, {nested(20)}]", ":1: nested more than 20"),
        ("#" * 100_000, "#" * 100_001, ": 100,001 bytes"),
    ],
    ids=["values", "levels", "levels after a flat one", "bytes"],
)
def test_as_much_as_said_is_accepted_and_no_more(
    mine: Path, most: str, too_much: str, words: str
) -> None:
    mine.write_text(most, encoding="utf-8")
    load_yaml(mine)
    mine.write_text(too_much, encoding="utf-8")
    with pytest.raises(DataError, match=f"^{re.escape(f'{mine}{words}')}"):
        load_yaml(mine)


@pytest.mark.parametrize("text", ["", "- 1\n"])
def test_what_is_no_mapping_is_refused_where_one_is_needed(mine: Path, text: str) -> None:
    mine.write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match=f"^{re.escape(str(mine))}: must hold keys and values"):
        read_yaml(mine)

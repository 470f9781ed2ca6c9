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
        ("", None),
        ("# nothing\n", None),
        ("a: 1\nb: [x, 2.5, true, null]\n", {"a": 1, "b": ["x", 2.5, True, None]}),
        ("day: 2031-04-06\n", {"day": date(2031, 4, 6)}),
        ("{a: {b: {c: d}}, b: {b: 1}}", {"a": {"b": {"c": "d"}}, "b": {"b": 1}}),
        ("1: one\n'1': text\n", {1: "one", "1": "text"}),
        ("- '20:00'\n- 20-00\n- x:y\n", ["20:00", "20-00", "x:y"]),
        (f"- {'9' * 30}\n", [int("9" * 30)]),
        (f"- '{'9' * 31}'\n", ["9" * 31]),
        ("- Zoë\n- [' ', x]\n", ["Zoë", [" ", "x"]]),
    ],
)
def test_plain_values_are_read(mine: Path, text: str, value: Any) -> None:
    mine.write_text(text, encoding="utf-8")
    assert load_yaml(mine) == value


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("a: &x [1]\n\nb: *x\n", 3, "'*x' repeats what stands elsewhere; write it out"),
        ("a:\n  <<: {b: 1}\n", 2, "'<<' merges keys from elsewhere; write them out"),
        ("a: 1\n? [b, c]\n: 2\n", 2, "a key is a list or a mapping; accepted: text or a number"),
        ("a: 1\nb: 2\na: 3\n", 3, "the key 'a' stands here and in line 1; keep one"),
        ("x:\n  b: 2\n  c: 3\n  b: 2\n", 4, "the key 'b' stands here and in line 2; keep one"),
        (
            f"{'k' * 61}: 1\n{'k' * 61}: 2\n",
            2,
            f"the key '{'k' * 60}' stands here and in line 1; keep one",
        ),
        ("x: 1\ny:\n  1: a\n  1.0: b\n", 3, "two keys mean the same; keep one"),
        ("a: 1\nat: 20:00\n", 2, "'20:00' would be a number to base 60; quote it"),
        (
            f"at: 1{':00' * 20}\n",
            1,
            f"'1{':00' * 19}:0' would be a number to base 60; quote it",
        ),
        ("at: 20:00:00.5\n", 1, "'20:00:00.5' would be a number to base 60; quote it"),
        ("a: 1\nb: !!int ''\n", 2, "the tag '!!int' says what a value is; write the plain value"),
        ("a: !!bool x\n", 1, "the tag '!!bool' says what a value is; write the plain value"),
        ("a: !x [1]\n", 1, "the tag '!x' says what a value is; write the plain value"),
        (
            f"a: !{'x' * 60} 1\n",
            1,
            f"the tag '!{'x' * 59}' says what a value is; write the plain value",
        ),
        (
            f"a: 1\nb: 2030-02-30 00:00:00.{'0' * 45}\n",
            2,
            f"'2030-02-30 00:00:00.{'0' * 40}' cannot be (day is out of range for month)",
        ),
        (
            f"a: {'9' * 31}\n",
            1,
            "a number of 31 digits; accepted: 30; quote it if it is text",
        ),
        (
            "a: 1\nb: 2030-02-30\n",
            2,
            "'2030-02-30' cannot be (day is out of range for month)",
        ),
        (
            "a: 1\nb: [1, 2\n",
            3,
            "not readable as YAML (expected ',' or ']', but got '<stream end>')",
        ),
    ],
)
def test_what_hides_or_unfolds_is_refused_with_its_line(
    mine: Path, text: str, line: int, words: str
) -> None:
    mine.write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match=f"^{re.escape(f'{mine}:{line}: {words}')}$"):
        load_yaml(mine)


@pytest.mark.parametrize(
    ("most", "one_more", "words"),
    [
        ("\n".join(["- x"] * 9_999), "\n- x", ":10000: more than 10,000 keys and values; leave"),
        (nested(20), "", ":1: nested more than 20 deep; write it flatter"),
        (f"[{nested(19)}, {nested(19)}]", "", ":1: nested more than 20 deep; write it flatter"),
        (f"[{nested(3)}, {nested(19)}]", "", ":1: nested more than 20 deep; write it flatter"),
        ("#" * 100_000, "#", ": 100,001 bytes; accepted: at most 100,000"),
    ],
    ids=["values", "levels", "levels side by side", "levels after a flat one", "bytes"],
)
def test_as_much_as_said_is_accepted_and_no_more(
    mine: Path, most: str, one_more: str, words: str
) -> None:
    mine.write_text(most, encoding="utf-8")
    load_yaml(mine)
    mine.write_text(most + one_more if one_more else f"[{most}]", encoding="utf-8")
    with pytest.raises(DataError, match=f"^{re.escape(f'{mine}{words}')}"):
        load_yaml(mine)


@pytest.mark.parametrize("text", ["", "- 1\n", "a\n"])
def test_what_is_no_mapping_is_refused_where_one_is_needed(mine: Path, text: str) -> None:
    mine.write_text(text, encoding="utf-8")
    words = f"{mine}: must hold keys and values; see the folder 'toy'"
    with pytest.raises(DataError, match=f"^{re.escape(words)}$"):
        read_yaml(mine)


def test_what_yaml_cannot_hold_is_damage_without_a_line(mine: Path) -> None:
    mine.write_text("a: b\uffffc\n", encoding="utf-8")
    words = f"{mine}: not readable as YAML (unacceptable character #xffff: special characters are"
    with pytest.raises(DataError, match=f"^{re.escape(words)}"):
        load_yaml(mine)

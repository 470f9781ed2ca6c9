"""Every row of `docs/faults.md` names a test that exists."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "faults.md"
NAMED = re.findall(r"`([\w/]+\.py)::(\w+)(?:\[([^\]]+)\])?`", PAGE.read_text(encoding="utf-8"))


def test_there_are_many_faults() -> None:
    assert len(NAMED) >= 25
    assert len(set(NAMED)) == len(NAMED)


@pytest.mark.parametrize(("file", "test", "case"), NAMED)
def test_the_test_of_a_row_exists(file: str, test: str, case: str) -> None:
    text = (ROOT / "tests" / file).read_text(encoding="utf-8")
    tree = ast.parse(text)
    assert test in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    words = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)}
    assert not case or case in words or (ROOT / "tests" / "fuzz" / "corpus" / case).is_file()

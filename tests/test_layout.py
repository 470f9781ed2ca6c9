"""The house: what may lie where."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SOURCES = sorted(
    path for folder in ("bench", "predictors", "tools") for path in (ROOT / folder).rglob("*.py")
)
SAYS_NOTHING = {"utils", "helpers", "common", "misc", "manager"}
EVERY_SOURCE = pytest.mark.parametrize(
    "path", SOURCES, ids=lambda path: path.relative_to(ROOT).as_posix()
)


@EVERY_SOURCE
def test_every_file_begins_with_what_it_is(path: Path) -> None:
    first = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    assert first
    assert not first.startswith("This file")


@EVERY_SOURCE
def test_no_file_has_a_name_that_says_nothing(path: Path) -> None:
    assert not SAYS_NOTHING & set(path.relative_to(ROOT).with_suffix("").parts)


@EVERY_SOURCE
def test_no_line_escapes_the_formatter(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    assert not [line for line in lines if line.rstrip().endswith(("# fmt: skip", "# fmt: off"))]


@pytest.mark.parametrize("folder", ["datasets", "configs", "results"])
def test_data_folders_hold_no_code(folder: str) -> None:
    assert not list((ROOT / folder).rglob("*.py"))


def test_the_repository_stays_small() -> None:
    size = sum(p.stat().st_size for p in (ROOT / "datasets").rglob("*") if p.is_file())
    assert size < 20e6

"""The two locks: what a run needs, and what tests need on top, in the same versions."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
LOCKS = ("requirements.lock", "requirements-dev.lock")


def pinned(lock: str) -> set[str]:
    """Requirements of a lock, with version and marker."""
    lines = (ROOT / lock).read_text(encoding="utf-8").splitlines()
    return {line.removesuffix("\\").strip() for line in lines if re.match(r"[\w.-]+==", line)}


def names(requirements: set[str]) -> set[str]:
    """Names alone."""
    return {re.split(r"[=<>!~\[; ]", requirement)[0].lower() for requirement in requirements}


def test_a_run_needs_exactly_what_its_lock_holds() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert names(set(project["dependencies"])) <= names(pinned("requirements.lock"))


def test_both_locks_hold_the_same_versions() -> None:
    assert pinned("requirements.lock") <= pinned("requirements-dev.lock")


def test_nothing_of_the_tests_is_in_the_lock_of_a_run() -> None:
    assert not names(pinned("requirements.lock")) & {"pytest", "mypy", "ruff", "hypothesis"}


@pytest.mark.parametrize("lock", LOCKS)
def test_every_version_has_hashes_and_no_address(lock: str) -> None:
    text = (ROOT / lock).read_text(encoding="utf-8")
    blocks = re.split(r"\n(?=[\w.-]+==)", text)
    assert all("--hash=sha256:" in block for block in blocks if "==" in block)
    assert "://" not in text

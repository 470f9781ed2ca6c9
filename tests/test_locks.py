"""What is pinned: versions and hashes only, and no other versions than are promised."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

ROOT = Path(__file__).resolve().parents[1]
LOCKS = sorted(ROOT.glob("requirements*.lock"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
PROMISED = [Requirement(line) for line in PROJECT["dependencies"]]


def _entries(lock: Path) -> list[str]:
    text = lock.read_text(encoding="utf-8").replace("\\\n", " ")
    return [line for line in text.splitlines() if line and not line.lstrip().startswith("#")]


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_versions_and_hashes_and_no_address(lock: Path) -> None:
    assert "://" not in lock.read_text(encoding="utf-8")
    for entry in _entries(lock):
        assert re.match(r"[\w.-]+(\[[\w,]+\])?==[\w.]+ .*--hash=sha256:[0-9a-f]{64}", entry), entry


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_every_promised_library_is_pinned_within_its_bounds(lock: Path) -> None:
    pinned: dict[str, list[Version]] = {}
    for entry in _entries(lock):
        name, _, rest = entry.partition("==")
        pinned.setdefault(name.partition("[")[0], []).append(Version(rest.split()[0]))
    for promised in PROMISED:
        versions = pinned[promised.name]
        assert all(promised.specifier.contains(version) for version in versions), promised


def test_the_oldest_versions_are_those_tested() -> None:
    entries = _entries(ROOT / "requirements-lowest.lock")
    pinned = dict(re.sub(r"\[.*?\]", "", entry.split()[0]).split("==") for entry in entries)
    for promised in PROMISED:
        if promised.name == "typing-extensions":  # others ask for a later one
            continue
        bounds = [Version(part.version) for part in promised.specifier if part.operator == ">="]
        least = bounds[0].release
        assert Version(pinned[promised.name]).release[: len(least)] == least, promised


def _pinned(lock: str) -> set[str]:
    return {entry.partition(" --hash")[0].strip() for entry in _entries(ROOT / lock)}


def test_a_run_and_the_tests_take_the_same_versions() -> None:
    assert _pinned("requirements.lock") <= _pinned("requirements-dev.lock")

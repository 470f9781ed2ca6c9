"""Every release has its line on the page of versions, with a link to its documentation."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from packaging.version import Version

ROOT = Path(__file__).resolve().parents[2]
FIRST = Version("0.2.0")  # the first whose documentation is kept


def test_releases_and_the_present_version_are_on_the_page() -> None:
    page = (ROOT / "docs" / "versions.md").read_text(encoding="utf-8")
    listed = {Version(one) for one in re.findall(r"(?m)^\| (\d+\.\d+\.\d+) \|", page)}
    for one in listed:
        assert f'<a href="v{one}/index.html">v{one}</a>' in page
    changes = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    released = {Version(one) for one in re.findall(r"(?m)^## \[(\d+\.\d+\.\d+)\]", changes)}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert {one for one in released | {Version(project["version"])} if one >= FIRST} <= listed


def test_who_cites_cites_the_present_version() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert f"\nversion: {project['version']}\n" in citation

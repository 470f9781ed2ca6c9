"""What lies beside the code: a workflow that may only read, links that lead somewhere, names."""

from __future__ import annotations

import ast
import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGES = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]


def test_every_link_between_pages_leads_to_a_file() -> None:
    broken = [
        (page.relative_to(ROOT).as_posix(), target)
        for page in PAGES
        for target in re.findall(r"\]\(([^):#]+)", page.read_text(encoding="utf-8"))
        if not (page.parent / target).exists() and not target.startswith("http")
    ]
    assert broken == []


def test_no_module_is_named_from_below() -> None:
    """What import-linter cannot see: modules that are imported by a name in a text."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    layers = project["tool"]["importlinter"]["contracts"][0]["layers"][::-1]
    floors = {name: floor for floor, layer in enumerate(layers) for name in re.split(r"\W+", layer)}
    climbs = []
    for path in (ROOT / "bench").rglob("*.py"):
        here = floors.get(
            path.relative_to(ROOT / "bench").parts[0].removesuffix(".py"), len(floors)
        )
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            named = isinstance(node, ast.Constant) and re.match(r"bench\.(\w+)", str(node.value))
            if named and floors.get(named[1], 0) > here:
                climbs.append((path.relative_to(ROOT).as_posix(), node.value))
    assert climbs == []

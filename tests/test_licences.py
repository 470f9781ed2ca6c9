"""Everybody may use what we need and what we ship, and the package says under which licences."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from packaging.licenses import canonicalize_license_expression

from tools.licences import is_allowed, table

ROOT = Path(__file__).resolve().parents[1]
CARDS = sorted(ROOT.glob("datasets/**/CARD.md"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
OURS = set(PROJECT["license"].split(" AND "))
IN_WORDS = {
    "Licence Ouverte / Etalab 2.0": "etalab-2.0",
    "CC BY-SA": "CC-BY-SA-4.0",
    "CC BY 4.0": "CC-BY-4.0",
    "MIT": "MIT",
}
NO_LICENCE = {"facts", "public-domain"}


def test_every_locked_library_has_an_allowed_licence() -> None:
    assert [name for name, stated in table().items() if not is_allowed(stated)] == []


def licences_of(card: Path) -> set[str]:
    """The licences that a card names: of a collection by source, else in words."""
    text = card.read_text("utf-8").split("\n## Licence\n")[1].split("\n## ")[0]
    by_source = set(re.findall(r"(?m)^- `\w+`: ([\w.+-]+)\.$", text))
    words = {name for said, name in IN_WORDS.items() if said in text}
    return (by_source or words) - NO_LICENCE


def test_the_expression_of_the_package_names_the_licences_of_code_and_data() -> None:
    assert canonicalize_license_expression(PROJECT["license"]) == PROJECT["license"]
    ours, vega = "MIT", "BSD-3-Clause"
    assert set().union(*map(licences_of, CARDS)) | {ours, vega} == OURS

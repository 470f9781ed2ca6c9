"""Licences of what a run needs, as the packages state them: `python -m tools.licences`."""

from __future__ import annotations

import re
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path

from tools import pages

ROOT = Path(__file__).resolve().parents[1]

ALLOWED = frozenset(
    "0BSD Apache-2.0 BSD BSD-2-Clause BSD-3-Clause CC0-1.0 MIT MIT-CMU PSF-2.0 Zlib".split()
)
"""Whoever has one of these may use, change and pass on what we ship, and so may we."""

STATED = {
    "Apache Software License": "Apache-2.0",
    "BSD 3-Clause License": "BSD-3-Clause",
    "2-clause BSD": "BSD-2-Clause",
    "BSD": "BSD",  # which of them, the package does not say
    "BSD License": "BSD",
    "MIT": "MIT",
    "MIT License": "MIT",
    "Apache-2.0": "Apache-2.0",
    "Python Software Foundation License": "PSF-2.0",
}


def locked(lock: Path = ROOT / "requirements.lock") -> list[str]:
    """The names of the libraries of a lock."""
    return sorted(set(re.findall(r"(?m)^([\w.-]+)(?:\[.*?\])?==", lock.read_text("utf-8"))))


def licence(library: str) -> str:
    """The licence that an installed library states; empty where it is not installed.

    Raises
    ------
    KeyError
        If it states one in words that are not known here.

    Examples
    --------
    >>> licence("pandas"), licence("jinja2")
    ('BSD-3-Clause', 'BSD')
    """
    try:
        said = metadata(library)
    except PackageNotFoundError:
        return ""
    if "License-Expression" in said:
        return said["License-Expression"]
    if "License" in said and said["License"] in STATED:
        return STATED[said["License"]]
    kinds = [
        line.split(" :: ")[-1] for line in said.get_all("Classifier") or [] if "License" in line
    ]
    return " AND ".join(sorted(STATED[kind] for kind in kinds if kind != "OSI Approved"))


def is_allowed(expression: str) -> bool:
    """Whether one of the alternatives of an expression asks for nothing but what is allowed.

    Examples
    --------
    >>> is_allowed("Apache-2.0 OR GPL-3.0-only"), is_allowed("MIT AND GPL-3.0-only")
    (True, False)
    """
    alternatives = expression.split(" OR ")
    return any(set(each.strip("()").split(" AND ")) <= ALLOWED for each in alternatives)


def table() -> dict[str, str]:
    """Licence by library of the lock."""
    return {name: licence(name) for name in locked()}


def main() -> None:
    """Print the table."""
    rows = [[f"`{name}`", stated] for name, stated in table().items()]
    print(pages.table("library | licence", rows))


if __name__ == "__main__":
    main()

"""Licences of the libraries that a run needs, as the packages state them.

`python -m tools.licences` writes docs/licences.md anew.
"""

from __future__ import annotations

import re
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path

from tools import pages

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "licences.md"

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

HEAD = """# Licences of what a run needs

Every library in `requirements.lock`, with the licence that the package itself states (an SPDX
expression, else its field or its classifiers). `tests/test_licences.py` compares this table with
the installed packages and refuses what is not on the list of `tools/licences.py`. The licences of
the data are in the `CARD.md` of each folder of `datasets/`; the expression of the package
(`pip show election-bench`) names them all.

"""


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
    """Licence by library, as the page has it."""
    rows = re.findall(r"(?m)^\| `(\S+)` \| (.+) \|$", PAGE.read_text("utf-8"))
    return dict(rows)


def main() -> None:
    """Write the page."""
    rows = [[f"`{name}`", licence(name)] for name in locked()]
    PAGE.write_text(f"{HEAD}{pages.table('library | licence', rows)}\n", "utf-8")


if __name__ == "__main__":
    main()

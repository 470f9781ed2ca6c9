"""Tables of the documentation, and their places in its pages."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path


def table(head: str | Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table in Markdown; a head of one text has its columns between bars.

    Examples
    --------
    >>> print(table("a | b", [["1", "2"]]))
    | a | b |
    | --- | --- |
    | 1 | 2 |
    """
    heads = head.split(" | ") if isinstance(head, str) else list(head)
    return "\n".join(f"| {' | '.join(row)} |" for row in (heads, ["---"] * len(heads), *rows))


def stands(page: Path, name: str) -> str:
    """What a page has between ``<!-- name -->`` and ``<!-- /name -->``.

    Raises
    ------
    SystemExit
        If it has no such place.
    """
    found = re.search(_place(name), page.read_text(encoding="utf-8"), flags=re.DOTALL)
    if found is None:
        raise SystemExit(f"{page} has no markers <!-- {name} --> and <!-- /{name} -->")
    return found[2]


def put(page: Path, name: str, text: str) -> None:
    """Put a text there instead, if the page has the place."""
    old = page.read_text(encoding="utf-8")
    new = re.sub(_place(name), lambda found: f"{found[1]}{text}{found[3]}", old, flags=re.DOTALL)
    page.write_text(new, encoding="utf-8")


def _place(name: str) -> str:
    return rf"(<!-- {name} -->\n+)(.*?)(\n+<!-- /{name} -->)"

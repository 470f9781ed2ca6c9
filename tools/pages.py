"""Tables in Markdown, as the makers of defaults print them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


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

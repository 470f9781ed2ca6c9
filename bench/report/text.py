"""Sentences that pages share: a template for each language, whose blocks are the texts."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.core.errors import DataError
from bench.core.language import SOURCE, current_language, listed, typeset
from bench.report.formatting import FILTERS, refuse_unrounded

if TYPE_CHECKING:
    from jinja2 import Environment, Template

SHARED = Path(__file__).parent


class Text:
    """The texts that pages share, in the language that is set, by key.

    A text is a block of ``text.en.j2`` (and ``text.fr.j2``) in `bench/report`. Blocks test facts
    and write numbers by filters: ``n(2)`` fixed decimals, ``pct(1)`` a fraction in percent,
    ``sig(3)`` significant digits, ``chance`` a probability, ``form("2pp")`` any form of
    `bench.report.formatting.format_value`, ``day`` a date, ``listing`` names in a row of words,
    ``label("predictor")`` what a key is called, ``quoted("predictor")`` the same of one or many in
    quotation marks, ``count("poll", "polls")`` a number with its noun. ``text("key", n=1)`` is
    another text.

    Examples
    --------
    >>> Text()("polls_public", n=1, by_rule=1)
    '1 poll was public; its publication is dated by rule, not by its source.'
    """

    def __call__(self, key: str, /, **facts: Any) -> str:
        """One text as one paragraph.

        Raises
        ------
        DataError
            If there is no such text.
        """
        return " ".join(self.lines(key, **facts))

    def lines(self, key: str, /, **facts: Any) -> tuple[str, ...]:
        """A text of one sentence or note per line; none where it is empty."""
        return tuple(line for line in self._rendered(key, facts).split("\n") if line)

    def _rendered(self, key: str, facts: Mapping[str, Any]) -> str:
        template = _template(current_language())
        if key not in template.blocks:
            place = SHARED / f"text.{SOURCE}.j2"
            raise DataError(f"no text '{key}' that pages share; add the block to {place}")
        context = template.new_context({**facts, "text": self})
        text = "".join(template.blocks[key](context))
        text = "\n".join(re.sub(r"[ \t]+", " ", line).strip(" ") for line in text.split("\n"))
        return typeset(text) if current_language() == "fr" else text


@cache
def _template(language: str) -> Template:
    return environment(SHARED).get_template(f"text.{language}.j2")


@cache
def environment(*folders: Path) -> Environment:
    """Where templates of these folders are read, with the filters and the shared texts."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    jinja = Environment(
        loader=FileSystemLoader(folders),
        undefined=StrictUndefined,
        finalize=refuse_unrounded,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    jinja.filters |= {**FILTERS, "listing": listing}
    jinja.globals["text"] = Text()
    return jinja


def listing(names: Sequence[str], max_names: int = 0) -> str:
    """Names in a row of words; those beyond `max_names`, where given, as a number."""
    names = [str(name) for name in names]
    n_more = len(names) - max_names
    if max_names and n_more > 1:
        names = [*names[:max_names], Text()("n_more", n=n_more)]
    return listed(names)

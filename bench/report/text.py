"""Sentences of reports: a template for each study and language, whose blocks are the texts."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.core.errors import DataError
from bench.core.language import LANGUAGE, SOURCE, listed, typeset
from bench.report.formatting import FILTERS, refuse_unrounded

if TYPE_CHECKING:
    from jinja2 import Environment, Template

STUDIES = Path(__file__).parents[1] / "studies"
SHARED = Path(__file__).parent


class Text:
    """The texts of a study in the language that is set, by key.

    A text is a block of a file ``*.en.j2`` (and ``*.fr.j2``) in the folder of the study, or else in
    `bench/report`. Blocks test facts and write numbers by filters: ``n(2)`` fixed
    decimals, ``pct(1)`` a fraction in percent, ``sig(3)`` significant digits, ``chance`` a
    probability, ``form("2pp")`` any form of `bench.report.formatting.format_value`, ``day`` a date,
    ``listing`` names in a row of words, ``label("predictor")`` what a key is called,
    ``quoted("predictor")`` the same of one or many in quotation marks, ``count("poll", "polls")`` a
    number with its noun. ``text("key", n=1)`` is another text.

    Parameters
    ----------
    study : str or Path
        Folder below `bench/studies`, or the whole path of another; empty for the shared texts
        alone.

    Examples
    --------
    >>> Text()("polls_public", n=1, by_rule=1)
    '1 poll was public; its publication is dated by rule, not by its source.'
    """

    def __init__(self, study: str | Path = "") -> None:
        self.study = study

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

    def words(self, key: str, /, **facts: Any) -> dict[str, str]:
        """A text of lines ``key: words``."""
        pairs = (line.partition(":") for line in self.lines(key, **facts))
        return {key: words.lstrip(" ") for key, _colon, words in pairs}

    def pairs(self, key: str, /, **facts: Any) -> tuple[tuple[str, str], ...]:
        """A text of lines ``label | value``."""
        pairs = (line.partition(" | ") for line in self.lines(key, **facts))
        return tuple((label, value) for label, _bar, value in pairs)

    def figure(self, name: str, /, **facts: Any) -> dict[str, Any]:
        """What stands around a figure, as fields of `bench.report.figure.Figure`.

        They are the texts ``NAME_title``, ``NAME_claim``, ``NAME_subtitle`` and ``NAME_caption``,
        of those that there are; or, where a table has the same name, ``NAME_figure_title`` and so
        on.
        """
        texts: dict[str, Any] = {}
        for key in ("title", "claim", "subtitle", "caption"):
            blocks = (f"{name}_figure_{key}", f"{name}_{key}")
            blocks_there = [block for block in blocks if block in self]
            if blocks_there:
                texts[key] = self(blocks_there[0], **facts)
        return texts

    def __contains__(self, key: str) -> bool:
        return self._template(key) is not None

    @property
    def languages(self) -> list[str]:
        """Languages in which the study has texts."""
        paths = (STUDIES / self.study).glob("*.*.j2")
        return sorted({path.name.split(".")[1] for path in paths})

    def _template(self, key: str) -> Template | None:
        languages = dict.fromkeys((LANGUAGE.get(), SOURCE))
        for folder in (STUDIES / self.study, SHARED) if self.study else (SHARED,):
            for language in languages:
                for template in _templates(folder, language):
                    if key in template.blocks:
                        return template
        return None

    def _rendered(self, key: str, facts: Mapping[str, Any]) -> str:
        template = self._template(key)
        if template is None:
            raise DataError(
                f"no text '{key}' for the study '{self.study}'; add the block to "
                f"{STUDIES / self.study / f'text.{SOURCE}.j2'}"
            )
        context = template.new_context({**facts, "text": self})
        text = "".join(template.blocks[key](context))
        text = "\n".join(re.sub(r"[ \t]+", " ", line).strip(" ") for line in text.split("\n"))
        return typeset(text) if LANGUAGE.get() == "fr" else text


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


@cache
def _templates(folder: Path, language: str) -> list[Template]:
    paths = sorted(folder.glob(f"*.{language}.j2"))
    return [environment(folder).get_template(path.name) for path in paths]


def listing(names: Sequence[str], max_names: int = 0) -> str:
    """Names in a row of words; those beyond `max_names`, where given, as a number."""
    names = [str(name) for name in names]
    n_more = len(names) - max_names
    if max_names and n_more > 1:
        names = [*names[:max_names], Text()("n_more", n=n_more)]
    return listed(names)

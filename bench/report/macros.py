"""Words that Python asks for by name: the macros of a document in every language."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from bench.core.errors import DataError, no_such
from bench.core.language import LANGUAGE, LANGUAGES, SOURCE, typeset
from bench.report.text import SHARED, environment

HEAD = re.compile(r"(?m)^[>#] ")


@dataclass(frozen=True)
class Macros:
    """The macros with which a document begins, or of which it consists, in every language.

    Parameters
    ----------
    name : str
        Of the files, ``NAME.en.md`` and so on.
    folder : Path
        Where they lie.

    Examples
    --------
    >>> VOTE_WORDS.text("polls_public", n=1, by_rule=1, questions=1)
    '1 poll was public; its publication is dated by rule, not by its source.'
    """

    name: str
    folder: Path = SHARED

    @property
    def languages(self) -> list[str]:
        """Languages in which it is written."""
        return [code for code in LANGUAGES if self.path(code).is_file()]

    @property
    def language(self) -> str:
        """The current language, or English where it is not written in that."""
        language = LANGUAGE.get()
        return language if self.path(language).is_file() else SOURCE

    def path(self, language: str) -> Path:
        """Its file in a language."""
        return self.folder / f"{self.name}.{language}.md"

    def text(self, macro: str, /, **values: Any) -> str:
        """Words of a macro, as one paragraph.

        Raises
        ------
        DataError
            If there is no such macro.
        """
        return " ".join(self.lines(macro, **values))

    def lines(self, macro: str, /, **values: Any) -> tuple[str, ...]:
        """Words of a macro, a line each."""
        language = self.language
        macros = _macros(self.folder, self.name, language)
        if macro not in macros:
            place = self.path(language)
            raise DataError(f"{place}: {no_such('the macro', macro, sorted(macros))}")
        return tuple(lines_of(as_set(str(macros[macro](**values)))))


@cache
def _macros(folder: Path, name: str, language: str) -> Mapping[str, Any]:
    """The macros before the head, by name."""
    text = (folder / f"{name}.{language}.md").read_text(encoding="utf-8")
    before = HEAD.split(text, maxsplit=1)[0]
    module = environment(folder, SHARED).from_string(before).module
    return {key: value for key, value in vars(module).items() if not key.startswith("_")}


def as_set(text: str) -> str:
    """A text with the spaces that the current language asks for."""
    return typeset(text) if LANGUAGE.get() == "fr" else text


def lines_of(text: str) -> list[str]:
    """The lines of a text that are not empty, with single spaces."""
    lines = (re.sub(r"[ \t]+", " ", line).strip(" ") for line in text.split("\n"))
    return [line for line in lines if line]


VOTE_WORDS = Macros("vote_words")
"""Votes, elections, ballots, polls and sources."""
RUN_WORDS = Macros("run_words")
"""What a run says of its data, its methods and itself."""
RELIABILITY_WORDS = Macros("reliability_words")
"""The words of a reliability diagram."""

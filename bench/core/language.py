"""The language of a report: words, numbers and lists, in English and in French.

Sentences stand in documents (`bench.report.document`), words of all pages in
``bench/report/html/words.yaml``, those of tables in ``columns.csv`` and ``values.csv`` beside them.
Numbers take the form of the language.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar

from bench.core.errors import no_such

SOURCE = "en"
LANGUAGES = {"en": "English", "fr": "Français"}
NARROW, WIDE = "\u202f", "\u00a0"  # spaces at which no line is broken
NUMBER_SIGNS = {
    "en": str.maketrans({}),
    "fr": str.maketrans({",": NARROW, ".": ",", "%": f"{NARROW}%"}),
}
"""What each language writes for the signs of a number as Python writes it, for `str.translate`."""

AND = {"en": " and ", "fr": " et "}
MORE = {"en": "{} more", "fr": "{} autres"}
RANGE = {"en": "{} to {}", "fr": "de {} à {}"}
SEMICOLON = {"en": "; ", "fr": f"{NARROW}; "}
"""Between parts of a list."""

LANGUAGE: ContextVar[str] = ContextVar("language", default=SOURCE)
"""The current language, set by `use_language`; ``LANGUAGE.get()`` is its code."""


@contextmanager
def use_language(code: str) -> Iterator[None]:
    """Write everything in this language until the end of the block.

    Raises
    ------
    ConfigError
        If there is no such language.

    Examples
    --------
    >>> with use_language("fr"):
    ...     listed(["a", "b"]), "1,234.5".translate(NUMBER_SIGNS[LANGUAGE.get()])
    ('a et b', '1\u202f234,5')
    """
    check_language(code)
    token = LANGUAGE.set(code)
    try:
        yield
    finally:
        LANGUAGE.reset(token)


def check_language(code: str) -> None:
    """Refuse a language that is none of `LANGUAGES`.

    Raises
    ------
    ConfigError
        As `use_language`.
    """
    if code not in LANGUAGES:
        raise no_such("the language", code, LANGUAGES)


def current_language() -> str:
    """Code of the current language."""
    return LANGUAGE.get()


def listed(names: Sequence[str], max_names: int = 0) -> str:
    """Names in a row of words; those beyond `max_names`, where given, as a number.

    Examples
    --------
    >>> listed(["a"]), listed(["a", "b", "c"]), listed(["a", "b", "c"], 1)
    ('a', 'a, b and c', 'a and 2 more')
    """
    language = LANGUAGE.get()
    n_more = len(names) - max_names
    if max_names and n_more > 1:
        names = [*names[:max_names], MORE[language].format(n_more)]
    *earlier, last = names or [""]
    return f"{', '.join(earlier)}{AND[language]}{last}" if earlier else last


def typeset(text: str) -> str:
    """French with the spaces that keep signs on the line of their word.

    Examples
    --------
    >>> typeset("« oui » : 90 % ?") == "«\u00a0oui\u00a0»\u00a0: 90\u202f%\u202f?"
    True
    """
    text = re.sub(" (?=[;!?%])", NARROW, text)
    return re.sub(r"(?<=«) | (?=[:»](?:\W|$))", WIDE, text)

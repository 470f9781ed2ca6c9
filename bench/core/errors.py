"""Every error that the bench raises on purpose; names as keys, and which of them was meant."""

from __future__ import annotations

import difflib
import re
import traceback
import unicodedata
from collections.abc import Iterable, Sequence
from pathlib import Path

PACKAGE = Path(__file__).parents[1]

MAX_LISTED = 40
MAX_NAMED = 5
MAX_LISTED_WITH_HINT = 20  # where one of them is suggested

MIN_LIKENESS = 0.7
"""Ratio of common letters from which two names pass for spellings of one."""
SHORT = 6  # letters of two last words, such as r1 and r9, of which one letter is too much


class BenchError(Exception):
    """Base of every error whose message is meant for the person at the keyboard."""

    def _render_traceback_(self) -> list[str]:
        """What a notebook prints of it: the lines of the reader's own code, and the message."""
        frames = traceback.extract_tb(self.__traceback__)
        own = [frame for frame in frames if not is_machinery(frame.filename)]
        return [*traceback.format_list(own), f"{type(self).__name__}: {self}"]


class DataError(BenchError):
    """A file or table does not hold what its columns promise."""


class ConfigError(BenchError):
    """A setting, a name or an override that the bench cannot use."""


class ForecastError(BenchError):
    """A predictor returned something that is not a forecast, or a score was fed nonsense."""


class Abstain(BenchError):
    """Raised by a predictor that has nothing to say for this vote and date."""


def is_machinery(file: str) -> bool:
    """Whether a file is the bench's or a notebook's own, and not one of the reader's."""
    path = Path(file)
    return path.is_relative_to(PACKAGE) or "IPython" in path.parts


def demand(
    holds: object, problem: str, accepted: str, error: type[BenchError] = ConfigError
) -> None:
    """Refuse what does not hold.

    Examples
    --------
    >>> demand(False, "workers is 0", "1 and above")
    Traceback (most recent call last):
    ...
    bench.core.errors.ConfigError: workers is 0; accepted: 1 and above
    """
    if not holds:
        raise error(f"{problem}; accepted: {accepted}")


def did_you_mean(spelling: str, valid_names: Iterable[str]) -> str:
    """The nearest valid name and the list of all, as one clause for an error message.

    Of more than `MAX_LISTED` names only the number is given, and where one is suggested, of more
    than `MAX_LISTED_WITH_HINT`. A name is suggested only if `spelling` is probably a misspelling of
    it (:func:`bench.core.errors.nearest`), or begins it; then others that it begins are named.

    Examples
    --------
    >>> did_you_mean("quota_pol", ["uniform", "quota_poll"])
    "did you mean 'quota_poll'? known: quota_poll, uniform"
    >>> did_you_mean("zzz", ["uniform"])
    'known: uniform'
    """
    names = sorted(valid_names)
    listed = f"known: {', '.join(names)}" if names else "none is known"
    start = slug(spelling)
    longer = sorted((name for name in names if slug(name).startswith(start)), key=len)
    near = longer[0] if longer and spelling else nearest(spelling, names)
    if len(names) > (MAX_LISTED_WITH_HINT if near else MAX_LISTED):
        listed = f"{len(names):,} are known"
        if near and longer[1:]:
            listed = f"also {shortlist(longer[1:])}"
    return f"did you mean '{near}'? {listed}" if near else listed


def shortlist(names: Sequence[str]) -> str:
    """The first names, and how many there are if some are left out.

    Examples
    --------
    >>> shortlist(["a", "b"]), shortlist(list("abcdefg"))
    ('a, b', 'a, b, c, d, e … (7)')
    """
    rest = f" … ({len(names)})" if len(names) > MAX_NAMED else ""
    return ", ".join(names[:MAX_NAMED]) + rest


def no_such(setting: str, value: object, valid_names: Iterable[str]) -> ConfigError:
    """The error of a setting that is none of those that there are, with the nearest one.

    Examples
    --------
    >>> print(no_such("engine", "loki", ["loky", "serial"]))
    engine is 'loki' (did you mean 'loky'? known: loky, serial)
    """
    return ConfigError(f"{setting} is '{value}' ({did_you_mean(str(value), valid_names)})")


def slug(name: object) -> str:
    """A name as a key: small Latin letters, digits and underscores, whatever its script.

    Letters without a Latin base are spelt as Unicode calls them.

    Examples
    --------
    >>> slug("Jean-Luc Mélenchon"), slug("le_pen"), slug("Lech Wałęsa"), slug("Яна")
    ('jean_luc_melenchon', 'le_pen', 'lech_walesa', 'yaena')
    """
    plain = "".join(map(_latin, unicodedata.normalize("NFKD", str(name)))).lower()
    key = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[:60].rstrip("_") or "nameless"
    return key if key[0].isalpha() else f"n{key}"[:60]


def letters(name: object) -> str:
    """The letters of a name, without what stands between words.

    Examples
    --------
    >>> letters("Opinion Way") == letters("OPINIONWAY")
    True
    """
    return slug(name).replace("_", "")


def nearest(
    spelling: str,
    valid_names: Iterable[str],
    *,
    min_likeness: float = MIN_LIKENESS,
) -> str | None:
    """The name of which `spelling` is most likely a misspelling; None if none is near.

    Accents, capitals and signs between words do not count. Two names of several words are near
    only if their last words (surnames) are, too; a surname alone is near to the whole name.

    Examples
    --------
    >>> nearest("Glucksman", ["glucksmann", "bardella"])
    'glucksmann'
    >>> nearest("Xavier Bertrand", ["nathalie_arthaud", "emmanuel_macron"]) is None
    True
    >>> nearest("macorn", ["emmanuel_macron", "marine_le_pen"])
    'emmanuel_macron'
    """
    word = slug(spelling)  # once: a spelling may have any length
    scored = [(likeness(word, name), name) for name in valid_names]
    best, name = max(scored, default=(0.0, ""))
    return name if best >= min_likeness else None


def likeness(first: str, second: str) -> float:
    """How alike two names are, 0 to 1, by Ratcliff and Obershelp's ratio of common letters."""
    a = slug(first).split("_")
    b = slug(second).split("_")
    whole = _ratio("_".join(a), "_".join(b))
    if len(a) == len(b) == 1 and len(a[0] + b[0]) <= SHORT and whole > 0.6:
        whole = max(whole, MIN_LIKENESS)
    if sorted("_".join(a)) == sorted("_".join(b)):  # letters in another order
        whole = max(whole**0.9, 0.8)  # a little above a name with another letter
    if set(a) <= set(b) or set(b) <= set(a):  # a surname, or the same words in another order
        return max(whole, 0.9)
    if len(a) > 1 and len(b) > 1:
        surname = _ratio(a[-1], b[-1]) if len(a[-1] + b[-1]) > SHORT else 1.0
        return min(whole, surname)
    return max(whole, 0.9 * _ratio(a[-1], b[-1]))


def _ratio(first: str, second: str) -> float:
    return difflib.SequenceMatcher(None, first, second).ratio()  # of at most 60 letters


def _latin(letter: str) -> str:
    if letter.isascii():
        return letter
    if unicodedata.combining(letter):
        return ""
    words = unicodedata.name(letter, "SIGN").split()
    if "LETTER" in words[:-1]:
        return words[words.index("LETTER") + 1]
    return words[-1].partition("-")[2] or " "

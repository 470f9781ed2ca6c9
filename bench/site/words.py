"""The languages of the site: what templates say, numbers and dates in the form of each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from importlib.util import find_spec
from typing import TYPE_CHECKING

from bench.core.errors import ConfigError, did_you_mean

if TYPE_CHECKING:
    from babel.messages.catalog import Catalog

LIBRARIES = ("babel", "markdown_it", "vl_convert")
SOURCE = "en"
NAMES = {"en": "English", "fr": "Français"}


@dataclass(frozen=True, kw_only=True)
class Language:
    """One language: its sentences, and how it writes numbers and days.

    Attributes
    ----------
    code : str
        ``"en"`` or ``"fr"``.
    """

    code: str

    @property
    def name(self) -> str:
        """What the language calls itself."""
        return NAMES[self.code]

    def __call__(self, message: str, **values: object) -> str:
        """A sentence in this language, with its values filled in.

        Examples
        --------
        >>> Language(code="fr")("Methods"), Language(code="en")("{n} rows", n=3)
        ('Méthodes', '3 rows')
        """
        text = message
        if self.code != SOURCE:
            found = catalogue(self.code).get(message)
            text = str(found.string) if found is not None and found.string else message
        return text.format(**values) if values else text

    @property
    def months(self) -> list[str]:
        """The months, abbreviated, for the axes of charts.

        Examples
        --------
        >>> Language(code="fr").months[3]
        'avr.'
        """
        from babel.dates import get_month_names

        return [str(name) for name in get_month_names("abbreviated", locale=self.code).values()]

    def number(self, value: float, digits: int = 0) -> str:
        """A number with the separators of the language.

        Examples
        --------
        >>> Language(code="en").number(51400), Language(code="fr").number(0.58, 2)
        ('51,400', '0,58')
        """
        from babel.numbers import format_decimal

        pattern = "#,##0" + ("." + "0" * digits if digits else "")
        return str(format_decimal(value, format=pattern, locale=self.code))

    def percent(self, fraction: float, digits: int = 1) -> str:
        """A fraction of 1 as percent.

        Examples
        --------
        >>> Language(code="en").percent(0.2401)
        '24.0%'
        """
        from babel import Locale
        from babel.numbers import format_percent

        pattern = Locale.parse(self.code).percent_formats[None].pattern
        pattern = pattern.replace("#,##0", f"0.{'0' * digits}")
        return str(format_percent(fraction, format=pattern, locale=self.code))

    def day(self, day: date) -> str:
        """A day in words.

        Examples
        --------
        >>> Language(code="en").day(date(2017, 4, 23)), Language(code="fr").day(date(2017, 4, 23))
        ('23 April 2017', '23 avril 2017')
        """
        from babel.dates import format_date

        return str(format_date(day, format="d MMMM y", locale=self.code))


@cache
def catalogue(code: str) -> Catalog:
    """The sentences of a language, by those of the source.

    Raises
    ------
    ConfigError
        If the site does not speak it.
    """
    if code not in NAMES:
        raise ConfigError(f"the site does not speak '{code}' ({did_you_mean(code, NAMES)})")
    from babel.messages.pofile import read_po

    path = files("bench.site").joinpath("locale", f"{code}.po")
    with path.open("rb") as file:
        return read_po(file, locale=code)


def languages_spoken() -> Callable[[str], Language]:
    """Languages by code, once the libraries that write and draw the site are there.

    Raises
    ------
    ConfigError
        If one is not installed.
    """
    missing = [name for name in LIBRARIES if find_spec(name) is None]
    if missing:
        raise ConfigError(
            f"the site needs {' and '.join(missing)}, which are not installed; install the extra: "
            "pip install 'election-bench[site]'"
        )
    return lambda code: Language(code=code)

"""The languages of the site: what templates say, numbers and dates in the form of each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from importlib.util import find_spec

from bench.core.errors import ConfigError
from bench.core.language import LANGUAGES, _, in_form, speaking
from bench.report.context import election_title
from bench.report.formatting import day as in_words
from bench.report.formatting import short_months

LIBRARIES = ("markdown_it", "vl_convert")
NAMES = LANGUAGES


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
        with speaking(self.code):
            return _(message, **values)

    def election(self, title: str) -> str:
        """The title of an election.

        Examples
        --------
        >>> Language(code="fr").election("French presidential election of 2017")
        'Élection présidentielle française de 2017'
        """
        with speaking(self.code):
            return election_title(title)

    @property
    def months(self) -> list[str]:
        """The months, abbreviated, for the axes of charts.

        Examples
        --------
        >>> Language(code="fr").months[3]
        'avr.'
        """
        with speaking(self.code):
            return short_months()

    def number(self, value: float, digits: int = 0) -> str:
        """A number with the separators of the language.

        Examples
        --------
        >>> Language(code="en").number(51400), Language(code="fr").number(0.58, 2)
        ('51,400', '0,58')
        """
        with speaking(self.code):
            return in_form(f"{value:,.{digits}f}")

    def percent(self, fraction: float, digits: int = 1) -> str:
        """A fraction of 1 as percent.

        Examples
        --------
        >>> Language(code="en").percent(0.2401)
        '24.0%'
        """
        with speaking(self.code):
            return in_form(f"{fraction:.{digits}%}")

    def day(self, day: date) -> str:
        """A day in words.

        Examples
        --------
        >>> Language(code="en").day(date(2017, 4, 23)), Language(code="fr").day(date(2017, 4, 23))
        ('23 April 2017', '23 avril 2017')
        """
        with speaking(self.code):
            return in_words(day)


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

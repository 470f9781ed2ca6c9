"""Chances as they are printed: in whole percent, as so many times in ten, nothing too certain."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import pandas as pd

from bench.report.formatting import format_probability

MIN_NAMED = 10  # percent: the chance, as it is printed, from which a candidate is named
MAX_ELECTED = 90  # percent: beyond it no chance of being elected is shown
EVEN = (45, 55)  # percent: chances that are worded alike, so that none turns into another
CERTAIN = 100  # percent


class Chance(NamedTuple):
    """A chance of a candidate.

    Attributes
    ----------
    name : str
        Of the candidate.
    percent : int
        As tables print it: 0 stands for <1%, 100 for >99%.
    times, of : int
        The same as so many times in ten, or in a hundred where it is near 0 or 1.
    is_capped : bool
        Whether the chance is larger than what is said.

    Examples
    --------
    >>> [Chance.of_candidate("Ash", chance)[1:4] for chance in (0.62, 0.97, 0.03, 0.001)]
    [(62, 6, 10), (97, 97, 100), (3, 3, 100), (0, 0, 100)]
    >>> [Chance.of_candidate("Ash", chance).times for chance in (0.3451, 0.3549)]
    [4, 4]
    """

    name: str
    percent: int
    times: int
    of: int
    is_capped: bool

    @classmethod
    def of_candidate(cls, name: str, chance: float, maximum: int = CERTAIN) -> Chance:
        """A chance, 0 to 1, of which no more than `maximum` percent is said."""
        percent = percentage(min(chance, maximum / CERTAIN))
        is_capped = percentage(chance) > maximum
        if 5 < percent < 95:
            return cls(name, percent, (percent + 5) // 10, 10, is_capped)
        return cls(name, percent, percent, CERTAIN, is_capped)


def percentage(chance: float) -> int:
    """A chance in whole percent, as tables print it: 0 stands for <1%, 100 for >99%.

    Examples
    --------
    >>> percentage(0.3476), percentage(0.005), percentage(0.0051), percentage(0.995)
    (35, 0, 1, 100)
    """
    return CERTAIN if chance >= 0.995 else min(round(100 * chance), 99)


def is_even(chance: float) -> bool:
    """Whether a chance is worded as about one half."""
    low, high = EVEN
    return low <= percentage(chance) <= high


def capped(chance: float) -> str:
    """A chance of being elected in percent, nothing beyond `MAX_ELECTED`.

    Examples
    --------
    >>> capped(0.42), capped(0.904), capped(0.97)
    ('42%', '90%', '≥90%')
    """
    if pd.isna(chance) or percentage(chance) <= MAX_ELECTED:
        return format_probability(chance)
    return f"≥{format_probability(MAX_ELECTED / 100)}"


def likeliest(
    chances: pd.Series, names: Mapping[str, str], limit: int = 3, maximum: int = CERTAIN
) -> list[Chance]:
    """The candidates whose chance is printed as `MIN_NAMED` or more, at least the first.

    Parameters
    ----------
    chances : pandas.Series
        By candidate, 0 to 1; NaN where none is stated.
    names : mapping of str to str
        By candidate.
    limit : int
        Of candidates.
    maximum : int
        Percent beyond which no chance is said to be.
    """
    sorted_chances = chances.dropna().sort_values(ascending=False, kind="stable")
    n_likely = int(sorted_chances.map(percentage).ge(MIN_NAMED).sum())
    first = sorted_chances.head(min(max(1, n_likely), limit))
    return [
        Chance.of_candidate(names[str(candidate)], float(chance), maximum)
        for candidate, chance in first.items()
    ]

"""Chances, days and ballots in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bench.core.language import listed

WORDS = (
    (0.995, "all but certain"),
    (0.9, "very likely"),
    (2 / 3, "likely"),
    (0.55, "more likely than not"),
    (0.45, "about even"),
    (1 / 3, "less likely than not"),
    (0.1, "unlikely"),
    (0.005, "very unlikely"),
    (0.0, "all but impossible"),
)
"""Words for chances from this one up, everywhere the same."""

ROUNDS = {1: "first round", 2: "second round"}


def odds(chance: float) -> str:
    """A chance in words.

    Examples
    --------
    >>> odds(0.97), odds(0.5), odds(0.2), odds(0.001)
    ('very likely', 'about even', 'unlikely', 'all but impossible')
    """
    return next(words for least, words in WORDS if chance >= least)


def in_ten(chance: float) -> str:
    """A chance as so many times in ten, or in a hundred where it is near 0 or 1.

    Examples
    --------
    >>> in_ten(0.62), in_ten(0.97), in_ten(0.03), in_ten(0.001)
    ('6 in 10', '97 in 100', '3 in 100', 'under 1 in 100')
    """
    if 0.05 <= chance <= 0.95:
        return f"{10 * chance:.0f} in 10"
    if chance < 0.005:
        return "under 1 in 100"
    return "over 99 in 100" if chance > 0.995 else f"{100 * chance:.0f} in 100"


def against(slate: Sequence[str], other: Sequence[str], names: Mapping[str, str]) -> str:
    """What a slate has that another has not, in words.

    Examples
    --------
    >>> names = {"ash": "Ash", "birch": "Birch", "cedar": "Cedar"}
    >>> against(["ash", "cedar"], ["ash", "birch"], names)
    'Cedar in place of Birch'
    >>> against(["ash"], ["ash", "birch"], names), against(["ash", "cedar"], ["ash"], names)
    ('without Birch', 'with Cedar too')
    """
    new = [names[name] for name in slate if name not in other]
    gone = [names[name] for name in other if name not in slate]
    if new and gone:
        return f"{listed(new)} in place of {listed(gone)}"
    if new:
        return f"with {listed(new)} too"
    return f"without {listed(gone)}" if gone else "the ballot of this forecast"

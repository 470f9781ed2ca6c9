"""Chances, days and ballots in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bench.core.language import N_, _, listed

WORDS = (
    (100, N_("all but certain")),
    (90, N_("very likely")),
    (67, N_("likely")),
    (56, N_("more likely than not")),
    (45, N_("about even")),
    (34, N_("less likely than not")),
    (10, N_("unlikely")),
    (1, N_("very unlikely")),
    (0, N_("all but impossible")),
)
"""Words for chances from this percentage up, everywhere the same."""

ROUNDS = {1: N_("first round"), 2: N_("second round")}


def percentage(chance: float) -> int:
    """A chance in whole percent, as tables print it: 0 stands for <1%, 100 for >99%.

    Examples
    --------
    >>> percentage(0.3476), percentage(0.005), percentage(0.0051), percentage(0.995)
    (35, 0, 1, 100)
    """
    return 100 if chance >= 0.995 else min(round(100 * chance), 99)


def odds(chance: float) -> str:
    """A chance in words: one word for all chances that are printed as the same percentage.

    Examples
    --------
    >>> odds(0.97), odds(0.5), odds(0.2), odds(0.001)
    ('very likely', 'about even', 'unlikely', 'all but impossible')
    >>> odds(0.3451), odds(0.3549)
    ('less likely than not', 'less likely than not')
    """
    percent = percentage(chance)
    return _(next(words for least, words in WORDS if percent >= least))


def in_ten(chance: float) -> str:
    """A chance as so many times in ten, or in a hundred where it is near 0 or 1.

    Examples
    --------
    >>> in_ten(0.62), in_ten(0.97), in_ten(0.03), in_ten(0.001)
    ('6 in 10', '97 in 100', '3 in 100', 'under 1 in 100')
    >>> in_ten(0.3451), in_ten(0.3549)
    ('4 in 10', '4 in 10')
    """
    percent = percentage(chance)
    if 5 < percent < 95:
        return _("{n:.0f} in 10", n=(percent + 5) // 10)
    if percent == 0:
        return _("under 1 in 100")
    return _("over 99 in 100") if percent == 100 else _("{n:.0f} in 100", n=percent)


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
        return _("{new} in place of {gone}", new=listed(new), gone=listed(gone))
    if new:
        return _("with {new} too", new=listed(new))
    return _("without {gone}", gone=listed(gone)) if gone else _("the ballot of this forecast")

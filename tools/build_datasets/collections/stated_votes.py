"""Shares of the stated votes, from figures that hold undecided voters and other parties or not."""

from __future__ import annotations

import numpy as np
import pandas as pd

LEAST_SUM, MOST_SUM = 85.0, 105.0
LEAST_BASE = 60.0


def stated_base(
    named: pd.Series, other: pd.Series, undecided: pd.Series, *, seats: float = 0
) -> pd.Series:
    """What one poll's figures are fractions of, in their unit; empty where it cannot be told.

    With other parties given it is named + other; with undecided given it is the rest of 100, or
    named itself where that is more (a source that gives undecided beside shares of the others);
    with neither it is 100, if the named parties are 85 to 105 together. A base of less than 60
    or more than 105 is none, except the number of seats where figures may be seats.

    Parameters
    ----------
    named, other, undecided : pandas.Series
        Percent per poll; `other` and `undecided` empty where not given.
    seats : float
        Of the chamber, where some polls of a country state seats.

    Examples
    --------
    >>> named = pd.Series([90.0, 60.0, 95.0, 150.0, 70.0])
    >>> other = pd.Series([9.0, np.nan, np.nan, 0.0, np.nan])
    >>> undecided = pd.Series([np.nan, 35.0, np.nan, np.nan, np.nan])
    >>> stated_base(named, other, undecided, seats=150).tolist()
    [99.0, 65.0, 100.0, 150.0, nan]
    """
    with_other = named + other
    decided = (100 - undecided).where(lambda rest: rest >= named, named)
    plain = pd.Series(100.0, named.index).where(named.between(LEAST_SUM, MOST_SUM))
    base = with_other.where(other.notna(), decided.where(undecided.notna(), plain))
    usable = base.between(LEAST_BASE, MOST_SUM)
    usable &= other.notna() | (named >= LEAST_SUM / 100 * base)
    if seats:
        usable |= np.isclose(base, seats)
    return base.where(usable)

"""The cut: rows that were public at one moment, and no others."""

from __future__ import annotations

from collections.abc import Collection

import pandas as pd


def cut(
    table: pd.DataFrame,
    as_of: pd.Timestamp,
    *,
    owners_of: Collection[str] = (),
    owners_until: pd.Timestamp | None = None,
) -> pd.DataFrame:
    """The rows of `table` that were public at `as_of`.

    Parameters
    ----------
    table : pandas.DataFrame
        With a column `known_on`.
    as_of : pandas.Timestamp
        The moment, included.
    owners_of : collection of str
        Sources whose owner makes the forecast: their rows are cut on `held_on`.
    owners_until : pandas.Timestamp, optional
        The owner's rows were held before this moment (the day of the vote); `as_of`, included,
        if left out. Self-selected counts are often kept as one total up to the eve, without
        the day of each answer.

    Examples
    --------
    >>> table = pd.DataFrame({"known_on": pd.to_datetime(["2017-04-21", "2017-04-23"])})
    >>> len(cut(table, pd.Timestamp("2017-04-21 20:00")))
    1
    """
    public = table["known_on"] <= as_of
    if owners_of and {"source", "held_on"} <= set(table.columns):
        held = table["held_on"]
        in_time = held <= as_of if owners_until is None else held < owners_until
        public |= table["source"].isin(list(owners_of)) & in_time
    return table[public].reset_index(drop=True)

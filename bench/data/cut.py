"""The cut: rows that were public at one moment, in the version of that moment, and no others."""

from __future__ import annotations

from collections.abc import Collection

import pandas as pd


def cut(
    table: pd.DataFrame,
    as_of: pd.Timestamp,
    *,
    key: Collection[str] = (),
    include_embargoed: Collection[str] = (),
    hindsight_of: Collection[str] = (),
) -> pd.DataFrame:
    """The rows of `table` that were public at `as_of`.

    Parameters
    ----------
    table : pandas.DataFrame
        With a column `published_on`. A row with `corrected_on` is a later version of the row with
        the same key, public from that moment on; one with `withdrawn_on` is gone from that
        moment on, and the version that it had replaced does not return.
    as_of : pandas.Timestamp
        The moment, included.
    key : collection of str
        Columns that versions of one row share; needed where there is a `corrected_on`.
    include_embargoed : collection of str
        Sources or publishers whose owner makes the forecast: their rows are cut on `available_on`,
        the moment from which somebody could have had them, and never before.
    hindsight_of : collection of str
        Sources or publishers that were compiled after the vote: their rows are cut on the `day`
        that they describe, as if they had been public. What reads them is no forecast.

    Returns
    -------
    pandas.DataFrame
        Without the column `withdrawn_on`: what is still standing tells nobody its end.

    Examples
    --------
    >>> table = pd.DataFrame({"published_on": pd.to_datetime(["2017-04-21", "2017-04-23"])})
    >>> len(cut(table, pd.Timestamp("2017-04-21 20:00")))
    1
    """
    public = public_from(table) <= as_of
    owner = owner_of(table)
    if include_embargoed and {owner, "available_on"} <= set(table.columns):
        public |= table[owner].isin(list(include_embargoed)) & (table["available_on"] <= as_of)
    if hindsight_of and {owner, "day"} <= set(table.columns):
        public |= table[owner].isin(list(hindsight_of)) & (table["day"] <= as_of)
    public_rows = table if public.all() else table[public]
    return standing(newest(public_rows, key), as_of).reset_index(drop=True)


def owner_of(table: pd.DataFrame) -> str:
    """The column that says whose figures a row holds."""
    return "publisher" if "publisher" in table else "source"


def of_several(
    table: pd.DataFrame, *, but: Collection[str] = (), within: Collection[str] = ()
) -> pd.DataFrame:
    """The rows of owners who name two people or more; rows about nobody stay.

    Whoever compiled a table may have kept the one page that is about the later winner. A single
    name of an owner is therefore withheld until another joins it.

    Parameters
    ----------
    table : pandas.DataFrame
        As public at one moment, about one round, with columns `candidate` and of its owner.
    but : collection of str
        People of whom it says nothing that they are named alone.
    within : collection of str
        Columns that tell one vote from another, if the table is about several.

    Examples
    --------
    >>> table = pd.DataFrame({"source": ["app", "app", "page"],
    ...                       "candidate": ["ash", "birch", "ash"]})
    >>> of_several(table)["source"].tolist()
    ['app', 'app']
    """
    if table.empty:
        return table
    owners = table.groupby([*within, owner_of(table)], observed=True)
    n_named = owners["candidate"].transform("nunique")
    candidate = table["candidate"]
    is_allowed = candidate.isna() | candidate.isin(list(but)) | n_named.gt(1)
    return table if is_allowed.all() else table[is_allowed].reset_index(drop=True)


def public_from(table: pd.DataFrame) -> pd.Series:
    """The moment from which each row was public: its correction, or else its publication.

    Examples
    --------
    >>> table = pd.DataFrame({"published_on": pd.to_datetime(["2017-04-01", "2017-04-01"]),
    ...                       "corrected_on": pd.to_datetime([None, "2017-04-05"])})
    >>> public_from(table).dt.day.tolist()
    [1, 5]
    """
    published_on: pd.Series = table["published_on"]
    if "corrected_on" not in table:
        return published_on
    return table["corrected_on"].where(table["corrected_on"] > published_on, published_on)


def newest(table: pd.DataFrame, key: Collection[str]) -> pd.DataFrame:
    """The last version of every row, in the order of the table; all rows if none has versions.

    Parameters
    ----------
    table : pandas.DataFrame
    key : collection of str
        Columns that versions of one row share (`corrected_on` among them is ignored).

    Examples
    --------
    >>> table = pd.DataFrame({"poll": ["p", "q", "p"], "share": [0.5, 0.4, 0.6],
    ...                       "corrected_on": pd.to_datetime([None, None, "2017-04-05"])})
    >>> newest(table, ["poll"])["share"].tolist()
    [0.4, 0.6]
    """
    if "corrected_on" not in table:
        return table
    shared = [name for name in key if name != "corrected_on"]
    in_time = table.sort_values("corrected_on", na_position="first", kind="stable")
    return in_time.drop_duplicates(shared, keep="last").sort_index(kind="stable")


def standing(table: pd.DataFrame, as_of: pd.Timestamp) -> pd.DataFrame:
    """The rows that nobody had withdrawn by `as_of`, without the day of a later withdrawal.

    Examples
    --------
    >>> table = pd.DataFrame({"share": [0.5, 0.4],
    ...                       "withdrawn_on": pd.to_datetime(["2017-04-05", None])})
    >>> standing(table, pd.Timestamp("2017-04-04"))["share"].tolist()
    [0.5, 0.4]
    >>> standing(table, pd.Timestamp("2017-04-05"))["share"].tolist()
    [0.4]
    """
    if "withdrawn_on" not in table:
        return table
    is_withdrawn = table["withdrawn_on"] <= as_of
    return table[~is_withdrawn].drop(columns="withdrawn_on")

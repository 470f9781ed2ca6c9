"""Poison: what became public after the cut, replaced so that whoever uses it shows it."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import pandas as pd

KINDS = ("permuted", "shifted", "deleted", "missing", "scaled")
LABELS = ("election", "round")
DATES = ("published_on", "corrected_on", "withdrawn_on")
BACK = pd.Timedelta(days=400)


def rows_after(
    table: pd.DataFrame,
    as_of: pd.Timestamp,
    *,
    include_embargoed: Collection[str] = (),
) -> pd.Series:
    """Which rows nobody could know at `as_of`; written apart from the cut, to judge it.

    Parameters
    ----------
    table : pandas.DataFrame
        Uncut, with `published_on`; a row with `corrected_on` became public on that day.
    as_of : pandas.Timestamp
        The moment of the forecast; what became public at that very moment is not late.
    include_embargoed : collection of str
        Sources or publishers whose owner makes the forecast: what was held by then is not late.

    Examples
    --------
    >>> table = pd.DataFrame({"published_on": pd.to_datetime(["2017-04-21", "2017-04-23", None])})
    >>> rows_after(table, pd.Timestamp("2017-04-21")).tolist()
    [False, True, True]
    """
    early = table["published_on"].le(as_of)
    if "corrected_on" in table:
        early &= table["corrected_on"].isna() | table["corrected_on"].le(as_of)
    if "available_on" in table:
        for name in {"publisher", "source"} & set(table.columns):
            early |= table[name].isin(list(include_embargoed)) & table["available_on"].le(as_of)
    return ~early


def undo_withdrawals(table: pd.DataFrame, as_of: pd.Timestamp) -> pd.DataFrame:
    """The table as if nothing were withdrawn after `as_of`: nobody could know of it.

    Examples
    --------
    >>> table = pd.DataFrame({"withdrawn_on": pd.to_datetime(["2017-04-05", "2017-05-05"])})
    >>> undo_withdrawals(table, pd.Timestamp("2017-04-21"))["withdrawn_on"].isna().tolist()
    [False, True]
    """
    if "withdrawn_on" not in table:
        return table
    is_public = table["withdrawn_on"].le(as_of)
    return table.assign(withdrawn_on=table["withdrawn_on"].where(is_public))


def poisoned(
    table: pd.DataFrame,
    late: pd.Series,
    kind: str,
    rng: np.random.Generator,
    *,
    keep: Collection[str] = LABELS,
) -> pd.DataFrame:
    """A copy of `table` whose late rows are worthless and whose other rows are untouched.

    Parameters
    ----------
    table : pandas.DataFrame
    late : pandas.Series of bool
        From `rows_after`.
    kind : str
        ``permuted`` (every column for itself), ``shifted`` (numbers one row on, days of
        measurement 400 days back), ``deleted``, ``missing`` (empty, days of publication too),
        ``scaled`` (two to eight times as large).
    rng : numpy.random.Generator
        For the permutation.
    keep : collection of str
        Columns that are left as they are.

    Examples
    --------
    >>> table = pd.DataFrame({"published_on": pd.to_datetime(["2017-04-21", "2017-04-23"]),
    ...                       "share": [0.5, 0.25]})
    >>> late = rows_after(table, pd.Timestamp("2017-04-22"))
    >>> poisoned(table, late, "shifted", np.random.default_rng(0))["share"].tolist()
    [0.5, 0.25]
    >>> poisoned(table, late, "missing", np.random.default_rng(0))["share"].tolist()
    [0.5, nan]
    """
    rows = np.flatnonzero(late.to_numpy())
    copy = table.copy()
    if not len(rows):
        return copy
    if kind == "deleted":
        return table[~late]
    for place, name in enumerate(table.columns):
        if name in keep or (name in DATES and kind != "missing"):
            continue
        values = table.iloc[rows, place]
        copy.isetitem(place, _with(table.iloc[:, place], rows, _spoilt(values, kind, rng)).array)
    return copy


def _with(column: pd.Series, rows: np.ndarray, values: pd.Series) -> pd.Series:
    spoilt = column.copy()
    spoilt.iloc[rows] = values.to_numpy() if values.dtype != object else values.array
    return spoilt


def _spoilt(values: pd.Series, kind: str, rng: np.random.Generator) -> pd.Series:
    if kind == "permuted":
        return values.iloc[rng.permutation(len(values))]
    is_number = pd.api.types.is_numeric_dtype(values) and values.dtype != bool
    is_date = pd.api.types.is_datetime64_any_dtype(values)
    if kind == "shifted":
        if is_date:
            return values - BACK
        return values.iloc[np.roll(np.arange(len(values)), 1)] if is_number else values
    if kind == "scaled":
        # each by another factor: shares that are renormalised would hide a common one
        factors = rng.integers(2, 9, len(values))
        return (values * factors).astype(values.dtype) if is_number else values
    if values.dtype == bool:
        return ~values
    if pd.api.types.is_integer_dtype(values):
        return 0 * values - 1  # whole numbers cannot be missing, and the kind must not change
    return values.where(pd.Series(False, index=values.index))

"""What a method was given to read: until when, and whether all of it was public by then."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import astuple
from typing import Any

import pandas as pd

from bench.core import Evidence, Predictor

MOST_DAYS = 100 * 366
WHOSE = ("source", "publisher", "quantity", "measure", "mode", "institute")
"""Columns by whose values a setting of a method chooses its rows."""


def newest_row_on(
    evidence: Evidence, tables_read: Collection[str], predictor: Predictor
) -> pd.Timestamp | None:
    """When the newest row that a method read could first be read; None if there is no such row.

    That is its publication or correction, and `held_on` for a row that only its owner had at the
    moment of the forecast. Where settings of the method name a source, publisher, quantity,
    measure, mode or institute, only such rows count. Rows of other elections that came later are
    left out, and so is what a method that looks back so many days (its setting `days_back`) did not
    look at, or polls after the day on which it is calibrated (`calibrated_days` before the vote).

    Parameters
    ----------
    evidence : Evidence
        What the method was given.
    tables_read : collection of str
        The tables that it opened.
    predictor : Predictor
        The method with its settings.
    """
    latest = []
    until = evidence.as_of - (_days(predictor, "days_back") or pd.Timedelta(0))
    calibrated = _days(predictor, "calibrated_days")
    for rows in _rows(evidence, tables_read, predictor):
        if until < evidence.as_of:
            rows = rows[rows["published_on"] <= until]
        if "poll_id" in rows and getattr(predictor, "start", "") == "polls" and calibrated:
            days = calibrated - pd.Timedelta(days=1)
            rows = rows[rows["published_on"] < evidence.vote_on - days]
        moments = rows["published_on"]
        late = moments > evidence.as_of
        if late.any():
            moments = moments.where(~late, rows.get("held_on", pd.NaT))
        latest.append(moments.max())
        if "corrected_on" in rows:
            latest.append(rows["corrected_on"].max())
    known = [moment for moment in latest if not pd.isna(moment)]
    return max(known) if known else None


def _days(predictor: Predictor, name: str) -> pd.Timedelta | None:
    """A setting in days; None where a method has another of that name, or one beyond sense."""
    days = getattr(predictor, name, None)
    if isinstance(days, int | float) and 0 <= days < MOST_DAYS:
        return pd.Timedelta(days=days)
    return None


def access(
    evidence: Evidence,
    tables_read: Collection[str],
    predictor: Predictor,
    owners_of: Collection[str],
) -> str:
    """``owner`` if a row that a method read was published after the moment, else ``public``.

    Such a row was let in because its source or publisher is one of `owners_of`: somebody could
    have had it, and it was compiled or published later. Parameters as of `newest_row_on`.
    """
    held = [name for name in tables_read if owners_of and "held_on" in evidence.tables[name]]
    for rows in _rows(evidence, held, predictor):
        owner = "publisher" if "publisher" in rows else "source"
        if owner in rows:
            late = rows["published_on"] > evidence.as_of
            earlier = rows["held_on"] < rows["published_on"]
            if (late & earlier & rows[owner].isin(list(owners_of))).any():
                return "owner"
    return "public"


def _rows(
    evidence: Evidence, tables_read: Collection[str], predictor: Predictor
) -> Iterator[pd.DataFrame]:
    settings = set(_texts(astuple(predictor)))
    for rows in [evidence.tables[name] for name in sorted(tables_read)]:
        if "published_on" not in rows:
            continue
        for column in WHOSE:
            if column in rows and (mine := rows[column].isin(list(settings))).any():
                rows = rows[mine]
        yield rows


def _texts(values: tuple[Any, ...]) -> Iterator[str]:
    for value in values:
        if isinstance(value, str):
            yield value
        elif isinstance(value, (tuple, list)):
            yield from _texts(tuple(value))

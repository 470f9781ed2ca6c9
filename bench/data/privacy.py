"""The gate against personal data: closed columns, and no group of fewer than five respondents."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import numpy as np
import pandas as pd

from bench.core.errors import DataError, did_you_mean
from bench.core.read import shortened
from bench.data.columns import NOTES, Table
from bench.data.readers import place_of

MIN_RESPONDENTS = 5
"""A member of a group of five is singled out with a chance of at most 0.2 (El Emam, Guide to the
De-Identification of Personal Health Information, CRC Press 2013, doi:10.1201/b14764)."""
REASON = (
    "what identifiable people think of candidates is data on political opinions, which GDPR "
    "art. 9(1) forbids to process without a ground of art. 9(2); evidence is counts and fractions. "
    "Sum by day and candidate, leave this out, and delete the file that was refused"
)


def refuse_strange_columns(names: Collection[str], table: Table, path: Path) -> None:
    """Refuse a table with a column that is not one of its own, nor of those that are not read.

    Raises
    ------
    DataError
        With the nearest column that is known.
    """
    known = [*table.columns, *table.versions, *table.beside, *NOTES]
    for name in names:
        if name not in known:
            shown = shortened(name)
            raise DataError(
                f"{path}: no column '{shown}' is known here ({did_you_mean(shown, known)}); take "
                "it out (of a file of polls, `bench import` reads the columns that its map names)"
            )


def refuse_people(frame: pd.DataFrame, table: Table, path: Path) -> None:
    """Refuse opinions of fewer than five respondents, and rows that are one respondent's answers.

    Rows are one respondent's if all shares of a poll, or of another group, are 0 or 1 and nobody
    says how many were asked; in tables without such a column, if that holds of every group.
    Official counts of votes have no such rule (`bench.data.columns.Asked`).

    Raises
    ------
    DataError
        With the first row, and the reason.

    Examples
    --------
    >>> from bench.data.columns import TABLES
    >>> one = pd.DataFrame({"poll_id": ["a", "a"], "candidate": ["ash", "birch"],
    ...                     "share": [1.0, 0.0], "sample_size": [None, None],
    ...                     "sample_expressed": [1.0, 1.0]})
    >>> refuse_people(one, TABLES["polls"], Path("polls.csv"))
    Traceback (most recent call last):
    ...
    bench.core.errors.DataError: polls.csv:2: opinions of fewer than 5 respondents; refused: what
    identifiable people think of candidates is data on political opinions, which GDPR art. 9(1)
    forbids to process without a ground of art. 9(2); evidence is counts and fractions. Sum by day
    and candidate, leave this out, and delete the file that was refused
    """
    asked = table.asked
    if asked is None or frame.empty:
        return
    if "basis" in frame:
        frame = frame[frame["basis"].ne("official")]
    group = frame.groupby([name for name in asked.within if name in frame], dropna=False).ngroup()
    people = frame[list(asked.people)].max(axis=1).groupby(group).transform("max")
    cells = frame[list(asked.crossed)]
    small = ((cells >= 1) & (cells < MIN_RESPONDENTS)).any(axis=1) | (people < MIN_RESPONDENTS)
    _refuse(small, f"opinions of fewer than {MIN_RESPONDENTS} respondents", path)
    if asked.answers:
        shares = frame[list(asked.answers)]
        one = (shares.isna() | shares.isin([0.0, 1.0])).all(axis=1).groupby(group).transform("all")
        one &= shares.eq(1.0).any(axis=1).groupby(group).transform("any") & people.isna()
        _refuse(one & (bool(asked.people) or bool(one.all())), "answers of one respondent", path)


def _refuse(marked: pd.Series, what: str, path: Path) -> None:
    if marked.any():
        row = int(str(marked.index[int(np.argmax(marked.to_numpy()))]))
        raise DataError(f"{place_of(path, row)}: {what}; refused: {REASON}")

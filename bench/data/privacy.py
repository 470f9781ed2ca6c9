"""The gate against personal data: closed columns, declared lists, and no row that is one person's.

A table enters if every column is known and holds what its kind allows. Free text is left to
sources alone, which are searched (`bench.data.identifying`). Whether a row is a person's answer is
seen in its numbers, not in its words.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import NoReturn

import numpy as np
import pandas as pd

from bench.core.errors import DataError, did_you_mean
from bench.core.read import shortened
from bench.core.registry import typed
from bench.data.columns import Asked, Column, Table
from bench.data.declared import (
    FURTHER,
    FURTHER_COLUMNS,
    LONGEST,
    Declared,
    declared_beside,
    flow,
    place_of_lists,
    undeclared,
)
from bench.data.identifying import OWN_WORDS, identifying, identifying_together
from bench.data.readers import place_of, read_yaml

LAW = (
    "what identifiable people think of candidates is data on political opinions, which GDPR "
    "art. 9(1) forbids to process without a ground of art. 9(2)"
)
REASON = (
    f"{LAW}; evidence is counts and fractions. Sum by day and candidate, leave this out, and "
    "delete the file that was refused"
)
LIMITS = Path(__file__).with_name("privacy.yaml")
MOST_TOLD = 3  # names in a sentence, before a line that holds all
MOST_DECLARED = 100
A_FEW = 2
_KEY = re.compile(r"[\w.+:/<>≤≥&'’()–-]+")
_CODED = re.compile(
    r"(?=.*\d)[0-9a-f]{16,}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
    r"|(?=.*[a-z])(?=.*[A-Z])(?=.*\d)[A-Za-z0-9+/]{22,}={0,2}"
)


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What `privacy.yaml` sets, with its reasons."""

    least_people: int
    most_small: float
    most_a_day: int
    longest_source: int
    longest_key: int


@cache
def limits() -> Limits:
    """The limits of this installation."""
    return typed(Limits, read_yaml(LIMITS), "the limits of privacy", str(LIMITS))


def refuse_strange_columns(names: Collection[str], table: Table, path: Path) -> None:
    """Refuse a table with a column that nobody knows, by its name.

    Raises
    ------
    DataError
        With what is accepted, and how a further column is declared.
    """
    declared = declared_beside(path).columns.get(path.stem, {})
    known = [*table.columns, *table.versions, *table.beside, *declared]
    for name in names:
        if name in known:
            continue
        place = place_of_lists(path)
        shown = "…" if identifying(name[:LONGEST]) else shortened(name)
        raise DataError(
            f"{path}: no column '{shown}' is known here ({did_you_mean(shown, known)}); "
            f"take it out, or, where it is about polls and not about people, declare it in {place} "
            f"as `{FURTHER_COLUMNS}: {{{path.stem}: {{{shown}: KIND}}}}`, with one of the kinds "
            f"{', '.join(FURTHER)}; `bench import` reads other files and keeps the columns that "
            "its map names"
        )


def further_columns(table: Table, path: Path, present: Collection[str]) -> dict[str, Column]:
    """The columns of a file that are checked and not read."""
    known = {**table.beside, **declared_beside(path).columns.get(path.stem, {})}
    return {name: column for name, column in known.items() if name in present}


def refuse_strange_words(
    frame: pd.DataFrame,
    columns: dict[str, Column],
    path: Path,
    *,
    closed: Collection[str] = (),
) -> None:
    """Refuse text that is no key, no entry of its list, or points to a person.

    Parameters
    ----------
    frame : pandas.DataFrame
        Cells of their kinds.
    columns : dict
        What they must hold.
    path : Path
        For the message, and for what lies beside the file.
    closed : collection of str
        Columns that are compared with a list elsewhere, such as candidates.

    Raises
    ------
    DataError
        With the row and what is accepted; what may be a person's is not repeated.
    """
    declared = declared_beside(path)
    strangers: dict[str, dict[str, int]] = {}
    for name, column in columns.items():
        if column.kind != "text" or column.among or name in closed:
            continue
        cells = frame[name].dropna().drop_duplicates()
        cells = cells[cells.ne("")]
        if column.words == "list":
            found = undeclared(cells, column.of, declared.known(column.of))
            strangers.setdefault(column.of, {}).update(found)
            continue
        if column.words == "source":
            _refuse_sources(cells, name, path, declared.known("organisations"))
            continue
        for row, cell in cells.items():
            _refuse_word(str(cell), int(str(row)), name, column, path)
    for of, entries in strangers.items():
        if entries:
            _refuse_undeclared(of, entries, declared, path)


def refuse_people(frame: pd.DataFrame, table: Table, path: Path) -> None:
    """Refuse rows that are one person's, and cells of so few people that they can be told apart.

    Rules, of `privacy.yaml`: no body of fewer than `least_people` whose answers are all 0 or 1,
    and few of any size; at most a fraction `most_small` of bodies of fewer; no cell that crosses
    opinion with groups of 1 to ``least_people - 1``; at most `most_a_day` polls of an institute
    and day without a size. Official counts of votes have no such rule (`bench.data.columns.Asked`).

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
    bench.core.errors.DataError: polls.csv:2: seems to hold the answers of one person (all 0 or 1,
    of fewer than 5 people or of nobody knows how many, or time and again); refused: what
    identifiable people think of candidates is data on political opinions, which GDPR art. 9(1)
    forbids to process without a ground of art. 9(2); evidence is counts and fractions. Sum by day
    and candidate, leave this out, and delete the file that was refused
    """
    asked = table.asked
    if asked is None or frame.empty:
        return
    if "basis" in frame and "ballots" in asked.people:
        frame = frame[frame["basis"].ne("official")]
    least = limits().least_people
    for name in asked.crossed:
        small = frame[name].between(1, least - 1)
        if small.any():
            n = frame[name][small].iloc[0]
            what = f"a cell of {'one person' if n == 1 else f'{n:g} people'} in '{name}'"
            _refuse(path, small, what)
    within = [name for name in asked.within if name in frame]
    body = frame.groupby(within, sort=False, dropna=False).ngroup()
    people = frame[list(asked.people)].max(axis=1) if asked.people else None
    if asked.answers:
        _refuse_single_answers(frame, body, asked, people, path)
    if people is None:
        return
    size = people.groupby(body).transform("max")
    small = (size < least) & ~body.duplicated()
    if small.sum() > limits().most_small * body.nunique():
        _refuse(path, small, f"answers of {size[small].iloc[0]:g} people, and too many of so few")
    if not {"institute", "fieldwork_end", "poll_id"} <= set(frame):
        return
    nameless = frame[people.isna()]
    by = [*within[:-1], "institute", "fieldwork_end"]
    times = nameless.groupby(by)["poll_id"].transform("nunique")
    if (many := times > limits().most_a_day).any():
        what = f"{times.max():g} polls of one institute and day without a sample size"
        _refuse(path, many, what)


def _refuse_single_answers(
    frame: pd.DataFrame, body: pd.Series, asked: Asked, people: pd.Series | None, path: Path
) -> None:
    values = frame[list(asked.answers)]
    pure = (values.isna() | values.isin([0.0, 1.0])).all(axis=1).groupby(body).transform("all")
    said = values.eq(1.0).any(axis=1).groupby(body).transform("any")
    single = pure & said
    times = single.groupby(body).first()
    # a few are rounded, or of a survey whose size nobody publishes
    if times.sum() <= max(A_FEW, limits().most_small * len(times)):
        if people is None:
            return
        single &= ~(people.groupby(body).transform("max") >= limits().least_people)
    if single.any():
        least = limits().least_people
        what = (
            f"the answers of one person (all 0 or 1, of fewer than {least} people or of nobody "
            "knows how many, or time and again)"
        )
        _refuse(path, single, what)


def refuse_identifying(text: str, what: str, known: Collection[str] = ()) -> None:
    """Refuse a short free text that points to a person, without repeating it.

    Parameters
    ----------
    text : str
    what : str
        What it is, for the message.
    known : collection of str
        Letters of organisations.

    Raises
    ------
    DataError
        With what it seems to hold.
    """
    if len(text) > limits().longest_source:
        raise DataError(
            f"{what} has {len(text):,} letters; accepted: a URL, a citation or a remark of up to "
            f"{limits().longest_source}"
        )
    if found := identifying(text, known):
        raise DataError(
            f"{what} seems to hold {found}; accepted: a URL, a citation, the name of an "
            f"organisation; refused: {LAW}"
        )


def _refuse_sources(cells: pd.Series, name: str, path: Path, known: Collection[str]) -> None:
    for row, cell in cells.items():
        refuse_identifying(str(cell), f"{place_of(path, int(str(row)))}: column '{name}'", known)
    if found := identifying_together(map(str, cells)):
        raise DataError(f"{path}: column '{name}' seems to hold {found}; refused: {REASON}")


def _refuse_word(cell: str, row: int, name: str, column: Column, path: Path) -> None:
    place = f"{place_of(path, row)}: column '{name}'"
    most = limits().longest_key
    if column.words == "name":  # of somebody who stands for office, or of a party
        if identifying(cell) != OWN_WORDS:
            refuse_identifying(cell, place)
        return
    if _CODED.fullmatch(cell):
        raise DataError(
            f"{place} seems to hold an identifier; accepted: a key that says what it is, such as "
            f"ifop_2017_04_21; refused: {LAW}"
        )
    if len(cell) <= most and _KEY.fullmatch(cell):
        return
    refuse_identifying(cell, place)
    raise DataError(
        f"{place} is '{shortened(cell)}'; accepted: a key of up to {most} letters, digits and "
        "signs such as _ . + / -, without spaces"
    )


def _refuse_undeclared(
    of: str, entries: dict[str, int], declared: Declared, path: Path
) -> NoReturn:
    place, row = place_of_lists(path), min(entries.values())
    what = {"organisations": "organisation", "modes": "mode of asking", "bases": "base"}[of]
    if longest := next((name for name in entries if len(name) > LONGEST), ""):
        raise DataError(
            f"{place_of(path, entries[longest])}: '{shortened(longest)}' has {len(longest):,} "
            f"letters; accepted: up to {LONGEST}"
        )
    named = [name for name in entries if not identifying(name)]
    if not named or (people := identifying_together(named)):
        found = people if named else identifying(next(iter(entries)))
        raise DataError(
            f"{place_of(path, row)}: no {what} that is declared, and seems to hold {found}; "
            f"refused: {REASON}"
        )
    told = ", ".join(f"'{shortened(name)}'" for name in named[:MOST_TOLD])
    more = f" and {len(named) - MOST_TOLD} more" if len(named) > MOST_TOLD else ""
    listed = flow([*declared.lists.get(of, ()), *named][:MOST_DECLARED])
    raise DataError(
        f"{place_of(path, row)}: {told}{more}: no {what} that the bench knows; correct the "
        f"spelling, or declare it in {place}: `{of}: {listed}`"
    )


def _refuse(path: Path, marked: pd.Series, what: str) -> NoReturn:
    row = int(str(marked.index[int(np.argmax(marked.to_numpy()))]))
    raise DataError(f"{place_of(path, row)}: seems to hold {what}; refused: {REASON}")

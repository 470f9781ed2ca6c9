"""Which methods may be ranked together: those that answered identical sets of questions."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pandas as pd

from bench.core.errors import ForecastError

KEY = ["election", "round", "as_of"]
VARIED = ["scenario", "dose", "replicate"]
MOST_NAMED = 4


def answered(rows: pd.DataFrame, score: str) -> pd.DataFrame:
    """Values of one score: a row per vote, date and candidate, a column per predictor.

    Parameters
    ----------
    rows : pandas.DataFrame
        Long error table of one ballot and one area.
    score : str

    Returns
    -------
    pandas.DataFrame
        NaN where a predictor did not answer: the mask.

    Raises
    ------
    ForecastError
        If the table mixes scenarios, doses or replicates, or holds a value twice: means over
        such rows compare nothing.
    """
    chosen = rows[rows["score"] == score]
    for column in VARIED:
        if column in chosen and chosen[column].nunique() > 1:
            values = sorted(map(str, chosen[column].unique()))
            raise ForecastError(
                f"the errors mix {len(values)} values of '{column}' ({', '.join(values[:5])}); "
                "methods are compared within one"
            )
    if chosen.duplicated([*KEY, "candidate", "predictor"]).any():
        raise ForecastError(f"the errors hold a value of '{score}' twice; give one run")
    return chosen.pivot(index=[*KEY, "candidate"], columns="predictor", values="value")


def identical_sets(values: pd.DataFrame) -> list[list[str]]:
    """Predictors that answered identical sets, largest set first.

    Examples
    --------
    >>> identical_sets(pd.DataFrame({"a": [1.0, 2.0], "b": [1.0, None], "c": [3.0, 4.0]}))
    [['a', 'c'], ['b']]
    """
    sets: dict[tuple[bool, ...], list[str]] = {}
    for name in values.columns:
        sets.setdefault(tuple(values[name].notna()), []).append(str(name))
    return [sets[mask] for mask in sorted(sets, key=lambda m: (-sum(m), m))]


def missing_in_words(values: pd.DataFrame, sets: list[list[str]]) -> list[str]:
    """What each set lacks of everything that somebody answered, with its members by name.

    Examples
    --------
    >>> index = pd.MultiIndex.from_tuples(
    ...     [("fr2012", 1, "t", "ash"), ("fr2017", 1, "t", "ash")], names=[*KEY, "candidate"])
    >>> table = pd.DataFrame({"a": [1.0, 2.0], "b": [1.0, None]}, index=index)
    >>> missing_in_words(table, [["a"], ["b"]])
    ['Set 2 (b) did not answer fr2017 round 1; it is not ranked with set 1.']
    >>> index = pd.MultiIndex.from_tuples(
    ...     [("fr2017", 1, day, "ash") for day in "stu"], names=[*KEY, "candidate"])
    >>> table = pd.DataFrame({"a": [1.0, 2.0, 3.0], "b": [None, None, 1.0]}, index=index)
    >>> missing_in_words(table, [["a"], ["b"]])
    ['Set 2 (b) did not answer fr2017 round 1 on 2 of 3 dates; it is not ranked with set 1.']
    """
    sentences = []
    for number, members in enumerate(sets, start=1):
        gone = values.index[values[members[0]].isna()]
        if not len(gone):
            continue
        there = values.index[values[members[0]].notna()]
        answered = {key[:3] for key in there}
        votes = _votes({key[:3] for key in gone} - answered, {key[:3] for key in values.index})
        some = [f"{key[3]} in {key[0]}" for key in gone if key[:3] in answered]
        what = _listed(list(dict.fromkeys([*votes, *some])))
        others = _listed([f"set {k}" for k in range(1, len(sets) + 1) if k != number])
        sentences.append(
            f"Set {number} ({_listed(members)}) did not answer {what}; it is not ranked with "
            f"{others}."
        )
    return sentences


def _votes(missing: set[tuple[Any, ...]], asked: set[tuple[Any, ...]]) -> list[str]:
    """Votes without an answer, and how many of their dates where some have one."""
    gone = Counter(key[:2] for key in missing)
    dates = Counter(key[:2] for key in asked)
    return [
        f"{election} round {number}"
        + (f" on {n} of {of} dates" if n < (of := dates[election, number]) else "")
        for (election, number), n in sorted(gone.items())
    ]


def _listed(names: list[str]) -> str:
    more = len(names) - MOST_NAMED
    shown = names if more <= 1 else [*names[:MOST_NAMED], f"{more} more"]
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"

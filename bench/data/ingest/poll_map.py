"""A map: how a compilation of polls is read, said in a small YAML file."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd

from bench.core.errors import ConfigError, DataError, did_you_mean
from bench.core.read import shortened
from bench.data.columns import TABLES
from bench.data.csv_dialect import HYPOTHESIS
from bench.data.readers import read_yaml

SHIPPED = Path(__file__).parent / "poll_maps"
PARTY = "party"  # a column from which the family of somebody new is guessed
LEFT = "candidate_left_on"  # a column that says from when somebody is no candidate
EXTRA = (HYPOTHESIS, PARTY, LEFT)  # read from files, and no part of the table
POLLS = (*TABLES["polls"].columns, *TABLES["polls"].versions)
MEANINGS = (*POLLS, *EXTRA)
LAG_DAYS = 2
LONGEST_WAIT = pd.Timedelta(days=60)


@dataclass(frozen=True, kw_only=True)
class DayInText:
    """A column whose text states the day of publication.

    Attributes
    ----------
    column : str
        Of the file.
    pattern : str
        A regular expression with two groups: day and name of the month.
    months : tuple of str
        The twelve names.
    """

    column: str
    pattern: str
    months: tuple[str, ...]

    def day(self, text: object, end: pd.Timestamp) -> pd.Timestamp | None:
        """The day that a text states; None if none, or one not within 60 days after `end`.

        Examples
        --------
        >>> of = shipped("mieuxvoter").published_in
        >>> of.day("10118-pres-ifop-le-figaro-4-mars.pdf", pd.Timestamp("2026-02-27")).date()
        datetime.date(2026, 3, 4)
        >>> of.day("10195-pres-ipsos-le-parisien-1er-juin.pdf", pd.Timestamp("2026-05-28")).day
        1
        >>> of.day("9916-pres-elabe-bfmtv-dimanche-5-avril.pdf", pd.Timestamp("2025-04-24"))
        """
        for number, name in re.findall(self.pattern, str(text)):
            if name not in self.months:
                continue
            for year in (end.year, end.year + 1):
                month = self.months.index(name) + 1
                day = pd.to_datetime(f"{year}-{month:02d}-{int(number):02d}", errors="coerce")
                if not pd.isna(day) and end <= day <= end + LONGEST_WAIT:
                    return day
        return None


@dataclass(frozen=True, kw_only=True)
class PollMap:
    """How a file of polls is read; the defaults are those of our own table.

    Attributes
    ----------
    title, credit, licence : str
        Where the file is from, and what may be done with it.
    columns : mapping of str to str
        Names of columns in the file, and what they are called here.
    share : str
        ``fraction`` (0 to 1) or ``percent``.
    date : str
        Pattern of dates, such as ``%d/%m/%Y``; empty for 2030-05-12.
    rounds : mapping of str to str
        What the file calls the rounds, such as ``{"Premier tour": "1"}``.
    constants : mapping of str to str
        Columns that the file does not have, with their one value.
    words : mapping of str to mapping
        By column (as it is called here): what words in it mean.
    ids : tuple of str
        Columns of the file that tell polls apart. Without them a poll is one institute, last day of
        interviews, round and list of candidates.
    prefix : str
        Of the names of polls.
    empty : tuple of str
        Words that stand for an empty cell.
    nobody : tuple of str
        Rows that are no person; left out, and their part is not divided.
    only : mapping of str to tuple
        Columns of the file, and the words with which a row counts.
    candidates_after : str
        For a file with one column per candidate: the last column before these.
    names : mapping of str to str
        What the file calls somebody, and his or her key or full name.
    lists : mapping of str to str
        Columns that list several names, and the sign between them.
    left_out : mapping of str to str
        Polls, by the words of `ids`, that are not what the file says, with the reason.
    lag_days : int
        Days after the last interview on whose end a poll counts as public, where nothing says when.
    published_in : DayInText, optional
        A column that states the day of publication in its text.
    """

    title: str = ""
    credit: str = ""
    licence: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)
    share: str = "fraction"
    date: str = ""
    rounds: Mapping[str, str] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    ids: tuple[str, ...] = ()
    prefix: str = ""
    empty: tuple[str, ...] = ()
    nobody: tuple[str, ...] = ()
    only: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    candidates_after: str = ""
    names: Mapping[str, str] = field(default_factory=dict)
    lists: Mapping[str, str] = field(default_factory=dict)
    left_out: Mapping[str, str] = field(default_factory=dict)
    lag_days: int = LAG_DAYS
    published_in: DayInText | None = None


def shipped_maps() -> list[str]:
    """The names of the maps that come along.

    Examples
    --------
    >>> shipped_maps()
    ['europe-elects', 'mieuxvoter', 'nsppolls']
    """
    return sorted(path.stem for path in SHIPPED.glob("*.yaml"))


def shipped(name: str) -> PollMap:
    """A map that comes along.

    Raises
    ------
    ConfigError
        If none is called so.
    """
    if name not in shipped_maps():
        raise ConfigError(
            f"no map is called '{name}' ({did_you_mean(name, shipped_maps())}); for any other file "
            "write a map of your own (docs/add_a_poll.md) and give it as --map FILE"
        )
    return read_map(SHIPPED / f"{name}.yaml")


def read_map(path: Path) -> PollMap:
    """A map from its YAML file.

    Raises
    ------
    DataError
        If a key or a column is none, or a value is not what it must be.
    """
    given = dict(read_yaml(path))
    known = [entry.name for entry in fields(PollMap)]
    for key in given:
        if key not in known:
            raise DataError(
                f"{path}: no key is called '{shortened(key)}' "
                f"({did_you_mean(str(key)[:60], known)})"
            )
    settings: dict[str, Any] = {}
    for key, value in given.items():
        if key in ("columns", "constants", "names", "lists", "left_out", "rounds"):
            settings[key] = _texts(value, key, path)
        elif key in ("ids", "empty", "nobody"):
            settings[key] = _list(value, key, path)
        elif key in ("words", "only"):
            inner = _list if key == "only" else _texts
            settings[key] = {name: inner(of, key, path) for name, of in _mapping(value, key, path)}
        elif key == "share" and value not in ("fraction", "percent"):
            raise DataError(f"{path}: `share` is {value!r:.60}; accepted: fraction, percent")
        elif key == "date" and not _is_pattern(value):
            raise DataError(
                f"{path}: `date` is {value!r:.60}; accepted: a pattern of day, month and year, "
                'such as "%d/%m/%Y"'
            )
        elif key == "published_in":
            settings[key] = _day_in_text(value, path)
        elif key == "lag_days":
            if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= 60:
                raise DataError(f"{path}: `lag_days` is {value!r:.60}; accepted: 0 to 60")
            settings[key] = value
        else:
            settings[key] = str(value)
    constant = settings.get("constants", {})
    named = {**settings.get("columns", {}), **{name: name for name in constant}}
    for column, meaning in named.items():
        if meaning not in MEANINGS:
            raise DataError(
                f"{path}: the column '{column}' is called '{meaning}' "
                f"({did_you_mean(meaning[:60], MEANINGS)})"
            )
    return PollMap(**settings)


def _is_pattern(value: object) -> bool:
    """Whether a pattern of dates reads back the days that it writes."""
    days = [datetime(2030, 12, 31), datetime(2031, 1, 2)]
    try:
        return isinstance(value, str) and all(
            datetime.strptime(day.strftime(value), value) == day for day in days
        )
    except (ValueError, re.error):
        return False


def _day_in_text(value: Any, path: Path) -> DayInText:
    found = dict(_mapping(value, "published_in", path))
    months = tuple(map(str, found.get("months", ())))
    try:
        groups = re.compile(str(found.get("pattern", ""))).groups
    except re.error as error:
        raise DataError(f"{path}: `published_in` has no pattern ({error})") from error
    if groups != 2 or len(months) != 12 or "column" not in found:
        raise DataError(
            f"{path}: `published_in` needs column, a pattern with two groups (day and month) and "
            "the names of the twelve months"
        )
    return DayInText(column=str(found["column"]), pattern=str(found["pattern"]), months=months)


def _mapping(value: Any, key: str, path: Path) -> list[tuple[str, Any]]:
    if not isinstance(value, dict):
        raise DataError(f"{path}: `{key}` is {value!r:.60}; accepted: {{name: …}}")
    return [(str(name), of) for name, of in value.items()]


def _texts(value: Any, key: str, path: Path) -> dict[str, str]:
    found = _mapping(value, key, path)
    for name, of in found:
        if not isinstance(of, str | int | float) or isinstance(of, bool):
            raise DataError(f"{path}: `{key}` has {name}: {of!r:.60}; accepted: text; quote it")
    return {name: str(of) for name, of in found}


def _list(value: Any, key: str, path: Path) -> tuple[str, ...]:
    if not isinstance(value, Sequence) or isinstance(value, str):
        raise DataError(f"{path}: `{key}` is {value!r:.60}; accepted: a list")
    return tuple(map(str, value))

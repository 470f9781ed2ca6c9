"""A map: how a compilation of polls is read, said in a small YAML file."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal

import pandas as pd
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from bench.core.errors import ConfigError, did_you_mean
from bench.data.columns import OTHERS_SHARE, TABLES
from bench.data.csv_dialect import HYPOTHESIS
from bench.data.readers import Text, facts_as, one_of, read_yaml

SHIPPED = Path(__file__).parent / "poll_maps"
PARTY = "party"  # a column from which the family of somebody new is guessed
LEFT = "candidate_left_on"  # a column that says from when somebody is no candidate
REMARKS = "notes"  # a column that is quoted where a poll looks like a slip
# read from files, and no part of the table
EXTRA = (HYPOTHESIS, PARTY, LEFT, REMARKS, OTHERS_SHARE)
POLLS = (*TABLES["polls"].columns, *TABLES["polls"].versions)
MEANINGS = (*POLLS, *EXTRA)
LAG_DAYS = 2
LONGEST_WAIT = pd.Timedelta(days=60)


def _date(pattern: str) -> str:
    """A pattern of dates that reads back the days that it writes."""
    days = [datetime(2030, 12, 31), datetime(2031, 1, 2)]
    try:
        if all(datetime.strptime(day.strftime(pattern), pattern) == day for day in days):
            return pattern
    except (ValueError, re.error):
        pass
    raise ValueError('accepted: a pattern of day, month and year, such as "%d/%m/%Y"')


def _day_and_month(pattern: str) -> str:
    try:
        if re.compile(pattern).groups == 2:
            return pattern
    except re.error:
        pass
    raise ValueError("accepted: a regular expression with two groups, day and month")


Meaning = Annotated[Text, one_of(MEANINGS)]


class DayInText(BaseModel):
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

    model_config = ConfigDict(extra="forbid", frozen=True)

    column: Text
    pattern: Annotated[str, AfterValidator(_day_and_month)]
    months: Annotated[tuple[Text, ...], Field(min_length=12, max_length=12)]

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


class PollMap(BaseModel):
    """How a file of polls is read; the defaults are those of our own table.

    Attributes
    ----------
    title, credit, licence : str
        Where the file is from, and what may be done with it.
    columns : mapping of str to str
        Names of columns in the file, and what they are called here.
    share : str
        ``fraction`` (0 to 1) or ``percent``; empty: percent where cells say so or their mean is
        above 1.
    date : str
        Pattern of dates, such as ``%d/%m/%Y``; empty: 2030-05-12, or the one that fits all of them.
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
    candidates : tuple of str
        For a file with one column per candidate: these columns.
    candidates_after : str
        Instead of `candidates`: the last column before these.
    names : mapping of str to str
        What the file calls somebody, and his or her key or full name.
    lists : mapping of str to str
        Columns that list several names, and the sign between them.
    left_out : mapping of str to str
        Polls, by the words of `ids` or by `poll_id`, that are not what the file says, with the
        reason.
    lag_days : int
        Days after the last interview on whose end a poll counts as public, where nothing says when.
    published_in : DayInText, optional
        A column that states the day of publication in its text.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: Text = ""
    credit: Text = ""
    licence: Text = ""
    columns: dict[Text, Meaning] = {}
    share: Literal["", "fraction", "percent"] = ""
    date: Annotated[str, AfterValidator(_date)] = ""
    rounds: dict[Text, Text] = {}
    constants: dict[Meaning, Text] = {}
    words: dict[Text, dict[Text, Text]] = {}
    ids: tuple[Text, ...] = ()
    prefix: Text = ""
    empty: tuple[Text, ...] = ()
    nobody: tuple[Text, ...] = ()
    only: dict[Text, tuple[Text, ...]] = {}
    candidates: tuple[Text, ...] = ()
    candidates_after: Text = ""
    names: dict[Text, Text] = {}
    lists: dict[Text, Text] = {}
    left_out: dict[Text, Text] = {}
    lag_days: Annotated[int, Field(ge=0, le=60, strict=True)] = LAG_DAYS
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
    return facts_as(PollMap, read_yaml(path), path)

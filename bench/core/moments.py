"""Moments in local time: one reading of whatever somebody typed, in Python, YAML or a terminal."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import date, datetime
from typing import TYPE_CHECKING

from bench.core.errors import ConfigError

if TYPE_CHECKING:
    import pandas as pd

NOW = "now"
YEAR_LAST = re.compile(r"(\d\d?)[/. -](\d\d?)[/. -](\d{4}|\d\d)((?:[ T]\d\d:\d\d)?)")
YEARS = (1678, 2261)
"""First and last year that a table can hold."""


def local_moment(raw: str | date | pd.Timestamp, name: str = "as_of") -> pd.Timestamp:
    """A moment in local time, from what somebody typed.

    Parameters
    ----------
    raw : str, date or pandas.Timestamp
        Year, month, day and, unless midnight is meant, the time of day; ``now`` is this minute.
    name : str
        Of the setting or option, for the message.

    Raises
    ------
    ConfigError
        If it is no moment, one with a time zone, or one in a year that no table can hold. Of a
        date whose year stands last the message says how it is written.

    Examples
    --------
    >>> local_moment("2017-04-01 20:00")
    Timestamp('2017-04-01 20:00:00')
    >>> local_moment("01/04/2017")
    Traceback (most recent call last):
    ...
    bench.core.errors.ConfigError: as_of is '01/04/2017'; accepted: a moment in local time such as
    '2017-04-21 20:00' (year, month, day), without a time zone. For 1 April 2017 write '2017-04-01'
    """
    try:
        return iso_moment(_present() if raw == NOW else raw)
    except (TypeError, ValueError) as error:
        raise ConfigError(
            f"{name} is {raw!r}; accepted: a moment in local time such as '2017-04-21 20:00' "
            f"(year, month, day), without a time zone{_correct_spelling(raw)}"
        ) from error


def iso_moment(raw: object) -> pd.Timestamp:
    """As `local_moment`, of a file, which knows no present; TypeError or ValueError if refused.

    Examples
    --------
    >>> iso_moment(date(2017, 4, 1))
    Timestamp('2017-04-01 00:00:00')
    """
    import numpy as np  # both slow to import, and settings are read without them
    import pandas as pd

    if isinstance(raw, str):
        raw = datetime.fromisoformat(raw)
    if not isinstance(raw, date | np.datetime64) or pd.isna(raw):
        raise TypeError("no date")
    moment = pd.Timestamp(raw)
    if moment.tzinfo is not None or not YEARS[0] <= moment.year <= YEARS[1]:
        raise ValueError(f"accepted: local time, in {YEARS[0]} to {YEARS[1]}")
    return moment


def _present() -> datetime:
    return datetime.now().replace(second=0, microsecond=0)


def _correct_spelling(raw: object) -> str:
    """A sentence on how a date whose year stands last is written; empty for any other text.

    The day is read first, or the month where that gives no date.
    """
    match = YEAR_LAST.fullmatch(str(raw).strip())
    if match is None:
        return ""
    first, second, year, hour = match.groups()
    short = "%y" if len(year) == 2 else "%Y"
    for form in (f"%d %m {short}", f"%m %d {short}"):
        with suppress(ValueError):
            day = datetime.strptime(f"{first} {second} {year}", form)
            return f". For {day.day} {day:%B %Y} write '{day:%Y-%m-%d}{hour}'"
    return ""

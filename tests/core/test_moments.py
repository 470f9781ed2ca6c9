"""Moments: one reading of what somebody typed, and no guess at which number is the month."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest

from bench.core import ConfigError
from bench.core.moments import iso_moment, local_moment

EVENING = pd.Timestamp("2017-04-21 20:00")


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("2017-04-21T20:00", EVENING),
        ("2017-04-21 20:00", EVENING),
        (EVENING, EVENING),
        (EVENING.to_pydatetime(), EVENING),
        (np.datetime64("2017-04-21T20:00"), EVENING),
        ("2017-04-21", EVENING.normalize()),
        (date(2017, 4, 21), EVENING.normalize()),
    ],
)
def test_a_moment_is_read_as_it_stands(given: Any, meant: pd.Timestamp) -> None:
    assert local_moment(given) == meant


@pytest.mark.parametrize(
    ("given", "line"),
    [
        ("01/04/2017", "For 1 April 2017 write '2017-04-01'"),
        ("1/4/17", "For 1 April 2017 write '2017-04-01'"),
        ("01.04.2017 20:00", "For 1 April 2017 write '2017-04-01 20:00'"),
        ("01-04-2017", "For 1 April 2017 write '2017-04-01'"),
        ("04/21/2017", "For 21 April 2017 write '2017-04-21'"),
        ("31/31/2017", "without a time zone"),
    ],
)
def test_a_date_whose_year_stands_last_is_refused_with_the_line_that_would_be_right(
    given: str, line: str
) -> None:
    with pytest.raises(ConfigError, match=f"^as_of is '{given}'; accepted: .*{line}$"):
        local_moment(given)


@pytest.mark.parametrize(
    "given",
    [
        *("2017", "2017-04", "20:00", "", "yesterday", "today", "2017-04-21T20:00+02:00"),
        *(5, 5.0, True, None, pd.NaT, pd.Timestamp("2017-04-21", tz="UTC"), [EVENING]),
        *("1677-12-31", pd.Timestamp.max),
    ],
)
def test_what_is_no_whole_moment_is_not_completed(given: Any) -> None:
    with pytest.raises(ConfigError, match=r"^since is .*; accepted: a moment in local time"):
        local_moment(given, "since")


def test_now_is_this_minute_and_no_moment_of_a_file() -> None:
    now = local_moment("now")
    assert timedelta(0) <= datetime.now() - now < timedelta(minutes=2)
    assert (now.second, now.microsecond) == (0, 0)
    with pytest.raises(ValueError, match="now"):
        iso_moment("now")

"""The published curve of poll errors before French votes, beside that of the atlas."""

from __future__ import annotations

from functools import cache, partial

import numpy as np
import pandas as pd

import bench
from tests.published.figure import Figure

RUNNING_ROWS = 7
FURTHEST_DAYS = 200

ECONOMIST = {1: "2.58", 7: "2.71", 30: "3.16", 100: "3.93", 200: "5.11"}
"""Days before a first round to `r1_error` of historical_r1_r2_error.csv, in points."""

WIDTH_DAYS = {1: 1, 7: 2, 30: 5, 100: 15, 200: 25}
"""Rows this near to the day stand in for the published spline."""

_SOURCE = (
    "The Economist 2022, github.com/TheEconomist/2022-france-election-model: "
    "scripts/get_historical_error_stan.R and output-data/historical_r1_r2_error.csv"
)
REASON = (
    "the same steps on the polls shipped here, not on Jennings & Wlezien's table, and the rows "
    "around the day in the place of posterior predictive draws from a spline"
)


def figures() -> list[Figure]:
    """List the points of the published curve of poll errors before a French first round.

    The Economist's script takes the mean absolute error over the parties of one day, then the
    mean of the last seven such rows of an election (rows of both rounds together), fits a spline
    with Student errors to these, and publishes the root mean square of its posterior predictive
    draws. It is therefore no standard deviation of a candidate's error. What is compared here is
    the root mean square of the same running means around each day.
    """
    running = running_errors(poll_errors())
    return [
        Figure(
            f"polls {day} days before a first round: running error, in points",
            printed,
            _SOURCE,
            partial(error_around, running, day),
            because=REASON,
        )
        for day, printed in ECONOMIST.items()
    ]


def running_errors(errors: pd.DataFrame) -> pd.DataFrame:
    """Running means of the daily mean absolute error, first rounds only.

    Parameters
    ----------
    errors : pandas.DataFrame
        One row per poll and candidate, as :func:`poll_errors` gives them.

    Returns
    -------
    pandas.DataFrame
        `election`, `days_before` and `error`, a fraction of the valid votes.

    Examples
    --------
    Days 2 and 1 err by .02 and .04 (the mean of two candidates); the second row is their mean:

    >>> rows = pd.DataFrame({"election": "a", "round": 1, "days_before": [2, 1, 1],
    ...                      "error": [-0.02, 0.03, -0.05]})
    >>> running_errors(rows)["error"].round(3).tolist()
    [0.02, 0.03]
    """
    near = errors[errors["days_before"].le(FURTHEST_DAYS)]
    days = ["election", "round", "days_before"]
    daily = near["error"].abs().groupby([near[name] for name in days]).mean().reset_index()
    daily = daily.sort_values("days_before", ascending=False, kind="stable")
    running = daily.groupby("election")["error"].rolling(RUNNING_ROWS, min_periods=1).mean()
    daily["error"] = running.droplevel("election")
    return daily.loc[daily["round"].eq(1), ["election", "days_before", "error"]].reset_index(
        drop=True
    )


def error_around(running: pd.DataFrame, day: int) -> float:
    """Take the root mean square of the running means around a day.

    Unit: percentage points. NaN if there is none.

    Parameters
    ----------
    running : pandas.DataFrame
        From :func:`running_errors`.
    day : int
        One of `ECONOMIST`.
    """
    near = running.loc[(running["days_before"] - day).abs() <= WIDTH_DAYS[day], "error"]
    return float(100 * np.sqrt(near.pow(2).mean()))


@cache
def poll_errors(*, other_lists: bool = False) -> pd.DataFrame:
    """Errors of all polls of French presidential elections, by candidate.

    Polls of a ballot that names somebody who did not stand are left out: nobody knows their
    error.

    Parameters
    ----------
    other_lists : bool
        Whether these count too, for those of their candidates who stood.

    Returns
    -------
    pandas.DataFrame
        `election`, `round`, `days_before` (end of the fieldwork to the vote), `polled` and
        `error` (polled minus official share), fractions of the valid votes.
    """
    polls = bench.atlas(country="FR")
    polls = polls[polls["kind"].eq("president")]
    if other_lists:
        person = ["election", "round", "candidate"]
        official = polls.dropna(subset="outcome").drop_duplicates(person)[[*person, "outcome"]]
        polls = polls.drop(columns="outcome").merge(official, on=person, how="left")
    polls = polls[polls["outcome"].notna()]
    polls = polls.assign(polled=polls["asked"], error=polls["asked"] - polls["outcome"])
    return polls[["election", "round", "days_before", "polled", "error"]].reset_index(drop=True)

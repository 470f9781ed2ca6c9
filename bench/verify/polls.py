"""This file holds the published figures that need a table of polls."""

from collections.abc import Sequence
from functools import partial

import numpy as np
from numpy.typing import ArrayLike

from bench.contract.errors import ForecastError
from bench.score.arrays import FloatArray, finite, fractions, same_shape
from bench.verify.figure import Figure

FINAL_WEEK_CANDIDATES = ("macron", "le_pen", "fillon", "melenchon", "hamon", "dupont_aignan")
_FINAL_WEEK = ("0.39", "0.93", "0.95", "0.95", "1.25", "0.70")

_CUT_LAST_DIGIT = ("le_pen", "hamon")
_CUT = "the last digit agrees if the official shares are first rounded to two decimals of a percent"

_HORIZON = {1: ("2.58", 1), 7: ("2.71", 2), 30: ("3.16", 5), 100: ("3.93", 15), 200: ("5.11", 25)}
_HORIZON_REASON = (
    "the published curve is no standard deviation of poll errors: it is the root mean square of "
    "posterior predictive draws for a seven-row running mean, per election, of the daily mean "
    "absolute error of the parties in Jennings & Wlezien's table; ours is the root mean square "
    "over elections of the mean absolute error of the polls around that day"
)


def final_week_figures(share: ArrayLike, outcome: ArrayLike) -> list[Figure]:
    """List the mean absolute errors of the last polls before the first round of 2017.

    The nine polls are the last of each institute on the official ballot (BVA, Elabe, Harris
    Interactive, Ifop, Ipsos, Kantar Sofres, Odoxa, OpinionWay, Scan Research / Le Terrain).
    Two of the printed figures seem to have been cut, not rounded, or computed from official
    percentages with two decimals; with the exact votes they are 0.936 and 1.256.

    Parameters
    ----------
    share : array_like [N, 6]
        Shares in the order of `FINAL_WEEK_CANDIDATES`, one row per poll.
    outcome : array_like [6]
        Their official shares of the valid votes.

    Raises
    ------
    ForecastError
        If values are missing or outside 0 to 1, or the candidates are not six.

    Examples
    --------
    >>> polls = [[0.24, 0.22, 0.19, 0.19, 0.08, 0.04]]
    >>> found = final_week_figures(polls, [0.24, 0.21, 0.20, 0.20, 0.06, 0.05])
    >>> [round(figure.compute(), 4) for figure in found]
    [0.0, 1.0, 1.0, 1.0, 2.0, 1.0]
    """
    polls = fractions("share", share, ndim=2)
    official = fractions("outcome", outcome)
    same_shape("one poll", polls[0], "outcome", official)
    if official.size != len(FINAL_WEEK_CANDIDATES):
        raise ForecastError(
            f"outcome has {official.size} candidates; expected are {FINAL_WEEK_CANDIDATES}"
        )
    error_pp = 100 * np.abs(polls - official).mean(axis=0)
    return [
        Figure(
            f"last polls of 2017, round 1: mean absolute error of {candidate}, in points",
            printed,
            "computed from the table of polls",
            partial(float, value),
            reason=_CUT if candidate in _CUT_LAST_DIGIT else "",
        )
        for candidate, printed, value in zip(
            FINAL_WEEK_CANDIDATES, _FINAL_WEEK, error_pp, strict=True
        )
    ]


def horizon_figures(
    election: Sequence[str], days_before: ArrayLike, error: ArrayLike
) -> list[Figure]:
    """List the errors of first-round polls by days before the vote.

    Parameters
    ----------
    election : sequence of str [N]
        Election of each error.
    days_before : array_like [N]
        Days from the end of the fieldwork to the vote.
    error : array_like [N]
        Poll share minus official share, one row per poll and candidate.

    Raises
    ------
    ForecastError
        If values are missing or lengths differ.

    Examples
    --------
    >>> figures = horizon_figures(["fr2012", "fr2017"], [1, 1], [0.03, -0.04])
    >>> round(figures[0].compute(), 4)  # sqrt((9 + 16) / 2)
    3.5355
    """
    days = finite("days_before", days_before, ndim=1)
    errors = finite("error", error, ndim=1)
    labels = np.asarray(election)
    same_shape("days_before", days, "error", errors)
    same_shape("election", labels, "error", errors)
    return [
        Figure(
            f"polls {day} days before a first round: error, in points",
            printed,
            "The Economist 2022, French presidential election model",
            partial(error_around, labels, days, errors, day, width),
            reason=_HORIZON_REASON,
        )
        for day, (printed, width) in _HORIZON.items()
    ]


def error_around(
    election: np.ndarray[tuple[int], np.dtype[np.str_]],
    days_before: FloatArray,
    error: FloatArray,
    day: float,
    width: float,
) -> float:
    """Take the root mean square over elections of their mean absolute error around a day.

    Unit: percentage points. NaN if no poll was taken within `width` days of `day`.

    Examples
    --------
    >>> election = np.array(["fr2012", "fr2012"])
    >>> round(error_around(election, np.array([1.0, 2.0]), np.array([0.01, -0.03]), 1, 1), 4)
    2.0
    """
    near = np.abs(days_before - day) <= width
    if not near.any():
        return float("nan")
    per_election = [
        np.abs(error[near & (election == label)]).mean() for label in np.unique(election[near])
    ]
    return float(100 * np.sqrt(np.mean(np.square(per_election))))

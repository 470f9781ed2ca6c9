"""Chances that others state, markets and model-makers: which event, and the margin taken out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
import pandas as pd

from bench.core.arrays import FloatArray
from bench.core.forecast import AT_MOST_ONE, same_events

Learned = Literal["learned"]

QUANTITIES = {
    "win_probability": "elected",
    "first_place_probability": "first",
    "qualify_probability": "qualify",
    "majority_probability": "majority",
}
"""Quantities of the table `claims` that are chances, and the event of each."""


def event_of(quantity: str, n_advance: int, n_candidates: int) -> str:
    """The event of a quantity; where the vote decides, the one name of all that mean the same.

    Parameters
    ----------
    quantity : str
        Of `QUANTITIES`.
    n_advance, n_candidates : int
        How many get through, of how many on the ballot.

    Examples
    --------
    >>> event_of("first_place_probability", 2, 11), event_of("first_place_probability", 1, 2)
    ('first', 'elected')
    """
    event = QUANTITIES[quantity]
    alike = same_events(event, n_advance, n_candidates)
    return "elected" if "elected" in alike else event


def is_quoted(n_named: int, least_named: int, n_candidates: int) -> bool:
    """Whether one publication says enough: so many candidates, or one side of a pair.

    Examples
    --------
    >>> is_quoted(1, 2, n_candidates=11), is_quoted(1, 2, n_candidates=2)
    (False, True)
    """
    return n_named >= (1 if n_candidates == 2 else min(least_named, n_candidates))


def without_margin(
    quoted: pd.Series, event: str, candidates: Sequence[str], n_advance: int
) -> pd.Series:
    """Chances of one publication as probabilities that fit together.

        p_c = min(1, m q_c / sum_k q_k)

    with m = 1, or `n_advance` for getting through: if the whole ballot is quoted, and else only if
    the sum is above m. What a partial quotation leaves belongs to the others. Of two candidates one
    side is enough, the other has what is left of 1.

    Dividing by the sum spreads a bookmaker's margin in proportion to the prices. Prices of
    long shots are known to be too high, so that favourites end a little too low; rules that take
    more from long shots (power, Shin) need all prices of the book, which claims rarely hold.

    Parameters
    ----------
    quoted : pandas.Series
        Probabilities or prices of a contract that pays 1, by candidate.
    event : str
        Of `bench.core.forecast.EVENTS`.
    candidates : sequence of str
        The ballot.
    n_advance : int
        How many get through.

    References
    ----------
    Clarke, S., Kovalchik, S., Ingram, M. (2017). Adjusting bookmaker's odds to allow for
    overround. American Journal of Sports Science 5(6), 45-49, doi:10.11648/j.ajss.20170506.12.

    Examples
    --------
    >>> without_margin(pd.Series({"ash": 0.75, "birch": 0.5}), "elected", ["ash", "birch"], 1)
    ash      0.6
    birch    0.4
    dtype: float64
    >>> without_margin(pd.Series({"ash": 0.75}), "elected", ["ash", "birch"], 1).to_dict()
    {'ash': 0.75, 'birch': 0.25}
    """
    if len(candidates) == 2 and len(quoted) == 1 and n_advance == 1:
        [rival] = [name for name in candidates if name not in quoted]
        return pd.Series({**quoted, rival: 1 - float(quoted.iloc[0])})
    places = 1 if event in AT_MOST_ONE else n_advance
    total = float(quoted.sum())
    is_whole = len(quoted) == len(candidates) and (event != "majority" or len(candidates) == 2)
    if total > places or (is_whole and total > 0):
        return (quoted * places / total).clip(upper=1.0)
    return quoted


SLOPE_PRIOR = (0.3, 0.15)
"""Spreads of the slope around 1 a week before, and of its change for each e-fold of the days."""

DAY_CORRELATION = 0.25
"""Of the errors of races of one day, as in `bench.models.polls.shared_error`."""

SURE = 0.005
"""A chance is taken as no surer than this, a price of half a cent."""


def learned_slope(quotes: pd.DataFrame, days: float) -> float:
    """How much surer, in log odds, markets should have been than their prices.

        logit P(event) = slope · logit(price),  slope = 1 + s + g log((days + 1) / 8)

    by penalised maximum likelihood with s ~ N(0, 0.3²) and g ~ N(0, 0.15²): without quotes the
    slope is 1. Above 1 favourites were worth more than they cost, the favourite-longshot bias. A
    vote counts the same however often it was quoted, and `n` votes of one day count as
    ``n / (1 + (n - 1) / 4)``.

    Parameters
    ----------
    quotes : pandas.DataFrame
        Columns election, round, vote_on, horizon_days, chance (0 to 1), happened; those of the
        markets that are to be corrected, cut by the caller.
    days : float
        From the forecast to the vote.

    References
    ----------
    Thaler, R. H. and Ziemba, W. T. (1988). Anomalies: parimutuel betting markets.
    doi:10.1257/jep.2.2.161
    Page, L. and Clemen, R. T. (2013). Do prediction markets produce well-calibrated probability
    forecasts? doi:10.1111/j.1468-0297.2012.02561.x

    Examples
    --------
    >>> quotes = pd.DataFrame({"election": list("abcdefgh"), "round": 1, "horizon_days": 7,
    ...     "vote_on": pd.date_range("2030-01-01", periods=8), "chance": 0.6, "happened": True})
    >>> learned_slope(quotes.iloc[:0], 7), learned_slope(quotes, 7) > 1
    (1.0, True)
    """
    if quotes.empty:
        return 1.0
    x = np.log((np.asarray(quotes["horizon_days"], dtype=float) + 1.0) / 8.0)
    z = logit(np.asarray(quotes["chance"], dtype=float))
    y = np.asarray(quotes["happened"], dtype=float)
    design = np.column_stack([z, z * x])
    weight = _vote_weights(quotes)
    precision = np.diag(1.0 / np.square(SLOPE_PRIOR))
    beta = np.zeros(2)  # of s and g
    for _ in range(50):
        p = 1.0 / (1.0 + np.exp(-(z + design @ beta)))
        gradient = design.T @ (weight * (y - p)) - precision @ beta
        information = (design.T * (weight * p * (1.0 - p))) @ design + precision
        step = np.linalg.solve(information, gradient)
        beta += step
        if np.abs(step).max() < 1e-9:
            break
    return float(1.0 + beta[0] + beta[1] * np.log((days + 1.0) / 8.0))


def sharpened(chance: pd.Series, event: str, n_advance: int, slope: float) -> pd.Series:
    """Chances with the log odds times a slope; of events that happen to one, in proportion again.

    Of a whole ballot ``p_c^slope / sum_k p_k^slope``, which for two candidates is a slope of the
    log odds; of a part of it, or of getting through, each by itself and together no more than
    before.

    Parameters
    ----------
    chance : pandas.Series
        From `without_margin`.
    event : str
    n_advance : int
    slope : float
        1 leaves everything as it is.

    Examples
    --------
    >>> sharpened(pd.Series({"ash": 0.8, "birch": 0.2}), "elected", 1, 1.5).round(3).tolist()
    [0.889, 0.111]
    """
    if slope == 1.0:
        return chance
    total = float(chance.sum())
    if event in AT_MOST_ONE and abs(total - 1.0) < 1e-6:
        power = chance.clip(lower=1e-12) ** slope
        return power / power.sum()
    log_odds = slope * logit(chance.to_numpy())
    new = pd.Series(1.0 / (1.0 + np.exp(-log_odds)), index=chance.index)
    places = 1.0 if event in AT_MOST_ONE else float(n_advance)
    if abs(total - places) < 1e-6 or new.sum() > places:
        new = (new * places / new.sum()).clip(upper=1.0)
    return new


def logit(chance: FloatArray) -> FloatArray:
    """Log odds of chances kept from 0 and 1 by `SURE`."""
    inner = np.clip(chance, SURE, 1.0 - SURE)
    return np.asarray(np.log(inner / (1.0 - inner)))


def _vote_weights(quotes: pd.DataFrame) -> FloatArray:
    of_vote = quotes.groupby(["election", "round"])["chance"].transform("size")
    votes = of_vote.to_numpy(dtype=float)
    # of each day, how many votes
    unique = quotes.drop_duplicates(["election", "round"])
    together = quotes["vote_on"].map(unique["vote_on"].value_counts()).to_numpy(dtype=float)
    return np.asarray(1.0 / votes / (1.0 + (together - 1.0) * DAY_CORRELATION), dtype=float)

"""Chances that others state, markets and model-makers: which event, and the margin taken out."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from bench.core.forecast import AT_MOST_ONE, same_events

QUANTITIES = {
    "win_probability": "elected",
    "first_place_probability": "first",
    "qualify_probability": "qualify",
    "majority_probability": "majority",
}
"""Quantities of the table `claims` that are chances, and the event of each."""


def event_of(quantity: str, seats: int, n_candidates: int) -> str:
    """The event of a quantity; where the vote decides, the one name of all that mean the same.

    Parameters
    ----------
    quantity : str
        Of `QUANTITIES`.
    seats, n_candidates : int
        How many get through, of how many on the ballot.

    Examples
    --------
    >>> event_of("first_place_probability", 2, 11), event_of("first_place_probability", 1, 2)
    ('first', 'elected')
    """
    event = QUANTITIES[quantity]
    alike = same_events(event, seats, n_candidates)
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
    quoted: pd.Series, event: str, candidates: Sequence[str], seats: int
) -> pd.Series:
    """Chances of one publication as probabilities that fit together.

        p_c = min(1, m q_c / sum_k q_k)

    with m = 1, or `seats` for getting through: if the whole ballot is quoted, and else only if the
    sum is above m. What a partial quotation leaves belongs to the others. Of two candidates one
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
    seats : int
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
    if len(candidates) == 2 and len(quoted) == 1 and seats == 1:
        [other] = [name for name in candidates if name not in quoted]
        return pd.Series({**quoted, other: 1 - float(quoted.iloc[0])})
    places = 1 if event in AT_MOST_ONE else seats
    total = float(quoted.sum())
    is_whole = len(quoted) == len(candidates) and (event != "majority" or len(candidates) == 2)
    if total > places or (is_whole and total > 0):
        return (quoted * places / total).clip(upper=1.0)
    return quoted

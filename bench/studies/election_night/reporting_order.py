"""Orders in which polling stations report on the evening: this file makes them up."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from bench.core.errors import ConfigError, did_you_mean
from bench.models.election_night import NightFrame

Floats = npt.NDArray[np.float64]
OPENING_MIN = 10.0  # from closing to the first ballot counted
MIN_PER_BALLOT = 0.09  # one table, teams of four
REGISTERED_PER_BOOTH = 300  # Code électoral, article L62; tables follow booths (L65)
SPREAD = 0.25  # log scale, of the speed of counting
DELAY_MIN = 10.0  # mean of the delay until the result is passed on


def minutes_after_19(
    order: str,
    frame: NightFrame,
    ballots: Floats,
    votes: Floats,
    rng: np.random.Generator,
) -> Floats:
    """When every station reports, in minutes after 19:00, [U].

    Parameters
    ----------
    order : one of `ORDERS`.
    frame : the stations.
    ballots : ballots cast, [U].
    votes : [U, C]; only the adversarial orders look at them.
    rng : source of chance.

    Raises
    ------
    ConfigError
        If there is no such order.
    """
    if order not in ORDERS:
        raise ConfigError(f"no order is called '{order}' ({did_you_mean(order, ORDERS)})")
    return ORDERS[order](frame, ballots, votes, rng)


def realistic(
    frame: NightFrame, ballots: Floats, votes: Floats, rng: np.random.Generator
) -> Floats:
    """Small stations first; stations of large cities close an hour later."""
    return _closing(frame) + ballots * MIN_PER_BALLOT * _speed(frame, rng) + _delay(frame, rng)


def several_tables(
    frame: NightFrame, ballots: Floats, votes: Floats, rng: np.random.Generator
) -> Floats:
    """As `realistic`, but larger stations count at one table per 300 registered, more slowly."""
    tables = np.ceil(frame.registered / REGISTERED_PER_BOOTH)
    counting = ballots / tables * 0.25 * _speed(frame, rng)
    return _closing(frame) + counting + _delay(frame, rng)


def by_departement(
    frame: NightFrame, ballots: Floats, votes: Floats, rng: np.random.Generator
) -> Floats:
    """Départements report one after the other, in random order."""
    place = rng.permutation(int(frame.area.max()) + 1)[frame.area]
    return np.asarray(place * 2.0 + realistic(frame, ballots, votes, rng) / 1000)


def at_random(
    frame: NightFrame, ballots: Floats, votes: Floats, rng: np.random.Generator
) -> Floats:
    """In no order at all."""
    return rng.uniform(0, 180, frame.n)


def strongholds_first(
    frame: NightFrame, ballots: Floats, votes: Floats, rng: np.random.Generator
) -> Floats:
    """Adversarial: first the stations where the third is furthest ahead of the second."""
    places = np.argsort(-votes.sum(axis=0), kind="stable")
    second, third = places[1], places[min(2, len(places) - 1)]
    rival = third if len(places) > 2 else places[0]
    lead = (votes[:, rival] - votes[:, second]) / np.maximum(votes.sum(axis=1), 1)
    return np.asarray(-100 * lead + rng.normal(0, 10, frame.n))


def against_the_past(
    frame: NightFrame, ballots: Floats, votes: Floats, rng: np.random.Generator
) -> Floats:
    """Adversarial: first the stations where the second fell furthest below what the past says."""
    second = np.argsort(-votes.sum(axis=0), kind="stable")[1]
    rate = votes[:, second] / frame.registered
    z = np.column_stack([np.ones(frame.n), frame.past])
    w = np.sqrt(frame.registered)
    slopes = np.linalg.lstsq(z * w[:, None], rate * w, rcond=None)[0]
    return np.asarray(100 * (rate - z @ slopes) + rng.normal(0, 3, frame.n))


ORDERS: dict[str, Callable[[NightFrame, Floats, Floats, np.random.Generator], Floats]] = {
    order.__name__: order
    for order in (
        realistic,
        several_tables,
        by_departement,
        at_random,
        strongholds_first,
        against_the_past,
    )
}


def _closing(frame: NightFrame) -> Floats:
    return np.where(frame.late, 60.0, 0.0) + OPENING_MIN


def _speed(frame: NightFrame, rng: np.random.Generator) -> Floats:
    return np.asarray(np.exp(rng.normal(0, SPREAD, frame.n)))


def _delay(frame: NightFrame, rng: np.random.Generator) -> Floats:
    return rng.exponential(DELAY_MIN, frame.n)

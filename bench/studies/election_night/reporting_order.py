"""Orders in which polling stations report on the evening, made up."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from bench.core.arrays import FloatArray
from bench.core.errors import ConfigError, did_you_mean
from bench.data.country import Country
from bench.data.night import Night

OPENING_MIN = 10.0  # from closing to the first ballot counted
MIN_PER_BALLOT = 0.09  # one table, teams of four
SPREAD = 0.25  # log scale, of the speed of counting
DELAY_MIN = 10.0  # mean of the delay until the result is passed on


def minutes_after_closing(
    order: str, night: Night, country: Country, rng: np.random.Generator
) -> FloatArray:
    """When every station reports, in minutes after the first stations close, [U].

    Parameters
    ----------
    order : str
        One of `ORDERS`.
    night : Night
        The stations; only the adversarial orders look at their votes.
    country : Country
        When stations close, and at how many tables they count.
    rng : numpy.random.Generator

    Raises
    ------
    ConfigError
        If there is no such order.
    """
    if order not in ORDERS:
        raise ConfigError(f"no order is called '{order}' ({did_you_mean(order, ORDERS)})")
    return ORDERS[order](night, country, rng)


def realistic(night: Night, country: Country, rng: np.random.Generator) -> FloatArray:
    """Small stations first; those of large communes close late."""
    return (
        _closing(night, country)
        + night.ballots * MIN_PER_BALLOT * _speed(night, rng)
        + _delay(night, rng)
    )


def several_tables(night: Night, country: Country, rng: np.random.Generator) -> FloatArray:
    """As `realistic`, but larger stations count at several tables, more slowly."""
    tables = np.ceil(night.frame.registered / country.counting.registered_per_table)
    counting = night.ballots / tables * 0.25 * _speed(night, rng)
    return _closing(night, country) + counting + _delay(night, rng)


def by_departement(night: Night, country: Country, rng: np.random.Generator) -> FloatArray:
    """Départements report one after the other, in random order."""
    place = rng.permutation(int(night.frame.area.max()) + 1)[night.frame.area]
    return np.asarray(place * 2.0 + realistic(night, country, rng) / 1000)


def at_random(night: Night, country: Country, rng: np.random.Generator) -> FloatArray:
    """In no order at all."""
    return rng.uniform(0, 180, night.frame.n)


def strongholds_first(night: Night, country: Country, rng: np.random.Generator) -> FloatArray:
    """Adversarial: first the stations where the third is furthest ahead of the second."""
    places = np.argsort(-night.votes.sum(axis=0), kind="stable")
    second, third = places[1], places[min(2, len(places) - 1)]
    rival = third if len(places) > 2 else places[0]
    lead = (night.votes[:, rival] - night.votes[:, second]) / np.maximum(night.votes.sum(axis=1), 1)
    return np.asarray(-100 * lead + rng.normal(0, 10, night.frame.n))


def against_the_past(night: Night, country: Country, rng: np.random.Generator) -> FloatArray:
    """Adversarial: first the stations where the second fell furthest below what the past says."""
    second = np.argsort(-night.votes.sum(axis=0), kind="stable")[1]
    rate = night.votes[:, second] / night.frame.registered
    z = np.column_stack([np.ones(night.frame.n), night.frame.past])
    w = np.sqrt(night.frame.registered)
    slopes = np.linalg.lstsq(z * w[:, None], rate * w, rcond=None)[0]
    return np.asarray(100 * (rate - z @ slopes) + rng.normal(0, 3, night.frame.n))


ORDERS: dict[str, Callable[[Night, Country, np.random.Generator], FloatArray]] = {
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


def _closing(night: Night, country: Country) -> FloatArray:
    return np.where(night.frame.late, country.closing.late_by_min, 0.0) + OPENING_MIN


def _speed(night: Night, rng: np.random.Generator) -> FloatArray:
    return np.asarray(np.exp(rng.normal(0, SPREAD, night.frame.n)))


def _delay(night: Night, rng: np.random.Generator) -> FloatArray:
    return rng.exponential(DELAY_MIN, night.frame.n)

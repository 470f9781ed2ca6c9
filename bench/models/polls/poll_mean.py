"""Means of polls, each with what it rests on."""

from dataclasses import dataclass

import numpy as np

from bench.core.arrays import FloatArray
from bench.models.polls.poll_table import PollTable, whole_ballots


@dataclass(frozen=True)
class PollMean:
    """A mean of polls.

    ``days`` is the mean of the days from fieldwork to the vote; ``respondents`` and
    ``institutes`` are effective numbers: those of equal weights with the same sampling variance.
    """

    share: FloatArray  # [C]
    days: float
    respondents: float
    institutes: float


def poll_mean(table: PollTable, half_life_days: float) -> PollMean:
    """Mean of whole ballots, a poll of n new respondents and age a weighing ``n 0.5^(a / h)``.

    Parameters
    ----------
    table : PollTable
        At least one poll; age counts in days from the latest.
    half_life_days : float
        Age ``h`` at which a respondent counts half.
    """
    return weighted(table, age_weights(table, half_life_days))


def age_weights(table: PollTable, half_life_days: float) -> FloatArray:
    """Weights [J] of :func:`poll_mean`."""
    age = table.days - table.days.min()
    return np.asarray(table.respondents * 0.5 ** (age / half_life_days))


def last_polls(table: PollTable, window_days: float) -> PollMean:
    """Plain mean of the last poll of each institute, every institute counting the same.

    Parameters
    ----------
    table : PollTable
        At least one poll.
    window_days : float
        Institutes whose last poll ended more days than this before the latest are left out.
    """
    return weighted(table, last_weights(table, window_days))


def last_weights(table: PollTable, window_days: float) -> FloatArray:
    """Weights [J] of :func:`last_polls`: 1 or 0."""
    weight = np.zeros(len(table))
    for k in range(len(table.institutes)):
        weight[np.flatnonzero(table.institute == k)[-1]] = 1.0
    weight[table.days > table.days.min() + window_days] = 0.0
    return weight


def weighted(table: PollTable, weight: FloatArray) -> PollMean:
    """Mean of whole ballots with these weights [J], which need not sum to 1."""
    total = weight.sum()
    by_institute = np.bincount(table.institute, weights=weight)
    return PollMean(
        share=weight @ whole_ballots(table) / total,
        days=float(weight @ table.days / total),
        respondents=float(total**2 / (weight**2 / table.respondents).sum()),
        institutes=float(total**2 / (by_institute**2).sum()),
    )

"""Errors of all forecasts at once, as arrays over answers and places on the ballot."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from bench.core.arrays import BoolArray, FloatArray, IntArray
from bench.metrics.comparison.ratios import outcome_variances
from bench.metrics.shares import mean_absolute_error, signed_error


@dataclass(frozen=True, kw_only=True)
class Ballots:
    """The ballots of T tasks, padded to the longest.

    Attributes
    ----------
    there : numpy.ndarray of bool [T, C]
        Places that exist.
    share, polled : numpy.ndarray [T, C]
        Official; of the polls of the moment, NaN for whoever they do not name.
    first, others : numpy.ndarray of bool [T, C]
        Who came first; what is left of the ballot and is no candidate.
    """

    there: BoolArray
    share: FloatArray
    polled: FloatArray
    first: BoolArray
    others: BoolArray

    def who_counts(self, least_polled: float) -> BoolArray:
        """Whom a forecast has to name to be ranked [T, C].

        Those to whom the polls of the moment give `least_polled` or more, without them everybody;
        never what is left of the ballot.
        """
        runs = self.there & ~self.others
        polled = runs & (np.nan_to_num(self.polled) > least_polled - 1e-9)
        enough = polled.sum(axis=1, keepdims=True) > 1
        return np.where(enough, polled, runs)


def ballots(votes: pd.DataFrame, n_tasks: int) -> Ballots:
    """The ballots from the table `votes`, whose column `task` counts from 0.

    Examples
    --------
    >>> votes = pd.DataFrame({"task": [0, 0, 1, 1, 1], "share": [.6, .4, .5, .3, .2],
    ...     "came_first": [1, 0, 1, 0, 0], "polled": [.5, .4, .5, .3, .1], "is_others": 0})
    >>> ballots(votes, 2).share.tolist()
    [[0.6, 0.4, 0.0], [0.5, 0.3, 0.2]]
    """
    task = votes["task"].to_numpy(dtype=np.int64)
    place = votes.groupby("task").cumcount().to_numpy()
    there = np.zeros((n_tasks, place.max(initial=0) + 1), dtype=bool)
    there[task, place] = True

    def padded(column: str, empty: float) -> FloatArray:
        table = np.full(there.shape, empty)
        table[task, place] = votes[column]
        return table

    return Ballots(
        there=there,
        share=padded("share", 0.0),
        polled=padded("polled", np.nan),
        first=padded("came_first", 0.0) > 0,
        others=padded("is_others", 0.0) > 0,
    )


def errors(
    task: IntArray, stated: Mapping[str, FloatArray], ballot: Ballots, *, least_polled: float
) -> pd.DataFrame:
    """One row of errors per answer.

    Parameters
    ----------
    task : numpy.ndarray of int [A]
        Of each answer.
    stated : mapping of str to numpy.ndarray
        `share`, `crps` and `chance`, the ballots of all answers one after the other.
    ballot : Ballots
    least_polled : float
        As of `Ballots.who_counts`.

    Returns
    -------
    pandas.DataFrame
        ``mae`` and ``crps`` (of answers with draws) on the whole ballot, where what is left of 1 is
        divided equally among those not named (`bench.core.on_ballot`); ``mae_polled`` on those
        who count, both sides renormalised; ``squared_error`` and ``outcome_variance`` summed over
        candidates; ``names_all`` (of those who count); ``brier`` (mean over the candidates whose
        chances are stated; of two candidates one, since the other says the same); NaN where
        nothing is stated. Fractions.
    """
    there, official = ballot.there[task], ballot.share[task]
    share, crps, chance = (in_places(stated[name], there) for name in ("share", "crps", "chance"))
    named = there & ~np.isnan(share)
    speaks = named.any(axis=1)
    whole = _completed(share, named, there)
    counts = ballot.who_counts(least_polled)[task]
    names_all = np.asarray(speaks & (named | ~counts).all(axis=1))
    claimed, came = (_of_their_sum(np.where(counts, side, 0.0)) for side in (whole, official))
    mae_polled = mean_absolute_error(claimed, came, where=counts)
    scores = pd.DataFrame(
        {
            "mae": mean_absolute_error(whole, official, where=there),
            "mae_polled": np.where(names_all, mae_polled, np.nan),
            "crps": np.where(there, crps, 0.0).sum(axis=1) / there.sum(axis=1),
            "squared_error": (signed_error(whole, official) ** 2).sum(axis=1, where=there),
            "outcome_variance": outcome_variances(official),
        }
    )
    scores.loc[~speaks] = np.nan
    return scores.assign(names_all=names_all, brier=_brier(chance, ballot, task))


def in_places(values: FloatArray, there: BoolArray) -> FloatArray:
    """Values of ballots that follow one another, in the places that exist [A, C]; else NaN."""
    table = np.full(there.shape, np.nan)
    table[there] = values
    return table


def _completed(share: FloatArray, named: BoolArray, there: BoolArray) -> FloatArray:
    """Shares on the whole ballot by the rule of `bench.core.on_ballot`, of many answers."""
    whole = np.where(named, share, 0.0)
    missing = there & ~named
    rest = np.clip(1.0 - whole.sum(axis=1), 0.0, None) / np.maximum(missing.sum(axis=1), 1)
    whole = np.where(missing, rest[:, None], whole)
    return _of_their_sum(whole)


def _of_their_sum(share: FloatArray) -> FloatArray:
    """Shares [A, C] divided by their sum; 0 where all are."""
    total = share.sum(axis=1, keepdims=True)
    return np.asarray(share / np.maximum(total, np.finfo(float).tiny))


def events(chance: FloatArray, ballot: Ballots, task: IntArray) -> BoolArray:
    """Which chances [A, C] count as events: those stated; of two candidates the first.

    Examples
    --------
    >>> votes = pd.DataFrame({"task": 0, "share": [.6, .4], "came_first": [1, 0],
    ...                       "polled": [.5, .5], "is_others": 0}, index=[0, 1])
    >>> events(np.array([[0.7, 0.3]]), ballots(votes, 1), np.array([0])).tolist()
    [[True, False]]
    """
    stated = ~np.isnan(chance) & ballot.there[task] & ~ballot.others[task]
    two = (ballot.there & ~ballot.others).sum(axis=1)[task] == 2
    both = stated.sum(axis=1) == 2
    first = np.cumsum(stated, axis=1) == 1
    return np.asarray(stated & (~(two & both)[:, None] | first))


def _brier(chance: FloatArray, ballot: Ballots, task: IntArray) -> FloatArray:
    counts = events(chance, ballot, task)
    score = np.where(counts, (np.nan_to_num(chance) - ballot.first[task]) ** 2, 0.0)
    with np.errstate(invalid="ignore"):
        return np.asarray(score.sum(axis=1) / counts.sum(axis=1))

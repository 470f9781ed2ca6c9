"""Odds ratios that the districts of one election share, as a prior for each of them."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from bench.core.arrays import FloatArray, IntArray
from bench.models.ecological_inference.margins import scale_to_totals, scaled_total
from bench.models.ecological_inference.two_way import (
    LikelihoodSettings,
    TwoWayFit,
    fit_two_way,
)

_ROUNDS = 30
_SWEEPS = 10
_FEW_VOTES = 1e-6  # of all votes: keeps the odds of a cell finite in which nobody was found
_GREATEST_LOG_ODDS = 12.0


@dataclasses.dataclass(frozen=True)
class District:
    """Units that share a ballot, one district of an election.

    Attributes
    ----------
    row_votes, column_votes : [U, R], [U, K] in votes, no unit, row or column empty.
    row_labels : [R], which row of the election each row is.
    column_labels : [K], which column of the election each is; None if the districts have
        candidates of their own, who are then told apart by the rows that vote for them.
    """

    row_votes: FloatArray
    column_votes: FloatArray
    row_labels: IntArray
    column_labels: IntArray | None = None


def fit_districts(districts: Sequence[District], settings: LikelihoodSettings) -> list[TwoWayFit]:
    """Fit every district, learn the odds ratios that they share, and fit every district again.

    The second fit of a district has as its prior the table with the common odds ratios and the
    district's own margins, worth `common_votes` per row in a district at the median distance
    from it and up to twice as many in a nearer one, less its own part in what is common.

    Parameters
    ----------
    districts : at least one.
    settings : see `LikelihoodSettings`.
    """
    alone = [fit_two_way(one.row_votes, one.column_votes, settings) for one in districts]
    if len(districts) == 1:
        return alone
    tables = [
        scaled_total(one.row_votes, one.column_votes, fit.odds)
        for one, fit in zip(districts, alone, strict=True)
    ]
    rows = [one.row_labels for one in districts]
    columns = [
        likely_rows(table, one.row_labels) if one.column_labels is None else one.column_labels
        for table, one in zip(tables, districts, strict=True)
    ]
    common, nearness = common_odds(tables, rows, columns)
    most = 2 * settings.common_votes * (1 - 1 / len(districts))
    return [
        fit_two_way(
            one.row_votes, one.column_votes, settings, like=like, like_votes=most * float(near)
        )
        for one, like, near in zip(districts, common, nearness, strict=True)
    ]


def likely_rows(table: FloatArray, row_labels: IntArray) -> IntArray:
    """The row from which each column gains most beyond independence, every row once, [K].

    A column left over, where there are more columns than rows, has the label -1.

    Parameters
    ----------
    table : [R, K] in votes.
    row_labels : [R].

    Examples
    --------
    >>> likely_rows(np.array([[5.0, 90.0, 5.0], [60.0, 30.0, 10.0]]), np.array([7, 8])).tolist()
    [8, 7, -1]
    """
    from scipy.optimize import linear_sum_assignment

    excess = table - np.outer(table.sum(axis=1), table.sum(axis=0)) / table.sum()
    row, column = linear_sum_assignment(excess, maximize=True)
    labels = np.full(table.shape[1], -1, dtype=np.int64)
    labels[column] = row_labels[row]
    return labels


def common_odds(
    tables: Sequence[FloatArray],
    row_labels: Sequence[IntArray],
    column_labels: Sequence[IntArray],
) -> tuple[list[FloatArray], FloatArray]:
    """One log-linear interaction for all districts, and what it says in each of them.

    The table of district d is taken to be a_dr exp(λ_rc) b_dc: odds ratios are common, margins
    are its own. λ is found by iterative scaling, so that the weighted sums of the tables and of
    what λ makes of them agree, cell by cell; every district counts the same but for a weight
    1 / (1 + (distance / median distance)²), with distance half the sum of absolute differences
    per vote.

    Parameters
    ----------
    tables : [R, K] each, in votes, margins positive.
    row_labels, column_labels : [R], [K] each, numbers of rows and columns of the election.

    Returns
    -------
    tables : the table of every district with the common odds ratios, in votes.
    weights : of the districts, 0 to 1; one half at the median distance.

    References
    ----------
    Darroch & Ratcliff (1972), doi:10.1214/aoms/1177692379 (iterative scaling).

    Examples
    --------
    >>> one, other = np.array([[8.0, 2.0], [2.0, 8.0]]), np.array([[8.0, 2.0], [4.0, 16.0]])
    >>> both = [np.arange(2), np.arange(2)]
    >>> found, _ = common_odds([one, other], both, both)
    >>> [round(float(t[0, 0] * t[1, 1] / t[0, 1] / t[1, 0]), 3) for t in found]
    [16.0, 16.0]
    """
    shape = tuple(
        1 + max(int(label.max()) for label in side) for side in (row_labels, column_labels)
    )
    log_odds = np.zeros((shape[0], shape[1] + 1))  # the last column is that of the label -1
    cells = [np.ix_(r, c) for r, c in zip(row_labels, column_labels, strict=True)]
    total = [float(table.sum()) for table in tables]
    weight = np.ones(len(tables))

    def fitted(sweeps: int) -> list[FloatArray]:
        return [
            scale_to_totals(
                np.exp(log_odds[cell])[None], table.sum(axis=1), table.sum(axis=0), sweeps=sweeps
            )[0]
            for table, cell in zip(tables, cells, strict=True)
        ]

    for _ in range(_ROUNDS):
        found = fitted(_SWEEPS)
        seen, said = np.full(log_odds.shape, _FEW_VOTES), np.full(log_odds.shape, _FEW_VOTES)
        for cell, table, like, votes, part in zip(cells, tables, found, total, weight, strict=True):
            np.add.at(seen, cell, part / votes * table)
            np.add.at(said, cell, part / votes * like)
        log_odds += np.log(seen / said)
        np.clip(log_odds, -_GREATEST_LOG_ODDS, _GREATEST_LOG_ODDS, out=log_odds)
        distance = np.array(
            [
                np.abs(table - like).sum() / 2 / votes
                for table, like, votes in zip(tables, found, total, strict=True)
            ]
        )
        weight = 1 / (1 + (distance / max(float(np.median(distance)), 1e-12)) ** 2)
    return fitted(5 * _SWEEPS), weight

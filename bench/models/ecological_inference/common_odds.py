"""Odds ratios that the districts of one election share, as a prior for each of them."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np

from bench.core.arrays import FloatArray, IntArray
from bench.models.ecological_inference.margins import Counted, scale_to_totals, scaled_total
from bench.models.ecological_inference.two_way import (
    LikelihoodSettings,
    TwoWayFit,
    fit_again,
    fit_two_way,
)

_ROUNDS = 30
_SWEEPS = 10
_FEW_VOTES = 1e-6  # of all votes: keeps the odds of a cell finite in which nobody was found
_MAX_LOG_ODDS = 12.0
_TOO_FAR = 3.0  # median distances
_MIN_VOTES = 0.3  # as `broad_prior`
_EARLIER_WEIGHT = 10.0  # of a known table; an estimated one counts 1


@dataclasses.dataclass(frozen=True)
class LabelledTable:
    """A table with labels as of `Counted`.

    Attributes
    ----------
    votes : [R, K] in votes, no row or column empty.
    row_labels, column_labels : [R], [K].
    """

    votes: FloatArray
    row_labels: IntArray
    column_labels: IntArray | None = None

    @property
    def columns(self) -> IntArray:
        """The labels of the columns, or those of the likely rows."""
        if self.column_labels is None:
            return likely_rows(self.votes, self.row_labels)
        return self.column_labels


def fit_districts(
    districts: Sequence[Counted],
    settings: LikelihoodSettings,
    earlier: Sequence[LabelledTable] = (),
) -> list[TwoWayFit]:
    """Fit every district, learn the odds ratios that they share, and fit every district again.

    The second fit of a district has as its prior the table with the common odds ratios and the
    district's own margins. Per row it is worth `common_factor` times the votes that its distance
    from the first fit speaks for, `common_votes` at most, less the district's own part in what
    is common; and less, by Tukey's biweight, where a district lies further off than others do:
    nothing from three times the median distance on.

    Parameters
    ----------
    districts : any number.
    settings : see `LikelihoodSettings`.
    earlier : known tables of the election before, see `common_odds`.
    """
    alone = [fit_two_way(district.rows, district.columns, settings) for district in districts]
    if len(districts) + len(earlier) < 2:
        return alone
    tables = [
        LabelledTable(
            scaled_total(district.rows, district.columns, fit.odds),
            district.row_labels,
            district.column_labels,
        )
        for district, fit in zip(districts, alone, strict=True)
    ]
    common = common_odds(tables, earlier)
    distance = np.array(
        [_distance(table.votes, expected) for table, expected in zip(tables, common, strict=True)]
    )
    far = distance / max(_TOO_FAR * float(np.median(distance)), 1e-12)
    own_part = 1 / (len(districts) + _EARLIER_WEIGHT * len(earlier))
    near = np.maximum(1 - far**2, 0.0) ** 2 * (1 - own_part)
    fits = []
    for district, fit, table, expected, part in zip(
        districts, alone, tables, common, near, strict=True
    ):
        votes = settings.common_factor * worth(expected, table.votes)
        votes = min(votes, settings.common_votes)
        votes = max(votes * float(part), _MIN_VOTES)
        fits.append(fit_again(fit, district.rows, district.columns, expected, votes))
    return fits


def _distance(first: FloatArray, second: FloatArray) -> float:
    """Half the sum of absolute differences per vote, 0 to 1."""
    return float(np.abs(first / first.sum() - second / second.sum()).sum() / 2)


def worth(expected: FloatArray, observed: FloatArray) -> float:
    """How many votes per row a table is worth as the prior of another (empirical Bayes).

    Σ q (1 - q) n / Σ (p - q)² n - 1, where n are the votes of the rows, q the expected and p the
    found shares of the columns: the votes of the Dirichlet distribution with mean q under which
    the squared distance is what was found.

    Examples
    --------
    >>> round(worth(np.array([[50.0, 50.0]]), np.array([[60.0, 40.0]])), 6)
    24.0
    """
    n = expected.sum(axis=1, keepdims=True)
    share = expected / n
    distance = (observed / observed.sum(axis=1, keepdims=True) - share) ** 2
    expected_distance = (share * (1 - share) * n).sum()
    return float(expected_distance / max((distance * n).sum(), 1e-12) - 1)


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
    tables: Sequence[LabelledTable], earlier: Sequence[LabelledTable] = ()
) -> list[FloatArray]:
    """What one log-linear interaction for all tables says of each of them, [R, K] in votes each.

    The table of district d is taken to be a_dr exp(λ_rc) b_dc: odds ratios are common, margins
    are its own. λ is found by iterative scaling, so that the weighted sums of the tables and of
    what λ makes of them agree, cell by cell. The weight of a table is
    1 / (1 + (distance / median distance)²), with distance half the sum of absolute differences
    per vote; ten times that of an earlier table, as no estimate stands between it and the truth.

    Parameters
    ----------
    tables : no row or column empty.
    earlier : known tables of the election before, of any districts; no row or column empty.

    References
    ----------
    Darroch & Ratcliff (1972), doi:10.1214/aoms/1177692379 (iterative scaling).

    Examples
    --------
    >>> one, other = np.array([[8.0, 2.0], [2.0, 8.0]]), np.array([[8.0, 2.0], [4.0, 16.0]])
    >>> both = np.arange(2)
    >>> found = common_odds([LabelledTable(votes, both, both) for votes in (one, other)])
    >>> [round(float(t[0, 0] * t[1, 1] / t[0, 1] / t[1, 0]), 3) for t in found]
    [16.0, 16.0]
    """
    together = [*tables, *earlier]
    shares = [table.votes / table.votes.sum() for table in together]
    labels = [(table.row_labels, table.columns) for table in together]
    n_rows = 1 + max(int(row_labels.max()) for row_labels, _ in labels)
    n_columns = 1 + max(int(column_labels.max()) for _, column_labels in labels)
    log_odds = np.zeros((n_rows, n_columns + 1))  # the last column is that of the label -1
    cells = [np.ix_(*pair) for pair in labels]
    trust = np.repeat([1.0, _EARLIER_WEIGHT], [len(tables), len(earlier)])
    weight = trust

    def fitted(sweeps: int) -> list[FloatArray]:
        return [
            scale_to_totals(
                np.exp(log_odds[cell])[None], share.sum(axis=1), share.sum(axis=0), sweeps=sweeps
            )[0]
            for share, cell in zip(shares, cells, strict=True)
        ]

    for _ in range(_ROUNDS):
        fitted_shares = fitted(_SWEEPS)
        observed_sum = np.full(log_odds.shape, _FEW_VOTES)
        fitted_sum = np.full(log_odds.shape, _FEW_VOTES)
        for cell, share, fit, part in zip(cells, shares, fitted_shares, weight, strict=True):
            np.add.at(observed_sum, cell, part * share)
            np.add.at(fitted_sum, cell, part * fit)
        log_odds += np.log(observed_sum / fitted_sum)
        np.clip(log_odds, -_MAX_LOG_ODDS, _MAX_LOG_ODDS, out=log_odds)
        distance = np.array([_distance(*pair) for pair in zip(shares, fitted_shares, strict=True)])
        weight = trust / (1 + (distance / max(float(np.median(distance)), 1e-12)) ** 2)
    of_today = fitted(5 * _SWEEPS)[: len(tables)]
    return [table.votes.sum() * share for table, share in zip(tables, of_today, strict=True)]

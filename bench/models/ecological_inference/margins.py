"""Margins of many units: checks, bounds of the cells, and tables that honour them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from bench.core.arrays import FloatArray
from bench.core.errors import DataError

_TINY = 1e-300
_CHUNK = 8192


def check_margins(
    row_votes: npt.ArrayLike, column_votes: npt.ArrayLike, *, tolerance: float = 1e-6
) -> tuple[FloatArray, FloatArray]:
    """Row and column votes as floating-point arrays, or the reason why they cannot be used.

    Parameters
    ----------
    row_votes : [U, R] in votes, at least zero.
    column_votes : [U, K] in votes, at least zero.
    tolerance : largest gap between the two totals of a unit, as a share of its votes.

    Raises
    ------
    DataError
        Where shapes differ, votes are negative or not finite, or totals do not agree.
    """
    margins = []
    for name, votes in (("row_votes", row_votes), ("column_votes", column_votes)):
        try:
            array = np.asarray(votes, dtype=np.float64)
        except (TypeError, ValueError) as error:
            raise DataError(
                f"{name} cannot be read as numbers ({error}); accepted: votes, "
                "[units, categories]; drop columns of names and fill in the gaps"
            ) from error
        if array.ndim != 2 or 0 in array.shape:
            raise DataError(
                f"{name} has the shape {array.shape}; accepted: [units, categories], "
                "with at least one of each; pass one line per unit"
            )
        bad = np.argwhere(~np.isfinite(array) | (array < 0))
        if len(bad):
            unit, category = bad[0]
            raise DataError(
                f"{name}[{unit}, {category}] is {array[unit, category]}; accepted: finite "
                "numbers of votes, zero or more; drop or repair the unit"
            )
        margins.append(array)
    rows, columns = margins
    if rows.shape[0] != columns.shape[0]:
        raise DataError(
            f"row_votes has {rows.shape[0]} units and column_votes {columns.shape[0]}; "
            "accepted: the same units in the same order; match them by their codes first"
        )
    row_total, column_total = rows.sum(axis=1), columns.sum(axis=1)
    gap = np.abs(row_total - column_total)
    worst = int(np.argmax(gap - tolerance * row_total))
    if gap[worst] > tolerance * max(row_total[worst], 1.0):
        raise DataError(
            f"unit {worst} has {row_total[worst]:g} votes in its rows and "
            f"{column_total[worst]:g} in its columns; accepted: equal totals; add a category "
            "for those who appear on one side only, or call balance_margins()"
        )
    if row_total.sum() == 0:
        raise DataError("all votes are zero; accepted: at least one unit with votes")
    return rows, columns


def balance_margins(
    row_votes: FloatArray, column_votes: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Both margins scaled, unit by unit, to the mean of their two totals.

    Units without any votes on one side are emptied on both.

    Examples
    --------
    >>> rows, columns = balance_margins(np.array([[4.0, 4.0]]), np.array([[5.0, 7.0]]))
    >>> rows.tolist(), columns.round(3).tolist()
    ([[5.0, 5.0]], [[4.167, 5.833]])
    """
    row_total = row_votes.sum(axis=1, keepdims=True)
    column_total = column_votes.sum(axis=1, keepdims=True)
    both = np.where((row_total > 0) & (column_total > 0), (row_total + column_total) / 2, 0.0)
    return (
        row_votes * (both / np.maximum(row_total, _TINY)),
        column_votes * (both / np.maximum(column_total, _TINY)),
    )


def scaled_tables(
    row_votes: FloatArray, column_votes: FloatArray, profile: FloatArray, *, sweeps: int = 10
) -> FloatArray:
    """Unit tables of the shape a_ir P_rc b_ic that honour both margins, [U, R, K].

    Iterative proportional fitting, then what is left of the gap is shared out by the
    product of the gaps, which keeps every cell at zero or above.

    Parameters
    ----------
    row_votes, column_votes : [U, R] and [U, K], equal totals in every unit.
    profile : P, [R, K], positive.
    sweeps : passes over rows and columns.

    References
    ----------
    Deming & Stephan (1940), doi:10.1214/aoms/1177731829.
    Altschuler, Weed & Rigollet (2017), doi:10.48550/arXiv.1705.09634 (the rounding step).

    Examples
    --------
    >>> votes = np.array([[4.0, 6.0]])
    >>> scaled_tables(votes, votes, np.eye(2) + 1e-9).round(6).tolist()
    [[[4.0, 0.0], [0.0, 6.0]]]
    """
    row_factor, column_factor = _scaling_factors(row_votes, column_votes, profile, sweeps)
    tables = row_factor[:, :, None] * profile * column_factor[:, None, :]
    return _rounded(tables, row_votes, column_votes)


def scaled_total(
    row_votes: FloatArray, column_votes: FloatArray, profile: FloatArray, *, sweeps: int = 10
) -> FloatArray:
    """The sum of `scaled_tables` over the units, [R, K], chunk by chunk."""
    total = np.zeros(profile.shape)
    for start in range(0, row_votes.shape[0], _CHUNK):
        part = slice(start, start + _CHUNK)
        total += scaled_tables(row_votes[part], column_votes[part], profile, sweeps=sweeps).sum(
            axis=0
        )
    return total


def scale_to_totals(
    table: FloatArray, rows: FloatArray, columns: FloatArray, *, sweeps: int = 50
) -> FloatArray:
    """Tables [S, R, K] scaled to given row and column totals, [R] and [K], which they honour.

    Examples
    --------
    >>> scale_to_totals(np.array([[[1.0, 0.0], [1.0, 0.0]]]), np.ones(2), np.ones(2)).tolist()
    [[[0.5, 0.5], [0.5, 0.5]]]
    """
    table = np.maximum(table, 1e-12 * max(float(rows.sum()), 1.0))
    for _ in range(sweeps):
        table = table * (columns / np.maximum(table.sum(axis=-2), _TINY))[..., None, :]
        table = table * (rows / np.maximum(table.sum(axis=-1), _TINY))[..., :, None]
    return _rounded(table, rows[None], columns[None])


def _rounded(tables: FloatArray, row_votes: FloatArray, column_votes: FloatArray) -> FloatArray:
    """Nearly scaled tables [N, R, K], moved onto their margins; no cell falls below zero."""
    over = np.maximum(tables.sum(axis=2) / np.maximum(row_votes, _TINY), 1.0)
    tables = tables / over[:, :, None]
    over = np.maximum(tables.sum(axis=1) / np.maximum(column_votes, _TINY), 1.0)
    tables /= over[:, None, :]
    row_gap = np.maximum(row_votes - tables.sum(axis=2), 0.0)
    column_gap = np.maximum(column_votes - tables.sum(axis=1), 0.0)
    missing = np.maximum(row_gap.sum(axis=1), _TINY)
    tables += row_gap[:, :, None] * (column_gap / missing[:, None])[:, None, :]
    return tables


def _scaling_factors(
    row_votes: FloatArray, column_votes: FloatArray, profile: FloatArray, sweeps: int
) -> tuple[FloatArray, FloatArray]:
    column_factor = np.ones(column_votes.shape)
    row_factor = row_votes
    for _ in range(sweeps):
        row_factor = row_votes / np.maximum(column_factor @ profile.T, _TINY)
        column_factor = column_votes / np.maximum(row_factor @ profile, _TINY)
    return row_factor, column_factor


def unit_bounds(
    row_votes: npt.ArrayLike, column_votes: npt.ArrayLike
) -> tuple[FloatArray, FloatArray]:
    """Least and greatest number of votes in every cell of every unit, [U, R, K] each.

    max(0, x_ir + y_ic - n_i) ≤ N_irc ≤ min(x_ir, y_ic), votes.

    References
    ----------
    Duncan & Davis (1953), doi:10.2307/2088122.

    Examples
    --------
    >>> low, high = unit_bounds([[7, 3]], [[8, 2]])
    >>> low.tolist(), high.tolist()
    ([[[5.0, 0.0], [1.0, 0.0]]], [[[7.0, 2.0], [3.0, 2.0]]])
    """
    rows, columns = check_margins(row_votes, column_votes)
    size = rows.sum(axis=1)[:, None, None]
    low = np.maximum(rows[:, :, None] + columns[:, None, :] - size, 0.0)
    return low, np.minimum(rows[:, :, None], columns[:, None, :])


def total_bounds(
    row_votes: npt.ArrayLike, column_votes: npt.ArrayLike
) -> tuple[FloatArray, FloatArray]:
    """Sums of the unit bounds, [R, K] each: no assumption can lead outside of them.

    References
    ----------
    King (1997), A Solution to the Ecological Inference Problem, ch. 5.

    Examples
    --------
    >>> low, high = total_bounds([[7, 3], [0, 4]], [[8, 2], [1, 3]])
    >>> low.tolist(), high.tolist()
    ([[5.0, 0.0], [2.0, 3.0]], [[7.0, 2.0], [4.0, 5.0]])
    """
    low, high = unit_bounds(row_votes, column_votes)
    return low.sum(axis=0), high.sum(axis=0)

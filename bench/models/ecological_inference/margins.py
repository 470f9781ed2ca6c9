"""Margins of many units, and transition tables that honour them: checks, bounds, cells."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from bench.core.arrays import FloatArray, IntArray
from bench.core.errors import DataError

READABLE = 0.02
_TINY = 1e-300
_CHUNK = 8192


@dataclasses.dataclass(frozen=True)
class Transition:
    """How many votes went from each row to each column.

    Attributes
    ----------
    table : [R, K] in votes; honours the row and the column totals.
    units : [U, R, K] in votes, or None; every unit honours its own margins.
    draws : [S, R, K] in votes, or None.

    Examples
    --------
    >>> Transition(np.array([[3.0, 1.0], [0.0, 6.0]])).profile.tolist()
    [[0.75, 0.25], [0.0, 1.0]]
    """

    table: FloatArray
    units: FloatArray | None = None
    draws: FloatArray | None = None

    @property
    def profile(self) -> FloatArray:
        """Share of each row's votes that went to each column, [R, K]; NaN for empty rows."""
        total = self.table.sum(axis=1, keepdims=True)
        empty = np.full_like(self.table, np.nan)
        return np.asarray(np.divide(self.table, total, out=empty, where=total > 0))

    def interval(self, level: float) -> tuple[FloatArray, FloatArray]:
        """Central interval of every cell in votes, from the draws.

        Parameters
        ----------
        level : probability inside, between 0 and 1.

        Raises
        ------
        DataError
            Without draws, or if `level` is not a probability.
        """
        if not 0 < level < 1:
            raise DataError(f"level is {level!r}; accepted: above 0 and below 1; 0.9 is usual")
        if self.draws is None:
            raise DataError("no draws were kept; intervals need them: pass n_draws to estimate()")
        tails = [(1 - level) / 2, (1 + level) / 2]
        low, high = np.quantile(self.draws, tails, axis=0)
        return low, high


def transition_rows(
    transition: Transition,
    bounds: tuple[FloatArray, FloatArray],
    rows: Sequence[str],
    columns: Sequence[str],
    *,
    level: float = 0.9,
) -> pd.DataFrame:
    """One row per cell: votes, and shares of the origin's votes with what is known of them.

    Parameters
    ----------
    transition : with draws.
    bounds : [R, K] each, from `bench.models.ecological_inference.total_bounds`.
    rows, columns : names, [R] and [K].
    level : of the intervals, 0 to 1.

    Returns
    -------
    pandas.DataFrame
        from_candidate, to, votes, share, lower, upper (interval of `level`), least, most (what
        the margins say for certain), origin_share (the origin's part of all votes), readable
        (whether that part is 2 % or more: below, profiles rest on the prior).

    Examples
    --------
    >>> table = np.array([[3.0, 1.0], [0.0, 6.0]])
    >>> found = Transition(table, draws=np.stack([table, table]))
    >>> transition_rows(found, (0 * table, 2 * table), "ab", "xy")[["share", "most"]].to_numpy()
    array([[0.75, 1.5 ],
           [0.25, 0.5 ],
           [0.  , 0.  ],
           [1.  , 2.  ]])
    """
    total = transition.table.sum(axis=1)
    per_row = np.maximum(total, 1e-9)[:, None]
    low, high = transition.interval(level)
    n = len(columns)
    part = total / total.sum()
    return pd.DataFrame(
        {
            "from_candidate": np.repeat(list(rows), n),
            "to": np.tile(list(columns), len(rows)),
            "votes": transition.table.ravel(),
            "share": transition.profile.ravel(),
            "lower": (low / per_row).ravel(),
            "upper": (high / per_row).ravel(),
            "least": (bounds[0] / per_row).ravel(),
            "most": (bounds[1] / per_row).ravel(),
            "origin_share": np.repeat(part, n),
            "readable": np.repeat(part >= READABLE, n),
        }
    )


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
    excess = np.abs(row_total - column_total) - tolerance * np.maximum(row_total, 1.0)
    worst = int(np.argmax(excess))
    if excess[worst] > 0:
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


@dataclasses.dataclass(frozen=True)
class Counted:
    """Margins of a district without what has no votes, and where the rest stood.

    Attributes
    ----------
    rows, columns : [U, R], [U, K] in votes, of what is left.
    row_labels : [R], numbers that mean the same in every district.
    column_labels : [K] likewise; None if the districts have candidates of their own, who are
        then told apart by the rows that vote for them.
    used : the units, rows and columns that are left.
    shape : units, rows and columns as given.
    """

    rows: FloatArray
    columns: FloatArray
    row_labels: IntArray
    column_labels: IntArray | None
    used: tuple[IntArray, IntArray, IntArray]
    shape: tuple[int, int, int]

    @classmethod
    def of(
        cls,
        rows: FloatArray,
        columns: FloatArray,
        row_labels: IntArray,
        column_labels: IntArray | None,
    ) -> Counted:
        """What is left of margins as given."""
        votes = (rows.sum(axis=1), rows.sum(axis=0), columns.sum(axis=0))
        units, of_rows, of_columns = (np.flatnonzero(part > 0) for part in votes)
        return cls(
            _chosen(rows, units, of_rows),
            _chosen(columns, units, of_columns),
            row_labels[of_rows],
            None if column_labels is None else column_labels[of_columns],
            (units, of_rows, of_columns),
            (*rows.shape, columns.shape[1]),
        )

    @property
    def is_given(self) -> bool:
        """Whether the margins are the table."""
        return 1 in (self.rows.shape[1], self.columns.shape[1])

    def at_full_size(self, transition: Transition) -> Transition:
        """The tables with the units, rows and columns that were left out, empty."""
        units, rows, columns = self.used

        def widen(votes: FloatArray | None, first: IntArray, n_first: int) -> FloatArray | None:
            if votes is None or votes.shape == (n_first, *self.shape[1:]):
                return votes
            wide = np.zeros((n_first, *self.shape[1:]))
            wide[np.ix_(first, rows, columns)] = votes
            return wide

        table = np.zeros(self.shape[1:])
        table[np.ix_(rows, columns)] = transition.table
        n_draws = 0 if transition.draws is None else len(transition.draws)
        return Transition(
            table,
            widen(transition.units, units, self.shape[0]),
            widen(transition.draws, np.arange(n_draws), n_draws),
        )


def _chosen(votes: FloatArray, units: IntArray, categories: IntArray) -> FloatArray:
    """The part of an array, which is not copied if the part is everything."""
    is_whole = votes.shape == (len(units), len(categories))
    return votes if is_whole else votes[np.ix_(units, categories)]


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
    row_factor, column_factor = row_votes, np.ones(column_votes.shape)
    for _ in range(sweeps):
        row_factor = row_votes / np.maximum(column_factor @ profile.T, _TINY)
        column_factor = column_votes / np.maximum(row_factor @ profile, _TINY)
    tables = row_factor[:, :, None] * profile * column_factor[:, None, :]
    return _rounded(tables, row_votes, column_votes)


def scaled_total(
    row_votes: FloatArray, column_votes: FloatArray, profile: FloatArray, *, sweeps: int = 10
) -> FloatArray:
    """The sum of `scaled_tables` over the units, [R, K], chunk by chunk."""
    total = np.zeros(profile.shape)
    for start in range(0, row_votes.shape[0], _CHUNK):
        part = slice(start, start + _CHUNK)
        tables = scaled_tables(row_votes[part], column_votes[part], profile, sweeps=sweeps)
        total += tables.sum(axis=0)
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
        column_factor = columns / np.maximum(table.sum(axis=-2), _TINY)
        table = table * column_factor[..., None, :]
        row_factor = rows / np.maximum(table.sum(axis=-1), _TINY)
        table = table * row_factor[..., :, None]
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

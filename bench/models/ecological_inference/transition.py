"""A transition table: what ecological inference gives, and its cells as a long table."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Self

import numpy as np
import pandas as pd

from bench.core.arrays import FloatArray
from bench.core.errors import DataError

READABLE = 0.02


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
        low, high = np.quantile(self.draws, [(1 - level) / 2, (1 + level) / 2], axis=0)
        return low, high

    def reversed(self) -> Self:
        """The same votes read from columns to rows."""

        def turn(votes: FloatArray | None) -> FloatArray | None:
            return None if votes is None else np.ascontiguousarray(votes.swapaxes(-1, -2))

        table = np.ascontiguousarray(self.table.T)
        return dataclasses.replace(
            self, table=table, units=turn(self.units), draws=turn(self.draws)
        )


def transition_rows(
    found: Transition,
    bounds: tuple[FloatArray, FloatArray],
    rows: Sequence[str],
    columns: Sequence[str],
    *,
    level: float = 0.9,
) -> pd.DataFrame:
    """One row per cell: votes, and shares of the origin's votes with what is known of them.

    Parameters
    ----------
    found : with draws.
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
    total = found.table.sum(axis=1)
    per_row = np.maximum(total, 1e-9)[:, None]
    low, high = found.interval(level)
    n = len(columns)
    part = total / total.sum()
    return pd.DataFrame(
        {
            "from_candidate": np.repeat(list(rows), n),
            "to": np.tile(list(columns), len(rows)),
            "votes": found.table.ravel(),
            "share": found.profile.ravel(),
            "lower": (low / per_row).ravel(),
            "upper": (high / per_row).ravel(),
            "least": (bounds[0] / per_row).ravel(),
            "most": (bounds[1] / per_row).ravel(),
            "origin_share": np.repeat(part, n),
            "readable": np.repeat(part >= READABLE, n),
        }
    )

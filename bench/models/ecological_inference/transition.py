"""This file holds the result of ecological inference."""

import dataclasses
from typing import Self

import numpy as np

from bench.core.errors import DataError
from bench.models.ecological_inference.types import Floats


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

    table: Floats
    units: Floats | None = None
    draws: Floats | None = None

    @property
    def profile(self) -> Floats:
        """Share of each row's votes that went to each column, [R, K]; NaN for empty rows."""
        total = self.table.sum(axis=1, keepdims=True)
        empty = np.full_like(self.table, np.nan)
        return np.asarray(np.divide(self.table, total, out=empty, where=total > 0))

    def interval(self, level: float) -> tuple[Floats, Floats]:
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

        def turn(votes: Floats | None) -> Floats | None:
            return None if votes is None else np.ascontiguousarray(votes.swapaxes(-1, -2))

        table = np.ascontiguousarray(self.table.T)
        return dataclasses.replace(
            self, table=table, units=turn(self.units), draws=turn(self.draws)
        )

"""This file holds the completion of a survey table of which only some cells were published."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bench.core import DataError
from bench.models.raking import fit_table

FloatArray = NDArray[np.float64]
ROUNDS = 200


def complete(published: ArrayLike, groups: ArrayLike, options: ArrayLike) -> FloatArray:
    """Groups by votes, from the published cells and the two margins.

    Published cells start where they were published, and turnout is the same in every group.
    Unpublished cells start from independence and are scaled, row after column, until they hold
    what the margins leave over. In the end the whole table is raked to the margins, so that
    rounded figures give way to official ones.

    Parameters
    ----------
    published : array_like [G, C]
        Fractions of the group's valid votes, NaN where not published.
    groups : array_like [G]
        Share of each group among those registered, summing to 1.
    options : array_like [C + 1]
        Share of those registered who vote for each candidate and, last, for nobody.

    Returns
    -------
    numpy.ndarray [G, C + 1]
        Fractions of those registered, summing to 1.

    Raises
    ------
    DataError
        If the shapes do not fit or a group's published shares exceed 1.

    Examples
    --------
    Two equal groups, one candidate's share known in the first; 20 % stay at home:

    >>> table = complete([[0.75, np.nan], [np.nan, np.nan]], [0.5, 0.5], [0.4, 0.4, 0.2])
    >>> (table[:, :2] / table[:, :2].sum(axis=1, keepdims=True)).round(3).tolist()
    [[0.75, 0.25], [0.25, 0.75]]
    """
    known = np.asarray(published, dtype=float)
    rows, columns = np.asarray(groups, dtype=float), np.asarray(options, dtype=float)
    if known.shape != (len(rows), len(columns) - 1):
        raise DataError(f"published is {known.shape}, margins {rows.shape} and {columns.shape}")
    if (np.nansum(known, axis=1) > 1).any():
        raise DataError("the published shares of a group exceed 1; check the units (0 to 1)")
    is_known = np.column_stack([~np.isnan(known), np.ones(len(rows), dtype=bool)])
    table = np.outer(rows, columns)
    voted = rows * (1 - columns[-1])
    table[:, :-1] = np.where(is_known[:, :-1], known * voted[:, None], table[:, :-1])
    for _ in range(ROUNDS):
        for axis, target in ((1, columns), (0, rows)):
            fixed = np.where(is_known, table, 0).sum(axis=1 - axis)
            free = np.where(is_known, 0, table).sum(axis=1 - axis)
            left = np.maximum(target - fixed, 1e-9)
            scale = np.divide(left, free, out=np.ones_like(left), where=free > 0)
            table = np.where(is_known, table, table * np.expand_dims(scale, 1 - axis))
    return fit_table(table, [((0,), rows), ((1,), columns)])

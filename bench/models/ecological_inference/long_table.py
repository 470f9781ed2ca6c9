"""This file holds a transition as a long table, with intervals and the bounds of the margins."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from bench.models.ecological_inference.transition import Transition
from bench.models.ecological_inference.types import Floats

READABLE = 0.02


def transition_rows(
    found: Transition,
    bounds: tuple[Floats, Floats],
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

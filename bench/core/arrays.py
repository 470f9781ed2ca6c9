"""The types of the arrays that everybody hands around, and the order of equal numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pandas as pd

PERCENT = 100
SORTED_DIGITS = 9
"""Digits in which numbers must differ to be put in order: another processor changes later ones."""

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]


def sorted_digits(column: pd.Series) -> pd.Series:
    """Round a column of fractions, so that equal numbers stay equal: the `key` of `sort_values`."""
    return column.round(SORTED_DIGITS) if column.dtype.kind == "f" else column

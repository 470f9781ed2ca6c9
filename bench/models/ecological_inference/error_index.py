"""This file holds the distance between an estimated and a true transition table."""

import numpy as np
import numpy.typing as npt


def error_index(true: npt.ArrayLike, estimated: npt.ArrayLike) -> float:
    """Percent of the votes that stand in the wrong cell.

    50 Σ|true - estimated| / Σ true; percent, 0 to 100; lower is better.

    References
    ----------
    Pavía & Romero (2022), doi:10.1177/00491241221092725.

    Examples
    --------
    >>> error_index([[3, 1], [0, 6]], [[2, 2], [1, 5]])
    20.0
    """
    seen, guessed = np.asarray(true, dtype=np.float64), np.asarray(estimated, dtype=np.float64)
    return float(50 * np.abs(seen - guessed).sum() / seen.sum())

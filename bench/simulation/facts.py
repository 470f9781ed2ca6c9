"""What instruments are told of the real world; `run` reads it from datasets."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Facts:
    """Observed figures that instruments are calibrated on.

    Attributes
    ----------
    round : int
    as_of : pandas.Timestamp
        Every made-up row is public at the midnight before it at the latest.
    declared_votes : numpy.ndarray [C]
        Volunteers of the real self-selected ballot by declared vote.
    approval : numpy.ndarray [C, C]
        Fraction of the volunteers who declared the row and approve of the column.
    attention : numpy.ndarray [C, C]
        Share of a supporter's mentions by candidate mentioned; rows sum to 1.
    naming : numpy.ndarray [C]
        Fraction of the posts of a candidate's community that name somebody on the ballot; 0 where
        no community was measured, and that row of `attention` is assumed.
    calendar : pandas.DataFrame
        The real polls whose dates and samples the made-up ones take: institute, mode,
        fieldwork_start, fieldwork_end, published_on, respondents.
    """

    round: int
    as_of: pd.Timestamp
    declared_votes: FloatArray
    approval: FloatArray
    attention: FloatArray
    naming: FloatArray
    calendar: pd.DataFrame

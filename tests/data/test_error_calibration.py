"""The command that counts how often outcomes lie in the intervals of poll methods."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import t

from bench.core import Forecast
from tools.error_calibration import TAUGHT_BY, interval, judged, table


def test_intervals_hold_what_they_should_and_crps_is_that_of_the_draws() -> None:
    rng = np.random.default_rng(0)
    first = rng.uniform(0.4, 0.6, 40_000)
    draws = np.column_stack([first, 1.0 - first])
    forecast = Forecast(share=pd.Series([0.5, 0.5], index=["ash", "birch"]), draws=draws)
    # of a uniform between .4 and .6 the central half is .45 to .55, 80 % are .42 to .58
    inside, distance = judged(forecast, np.array([0.57, 0.43]))
    assert [bool(inside[level][0]) for level in (0.5, 0.8, 0.9, 0.95)] == [False, True, True, True]
    # CRPS of a uniform of width w at a distance d < w / 2 from its middle: w / 12 + d^2 / w
    assert distance[0] == pytest.approx(0.2 / 12 + 0.07**2 / 0.2, rel=0.01)


def test_the_interval_is_students_and_without_end_for_one_value() -> None:
    low, high = interval(pd.Series([1.0, 2.0, 4.0]))
    expected = t.interval(0.95, 2, loc=7 / 3, scale=np.std([1, 2, 4], ddof=1) / 3**0.5)
    assert (low, high) == pytest.approx(expected)
    assert interval(pd.Series([1.0])) == (-np.inf, np.inf)


def test_every_cluster_counts_one_however_many_votes_it_holds() -> None:
    inside = {"in_50": 1.0, "in_80": 1.0, "in_95": 1.0, "crps_pp": 1.0, "round": 1, "days": 7}
    votes = [("a", "x", 1.0), ("b", "y", 0.0), ("c", "y", 0.0), ("d", "y", 0.0)]
    rows = pd.DataFrame(
        [
            {**inside, "election": e, "cluster": c, "in_90": v, "taught by": m}
            for e, c, v in votes
            for m in TAUGHT_BY
        ]
    )
    last = table(rows, "days").splitlines()[-2]
    assert last.startswith("| all | other countries | 4 | 2 | 1.00 | 1.00 | 0.50 [0.00, 1.00] |")

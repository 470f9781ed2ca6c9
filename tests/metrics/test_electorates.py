"""How methods compare over many electorates: errors by electorate, ratios and their intervals."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import strategies as st
from scipy import stats

from bench.studies.electorates.metrics import compared, squared_by_group

SEEDS = st.integers(0, 2**32 - 1)


def rng(seed: int = 1) -> np.random.Generator:
    return np.random.default_rng(seed)


def test_every_electorate_has_its_own_mean_square() -> None:
    # electorate 3: (.01 + .09) / 2; electorate 8: the mean of (.04 + 0) / 2 and (.16 + .16) / 2
    error = np.array([[0.2, 0.0], [0.1, -0.3], [-0.4, 0.4]])
    found = squared_by_group(error, np.array([8, 3, 8]))
    assert found.tolist() == pytest.approx([0.05, (0.02 + 0.16) / 2])


def test_two_electorates_by_hand() -> None:
    # resamples: the first twice, each once, the second twice (1 : 2 : 1), so that the ends of the
    # interval are those of one electorate alone: .2 / .1 and .2 / .3
    found = compared(np.array([0.01, 0.09]), np.array([0.04, 0.04]), rng())
    root = np.sqrt(0.05)
    assert found == pytest.approx(
        {
            "ratio": 0.2 / root,
            "ratio_low": 2 / 3,
            "ratio_high": 2.0,
            "difference": 0.2 - root,
            "difference_low": -0.1,
            "difference_high": 0.1,
        }
    )


def test_intervals_are_those_of_scipy() -> None:
    one, other = rng().gamma(2.0, 0.01, 60), rng(2).gamma(2.0, 0.02, 60)

    def ratio(a: np.ndarray, b: np.ndarray, axis: int = -1) -> np.ndarray:
        return np.sqrt(b.mean(axis=axis) / a.mean(axis=axis))

    known = stats.bootstrap(
        (one, other), ratio, paired=True, n_resamples=20000, method="percentile", rng=rng(5)
    ).confidence_interval
    found = compared(one, other, rng(6), n=20000)
    ends = [found["ratio_low"], found["ratio_high"]]
    assert ends == pytest.approx([known.low, known.high], rel=0.01)

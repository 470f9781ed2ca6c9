"""How much of the swing the first tenth of a ranking finds."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.core.errors import ForecastError
from bench.studies.runoff_by_station.ranking import (
    LAST_RESULT,
    N_BINS,
    found_in_first,
    ranked_bins,
    score_rankings,
    swing_votes,
)


def bins_of(value: np.ndarray, swing: np.ndarray, cluster: np.ndarray, name: str) -> pd.DataFrame:
    return ranked_bins(value, swing, cluster).assign(method=name)


def score(bins: pd.DataFrame, seed: int = 1) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    return score_rankings(bins, n_resamples=200, level=0.9, rng=rng).set_index("method")


@given(st.integers(0, 2**32 - 1), st.sampled_from([200, 400, 1000]))
def test_the_first_tenth_is_summed_and_nothing_finds_more_than_the_outcome(
    seed: int, n: int
) -> None:
    rng = np.random.default_rng(seed)
    value, swing, cluster = rng.normal(size=n), rng.normal(size=n), rng.integers(0, 12, n)
    both = [bins_of(swing, swing, cluster, "best"), bins_of(value, swing, cluster, LAST_RESULT)]
    found = score(pd.concat(both))["found"]
    gains = np.maximum(swing, 0)
    by_hand = gains[np.argsort(-value)][: n // 10].sum() / gains.sum()
    assert found[LAST_RESULT] == pytest.approx(by_hand)
    assert found["best"] >= found[LAST_RESULT]


def test_an_order_of_chance_finds_a_tenth() -> None:
    rng = np.random.default_rng(3)
    swing, cluster = rng.exponential(size=2000), np.repeat(np.arange(20), 100)
    bins = [bins_of(rng.normal(size=2000), swing, cluster, LAST_RESULT) for _ in range(40)]
    found = [score(one).loc[LAST_RESULT, "found"] for one in bins]
    assert np.mean(found) == pytest.approx(0.1, abs=0.006)


def test_intervals_draw_clusters_and_rank_anew() -> None:
    """The same as to draw the rows of whole clusters, and to rank them."""
    rng = np.random.default_rng(5)
    n, cluster = 2000, np.repeat(np.arange(20), 100)
    swing = rng.exponential(size=n) * (1 + cluster)
    bins = [bins_of(swing, swing, cluster, "best"), bins_of(-swing, swing, cluster, LAST_RESULT)]
    table = score(pd.concat(bins))
    assert table.loc["best", "low"] < table.loc["best", "found"] < table.loc["best", "high"]
    draws = []
    for _ in range(300):  # the same by drawing rows
        drawn = np.concatenate([swing[cluster == one] for one in rng.integers(0, 20, 20)])
        draws.append(np.sort(drawn)[::-1][: n // 10].sum() / drawn.sum())
    ends = table.loc["best", ["low", "high"]].to_numpy(float)
    assert ends == pytest.approx(np.quantile(draws, [0.05, 0.95]), abs=0.01)


def test_losses_are_no_gains_and_a_bin_that_is_cut_counts_in_part() -> None:
    assert swing_votes([0.5], [0.6], [100]).round(6).tolist() == [-10]
    assert ranked_bins([2, 1], [-10.0, 4.0], ["a", "a"])["swing"].tolist() == [0, 4]
    assert found_in_first(np.ones(4), [8, 0, 0, 8], first=0.125) == pytest.approx(0.25)


def test_what_expects_no_swing_ranks_nothing() -> None:
    assert ranked_bins(np.full(3, 1e-9), [1, 2, 3], list("abc")).empty
    assert N_BINS % 10 == 0  # the first tenth ends between two


def test_without_the_last_result_nothing_can_be_compared() -> None:
    bins = bins_of(np.arange(3), np.arange(3), np.arange(3), "best")
    with pytest.raises(ForecastError, match="no ranking is called 'last_result'"):
        score(bins)

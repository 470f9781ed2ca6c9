"""Scores of many replicates: each as if it stood alone, and the error taken apart exactly."""

from __future__ import annotations

import numpy as np
import pytest

from bench.core.errors import ForecastError
from bench.metrics.replicates import (
    bias_and_variance,
    places,
    score_replicates,
    standard_error,
    whole_ballot,
)

TRUTH = np.array([[0.5, 0.3, 0.2], [0.1, 0.3, 0.6], [0.5, 0.3, 0.2], [0.4, 0.35, 0.25]])
SAID = np.array(
    [
        [0.4, 0.35, 0.25],  # order right
        [0.2, 0.5, 0.3],  # second for first, the same two on top
        [np.nan, np.nan, np.nan],  # nothing said
        [0.4, 0.25, 0.35],  # first right, the pair wrong
    ]
)


def test_every_replicate_is_scored_by_itself() -> None:
    scored = score_replicates(SAID, TRUTH, 2)
    assert scored.error[0].tolist() == pytest.approx([-0.1, 0.05, 0.05])
    assert scored.error[1].tolist() == pytest.approx([0.1, 0.2, -0.3])
    assert scored.mean_absolute[[0, 1, 3]] == pytest.approx([0.2 / 3, 0.2, 0.2 / 3])
    assert scored.first[[0, 1, 3]].tolist() == [1.0, 0.0, 1.0]
    assert scored.pair[[0, 1, 3]].tolist() == [1.0, 1.0, 0.0]
    assert scored.leader.tolist() == [0, 1, -1, 0]


def test_who_says_nothing_has_no_score() -> None:
    scored = score_replicates(SAID, TRUTH, 2)
    assert np.isnan(scored.error[2]).all()
    for values in (scored.mean_absolute, scored.first, scored.pair):
        assert np.isnan(values[2])
    silent = score_replicates(np.full((2, 3), np.nan), TRUTH[:2], 1)
    assert np.isnan(silent.error).all()
    assert silent.leader.tolist() == [-1, -1]


def test_shapes_that_differ_are_refused() -> None:
    words = r"^shares are \(4, 3\) but votes \(3, 3\); accepted: one shape$"
    with pytest.raises(ForecastError, match=words):
        score_replicates(SAID, TRUTH[:3], 2)


def test_a_standard_error_needs_two_replicates() -> None:
    # mean -0.05, deviations 0, -0.15 and 0.15
    moved = np.array([-0.05, -0.2, 0.1])
    assert standard_error(moved) == pytest.approx(0.15 / np.sqrt(3))
    assert np.isnan(standard_error(moved[:1]))


def test_places_and_shares_are_those_of_the_whole_ballot() -> None:
    partial = np.array([[0.2, np.nan, 0.5], [np.nan] * 3, [0.1, np.nan, 0.3]])
    whole = whole_ballot(partial)
    assert whole[0].tolist() == pytest.approx([0.2, 0.3, 0.5])
    assert np.isnan(whole[1]).all()
    assert places(whole[[0, 2]]).tolist() == [[3, 2, 1], [3, 1, 2]]


def test_bias_and_variance_are_computed_within_electorates() -> None:
    # electorate 7: errors 0.1 and 0.3 (bias 0.2, variance 0.01); electorate 9: -0.1 and 0.1
    error = np.array([[0.1], [-0.1], [0.3], [0.1]])
    total, squared_bias, variance = bias_and_variance(error, np.array([7, 9, 7, 9]))
    assert squared_bias == pytest.approx((0.04 + 0.0) / 2)
    assert variance == pytest.approx((0.01 + 0.01) / 2)
    assert total == pytest.approx(squared_bias + variance)

"""Scores of many replicates: each as if it stood alone, and the error taken apart exactly."""

from __future__ import annotations

import numpy as np
import pytest

from bench.core.errors import ForecastError
from bench.metrics.replicates import bias_and_variance, score_replicates

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


def test_who_is_never_named_shares_what_is_left() -> None:
    said = np.array([[0.6, np.nan, np.nan], [0.2, np.nan, np.nan]])
    truth = np.full((2, 3), 1 / 3)
    error = score_replicates(said, truth, 2).error
    assert error + truth == pytest.approx(np.array([[0.6, 0.2, 0.2], [0.2, 0.4, 0.4]]))


def test_shapes_that_differ_are_refused() -> None:
    words = r"^shares are \(4, 3\) but votes \(3, 3\); accepted: one shape$"
    with pytest.raises(ForecastError, match=words):
        score_replicates(SAID, TRUTH[:3], 2)


def test_bias_and_variance_are_computed_within_electorates() -> None:
    # electorate 7: errors 0.1 and 0.3 (bias 0.2, variance 0.01); electorate 9: -0.1 and 0.1
    error = np.array([[0.1], [-0.1], [0.3], [0.1]])
    total, squared_bias, variance = bias_and_variance(error, np.array([7, 9, 7, 9]))
    assert squared_bias == pytest.approx((0.04 + 0.0) / 2)
    assert variance == pytest.approx((0.01 + 0.01) / 2)
    assert total == pytest.approx(squared_bias + variance)


def test_ties_go_to_the_first_on_the_ballot_in_every_replicate() -> None:
    # many equals among twelve candidates, which the sort of Python keeps in order; the two that
    # are to come first are the two best of the truth, so that every pair is right
    rng = np.random.default_rng(6)
    for _ in range(40):
        ballots = rng.choice([1, 4, 20], (3, 12))
        best = [sorted(range(12), key=lambda c, row=row: -row[c])[:2] for row in ballots]
        truth = np.full((3, 12), 0.02)
        np.put_along_axis(truth, np.array(best), 0.4, axis=1)
        scored = score_replicates(ballots / ballots.sum(axis=1, keepdims=True), truth, 2)
        assert scored.leader.tolist() == [first for first, _ in best]
        assert scored.pair.tolist() == [1.0, 1.0, 1.0]

"""Calibration with few observations."""

import numpy as np
import pytest
from scipy import stats

from bench.core.errors import ForecastError
from bench.metrics import calibration


def test_what_cannot_be_tabulated_is_refused():
    with pytest.raises(
        ForecastError, match=r"^probability has shape \(1,\) but happened has \(2,\)"
    ):
        calibration.recalibrated([0.5], [0, 1])
    with pytest.raises(ForecastError, match="other than 0 and 1"):
        calibration.recalibrated([0.5], [0.5])


def stated(n: int = 400, seed: int = 2) -> tuple[np.ndarray, np.ndarray]:
    """Chances to a percent, and events that come true as often as their square says."""
    rng = np.random.default_rng(seed)
    p = rng.integers(0, 101, n) / 100
    return p, (rng.random(n) < p**2).astype(float)


def test_a_curve_of_few_events_is_refused_and_its_group_left_out():
    with pytest.raises(ForecastError, match="49 events; a curve of reliability takes at least 50"):
        calibration.recalibrated([0.5] * 49, [1] * 49)
    assert calibration.reliability([0.5] * 49, [1] * 49).empty
    found = calibration.reliability([0.5] * 99, [1] * 99, ["few"] * 49 + ["enough"] * 50)
    assert found["group"].tolist() == ["enough"]
    assert calibration.groups_with_curve(["few"] * 49 + ["enough"] * 50) == ["enough"]
    assert calibration.recalibrated([0.5] * 50, [1] * 50).n == 50


def test_groups_and_bins_that_fit_nothing_are_refused():
    with pytest.raises(ForecastError, match="n_bins is 0"):
        calibration.reliability([0.5], [1], n_bins=0)
    with pytest.raises(ForecastError, match="confidence 95"):
        calibration.reliability([0.5], [1], confidence=95)
    with pytest.raises(ForecastError, match=r"^group has shape \(1,\) but probability has \(2,"):
        calibration.reliability([0.5, 0.5], [1, 0], ["a"])


def test_bins_are_those_of_scikit_learn_with_their_counts():
    from sklearn.calibration import calibration_curve

    p, y = stated()
    assert calibration.reliability(p, y)["n"].sum() == len(p)
    inner = p * 100 % 10 != 0  # their bins are closed above, ours below
    found = calibration.reliability(p[inner], y[inner])
    frequency, mean = calibration_curve(y[inner], p[inner], n_bins=10)
    np.testing.assert_allclose(found["frequency"], frequency)
    np.testing.assert_allclose(found["mean_probability"], mean)


@pytest.mark.parametrize("confidence", [0.95, 0.6])
def test_intervals_are_wilsons_and_bars_those_of_the_binomial(confidence):
    p, y = np.full(60, 0.32), np.repeat([1.0, 0.0], [30, 30])
    rows = calibration.reliability(p, y, confidence=confidence)
    row = rows.iloc[0]
    theirs = stats.binomtest(30, 60).proportion_ci(confidence, method="wilson")
    assert (row["low"], row["high"]) == pytest.approx((theirs.low, theirs.high))
    tail = (1 - confidence) / 2
    assert row["expected_low"] == stats.binom.ppf(tail, 60, 0.32) / 60
    assert row["expected_high"] == stats.binom.ppf(1 - tail, 60, 0.32) / 60
    assert (row["group"], row["lower_edge"], row["upper_edge"]) == ("", 0.3, 0.4)
    assert (row["n_true"], rows["n_true"].dtype) == (30, int)


def test_consistency_bars_hold_the_dots_of_right_chances_as_often_as_stated():
    rng, held = np.random.default_rng(4), []
    for _ in range(30):
        p = rng.random(300)
        rows = calibration.reliability(p, rng.random(300) < p)
        held += list(rows["frequency"].between(rows["expected_low"], rows["expected_high"]))
    assert 0.94 <= np.mean(held) <= 0.99


def test_the_brier_score_is_the_sum_of_its_parts():
    p, y = stated()
    found = calibration.recalibrated(p, y)
    assert found.brier == pytest.approx(np.square(p - y).mean())
    parts = found.miscalibration - found.discrimination + found.uncertainty
    assert parts == pytest.approx(found.brier)
    assert found.uncertainty == pytest.approx(y.mean() * (1 - y.mean()))
    assert found.miscalibration > 0
    assert found.discrimination > 0
    assert (np.diff(found.recalibrated) >= 0).all()
    assert (found.n, found.n_true) == (400, int(y.sum()))


def test_pooling_adjacent_violators_by_hand():
    # at 0.2, 0.4, 0.6 events came true in 10 of 20, 4 of 20, 18 of 20: the first two are pooled
    p = np.repeat([0.2, 0.4, 0.6], 20)
    y = np.concatenate([np.repeat([1, 0], [k, 20 - k]) for k in (10, 4, 18)])
    assert calibration.recalibrated(p, y).recalibrated == pytest.approx([0.35, 0.35, 0.9])

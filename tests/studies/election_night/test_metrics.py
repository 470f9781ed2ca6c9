"""Scores of an election night: one estimate against the final count, and the first call."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from bench.models.election_night import NightEstimate
from bench.studies.election_night.metrics import calls, night_scores

FINAL = np.array([0.42, 0.36, 0.18, 0.04])


def scored(share: list[float], sd: float, n_advance: int = 2, **others: float) -> dict[str, float]:
    estimate = NightEstimate(share=np.array(share), covariance=sd**2 * np.eye(4))
    return night_scores(estimate, FINAL, n_advance, np.random.default_rng(1), **others)


def test_errors_are_means_over_all_and_over_those_with_five_percent() -> None:
    found = scored([0.40, 0.37, 0.19, 0.04], 0.01)
    assert found["mae"] == pytest.approx((0.02 + 0.01 + 0.01 + 0.0) / 4)
    assert found["mae_leading"] == pytest.approx((0.02 + 0.01 + 0.01) / 3)


def test_intervals_are_of_the_level_asked_for() -> None:
    # 90 %: 1.6449 standard errors; the first misses by 2, the others by 1, the last by 0
    found = scored([0.40, 0.37, 0.19, 0.04], 0.01)
    assert found["half_width"] == pytest.approx(0.016449, abs=1e-6)
    assert found["covered"] == pytest.approx(3 / 4)
    assert found["covered_leading"] == pytest.approx(2 / 3)
    wider = scored([0.40, 0.37, 0.19, 0.04], 0.01, level=0.98)  # 2.3263 standard errors
    assert wider["half_width"] == pytest.approx(0.023263, abs=1e-6)
    assert wider["covered"] == 1.0


def test_an_exact_count_covers_although_it_has_no_width() -> None:
    found = scored(FINAL.tolist(), 0.0)
    assert (found["covered"], found["half_width"]) == (1.0, 0.0)


@pytest.mark.parametrize(
    ("share", "sd", "right", "called", "wrongly"),
    [
        ([0.42, 0.36, 0.18, 0.04], 0.01, 1.0, 1.0, 0.0),  # 9 standard errors of the difference
        ([0.30, 0.28, 0.27, 0.15], 0.05, 1.0, 0.0, 0.0),  # too close
        ([0.20, 0.36, 0.40, 0.04], 0.01, 0.0, 1.0, 1.0),  # sure and wrong
        ([0.29, 0.26, 0.30, 0.15], 0.05, 0.0, 0.0, 0.0),  # wrong, but not called
    ],
)
def test_a_call_is_right_wrong_or_not_made(
    share: list[float], sd: float, right: float, called: float, wrongly: float
) -> None:
    found = scored(share, sd)
    names = ("leaders_right", "called", "called_wrongly")
    assert tuple(found[name] for name in names) == (right, called, wrongly)


def test_the_chance_from_which_to_call_is_a_setting() -> None:
    # one standard error of the difference apart: a chance of about 0.84 (2,000 draws)
    close = [0.40, 0.36, 0.36 - 0.01 * 2**0.5, 0.04]
    assert scored(close, 0.01)["called"] == 0.0
    assert scored(close, 0.01, call_at=0.8)["called"] == 1.0


def test_the_first_call_counts_and_its_time() -> None:
    columns = ["order", "estimator", "realisation", "counted", "minute", "called", "called_wrongly"]
    rows = [
        # called at 0.3 wrongly, later right; rows out of order
        ("big", "ours", 1, 0.5, 50, 1.0, 0.0),
        ("big", "ours", 1, 0.3, 30, 1.0, 1.0),
        ("big", "ours", 1, 0.1, 10, 0.0, 0.0),
        # right at once at 0.2, wrong for a while at 0.4
        ("big", "ours", 2, 0.2, 20, 1.0, 0.0),
        ("big", "ours", 2, 0.4, 40, 1.0, 1.0),
        # never called
        ("big", "ours", 3, 0.2, 20, 0.0, 0.0),
        ("big", "ours", 4, 0.2, 20, 0.0, 0.0),
        # another estimator that never calls
        ("big", "naive", 1, 0.2, 20, 0.0, 0.0),
    ]
    found = calls(pd.DataFrame(rows, columns=columns))
    assert found[["order", "estimator"]].to_numpy().tolist() == [["big", "ours"], ["big", "naive"]]
    ours = found.iloc[0]
    assert ours["n"] == 4
    assert ours["ever_called"] == 2 / 4
    assert ours["wrong_first_call"] == 1 / 4
    assert ours["ever_called_wrongly"] == 2 / 4
    assert ours["counted_at_call"] == pytest.approx((0.3 + 0.2) / 2)
    assert ours["minute_of_call"] == pytest.approx(25)
    naive = found.iloc[1]
    assert (naive["n"], naive["ever_called"], naive["ever_called_wrongly"]) == (1, 0.0, 0.0)
    assert np.isnan(naive["counted_at_call"])
    assert np.isnan(naive["minute_of_call"])

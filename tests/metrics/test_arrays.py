"""What every metric is given: the right number is blamed, and nothing is sorted twice."""

from __future__ import annotations

import numpy as np
import pytest

from bench.core.errors import ForecastError
from bench.metrics import arrays


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (
            [0.5, 1.5],
            r"^share\[1\] is 1.5; it must lie between 0 and 1 \(a fraction .* not percent",
        ),
        ([0.0, 1.0, 24.0], r"^share\[2\] is 24;"),
        ([-1e-9, 1 + 1e-9, -0.5], r"^share\[2\] is -0.5;"),
        (
            [0.5, np.nan],
            r"^share\[1\] is nan; finite numbers are expected: leave out what the method does not "
            r"name and renormalise before scoring$",
        ),
        ([[0.5, 0.5]], r"^share has 2 dimensions \(shape \(1, 2\)\); 1 are expected"),
    ],
)
def test_the_first_share_outside_is_named(values: list[float], words: str) -> None:
    with pytest.raises(ForecastError, match=words):
        arrays.fractions("share", values)


def test_a_billionth_of_rounding_is_inside() -> None:
    for edge in (-1e-9, 1 + 1e-9):
        assert arrays.fractions("share", [0.5, edge])[1] == edge


def test_facts_are_one_row_unless_a_batch_is_asked_for() -> None:
    with pytest.raises(ForecastError, match=r"^happened has 2 dimensions"):
        arrays.zero_or_one("happened", [[1.0, 0.0]])
    assert arrays.zero_or_one("happened", [[True, False]], batch=True).tolist() == [[1.0, 0.0]]


def test_draws_that_are_all_wanted_stay_sorted() -> None:
    given = arrays.Ensemble([[0.3, 0.7], [0.1, 0.9]])
    assert given.first(2) is given
    assert given.first(3) is given
    assert given.first(1).values.tolist() == [[0.3, 0.7]]


def test_as_many_outcomes_as_forecasts_with_the_same_candidates() -> None:
    draws = np.full((3, 4, 2), 0.5)
    with pytest.raises(
        ForecastError,
        match=r"^one draw has shape \(3, 2\) but outcome has \(2, 2\); both must list the same "
        r"candidates in the same order$",
    ):
        arrays.ensemble_and_outcome(draws, np.full((2, 2), 0.5))
    with pytest.raises(
        ForecastError,
        match=r"^share has shape \(2,\) but outcome has \(3,\); both must list the same candidates "
        r"in the same order$",
    ):
        arrays.same_shape("share", np.zeros(2), "outcome", np.zeros(3))

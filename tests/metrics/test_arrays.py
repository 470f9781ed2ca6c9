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

"""Words for what is not known: one rule, equivalence first."""

from math import nan

import pytest

from bench.metrics.comparison.verdict import EQUIVALENT, verdict


@pytest.mark.parametrize(
    ("bounds", "expected"),
    [
        ((0.91, 0.97, 0.905, 0.98), "equivalent"),  # although 1 is outside: less than anyone minds
        ((EQUIVALENT[0], EQUIVALENT[1], 0.88, 1.13), "equivalent"),  # a bound on the margin is in
        ((0.89, 0.97, 0.88, 0.99), "better"),
        ((1.02, 1.12, 1.01, 1.14), "worse"),
        ((0.89, 0.97, 0.88, 1.0), "not_enough"),  # 1 itself is not excluded
        ((1.02, 1.2, 0.99, 1.3), "not_enough"),
        ((0.3, 4.0, 0.2, 5.0), "not_enough"),
        ((nan, nan, nan, nan), "not_enough"),
    ],
)
def test_one_rule_turns_intervals_into_a_verdict(
    bounds: tuple[float, float, float, float], expected: str
) -> None:
    assert verdict(*bounds) == expected


def test_the_margin_is_as_wide_in_either_direction() -> None:
    low, high = EQUIVALENT
    assert low * high == pytest.approx(1.0)
    assert (low, round(high, 2)) == (0.9, 1.11)

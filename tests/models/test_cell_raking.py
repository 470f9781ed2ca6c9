"""Raking by cell is raking by person, many samples at once."""

from __future__ import annotations

import numpy as np
import pytest

from bench.core.errors import ForecastError
from bench.models.cell_raking import design_effect, rake_cells
from bench.models.raking import kish_design_effect, rake

CODES = {"sex": np.array([0, 0, 1, 1]), "age": np.array([0, 1, 0, 1])}
MARGINS = {"sex": np.array([0.5, 0.5]), "age": np.array([0.3, 0.7])}
COUNTS = np.array([[40.0, 10.0, 20.0, 30.0], [5.0, 60.0, 25.0, 10.0]])


def test_names_must_agree() -> None:
    with pytest.raises(ForecastError, match="margins"):
        rake_cells(COUNTS, CODES, {"sex": MARGINS["sex"]}, largest_weight=5)


def test_a_limit_below_the_mean_is_refused() -> None:
    with pytest.raises(ForecastError, match="above 1"):
        rake_cells(COUNTS, CODES, MARGINS, largest_weight=1.0)


def test_cells_weigh_what_people_weigh() -> None:
    found = rake_cells(COUNTS, CODES, MARGINS, largest_weight=50)
    for counts, weights in zip(COUNTS, found, strict=True):
        cell = np.repeat(np.arange(4), counts.astype(int))
        people = rake({name: code[cell] for name, code in CODES.items()}, MARGINS)
        first = np.searchsorted(cell, np.arange(4))
        assert np.allclose(weights, people[first], atol=1e-8)
        assert design_effect(counts[None], weights[None])[0] == pytest.approx(
            kish_design_effect(people), rel=1e-8
        )


def test_a_sample_is_raked_as_if_alone() -> None:
    together = rake_cells(COUNTS, CODES, MARGINS, largest_weight=50)
    alone = np.concatenate(
        [rake_cells(one[None], CODES, MARGINS, largest_weight=50) for one in COUNTS]
    )
    assert np.allclose(together, alone, atol=1e-9)


def test_a_group_nobody_is_in_is_left_out() -> None:
    counts = np.array([[10.0, 10.0, 0.0, 0.0]])
    weights = rake_cells(counts, CODES, MARGINS, largest_weight=50)
    assert np.isfinite(weights).all()
    assert (weights * counts).sum() == pytest.approx(20)


def test_weights_are_cut() -> None:
    counts = np.array([[97.0, 1.0, 1.0, 1.0]])
    weights = rake_cells(counts, CODES, MARGINS, largest_weight=8)
    assert weights.max() <= 8

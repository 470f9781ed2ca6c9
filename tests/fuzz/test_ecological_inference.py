"""Ecological inference on any margins: few units, empty rows, tiny and giant units."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.core.errors import ConfigError, DataError
from bench.models.ecological_inference import (
    METHODS,
    balance_margins,
    estimate,
    total_bounds,
)

QUICK = settings(max_examples=8, deadline=None, derandomize=True)


@st.composite
def margins(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    """Units of zero to a million votes, some of them and some categories empty."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    n_units, n_rows, n_columns = (draw(st.integers(1, most)) for most in (30, 7, 6))
    size = np.round(10 ** rng.uniform(0, draw(st.sampled_from([0.5, 3.0, 6.0])), n_units))
    size *= rng.random(n_units) < draw(st.sampled_from([0.3, 1.0]))
    size[0] = max(size[0], 1.0)
    evenness = draw(st.sampled_from([0.02, 0.5, 50.0]))  # of rows, of columns within a row
    shares = rng.dirichlet(np.full(n_rows, evenness), n_units)
    profile = rng.dirichlet(np.full(n_columns, draw(st.sampled_from([0.02, 1.0]))), n_rows)
    rows = rng.multinomial(size.astype(int), shares)
    columns = sum(rng.multinomial(rows[:, r], profile[r]) for r in range(n_rows))
    scale = draw(st.sampled_from([1.0, 0.37, 1e-4]))
    return rows * scale, np.asarray(columns) * scale


@pytest.mark.parametrize("method", METHODS)
@QUICK
@given(given_margins=margins(), few_groups=st.booleans())
def test_any_margins_give_finite_tables_that_honour_them(
    method: str, given_margins: tuple[np.ndarray, np.ndarray], few_groups: bool
) -> None:
    rows, columns = given_margins
    rng = np.random.default_rng(1)
    groups = rng.integers(0, 3, len(rows)) if few_groups else None
    found = estimate(
        rows, columns, method=method, groups=groups, unit_tables=True, n_draws=4, rng=rng
    )
    assert found.units is not None
    assert found.draws is not None
    near = 1e-8 * rows.sum()
    low, high = total_bounds(rows, columns)
    assert ((low - near <= found.table) & (found.table <= high + near)).all()
    for table in (found.table, *found.draws):
        assert np.isfinite(table).all()
        assert (table >= -near).all()
        assert np.abs(table.sum(axis=1) - rows.sum(axis=0)).max() <= near
        assert np.abs(table.sum(axis=0) - columns.sum(axis=0)).max() <= near
    assert np.abs(found.units.sum(axis=2) - rows).max() <= near
    assert np.abs(found.units.sum(axis=1) - columns).max() <= near


@QUICK
@given(given_margins=margins(), factor=st.sampled_from([0.5, 1.3]))
def test_totals_that_differ_are_refused_until_they_are_balanced(
    given_margins: tuple[np.ndarray, np.ndarray], factor: float
) -> None:
    rows, columns = given_margins
    with pytest.raises(DataError, match="balance_margins"):
        estimate(1e6 * rows, factor * 1e6 * columns)
    assert np.isfinite(estimate(*balance_margins(rows, factor * columns)).table).all()


@pytest.mark.parametrize(
    ("rows", "columns", "others", "words"),
    [
        ([["a", "b"]], [[1, 2]], {}, "cannot be read as numbers"),
        ([[1, 2], [1]], [[1, 2], [1, 2]], {}, "cannot be read as numbers"),
        ([[1, None]], [[1, 0]], {}, r"row_votes\[0, 1\] is nan"),
        ([[1, 1]] * 2, [[1, 1]] * 2, {"groups": np.array(["a", None], object)}, r"groups\[1\]"),
        ([[1, 1]] * 2, [[1, 1]] * 2, {"groups": np.array(["a", np.nan], object)}, r"groups\[1\]"),
        ([[1, 1]], [[1, 1]], {"n_draws": -1}, "whole number"),
        ([[1, 1]], [[1, 1]], {"n_draws": "many"}, "whole number"),
    ],
)
def test_what_are_no_margins_is_refused(
    rows: Any, columns: Any, others: dict[str, Any], words: str
) -> None:
    with pytest.raises((ConfigError, DataError), match=words):
        estimate(rows, columns, **others)

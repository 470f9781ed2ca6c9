"""The one function of ecological inference."""

import numpy as np
import pytest

from bench.core.errors import ConfigError, DataError
from bench.metrics.shares import transition_error_index
from bench.models.ecological_inference import (
    METHODS,
    LikelihoodSettings,
    estimate,
)
from tests.contextual import ContextualElectorate


@pytest.fixture(scope="module")
def electorate():
    return ContextualElectorate(n_units=60).draw(0.0, np.random.default_rng(7))


def test_an_unknown_method_is_refused_with_the_nearest_name():
    with pytest.raises(ConfigError, match="did you mean 'likelihood'"):
        estimate([[1, 1]], [[1, 1]], method="liklihood")


def test_draws_without_a_generator_are_refused():
    with pytest.raises(ConfigError, match="pass a numpy Generator"):
        estimate([[1, 1]], [[1, 1]], n_draws=10)


def test_groups_of_another_length_are_refused():
    with pytest.raises(DataError, match="one label for each of the 2 units"):
        estimate([[1, 1], [2, 1]], [[1, 1], [1, 2]], groups=["a"])


def test_intervals_without_draws_are_refused():
    with pytest.raises(DataError, match="pass n_draws"):
        estimate([[1, 1]], [[1, 1]]).interval(0.9)


@pytest.mark.parametrize("method", METHODS)
def test_both_margins_are_honoured(method, electorate):
    rows, columns, _ = electorate
    found = estimate(rows, columns, method=method, unit_tables=True)
    assert (found.units >= 0).all()
    assert np.abs(found.units.sum(axis=2) - rows).max() < 1e-8
    assert np.abs(found.units.sum(axis=1) - columns).max() < 1e-8
    alone = estimate(rows, columns, method=method).table
    assert alone == pytest.approx(found.units.sum(axis=0), abs=1e-6)
    assert np.abs(alone.sum(axis=1) - rows.sum(axis=0)).max() < 1e-7


@pytest.mark.parametrize("method", METHODS)
def test_order_means_nothing(method, electorate):
    rows, columns, _ = electorate
    table = estimate(rows, columns, method=method).table
    unit, row, column = [5, *range(5), *range(6, 60)], [2, 0, 1], [1, 2, 0]
    moved = estimate(rows[unit][:, row], columns[unit][:, column], method=method).table
    assert moved == pytest.approx(table[np.ix_(row, column)], rel=1e-4, abs=1e-2)


@pytest.mark.parametrize("method", METHODS)
def test_empty_categories_and_units_change_nothing(method, electorate):
    rows, columns, _ = electorate
    table = estimate(rows, columns, method=method).table
    wider = [np.insert(np.vstack([side, np.zeros(3)]), 1, 0.0, axis=1) for side in (rows, columns)]
    padded = estimate(*wider, method=method, unit_tables=True)
    assert padded.table[np.ix_([0, 2, 3], [0, 2, 3])] == pytest.approx(table)
    assert padded.table[1].sum() == padded.table[:, 1].sum() == 0
    assert padded.units.shape == (61, 4, 4)


@pytest.mark.parametrize("method", [m for m in METHODS if m != "independence"])
def test_a_perfect_match_is_recovered(method):
    rows = np.random.default_rng(3).multinomial(400, [0.5, 0.3, 0.2], 50).astype(float)
    rows += np.random.default_rng(4).integers(0, 300, rows.shape)
    settings = LikelihoodSettings(context=0.0)
    found = estimate(rows, rows, method=method, settings=settings).table
    assert 100 * transition_error_index(np.diag(rows.sum(axis=0)), found) < 1.5


def test_the_likelihood_method_is_near_the_truth_where_rows_behave_alike(electorate):
    rows, columns, units = electorate
    true = units.sum(axis=0)
    settings = LikelihoodSettings(context=0.0)
    assert 100 * transition_error_index(true, estimate(rows, columns, settings=settings).table) < 5
    assert (
        100 * transition_error_index(true, estimate(rows, columns, method="independence").table)
        > 25
    )


def test_groups_that_differ_are_told_apart():
    rng = np.random.default_rng(11)
    turned = ContextualElectorate(
        profile=((0.15, 0.75, 0.10), (0.80, 0.10, 0.10), (0.25, 0.25, 0.50))
    )
    first, second = ContextualElectorate().draw(0.0, rng), turned.draw(0.0, rng)
    rows, columns, units = (np.concatenate(pair) for pair in zip(first, second, strict=True))
    groups = np.repeat(["first", "second"], 80)
    found = estimate(rows, columns, groups=groups, unit_tables=True)
    blind = estimate(rows, columns, unit_tables=True)
    for part in (groups == "first", groups == "second"):
        true = units[part].sum(axis=0)
        assert 100 * transition_error_index(true, found.units[part].sum(axis=0)) < 10
        assert 100 * transition_error_index(true, blind.units[part].sum(axis=0)) > 20

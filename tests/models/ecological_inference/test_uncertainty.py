"""Draws of a transition table."""

import numpy as np

from bench.models.ecological_inference import LikelihoodSettings, estimate
from tests.contextual import ContextualElectorate


def test_draws_honour_the_totals():
    rows, columns, _ = ContextualElectorate().draw(0.0, np.random.default_rng(3))
    rng = np.random.default_rng(1)
    draws = estimate(rows, columns, n_draws=40, rng=rng).draws
    assert draws.shape == (40, 3, 3)
    assert np.abs(draws.sum(axis=2) - rows.sum(axis=0)).max() < 1e-6 * rows.sum()
    assert np.abs(draws.sum(axis=1) - columns.sum(axis=0)).max() < 1e-6 * rows.sum()


def test_the_same_seed_gives_the_same_draws():
    rows, columns, _ = ContextualElectorate().draw(0.0, np.random.default_rng(3))
    found = [
        estimate(rows, columns, n_draws=8, rng=np.random.default_rng(5)).draws for _ in range(2)
    ]
    assert np.array_equal(*found)


def test_intervals_cover_where_the_model_holds():
    settings = LikelihoodSettings(context=0.0, context_sd=0.0)
    inside = []
    for seed in range(15):
        rng = np.random.default_rng(seed)
        rows, columns, units = ContextualElectorate().draw(0.0, rng)
        found = estimate(rows, columns, n_draws=200, rng=rng, settings=settings)
        low, high = found.interval(0.9)
        inside.append((low <= units.sum(axis=0)) & (units.sum(axis=0) <= high))
    assert 0.75 < np.mean(inside) <= 1.0


def test_an_unsure_context_widens_the_intervals():
    rows, columns, _ = ContextualElectorate().draw(0.0, np.random.default_rng(3))
    widths = []
    for context_sd in (0.0, 0.1):
        settings = LikelihoodSettings(context_sd=context_sd)
        rng = np.random.default_rng(8)
        low, high = estimate(rows, columns, n_draws=400, rng=rng, settings=settings).interval(0.9)
        widths.append(np.diag(high - low).mean())
    assert widths[1] > 1.2 * widths[0]


def test_intervals_hold_where_few_units_leave_few_degrees_of_freedom():
    inside = []
    for seed in range(24):
        rng = np.random.default_rng([5, seed])
        n_rows, n_columns = rng.integers(2, 7), rng.integers(2, 6)
        profile = rng.dirichlet(np.full(n_columns, 0.5), n_rows)
        shares = rng.dirichlet(40 * rng.dirichlet(np.full(n_rows, 3.0)), 5)
        rows = rng.multinomial(rng.integers(300, 1500, 5), shares)
        own = np.array([rng.dirichlet(200 * p + 0.01, 5) for p in profile])  # [R, U, K]
        units = np.array([rng.multinomial(rows[:, r], own[r]) for r in range(n_rows)])
        found = estimate(rows, units.sum(axis=0), n_draws=100, rng=rng)
        low, high = found.interval(0.9)
        true = units.sum(axis=1)
        inside.append(((low - 0.5 <= true) & (true <= high + 0.5)).mean())
    assert np.mean(inside) > 0.82

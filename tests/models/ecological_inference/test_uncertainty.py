"""Draws of a transition table."""

import numpy as np

from bench.models.ecological_inference import LikelihoodSettings, estimate
from tests.contextual import ContextualElectorate


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

"""Chances of standing against Newton's method, and tilted weights against raking."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from bench.models.raking import fit_table
from bench.models.standing import COUNTING, chance_of_standing, fit_standing, tilted


def people(n_moments: int) -> pd.DataFrame:
    rng = np.random.default_rng(1)
    names = [f"c{number}" for number in range(12)]
    rows = [
        {
            "season": season,
            "candidate": name,
            "n_samples": 20,
            "days": 60 + 30 * moment,
            "part": rng.random(),
            "stood": (season + number) % 3 > 0,
        }
        for season in (1, 2)
        for number, name in enumerate(names)
        for moment in range(n_moments)
    ]
    return pd.DataFrame(rows)


def test_the_fit_is_that_of_newtons_method() -> None:
    rows = people(3)
    tested = (20 * rows["part"] + 0.5) / 21
    odds = np.log(tested / (1 - tested))
    terms = np.column_stack([np.ones(len(rows)), odds, odds * rows["days"] / 100])
    weight = np.full(len(rows), 1 / 3)  # a person counts once a season
    coefficients = COUNTING.copy()
    for _ in range(30):
        chance = 1 / (1 + np.exp(-terms @ coefficients))
        slope = terms.T @ (weight * (chance - rows["stood"])) + coefficients - COUNTING
        curve = (terms.T * (weight * chance * (1 - chance))) @ terms + np.eye(3)
        coefficients -= np.linalg.solve(curve, slope)
    assert fit_standing(rows) == pytest.approx(coefficients, abs=1e-4)


def test_a_moment_more_of_the_same_teaches_nothing_new() -> None:
    rows = people(1)
    assert fit_standing(pd.concat([rows, rows])) == pytest.approx(fit_standing(rows), abs=1e-4)


def test_counting_gives_the_part_of_samples_drawn_in_from_none_and_all() -> None:
    chances = chance_of_standing(COUNTING, [0, 0.3, 1], n_samples=19, days=200)
    assert chances == pytest.approx([0.5 / 20, 6.2 / 20, 19.5 / 20])


def test_tilted_weights_are_those_of_raking_where_all_chances_can_be_had() -> None:
    # ballots with and without ash, by with and without birch
    start = np.array([[0.4, 0.3], [0.2, 0.1]])
    is_listed = [[1, 1], [1, 0], [0, 1], [0, 0]]
    raked = fit_table(start, [((0,), [0.55, 0.45]), ((1,), [0.7, 0.3])])
    assert tilted(start.ravel(), is_listed, [0.55, 0.7]) == pytest.approx(raked.ravel(), abs=0.01)


def test_whoever_is_on_every_ballot_moves_no_weight() -> None:
    weights = tilted([0.6, 0.4], [[1, 1], [1, 0]], [0.5, 0.6])
    assert weights == pytest.approx([0.6, 0.4], abs=1e-3)

"""The page on inference holds what its simulation gives."""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from bench.core.arrays import FloatArray
from tools.size_of_tests import (
    ELECTIONS,
    MARKERS,
    PAGE,
    QUANTITIES,
    TAKEN,
    WORLDS,
    _spread,
    errors_of,
    size_table,
)

FEW = 60


def page_table() -> pd.DataFrame:
    """The table that the page holds, as `size_table` returned it."""
    found = re.search(MARKERS, PAGE.read_text(encoding="utf-8"), flags=re.DOTALL)
    assert found is not None
    rows = [line.strip("| ").split(" | ") for line in found[0].splitlines()[3:-1]]
    table = pd.DataFrame(rows, columns=["elections", "taken", "world", *QUANTITIES])
    return table.astype({"elections": int, **dict.fromkeys(QUANTITIES, float)})


def test_the_page_equals_a_rerun_with_another_seed_within_monte_carlo_error() -> None:
    """Both are fractions: the page of 1,000 comparisons, the rerun of few."""
    page = page_table()
    ways = [[taken, world] for taken, worlds in TAKEN.items() for world in worlds]
    assert page[["taken", "world"]].to_numpy().tolist() == ways * len(ELECTIONS)
    assert page["elections"].tolist() == np.repeat(ELECTIONS, len(ways)).tolist()
    again = size_table(FEW, 1, ELECTIONS[:3])
    said = page.iloc[: len(again)]
    for name in QUANTITIES:
        p = said[name].clip(0.02, 0.98)
        tolerance = 4.5 * np.sqrt(p * (1 - p) * (1 / FEW + 1 / 1000))
        assert ((again[name] - said[name]).abs() < tolerance).all(), name


def test_what_the_page_claims_of_its_table() -> None:
    page = page_table()
    fair = page[
        page["taken"].eq("series") | page["world"].isin(["normal", "heteroscedastic", "t3"])
    ]
    assert fair["baseline"].max() < 0.075  # nominal .05, standard error .007
    assert fair["pairs"].max() < 0.075
    assert fair["set"].max() < 0.14  # nominal .10, standard error .009
    assert fair["ratio"].min() > 0.925
    few = page[page["elections"].eq(5)]
    assert few[["baseline", "pairs", "power"]].eq(0).all(axis=None)
    wrong = page[page["taken"].eq("apart") & page["world"].eq("serial .6")]
    assert wrong.loc[wrong["elections"].ge(10), "baseline"].min() > 0.3  # why it is not done so


@pytest.mark.parametrize("world", WORLDS)
def test_methods_of_every_world_are_equally_good(world: str) -> None:
    loss = errors_of(world, 200_000, np.random.default_rng(1))
    assert abs(loss.mean(axis=0)).max() < 5 * loss.std() / np.sqrt(len(loss))


@pytest.mark.parametrize(
    ("world", "variance", "moment", "value"),
    [
        # a moment of the errors of each world, known in closed form
        ("normal", 1.0, lambda loss: (loss**4).mean(), 3.0),
        ("heteroscedastic", 6.0, lambda loss: (loss[:, 0] ** 2 * loss[:, 1] ** 2).mean(), 120.0),
        ("t3", 3.0, lambda loss: (abs(loss) > 3.182446).mean(), 0.05),
        ("skewed", 1.0, lambda loss: (loss[:, ::2] ** 3).mean(), 2.0),
        ("skewed", 1.0, lambda loss: (loss[:, 1::2] ** 3).mean(), -2.0),
        ("serial .6", 1.0, lambda loss: (loss[1:] * loss[:-1]).mean(), 0.6),
    ],
)
def test_errors_have_the_distribution_that_is_said(
    world: str, variance: float, moment: Callable[[FloatArray], float], value: float
) -> None:
    loss = errors_of(world, 100_000, np.random.default_rng(2))
    assert loss.var() == pytest.approx(variance, rel=0.1)
    assert moment(loss) == pytest.approx(value, rel=0.1)
    assert _spread(world) ** 2 == pytest.approx(variance)

"""The page on inference holds what its simulation gives."""

from __future__ import annotations

import numpy as np
import pytest

from bench.metrics.comparison.size import (
    ELECTIONS,
    PAGE,
    QUANTITIES,
    WORLDS,
    as_markdown,
    errors_of,
    read_markdown,
    size_table,
)

FEW = 100


def test_the_page_equals_a_rerun_with_another_seed_within_monte_carlo_error() -> None:
    """Both are fractions: the page of 1,000 comparisons, the rerun of few."""
    page = read_markdown(PAGE.read_text(encoding="utf-8"))
    assert page["elections"].tolist() == np.repeat(ELECTIONS, len(WORLDS)).tolist()
    assert page["world"].tolist() == list(WORLDS) * len(ELECTIONS)
    again = size_table(FEW, 1, ELECTIONS[:3])
    said = page.iloc[: len(again)]
    for name in QUANTITIES:
        p = said[name].clip(0.02, 0.98)
        tolerance = 4.5 * np.sqrt(p * (1 - p) * (1 / FEW + 1 / 1000))
        assert ((again[name] - said[name]).abs() < tolerance).all(), name


def test_what_the_page_claims_of_its_table() -> None:
    page = read_markdown(PAGE.read_text(encoding="utf-8")).set_index(["world", "elections"])
    fair = page.loc[["normal", "heteroscedastic", "t3"]]
    assert fair["baseline"].max() < 0.075  # nominal .05, standard error .007
    assert fair["pairs"].max() < 0.075
    assert fair["set"].max() < 0.14  # nominal .10, standard error .009
    assert fair["ratio"].min() > 0.925
    assert page.xs(5, level="elections")[["baseline", "pairs", "power"]].eq(0).all(axis=None)


def test_what_is_written_is_read_back() -> None:
    table = size_table(4, 1, [5])
    page = f"before\n<!-- size -->\n{as_markdown(table)}\n<!-- /size -->\nafter"
    assert read_markdown(page).equals(table)
    with pytest.raises(ValueError, match="no markers"):
        read_markdown("nothing")


@pytest.mark.parametrize("world", WORLDS)
def test_methods_of_every_world_are_equally_good(world: str) -> None:
    loss = errors_of(world, 200_000, np.random.default_rng(1))
    assert abs(loss.mean(axis=0)).max() < 5 * loss.std() / np.sqrt(len(loss))

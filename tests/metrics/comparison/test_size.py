"""The page on inference holds what its simulation gives."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from bench.core.arrays import FloatArray
from bench.metrics.comparison import size
from bench.metrics.comparison.significance import (
    innovations,
    mean_interval,
    model_confidence_set,
    sign_flip_test,
)
from bench.metrics.comparison.size import (
    ELECTIONS,
    PAGE,
    QUANTITIES,
    TAKEN,
    WORLDS,
    as_markdown,
    errors_of,
    read_markdown,
    size_table,
)

FEW = 60


def test_the_page_equals_a_rerun_with_another_seed_within_monte_carlo_error() -> None:
    """Both are fractions: the page of 1,000 comparisons, the rerun of few."""
    page = read_markdown(PAGE.read_text(encoding="utf-8"))
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
    page = read_markdown(PAGE.read_text(encoding="utf-8"))
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


def test_what_is_written_is_read_back() -> None:
    table = size_table(4, 1, [5])
    page = f"before\n<!-- size -->\n{as_markdown(table)}\n<!-- /size -->\nafter"
    assert read_markdown(page).equals(table)
    with pytest.raises(
        ValueError, match=r"^the page has no markers <!-- size --> and <!-- /size -->$"
    ):
        read_markdown("nothing")


def test_an_interval_holds_its_own_bounds() -> None:
    one = np.ones((3, 1))
    assert size._holds(0 * one, np.eye(3)) == 1  # all errors alike: both bounds are 0
    assert size._holds(one, np.eye(3)) == size._holds(-one, np.eye(3)) == 0
    assert size._holds(np.array([[-1.0], [2.0]]), np.eye(2)) == 1


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
    assert size._spread(world) ** 2 == pytest.approx(variance)


def test_fractions_of_a_seed_are_those_of_comparisons_one_by_one() -> None:
    table = size_table(3, 7, [6, 15]).set_index(["elections", "taken", "world"])
    for (n, taken, world), row in table.iterrows():
        of = np.eye(n)
        if taken == "series":
            of = 0.6 ** np.abs(np.subtract.outer(np.arange(n), np.arange(n)))
        rng = np.random.default_rng([7, n, WORLDS.index(world)])
        expected = dict.fromkeys(QUANTITIES, 0)
        for _ in range(3):
            loss = errors_of(world, n, rng)
            beside = loss[:, 1:] - loss[:, [0]]
            pairs = np.stack(
                [loss[:, i] - loss[:, j] for i in range(5) for j in range(i + 1, 5)], 1
            )
            apart = np.stack([loss[:, [i]] - loss for i in range(5)], axis=1)
            expected["baseline"] += min(sign_flip_test(innovations(beside, of), rng)) <= 0.05
            expected["pairs"] += min(sign_flip_test(innovations(pairs, of), rng)) <= 0.05
            kept = model_confidence_set(innovations(apart, of), rng, size=0.1).included
            expected["set"] += not all(kept)
            for name, one, r in (("ratio", beside[:, :1], of), ("mean", loss[:, :1], None)):
                low, high = mean_interval(one, level=0.95, correlation=r)
                expected[name] += bool(low[0] <= 0 <= high[0])
            spread = {"t3": 3**0.5, "heteroscedastic": 6**0.5}.get(world, 1.0)
            worse = beside + np.array([spread, 0, 0, 0])
            expected["power"] += sign_flip_test(innovations(worse, of), rng)[0] <= 0.05
        assert row.to_dict() == {name: count / 3 for name, count in expected.items()}


def test_the_page_is_written_anew_between_its_markers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "inference.md"
    page.write_text("Zoë\n<!-- size -->\nold\n\nold\n<!-- /size -->\nafter\n", encoding="utf-8")
    asked = []

    def table_of(*given: int) -> pd.DataFrame:
        asked.append(given)
        return size_table(1, 1, [5])

    monkeypatch.setattr(size, "PAGE", page)
    monkeypatch.setattr(size, "size_table", table_of)
    for words in ([], ["--replications", "3", "--seed", "9"]):
        monkeypatch.setattr(sys, "argv", ["size", *words])
        size.main()
    assert asked == [(1000, 2017), (3, 9)]
    written = as_markdown(size_table(1, 1, [5]))
    expected = f"Zoë\n<!-- size -->\n{written}\n<!-- /size -->\nafter\n"
    assert page.read_text(encoding="utf-8") == expected
    assert capsys.readouterr().out == f"{written}\n" * 2
    monkeypatch.setattr(sys, "argv", ["size", "--help"])
    with pytest.raises(SystemExit):
        size.main()
    said = capsys.readouterr().out
    assert said.startswith("usage: python -m bench.metrics.comparison.size ")
    assert "How often tests and intervals over few elections err" in said

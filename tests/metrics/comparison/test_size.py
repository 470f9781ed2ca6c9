"""The page on inference holds what its simulation gives."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from bench.core.arrays import FloatArray
from bench.metrics.comparison import size
from bench.metrics.comparison.significance import (
    mean_interval,
    model_confidence_set,
    sign_flip_test,
)
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

FEW = 60


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
    with pytest.raises(
        ValueError, match=r"^the page has no markers <!-- size --> and <!-- /size -->$"
    ):
        read_markdown("nothing")


def test_an_interval_holds_its_own_bounds() -> None:
    assert size._holds(np.zeros((3, 1))) == 1  # all errors alike: both bounds are 0
    assert size._holds(np.ones((3, 1))) == size._holds(-np.ones((3, 1))) == 0
    assert size._holds(np.array([[-1.0], [2.0]])) == 1


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
    table = size_table(3, 7, [6, 15]).set_index(["elections", "world"])
    assert list(table.index) == [(n, world) for n in (6, 15) for world in WORLDS]
    for (n, world), row in table.iterrows():
        rng = np.random.default_rng([7, n, WORLDS.index(world)])
        expected = dict.fromkeys(QUANTITIES, 0)
        for _ in range(3):
            loss = errors_of(world, n, rng)
            beside = loss[:, 1:] - loss[:, [0]]
            pairs = np.stack(
                [loss[:, i] - loss[:, j] for i in range(5) for j in range(i + 1, 5)], 1
            )
            apart = np.stack([loss[:, [i]] - loss for i in range(5)], axis=1)
            expected["baseline"] += min(sign_flip_test(beside, rng)) <= 0.05
            expected["pairs"] += min(sign_flip_test(pairs, rng)) <= 0.05
            expected["set"] += not all(model_confidence_set(apart, rng, size=0.1).included)
            for name, one in (("ratio", beside[:, :1]), ("mean", loss[:, :1])):
                low, high = mean_interval(one, level=0.95)
                expected[name] += bool(low[0] <= 0 <= high[0])
            spread = {"t3": 3**0.5, "heteroscedastic": 6**0.5}.get(world, 1.0)
            worse = beside + np.array([spread, 0, 0, 0])
            expected["power"] += sign_flip_test(worse, rng)[0] <= 0.05
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


def test_the_table_has_a_heading_for_every_quantity() -> None:
    head, rule, *rows = as_markdown(size_table(1, 1, [5])).splitlines()
    assert head == f"| elections | errors | {' | '.join(QUANTITIES.values())} |"
    assert re.fullmatch(r"\| ---: \| --- \|( ---: \|){6}", rule)
    assert [row.split(" | ")[1] for row in rows] == list(WORLDS)
    table = size_table(1, 1, [5]).iloc[:1].assign(baseline=0.25, pairs=1.0, power=0.0705)
    row = as_markdown(table).splitlines()[2].split(" | ")
    assert (row[0], row[2], row[3], row[-1]) == ("| 5", ".250", "1.000", ".070 |")

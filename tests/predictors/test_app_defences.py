"""The hardened twins of the naive methods, on evidence that can be redone by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from bench.core import Abstain, Evidence
from bench.models.app_support import as_batch
from bench.models.app_support import support as support_of
from predictors.app_raked import AppRaked
from predictors.app_robust import AppRobust
from tests.evidence import evidence

RAKED = AppRaked(source="app", count="users", pooling="none", largest_weight=20.0, n_draws=50)
ROBUST = AppRobust(source="app", largest_weight=20.0, burst_factor=1.5, n_draws=50)


def support(users: dict[tuple[str, int], tuple[float, float]]) -> list[dict[str, Any]]:
    """Users of ash and birch by (past vote, account age)."""
    return [
        {
            "source": "app",
            "round": 1,
            "day": "2031-04-17",
            "published_on": "2031-04-18",
            "available_on": "2031-04-17",
            "age": "all",
            "sex": "all",
            "past_vote": past,
            "account_age_days": age,
            "candidate": name,
            "users": n,
            "votes": 3.0 * n,
        }
        for (past, age), counts in users.items()
        for name, n in zip(("ash", "birch"), counts, strict=True)
    ]


def quotas(**share: float) -> list[dict[str, Any]]:
    return [
        {
            "variable": "past_vote",
            "group": g,
            "share": s,
            "published_on": "2031-01-01",
            "source": "",
        }
        for g, s in share.items()
    ]


def by_one_variable(
    users: dict[tuple[str, str], tuple[float, float]],
) -> list[dict[str, Any]]:
    """Tables of users by age and by past vote, each by itself; counts of 0 are not listed."""
    rows = []
    for (variable, group), counts in users.items():
        for row in support({("all", 0): counts}):
            if row["users"]:
                rows.append({**row, "past_vote": "all", variable: group})
    return rows


AGES = [{"variable": "age", "group": g, "share": 0.5} for g in ("young", "old")]
AGES = [{**one, "published_on": "2031-01-01", "source": ""} for one in AGES]


def test_tables_of_single_variables_are_joined_as_if_independent_within_a_choice() -> None:
    rows = by_one_variable(
        {
            ("age", "young"): (60.0, 20.0),
            ("age", "old"): (20.0, 20.0),
            ("past_vote", "left"): (64.0, 10.0),
            ("past_vote", "right"): (16.0, 30.0),
        }
    )
    given = evidence("ash", "birch", app_support=rows, quotas=quotas(left=0.5, right=0.5) + AGES)
    found = support_of(as_batch(given), "app", "users")
    cells = dict(zip(zip(*found.codes.values(), strict=True), found.counts[0, :, 0], strict=True))
    # codes follow the alphabet: old before young, left before right
    assert cells[1, 0].tolist() == pytest.approx([60 * 64 / 80, 20 * 10 / 40])
    assert sum(cells.values()).sum() == pytest.approx(120)


def test_tables_that_are_crossed_in_part_are_refused() -> None:
    rows = by_one_variable({("age", "young"): (6.0, 2.0)})
    rows += [{**row, "past_vote": "left", "age": "old"} for row in rows]
    given = evidence("ash", "birch", app_support=rows, quotas=quotas(left=1.0) + AGES)
    with pytest.raises(Abstain, match="cannot be joined"):
        RAKED.predict(given, np.random.default_rng(0))


def test_a_count_too_small_to_be_published_is_no_zero() -> None:
    """The smallest published count is 5, so what is missing counts (5 - 1) / 2."""
    rows = support({("left", 0): (95.0, 5.0), ("right", 0): (0.0, 20.0)})
    rows = [row for row in rows if row["users"] > 0]
    given = evidence("ash", "birch", app_support=rows, quotas=quotas(left=0.5, right=0.5))
    said = RAKED.predict(given, np.random.default_rng(0))
    assert said.share["ash"] == pytest.approx(0.5 * 0.95 + 0.5 * 2 / 22)


def test_pooling_believes_a_small_group_less_than_a_large_one() -> None:
    alone = replace(RAKED, largest_weight=1000.0)
    pooled = replace(alone, pooling="multilevel")
    large = {("left", 0): (900.0, 100.0), ("middle", 0): (500.0, 500.0)}
    shares = {}
    for n in (3.0, 3000.0):
        rows = support(large | {("right", 0): (0.0, n)})
        third = quotas(left=1 / 3, middle=1 / 3, right=1 / 3)
        given = evidence("ash", "birch", app_support=rows, quotas=third)
        plain = alone.predict(given, np.random.default_rng(0)).share["ash"]
        said = pooled.predict(given, np.random.default_rng(0))
        assert said.draws is not None
        shares[n] = said.share["ash"] - plain
        batch = pooled.predict_batch(as_batch(given))
        assert batch[0, 0] == pytest.approx(said.share["ash"])
    assert shares[3.0] > 0.03 > 0.01 > abs(shares[3000.0])


def test_recalled_past_vote_is_brought_to_its_share() -> None:
    # left: 90 users, 2/3 ash; right: 10 users, 1/5 ash; half of the electorate each
    rows = support({("left", 0): (60.0, 30.0), ("right", 0): (2.0, 8.0)})
    said = RAKED.predict(
        evidence("ash", "birch", app_support=rows, quotas=quotas(left=0.5, right=0.5)),
        np.random.default_rng(0),
    )
    assert said.share["ash"] == pytest.approx(0.5 * 2 / 3 + 0.5 * 0.2)


def cohorts(burst: float) -> Evidence:
    users = {("left", age): (50.0, 50.0) for age in (30, 60, 90, 120, 150)}
    users[("left", 0)] = (50.0 + burst, 50.0)
    return evidence("ash", "birch", app_support=support(users), quotas=quotas(left=1.0))


def test_a_burst_of_new_accounts_moves_the_robust_app_little() -> None:
    rng = np.random.default_rng(0)
    naive, robust = (one.predict(cohorts(5000.0), rng).share["ash"] for one in (RAKED, ROBUST))
    assert naive > 0.9
    assert robust == pytest.approx(0.5, abs=0.02)


def test_a_median_that_supports_nobody_is_an_abstention() -> None:
    given = evidence(
        *("ash", "birch", "cedar"),
        app_support=support({("left", 0): (1.0, 0.0), ("left", 30): (0.0, 1.0)})
        + [
            {**row, "candidate": "cedar"}
            for row in support({("left", 60): (1.0, 0.0)})
            if row["users"] > 0
        ],
        quotas=quotas(left=1.0),
    )
    with pytest.raises(Abstain, match="the median over cohorts supports nobody"):
        ROBUST.predict(given, np.random.default_rng(0))
    assert np.isnan(ROBUST.predict_batch(as_batch(given))).all()

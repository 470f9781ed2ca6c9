"""Only aggregates enter: closed columns, and no opinions of fewer than five respondents."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from bench.core import DataError, paths
from bench.data.columns import KNOWN
from bench.data.readers import PINS, SUMS, pins, read_table

SMALL, ONE = "accepted: opinions of", "accepted: answers of"
TOY = paths.datasets() / "toy" / "inputs"
POLLS = pd.read_csv(TOY / "polls.csv").head(10)  # two polls of five candidates
TRANSFERS = pd.read_csv(TOY / "transfers.csv")  # of five groups, to three places each
FOUR: dict[str, Any] = {"sample_size": [1000] * 5 + [4] * 5, "sample_expressed": None}
NOBODY_COUNTED: dict[str, Any] = {"sample_size": None, "sample_expressed": None}
UNANIMOUS = NOBODY_COUNTED | {"share": [*POLLS["share"][:5], 1.0, 0.0, 0.0, 0.0, 0.0]}
APP = {
    "source": "app",
    "round": 1,
    "day": "2031-03-01",
    "account_age_days": 0,
    "age": "18-29",
    "sex": "women",
    "past_vote": "ash",
    "candidate": ["ash", "birch", "cedar"],
    "users": [40, 0, 12],
    "votes": [50, 0, 13],
    "published_on": "2031-03-02",
    "available_on": "2031-03-01",
}
APPROVALS = {
    "place": ["Here", "Here"],
    "candidate": ["ash", "birch"],
    "approvals": [1, 2],
    "ballots": 3,
    "share": [0.5, 0.5],
    "basis": "declared",
    "published_on": "2031-04-01",
    "source": None,
}
BY_VOTE = {
    "declared_vote": ["ash", "ash", "birch", "birch"],
    "ballots": 400,
    "candidate": ["ash", "birch"] * 2,
    "approvals": [380, 2, 3, 390],
}


@pytest.mark.parametrize(
    ("name", "rows", "change", "said"),
    [
        ("polls", POLLS, {"notes": "two questions", "base": "in our own words"}, ""),
        ("polls", POLLS, NOBODY_COUNTED, ""),
        ("polls", POLLS, {"share": [1.0, *[0.0] * 4] * 2}, ""),  # rounded
        ("polls", POLLS, {"respondent": "x"}, "no column 'respondent' is known here"),
        ("polls", POLLS, FOUR, f"row 5: poll_id is r1_quadrant_2031_02_25; {SMALL}"),
        ("polls", POLLS, {"sample_size": None, "sample_expressed": 2}, SMALL),
        ("polls", POLLS, UNANIMOUS, f"row 5: poll_id is r1_quadrant_2031_02_25; {ONE}"),
        ("app_support", APP, {}, ""),
        ("app_support", APP, {"users": [40, 4, 12]}, "row 1: source is app"),
        ("approvals", APPROVALS, {}, SMALL),
        ("approvals", APPROVALS, {"ballots": 500}, ""),
        ("approvals", APPROVALS, {"basis": "official"}, ""),  # the state counted them
        ("approvals_by_vote", BY_VOTE, {}, ""),  # 2 of 400: of a group that is not small
        ("approvals_by_vote", BY_VOTE, {"ballots": 4, "approvals": 2}, SMALL),
        (
            "transfers",
            TRANSFERS,
            {"share": [1.0, 0.0, 0.0, *TRANSFERS["share"][3:]]},
            "",
        ),  # rounded
        ("transfers", TRANSFERS, {"share": [1.0, 0.0, 0.0] * 5}, ONE),
    ],
)
def test_opinions_of_a_few_are_refused_and_official_counts_are_not(
    tmp_path: Path, name: str, rows: Any, change: dict[str, Any], said: str
) -> None:
    path = tmp_path / f"{name}.parquet"
    pd.DataFrame(rows).assign(**change).to_parquet(path)
    table = KNOWN[name]
    if said:
        with pytest.raises(DataError, match=said):
            read_table(path, table)
    else:
        assert len(read_table(path, table)) > 0


def test_the_sums_of_what_ships_are_pinned_in_the_package() -> None:
    refused = {
        path.parent.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in paths.datasets().glob(f"*/{SUMS}")
    }
    assert refused == pins(), "run `python -m tools.build_datasets --packages`"
    assert PINS.is_relative_to(Path(paths.__file__).parents[1])

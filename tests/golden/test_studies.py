"""The studies still give the tables that were reviewed."""

from __future__ import annotations

import pandas as pd
import pytest

from tests.golden.reference import FOLDER
from tests.golden.studies import TABLES, tables_of


@pytest.mark.golden
@pytest.mark.parametrize("name", TABLES)
def test_the_tables_are_those_under_review(name: str) -> None:
    for table, now in tables_of(name).items():
        then = pd.read_csv(FOLDER / name / f"{table}.csv")
        pd.testing.assert_frame_equal(now, then, check_dtype=False, rtol=1e-3, atol=1e-3)


def test_every_reference_table_is_there() -> None:
    for name, tables in TABLES.items():
        held = {path.stem for path in (FOLDER / name).glob("*.csv")}
        assert held == set(tables)


def test_at_five_percent_the_pair_of_the_first_round_is_right_in_the_realistic_order() -> None:
    rows = pd.read_csv(FOLDER / "election_night_2017" / "by_moment.csv")
    rows = rows[rows["round"].eq(1) & rows["order"].eq("realistic") & rows["counted"].eq(0.05)]
    scores = rows.set_index("estimator").loc["extrapolation_and_polls"]
    assert scores["leaders_right"] >= 0.95
    assert scores["covered"] >= 0.9

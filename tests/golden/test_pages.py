"""The generated tables of the documentation are those that the code gives."""

from __future__ import annotations

import pandas as pd
import pytest

from tests.golden import tutorial
from tests.golden.pages import BLOCKS, shown
from tests.golden.reference import FOLDER

PREFIXES = ("record_", "season_", "buzz_", "search_", "night_", "family_", "tutorial_")
QUICK = (
    "metrics",
    "published",
    *("first_rounds", "runoffs", "differences", "calibration", "qualifies"),
    *(
        "both_rounds",
        "both_rounds_compared",
        "publication_lags",
        "runoff_questions",
        "headline",
        "record",
    ),
    *(name for name in BLOCKS if name.startswith(PREFIXES)),
)
SENTENCES = (
    "both_rounds_compared",
    "published",
    "headline",
    "record",
    "record_findings",
    *tutorial.COMMANDS,
)
LONG = tuple(name for name in BLOCKS if name not in QUICK)


@pytest.mark.parametrize("name", QUICK)
def test_the_page_shows_the_table_that_the_code_gives(name: str) -> None:
    assert shown(name) == BLOCKS[name][1]()


@pytest.mark.golden
@pytest.mark.parametrize("name", LONG)
def test_the_page_shows_the_table_that_takes_longer(name: str) -> None:
    assert shown(name) == BLOCKS[name][1]()


@pytest.mark.parametrize("name", [name for name in BLOCKS if name not in SENTENCES])
def test_every_block_is_filled_and_whole(name: str) -> None:
    first, rule, *rows = shown(name).splitlines()
    assert len(rows) >= 2
    assert {line.count("|") for line in rows} == {first.count("|")} == {rule.count("|")}


def test_the_table_of_rounds_shows_the_scores_under_review() -> None:
    rows = pd.read_csv(FOLDER / "history" / "errors.csv")
    rows = rows[rows["round"].eq(1) & rows["candidate"].notna() & rows["election"].eq("fr1969")]
    means = rows.assign(mae=rows["signed_error"].abs()).groupby("predictor")[["mae", "crps"]].mean()
    cells = {name: f"{100 * means.loc[name, 'mae']:.2f}" for name in ("last_poll", "quota_poll")}
    (line,) = (line for line in shown("first_rounds").splitlines() if line.startswith("| 1969 "))
    assert line.startswith(f"| 1969 | {cells['last_poll']} | {cells['quota_poll']} |")
    assert line.endswith(f" {100 * means.loc['poll_tracker_alone', 'crps']:.2f} |")

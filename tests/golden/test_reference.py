"""The shipped experiments still give the numbers that were reviewed."""

from __future__ import annotations

import pandas as pd
import pytest

from tests.golden.reference import (
    FOLDER,
    QUICK,
    ROOT,
    experiment_of,
    policed,
    readme_block,
    results_of,
)

KEYS = ["election", "round", "as_of", "predictor", "area", "ballot", "candidate", "score"]


@pytest.mark.parametrize("name", QUICK)
def test_the_numbers_are_those_under_review(name: str) -> None:
    now = policed(results_of(experiment_of(name))[0])
    then = pd.read_csv(FOLDER / name / "errors.csv", parse_dates=["as_of"])
    columns = [*KEYS, "value"]
    now["candidate"] = now["candidate"].replace("", None)
    pd.testing.assert_frame_equal(
        now[columns].sort_values(KEYS, ignore_index=True),
        then[columns].sort_values(KEYS, ignore_index=True),
        check_dtype=False,
        rtol=1e-5,
        atol=1e-6,
    )


def test_the_readme_shows_the_table_under_review() -> None:
    assert readme_block() in (ROOT / "README.md").read_text(encoding="utf-8")

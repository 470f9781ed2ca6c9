"""The errors on elections with known tables are those under review.

`python -m tests.golden.reference ecological_truth` makes the reference anew.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from tests.golden import facts
from tests.golden.reference import FOLDER, run_of
from tests.golden.studies import DIGITS, moved_facts

PLACE = FOLDER / "ecological_truth"
TIMES = ["wall_s", "cpu_s"]


def agree(now: pd.DataFrame, path: Path, keys: list[str]) -> None:
    then = pd.read_csv(path).drop(columns=TIMES, errors="ignore")
    assert len(now) == len(then)
    pd.testing.assert_frame_equal(
        now[list(then)].sort_values(keys, ignore_index=True),
        then.sort_values(keys, ignore_index=True),
        check_dtype=False,
        rtol=2e-4,  # five digits are kept
        atol=1e-4,
    )


@pytest.mark.golden
def test_the_study_gives_the_errors_and_the_comparison_under_review(tmp_path: Path) -> None:
    found = run_of("ecological_truth", results=str(tmp_path))
    agree(found.errors, PLACE / "errors.csv", ["variant", "key", "method"])
    agree(
        found.table("against"), PLACE / "against_peers.csv", ["variant", "dataset", "tuned", "peer"]
    )
    agree(found.table("by_dose"), PLACE / "by_dose.csv", ["method", "dose"])
    assert not (moved := moved_facts("ecological_truth", found, rtol=2e-4, atol=1e-4)), moved


def make() -> None:
    """Put the errors, the comparisons and what the page is made of under review."""
    run = run_of("ecological_truth")
    for name, file in (("errors", "errors"), ("against", "against_peers")):
        run.table(name).to_csv(PLACE / f"{file}.csv", index=False, float_format="%.5g")
    by_dose = run.table("by_dose").round(DIGITS)
    by_dose.to_csv(PLACE / "by_dose.csv", index=False, lineterminator="\n")
    facts.keep(run, PLACE)

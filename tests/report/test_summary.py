"""Times are printed, and never written where two runs must give the same bytes."""

from __future__ import annotations

import io
from pathlib import Path

import pandas as pd
import pytest

from bench.report.summary import TIMES, report_summary, with_time

SUMMARY = pd.DataFrame(
    {"predictor": ["quick", "slow"], "group": 1, "votes": 2, "crps_pp": [0.5, 0.7]}
)
BY_VOTE = pd.DataFrame(
    {"election": ["toy"], "round": [1], "as_of": ["2031-04-04"], "quick": [0.5], "slow": [0.7]}
)


def timings(factor: float = 1.0) -> pd.DataFrame:
    rows = [("quick", 0.001, 0.002), ("quick", 0.003, 0.004), ("slow", 200.0, 120.0)]
    table = pd.DataFrame(rows, columns=["predictor", "cpu_s", "wall_s"])
    return table.assign(cpu_s=factor * table["cpu_s"])


def test_the_time_of_a_predictor_is_the_median_over_its_forecasts() -> None:
    timed = with_time(SUMMARY, timings()).set_index("predictor")
    assert timed["cpu ms"].to_dict() == {"quick": "2.0", "slow": "200,000.0"}
    assert timed["wall ms"].to_dict() == {"quick": "3.0", "slow": "120,000.0"}


def test_a_predictor_that_was_not_timed_gets_a_dash() -> None:
    timed = with_time(SUMMARY, timings().query("predictor == 'quick'"))
    assert timed["cpu ms"].tolist() == ["2.0", "–"]


@pytest.mark.parametrize("timed", [True, False])
def test_times_are_printed_with_their_meaning_only_if_given(tmp_path: Path, timed: bool) -> None:
    out = io.StringIO()
    given = timings() if timed else None
    report_summary(tmp_path, SUMMARY, BY_VOTE, (), "Title", timings=given, file=out)
    assert all((out.getvalue().count(head) == 2) is timed for head in TIMES)


def test_the_files_are_the_same_bytes_whatever_the_time(tmp_path: Path) -> None:
    for factor in (1.0, 3.0):
        folder = tmp_path / str(factor)
        report_summary(
            folder, SUMMARY, BY_VOTE, (), "Title", timings=timings(factor), file=io.StringIO()
        )
    files = sorted((tmp_path / "1.0" / "tables").iterdir())
    assert len(files) == 8
    for file in files:
        assert file.read_bytes() == (tmp_path / "3.0" / "tables" / file.name).read_bytes()
        assert b"cpu" not in file.read_bytes()

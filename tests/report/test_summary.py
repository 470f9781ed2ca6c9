"""Times are printed, and never written where two runs must give the same bytes."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from bench.studies.backtest.comparison import leader
from bench.studies.backtest.summary import (
    TIMES,
    print_summary,
    report_summary,
    summary_tables,
    with_time,
)

SUMMARY = pd.DataFrame(
    {"predictor": ["quick", "slow"], "group": 1, "votes": 2, "crps_pp": [0.5, 0.7]}
)
NO_ROUNDS = SUMMARY.iloc[:0]
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
    report_summary(tmp_path, SUMMARY, NO_ROUNDS, BY_VOTE, (), "Title", timings=given, file=out)
    assert all((out.getvalue().count(head) == 2) is timed for head in TIMES)


def test_the_files_are_the_same_bytes_whatever_the_time(tmp_path: Path) -> None:
    for factor in (1.0, 3.0):
        folder = tmp_path / str(factor)
        report_summary(
            folder,
            SUMMARY,
            NO_ROUNDS,
            BY_VOTE,
            (),
            "Title",
            timings=timings(factor),
            file=io.StringIO(),
        )
    files = sorted((tmp_path / "1.0" / "tables").iterdir())
    assert len(files) == 8
    for file in files:
        assert file.read_bytes() == (tmp_path / "3.0" / "tables" / file.name).read_bytes()
        assert b"cpu" not in file.read_bytes()


def printed(**more: object) -> list[str]:
    out = io.StringIO()
    print_summary(SUMMARY.assign(**more), NO_ROUNDS, (), "Title", file=out)
    return out.getvalue().splitlines()


def test_without_an_interval_nothing_is_printed_in_its_place() -> None:
    lines = printed(relative_skill=[1.0, 1.4], relative_low=np.nan, relative_high=np.nan)
    assert lines[4].endswith("1.40")
    assert "(" not in lines[4]
    lines = printed(relative_skill=[1.0, 1.4], relative_low=[np.nan, 1.1], relative_high=1.9)
    assert lines[4].endswith("1.40 (1.10–1.90)")
    assert "(" not in lines[3]


def test_columns_that_say_nothing_are_left_out_with_their_meaning() -> None:
    lines = printed()
    assert lines[2].split() == ["set", "predictor", "votes", "CRPS"]
    assert "95% model confidence set" not in "\n".join(lines)
    assert "turned signs" not in "\n".join(lines)
    lines = printed(p_baseline=[np.nan, 0.031], in_mcs=[1.0, 0.0], better_in=[np.nan, 2.0],
                    compared_in=[np.nan, 6.0])  # fmt: skip
    assert lines[2].split() == ["set", "predictor", "votes", "CRPS", "better", "p", "best?"]
    assert lines[4].split()[-5:] == ["2", "of", "6", "0.031", "no"]
    assert "turned signs" in "\n".join(lines)


def test_what_columns_mean_is_broken_into_lines_of_a_terminal() -> None:
    lines = printed(p_baseline=[np.nan, 0.031])
    assert max(map(len, lines)) <= 100
    assert any(line.startswith("p: chance of") for line in lines)


def test_each_round_has_a_table_of_its_own() -> None:
    out = io.StringIO()
    print_summary(SUMMARY, SUMMARY.assign(round=2), (), "Title", file=out)
    assert "Each round by itself" in out.getvalue()
    tables = summary_tables(SUMMARY, SUMMARY.assign(round=2), BY_VOTE, (), "Title")
    assert [table.name for table in tables] == ["summary", "by_round", "by_vote"]
    assert tables[1].heads[0].key == "round"


LED = pd.DataFrame(
    {"predictor": ["a", "b"], "group": 1, "votes": 1, "elections": 1, "rank": [1, 2],
     "crps_pp": [5.62, 6.0], "low_pp": np.nan, "high_pp": np.nan}
)  # fmt: skip


def test_who_leads_is_said_no_louder_than_the_number_of_elections_allows() -> None:
    assert leader(LED) == (
        "Over 1 vote or date of 1 election, a came closest of 2 methods compared on them: mean "
        "CRPS 5.62 points. One election does not say who comes closest in the next."
    )
    many = LED.assign(votes=9, elections=9, low_pp=5.0, high_pp=6.5, rank=1)
    assert leader(many) == (
        "Over 9 votes and dates of 9 elections, a, b came closest of 2 methods compared on them: "
        "mean CRPS 5.62 points (95% interval 5.00 to 6.50)."
    )
    assert leader(LED.assign(crps_pp=np.nan, elections=2)).endswith("compared on them.")
    tested = many.assign(p_baseline=[0.9, np.nan])
    assert leader(tested).endswith("; none differs from the baseline by more than chance could.")
    assert "chance" not in leader(tested.assign(p_baseline=[0.01, np.nan]))

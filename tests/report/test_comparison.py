"""Many votes compared: what is shown, what is said, and that times are never written."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pandas as pd
import pytest

from bench.core.settings import Experiment
from bench.report.comparison import (
    comparison_report,
    comparison_tables,
    leader_facts,
    missing_table,
    with_time,
)
from bench.report.report import Report
from bench.report.tables import Table
from bench.report.terminal import print_report
from bench.runner.results import Results

SUMMARY = pd.DataFrame(
    {
        "predictor": ["quick", "slow"],
        "group": 1,
        "elections": 1,
        "votes": 2,
        "rank": [1, 2],
        "crps_pp": [0.5, 0.7],
        "relative_skill": np.nan,
        "low_pp": np.nan,
        "high_pp": np.nan,
    }
)
NO_ROUNDS = SUMMARY.iloc[:0]
BY_VOTE = pd.DataFrame(
    {"election": ["toy"], "round": [1], "as_of": ["2031-04-04"], "quick": [0.5], "slow": [0.7]}
)


FACTS: dict[str, Any] = {
    "extent": {
        "elections": 1,
        "votes": 1,
        "moments": 2,
        "several_dates": True,
        "tested": False,
        "correlated": False,
        "fewest": 6,
        "level": 0.05,
        "rho": 0.6,
    },
    "missing": [],
    "tests": [],
}


def timings(factor: float = 1.0) -> pd.DataFrame:
    rows = [("quick", 0.001, 0.002), ("quick", 0.003, 0.004), ("slow", 200.0, 120.0)]
    table = pd.DataFrame(rows, columns=["predictor", "cpu_s", "wall_s"])
    return table.assign(cpu_s=factor * table["cpu_s"])


def summary_table(timed: pd.DataFrame | None = None, **more: object) -> Table:
    """The first table, with further columns of the summary."""
    rows = SUMMARY.assign(**more)
    return comparison_tables(rows, NO_ROUNDS, BY_VOTE, FACTS, "Title", timings=timed)[0]


def printed(table: Table) -> str:
    """What a pipe gets."""
    out = io.StringIO()
    print_report(Report(title="", findings=(), tables=(table,)), file=out, everything=True)
    return out.getvalue()


def test_the_time_of_a_predictor_is_the_median_over_its_forecasts() -> None:
    timed = with_time(SUMMARY, timings())
    assert timed["cpu_ms"].tolist() == pytest.approx([2.0, 200_000.0])
    assert timed["wall_ms"].tolist() == pytest.approx([3.0, 120_000.0])


def test_a_predictor_that_was_not_timed_gets_a_dash() -> None:
    table = summary_table(timings().query("predictor == 'quick'"))
    assert table.texts("cpu_ms") == ["2.0", "–"]


@pytest.mark.parametrize("timed", [True, False])
def test_times_are_printed_with_their_meaning_only_if_given(timed: bool) -> None:
    text = printed(summary_table(timings() if timed else None))
    for label in ("cpu ms", "wall ms"):
        assert (text.count(label) == 2) is timed


def test_the_files_are_the_same_whatever_the_time() -> None:
    first, again, without = (summary_table(t) for t in (timings(), timings(3.0), None))
    for form in ("to_csv", "to_markdown", "to_latex", "to_html"):
        assert getattr(first, form)() == getattr(again, form)() == getattr(without, form)()
        assert "cpu" not in getattr(first, form)()


def test_without_an_interval_nothing_is_printed_in_its_place() -> None:
    none = summary_table(relative_skill=[1.0, 1.4], relative_low=np.nan, relative_high=np.nan)
    assert none.texts("relative_skill") == ["1.00", "1.40"]
    one = summary_table(relative_skill=[1.0, 1.4], relative_low=[np.nan, 1.1], relative_high=1.9)
    assert one.texts("relative_skill") == ["1.00", "1.40 (1.10–1.90)"]


def test_columns_that_say_nothing_are_left_out_with_their_meaning() -> None:
    table = summary_table()
    assert [one.label for one in table.columns] == ["set", "predictor", "n", "votes", "CRPS"]
    assert "turned signs" not in printed(table)
    table = summary_table(
        p_baseline=[np.nan, 0.031],
        in_mcs=[1.0, 0.0],
        better_in=[np.nan, 2.0],
        compared_in=[np.nan, 6.0],
    )
    assert [one.label for one in table.columns][-3:] == ["better", "p", "best?"]
    assert [cell.text for cell in table.rows[1].cells][-3:] == ["2 of 6", "0.031", "no"]
    assert "turned signs" in printed(table)


def test_what_columns_mean_is_broken_into_lines_of_a_terminal() -> None:
    lines = printed(summary_table(p_baseline=[np.nan, 0.031])).splitlines()
    assert max(map(len, lines)) <= 100
    assert any(line.startswith("p: chance of") for line in lines)


def test_each_round_has_a_table_of_its_own() -> None:
    by_round = pd.concat([SUMMARY.assign(round=number) for number in (1, 2)])
    tables = comparison_tables(SUMMARY, by_round, BY_VOTE, FACTS, "Title")
    assert [table.name for table in tables] == ["summary", "by_round", "by_vote"]
    assert tables[1].texts("round") == ["1", "1", "2", "2"]
    assert [bool(table.terminal) for table in tables] == [True, True, False]


METHODS = pd.DataFrame(
    {
        "election": "toy",
        "round": 1,
        "as_of": pd.to_datetime(["2031-04-01", "2031-04-04"] * 2),
        "predictor": ["quick", "quick", "slow", "slow"],
        "status": ["ok", "ok", "ok", "abstained"],
        "named": [3, 3, 2, 0],
        "n_candidates": 3,
        "message": ["", "", "", "no poll since 3 April 2031"],
    }
)


def test_what_is_missing_is_counted_by_reason() -> None:
    table = missing_table(METHODS)
    rows = [[cell.text for cell in row.cells] for row in table.rows]
    assert rows == [
        ["quick", "whole ballot", "2", ""],
        ["slow", "abstained", "1", "no poll since …"],
        ["slow", "part of the ballot", "1", "names fewer candidates"],
    ]
    assert "of" in table.data


def test_the_report_says_what_was_asked() -> None:
    tables = {"summary": SUMMARY, "by_round": NO_ROUNDS, "by_vote": BY_VOTE, "methods": METHODS}
    results = Results(tables={**tables, "timings": timings()}, facts={"comparison": FACTS})
    report = comparison_report(Experiment(title="T", elections=["toy"]), results)
    assert dict(report.counts)["Votes and dates"] == "2"
    assert list(report.figures) == ["coverage"]
    assert [table.name for table in report.tables] == ["summary", "by_vote", "missing"]
    assert report.findings[1] == report.tables[0].notes[0]


LED = pd.DataFrame(
    {
        "predictor": ["a", "b"],
        "group": 1,
        "votes": 1,
        "elections": 1,
        "rank": [1, 2],
        "crps_pp": [5.62, 6.0],
        "low_pp": np.nan,
        "high_pp": np.nan,
    }
)


def test_who_leads_is_said_no_louder_than_the_number_of_elections_allows() -> None:
    found = leader_facts(LED)
    assert (found["lead"], found["elections"], found["crps"]) == (["a"], 1, 5.62)
    assert (found["low"], found["verdicts"], found["none_better"]) == (None, {}, False)
    many = LED.assign(votes=9, elections=9, low_pp=5.0, high_pp=6.5, rank=1)
    found = leader_facts(many.assign(verdict="not_enough", relative_low=np.nan))
    assert (found["none_better"], found["lead"]) == (True, ["a", "b"])
    found = leader_facts(many.assign(verdict="better", relative_low=np.nan))
    assert (found["none_better"], found["low"], found["high"]) == (False, 5.0, 6.5)
    # three methods once are less evidence than two methods over nine votes
    few = LED.iloc[[0, 0, 0]].assign(predictor=["c", "d", "e"], group=2)
    found = leader_facts(pd.concat([many, few]))
    assert (found["lead"], found["n_methods"], found["all"]) == (["a", "b"], 2, False)


def test_the_claim_says_of_every_method_of_the_table_what_its_interval_says() -> None:
    judged = LED.iloc[[0, 0, 0, 0]].assign(
        predictor=["last_poll", "stack", "uniform", "last_election"],
        elections=11,
        group=[1, 1, 1, 2],  # in another set, and yet in the table below the claim
        relative_low=[np.nan, 0.8, 5.2, 3.1],
        compared_in=[np.nan, 11, 11, 10],
        verdict=["", "not_enough", "worse", "worse"],
    )
    found = leader_facts(judged)
    assert found["baseline"] == "last_poll"
    assert found["verdicts"] == {"worse": ["uniform", "last_election"], "not_enough": ["stack"]}
    assert leader_facts(judged.assign(relative_low=np.nan))["verdicts"] == {}

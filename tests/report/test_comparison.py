"""Many votes compared: what is shown, what is said, and that times are never written."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from bench import load_run
from bench.core.language import use_language
from bench.report.answers import missing_table
from bench.report.comparison import (
    comparison_tables,
    leader_of,
    with_time,
)
from bench.report.formatting import format_values
from bench.report.tables import Table
from bench.runner.results import Results

REFERENCE = Path(__file__).parents[2] / "results" / "reference"
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


def timings(factor: float = 1.0) -> pd.DataFrame:
    rows = [("quick", 0.001, 0.002), ("quick", 0.003, 0.004), ("slow", 200.0, 120.0)]
    table = pd.DataFrame(rows, columns=["predictor", "cpu_s", "wall_s"])
    return table.assign(cpu_s=factor * table["cpu_s"])


def summary_table(timed: pd.DataFrame | None = None, **more: object) -> Table:
    """The first table, with further columns of the summary."""
    tables = {"summary": SUMMARY.assign(**more), "by_round": NO_ROUNDS, "by_vote": BY_VOTE}
    tables |= {"methods": METHODS} | ({} if timed is None else {"timings": timed})
    return comparison_tables(Results(tables=tables))["summary"]("summary", title="Title")


def test_the_time_of_a_predictor_is_the_median_over_its_forecasts() -> None:
    timed = with_time(SUMMARY, timings())
    assert timed["cpu_ms"].tolist() == pytest.approx([2.0, 200_000.0])
    assert timed["wall_ms"].tolist() == pytest.approx([3.0, 120_000.0])


def test_the_files_are_the_same_whatever_the_time() -> None:
    first, again, without = (summary_table(t) for t in (timings(), timings(3.0), None))
    for form in ("to_csv", "to_markdown", "to_latex", "to_html"):
        assert getattr(first, form)() == getattr(again, form)() == getattr(without, form)()
        assert "cpu" not in getattr(first, form)()


@pytest.mark.parametrize("language", ["en", "fr"])
def test_beside_a_direction_stands_no_p_of_another_test(language: str) -> None:
    """A direction rests on a t test; what turned signs show says below that it is another test."""
    run = load_run(REFERENCE / "history").in_language(language)
    table = run.tables["summary"]
    heads = {column.key: column.label for column in table.columns}
    assert "p_baseline" in table.data
    assert "p_baseline" not in heads
    assert "CRPS" in heads["better_in"]
    smallest = [test["smallest_p"] for test in run.results.facts["comparison"]["tests"]]
    with use_language(language):
        numbers = format_values(smallest, "3")
    for number in numbers:
        (note,) = (note for note in table.notes if number in note)
        assert heads["direction"] in note


def test_what_is_missing_is_counted_by_reason() -> None:
    table = missing_table(METHODS)("missing", title="Title")
    rows = [[cell.text for cell in row.cells] for row in table.rows]
    assert rows == [
        ["quick", "whole ballot", "2", ""],
        ["slow", "abstained", "1", "no poll since …"],
        ["slow", "part of the ballot", "1", "names fewer candidates"],
    ]
    assert "of" in table.data


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
    found = leader_of(LED)
    assert (found.methods, found.n_elections, found.crps) == (("a",), 1, 5.62)
    assert (found.low, found.directions, found.is_none_better) == (None, {}, False)
    many = LED.assign(votes=9, elections=9, low_pp=5.0, high_pp=6.5, rank=1)
    found = leader_of(many.assign(direction="not_shown", relative_low=np.nan))
    assert (found.is_none_better, found.methods) == (True, ("a", "b"))
    found = leader_of(many.assign(direction="better", relative_low=np.nan))
    assert (found.is_none_better, found.low, found.high) == (False, 5.0, 6.5)
    # three methods once are less evidence than two methods over nine votes
    few = LED.iloc[[0, 0, 0]].assign(predictor=["c", "d", "e"], group=2)
    found = leader_of(pd.concat([many, few]))
    assert (found.methods, found.n_methods, found.is_about_all) == (("a", "b"), 2, False)


def test_the_claim_says_of_every_method_of_the_table_what_its_interval_says() -> None:
    judged = LED.iloc[[0, 0, 0, 0]].assign(
        predictor=["last_poll", "stack", "uniform", "last_election"],
        elections=11,
        group=[1, 1, 1, 2],  # in another set, and yet in the table below the claim
        relative_low=[np.nan, 0.8, 5.2, 3.1],
        compared_in=[np.nan, 11, 11, 10],
        direction=["", "not_shown", "worse", "worse"],
    )
    found = leader_of(judged)
    assert found.baseline == "last_poll"
    assert found.directions == {"worse": ["uniform", "last_election"], "not_shown": ["stack"]}
    assert leader_of(judged.assign(relative_low=np.nan)).directions == {}

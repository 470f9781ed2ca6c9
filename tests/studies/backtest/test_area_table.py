"""The table of errors by area."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

import bench
from bench.studies.backtest.headline import Vote
from bench.studies.backtest.tables import area_errors


def rows(run: Any, predictor: str, wrong: dict[str, float]) -> pd.DataFrame:
    """Two areas of 300 and 100 votes, one candidate with these errors."""
    label = run.errors.iloc[[0]].assign(
        as_of=run.facts.as_of, predictor=predictor, ballot="all", candidate=run.facts.by_votes[0]
    )
    weighted = (300 * abs(wrong["01"]) + 100 * abs(wrong["02"])) / 400
    cells = [
        ("01", "signed_error", wrong["01"]),
        ("02", "signed_error", wrong["02"]),
        ("national", "area_absolute_error", weighted),
    ]
    return pd.concat([label.assign(area=a, metric=s, value=v) for a, s, v in cells])


def test_large_areas_weigh_more_in_the_weighted_mean_only(run_with_areas: Any) -> None:
    run = run_with_areas
    errors = pd.concat(
        [rows(run, "good", {"01": 0.01, "02": -0.05}), rows(run, "bad", {"01": -0.04, "02": 0.0})]
    )
    vote = Vote(context=run.facts, errors=errors, forecasts=run.forecasts, methods=run.methods)
    table = area_errors(vote)
    assert table["predictor"].tolist() == ["good", "good", "bad", "bad"]
    assert table["weighted_pp"].tolist() == pytest.approx([2.0, 2.0, 3.0, 3.0])
    assert table["unweighted_pp"].tolist() == pytest.approx([3.0, 3.0, 2.0, 2.0])
    assert set(table["n_areas"]) == {2}


def test_one_experiment_is_about_the_areas_of_both_rounds() -> None:
    def answers(number: int) -> pd.Series:
        run = bench.run("2017_areas", elections=["toy"], rounds=[number], n_draws=100)
        with_areas = run.forecasts.loc[run.forecasts["area"].ne("national"), "predictor"]
        methods = run.table("methods").set_index("predictor")
        return methods["status"].where(methods.index.isin(with_areas), "no areas")

    first, runoff = answers(1), answers(2)
    assert first["vote_transfer"] == "no areas"
    assert first["uniform_swing"] == runoff["uniform_swing"] == "ok"
    assert runoff["vote_transfer"] == "ok"

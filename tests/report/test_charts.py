"""The charts of the studies hold the numbers of their tables, and say what they show first."""

from __future__ import annotations

import json
import re
from typing import Any

import numpy as np
import pandas as pd
import pytest

from bench.core.options import label
from bench.report.charts import FOLLOWED, packed
from bench.report.doses import added_error
from bench.report.line_names import line_names
from bench.report.plotting.season import moved_chart, scored_chart
from bench.studies.breaking_point.plots import frame_of
from bench.studies.two_rounds.plots import pair_chart
from tests.report.plotting import test_study_figures as made
from tests.report.study_charts import CHARTS, FRAMES, flows, season


@pytest.mark.parametrize("name", list(CHARTS))
def test_a_chart_has_its_columns_and_no_number_that_json_lacks(name: str, made_up: Any) -> None:
    chart = CHARTS[name](made_up())
    assert len(chart.drawn)
    assert set(chart.columns) <= set(chart.rows)
    json.dumps([packed(chart.rows), chart.spec], allow_nan=False)
    for key, some in chart.spec["usermeta"]["some"].items():
        assert key in FOLLOWED
        assert set(some["of"]) == set(chart.rows[key])


def test_a_frame_without_rows_is_packed_as_one_without_rows() -> None:
    rows = pd.DataFrame({"method": pd.Series(dtype="str"), "low": pd.Series(dtype="float")})
    assert packed(rows) == {"method": {"of": [], "at": []}, "low": []}


def test_a_night_holds_every_measure_of_every_order_once() -> None:
    moments = made.night()
    rows = CHARTS["night"](None).rows  # type: ignore[arg-type]
    assert not rows.duplicated(["measure", "method", "scenario", "across"]).any()
    mine = rows[rows["measure"].eq("Error, points") & rows["scenario"].eq("realistic")]
    known = moments[moments["order"].eq("realistic") & moments["estimator"].eq("calibrated")]
    assert mine[mine["method"].eq("calibrated")]["value"].tolist() == [
        round(value, 2) for value in known["mae_leading"]
    ]
    sampled = set(CHARTS["samples"](None).rows["scenario"])  # type: ignore[arg-type]
    assert sampled == {"sampled from all", *FRAMES.values()}


def test_the_largest_dose_adds_what_the_figure_says() -> None:
    rows = CHARTS["heat_map"](None).rows  # type: ignore[arg-type]
    table = added_error(made.doses())
    assert len(rows) == int(table.notna().sum().sum())
    assert sorted(rows["added"]) == sorted(np.round(table.stack().dropna(), 5))


def test_an_interval_without_an_end_stops_at_the_frame_and_has_no_number() -> None:
    rows = CHARTS["breaking_points"](None).rows  # type: ignore[arg-type]
    points = made.broken().query("status == 'found'")
    start, end = frame_of(points)  # all scenarios of this table are alike
    assert rows["low"].eq(0).any()
    assert rows.loc[rows["low"].eq(0), "from"].eq(start).all()
    assert rows.loc[rows["high"].isna(), "to"].eq(end).all()
    assert int(rows["high"].isna().sum()) == int(np.isinf(points["high"]).sum())


def test_the_scenario_that_the_claim_names_is_shown_first() -> None:
    cheapest = CHARTS["breaking_points"](None).rows  # type: ignore[arg-type]
    assert cheapest["scenario"].iloc[0] == label("scenario", "bot_amplification")
    harm = added_error(made.doses()).max()
    assert harm.index[0] != harm.idxmax()
    doses = CHARTS["dose_response"](None).rows  # type: ignore[arg-type]
    assert doses["scenario"].iloc[0] == label("scenario", str(harm.idxmax()))


def test_transfers_are_shares_of_their_origin_and_of_all_votes(made_up: Any) -> None:
    rows = CHARTS["transfers"](made_up()).rows
    _flows, weights, _facts = flows(made_up())
    assert rows.groupby("candidate")["share"].sum().sub(100).abs().max() < 0.3
    assert rows["votes"].sum() == pytest.approx(100, abs=0.5)
    assert rows["candidate"].nunique() == len(weights)


def test_bounds_stand_once_beside_all_levels(made_up: Any) -> None:
    rows = CHARTS["transfer_levels"](made_up()).rows
    assert rows[rows["least"].notna()]["source"].unique().tolist() == ["station"]
    assert rows[rows["source"].eq("Ipsos survey")]["lower"].isna().all()


def test_a_method_has_one_look_in_both_charts_of_a_season() -> None:
    rows = pd.concat([season(), season().assign(predictor="uniform")])
    charts = [
        moved_chart(rows, headline="poll_tracker", names={}),
        scored_chart(rows.iloc[::-1], headline="poll_tracker"),
    ]
    known = [
        re.search(r'"domain": (\["Poll tracker".*?\])', json.dumps(one.spec)) for one in charts
    ]
    assert known[0]
    assert known[1]
    assert known[0][1] == known[1][1]


def test_a_season_is_drawn_from_what_was_sealed() -> None:
    rows, said = CHARTS["moved"](None).rows, season()  # type: ignore[arg-type]
    assert len(rows) == len(said)
    assert rows["value"].sum() == pytest.approx(100 * said["share"].sum(), abs=0.1)
    mean = CHARTS["scored"](None).rows  # type: ignore[arg-type]
    assert set(mean["value"]) == {3.0, 0.7, 0.1}
    assert mean.set_index(["method", "days"])["n"].min() == 2


def test_the_pair_that_came_is_drawn_and_of_the_newest_election() -> None:
    pairs = made.pairs()
    before = pd.to_datetime(pairs["as_of"]) - pd.Timedelta(days=5 * 365)
    early = pairs.assign(election="fr2012", first="sarkozy", as_of=before)
    rows = pair_chart(pd.concat([early, pairs])).rows
    assert not rows["pair"].str.contains("sarkozy").any()
    assert rows["method"].nunique() == pairs["predictor"].nunique()
    late = pairs[::-1].groupby("predictor", sort=False).head(5).assign(probability=0.01)
    one_more = pd.concat([late.assign(came=False), pairs[pairs["came"]]])
    assert pair_chart(one_more).rows.groupby("method")["came"].sum().eq(1).all()


def test_a_sample_that_changes_nothing_has_no_dot() -> None:
    errors = made.electorate_errors()
    rows = CHARTS["electorates"](None).rows  # type: ignore[arg-type]
    hollow = rows[~rows["filled"]]
    assert 0 < len(hollow) < errors["volunteers"].ne(errors["volunteers"].iloc[0]).sum()
    assert set(rows["method"]) == set(rows[rows["filled"]]["method"])


def test_only_the_default_has_a_coverage() -> None:
    table, rows = made.confounded(), CHARTS["by_dose"](None).rows  # type: ignore[arg-type]
    errors = rows[rows["measure"].eq("Votes in the wrong cell, %")]
    assert len(errors) == len(table)
    assert set(rows.drop(errors.index)["method"]) == {"likelihood"}
    mine = table[table["method"].eq("likelihood")].sort_values("dose")
    covered = rows[rows["measure"].eq("Cells inside the 90% intervals, %")]
    assert covered["value"].tolist() == (100 * mine["covered"]).round(2).tolist()


def test_every_vote_of_a_station_is_in_one_square() -> None:
    joint, scores = made.stations()
    rows = CHARTS["stations"](None).rows  # type: ignore[arg-type]
    assert rows["votes"].sum() == joint["votes"].sum()
    assert rows["forecast"].max() == 2.0 * joint["forecast"].max()
    assert rows["method"].nunique() == len(scores)


def test_shapes_are_packed_as_they_are() -> None:
    frame = pd.DataFrame({"code": ["a"], "shape": [{"type": "Polygon"}]})
    assert packed(frame)["shape"] == [{"type": "Polygon"}]


def test_a_name_stands_where_no_other_line_runs_and_a_point_has_one_too() -> None:
    flat = {"method": "flat", "x": [0.0, 100.0], "y": [5.0, 5.0]}
    near = {"method": "near", "x": [0.0, 100.0], "y": [5.3, 5.3]}
    point = {"method": "point", "x": [49.0], "y": [9.0]}
    rows = pd.concat([pd.DataFrame(one) for one in (flat, near, point)], ignore_index=True)
    names = line_names(rows.assign(family="f"), "x", "y").set_index("method")
    assert names.loc["flat", "y"] < 5.0 < 5.3 < names.loc["near", "y"]
    assert names[["to_x", "to_y"]].loc["point"].tolist() == [49.0, 9.0]
    assert names.loc["flat", "to_y"] == 5.0

"""What the charts of pages are made of: rows as JSON holds them, names where there is room."""

from __future__ import annotations

import json
import re

import numpy as np
import pandas as pd
import pytest

from bench.report.charts import FOLLOWED, Chart, packed
from bench.report.line_names import line_names
from bench.studies.rehearsal.view import moved_chart, scored_chart

SEALED = ("last_poll", "poll_tracker")


def season() -> pd.DataFrame:
    """What two methods said of three candidates on three days, one of them of everybody."""
    return pd.DataFrame(
        [
            {
                "predictor": method,
                "candidate": name,
                "days_before": days,
                "share": share + 0.001 * days,
                "q05": share - 0.05 if method == "poll_tracker" else np.nan,
                "q95": share + 0.05 if method == "poll_tracker" else np.nan,
                "outcome": share,
                "absolute_error": 0.001 * days,
            }
            for method in SEALED
            for name, share in (("quill", 0.5), ("thorne", 0.3), ("brook", 0.2))
            for days in (30, 7, 1)
            if (method, name, days) != ("last_poll", "brook", 30)
        ]
    )


def season_charts() -> dict[str, Chart]:
    """The charts of a season."""
    return {
        "moved": moved_chart(season(), headline="poll_tracker", names={}),
        "scored": scored_chart(season(), headline="poll_tracker"),
    }


def test_a_chart_has_its_columns_and_no_number_that_json_lacks() -> None:
    for chart in season_charts().values():
        assert len(chart.drawn)
        assert set(chart.columns) <= set(chart.rows)
        json.dumps([packed(chart.rows), chart.spec], allow_nan=False)
        for key, some in chart.spec["usermeta"]["some"].items():
            assert key in FOLLOWED
            assert set(some["of"]) == set(chart.rows[key])


def test_a_frame_without_rows_is_packed_as_one_without_rows() -> None:
    rows = pd.DataFrame({"method": pd.Series(dtype="str"), "low": pd.Series(dtype="float")})
    assert packed(rows) == {"method": {"of": [], "at": []}, "low": []}


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
    rows, said = season_charts()["moved"].rows, season()
    assert len(rows) == len(said)
    assert rows["value"].sum() == pytest.approx(100 * said["share"].sum(), abs=0.1)
    mean = season_charts()["scored"].rows
    assert set(mean["value"]) == {3.0, 0.7, 0.1}
    assert mean.set_index(["method", "days"])["n"].min() == 2


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

"""What the charts of pages are made of: descriptions of figures, and rows as JSON holds them."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
import vl_convert

from bench.report.charts import FOLLOWED, Chart, packed
from bench.report.figure import Axis, Figure, Mark
from bench.report.vega import chart_of
from bench.studies.rehearsal.view import moved_figure, scored_figure

SEALED = ("last_poll", "poll_tracker")
FACTS: dict[str, Any] = {"through": [], "headline": "Poll tracker", "source": "made up", "n": 3}
FACTS |= {"title": "a vote", "n_methods": 2, "n_answered": 3, "least": 0.1, "most": 0.2}
FACTS |= {"best": "poll_tracker", "worst": "last_poll"}


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


def season_figures(rows: pd.DataFrame) -> dict[str, Figure]:
    """The figures of a season."""
    return {
        "moved": moved_figure(rows, FACTS, headline="poll_tracker", names={}),
        "scored": scored_figure(rows.iloc[::-1], FACTS, headline="poll_tracker"),
    }


def of(rows: pd.DataFrame, **more: Any) -> Figure:
    """A figure with one kind of each mark over two moments."""
    rows = rows.assign(word="word", hollow=rows["share"].gt(0.4), ink="#123456")
    dated = rows.assign(date=rows["days_before"].rank(method="dense").astype(int))
    marks = [
        Mark("span", pd.DataFrame({"low": [1], "high": [7]}), "low", to="high"),
        Mark("at", x=7, look={"linestyle": (0, (3, 1))}),
        Mark("now", dated[["days_before", "date"]].drop_duplicates(), "days_before"),
        Mark("band", rows, "days_before", "q05", "q95", one="predictor"),
        Mark("line", rows, "days_before", "share", by="candidate"),
        Mark("stem", rows, "days_before", "q05", "q95", colour="ink"),
        Mark("dot", dated, "days_before", "share", by="candidate", hollow="hollow"),
        Mark("ends", rows[rows["days_before"].eq(1)], "days_before", "share", text="word"),
    ]
    looks = {"quill": {"color": "#000001", "marker": "s"}, "thorne": {"linestyle": "--"}}
    columns = {"predictor": "Method", "candidate": "Candidate", "share": "Share"}
    given: dict[str, Any] = {"looks": {**looks, "brook": {}}, "legend": looks, "columns": columns}
    x = Axis(label="days", low=31, high=0, scale="root", ticks=(0, 7, 30))
    return Figure(
        title="", caption="c", marks=marks, x=x, y=Axis(low=0), height=2.0, **{**given, **more}
    )


def rows_of_names(name: str) -> Figure:
    """A figure with a name for each row, by a column of texts or of places."""
    rows = pd.DataFrame({"method": ["a", "b"], "place": [0, 1], "mae": [1.0, 2.0], "low": [0.5, 1]})
    marks = (
        Mark("bar", rows, "mae", name, look={"height": 0.6}),
        Mark("rule", rows, "low", name, "mae"),
        Mark("dot", rows, "mae", name, look={"marker": "|"}),
        Mark("text", rows, y=name, text="method"),
    )
    names = Axis(names=["a", "b"], bold=["a"], sort="mae" if name == "method" else "")
    columns = {"method": "Method", "mae": "Error"}
    return Figure(title="", caption="", marks=marks, y=names, columns=columns, height=1.0)


def drawn(chart: Chart) -> dict[str, Any]:
    """The chart as Vega has it, which a specification that is none does not become."""
    rows = json.loads(chart.rows.to_json(orient="records"))
    spec = {**chart.spec, "datasets": {"rows": rows}}
    json.dumps([packed(chart.rows), chart.spec], allow_nan=False)
    found: dict[str, Any] = vl_convert.vegalite_to_vega(spec)
    return found


@pytest.mark.parametrize(
    "figure",
    [
        of(season()),
        of(season(), panel="predictor", panels={name: name for name in SEALED}),
        of(season(), panel="predictor", panels={name: name for name in SEALED}, alone="last_poll"),
        rows_of_names("method"),
        rows_of_names("place"),
    ],
)
def test_a_figure_is_drawn_on_pages_and_on_paper(figure: Figure) -> None:
    assert drawn(chart_of(figure))["marks"]
    assert figure().axes


def test_rows_of_all_marks_are_kept_and_the_table_has_those_with_its_columns() -> None:
    chart = chart_of(of(season()))
    table = chart.rows[chart.rows["layer"].eq(0)]
    assert len(table) == len(season())
    assert set(chart.columns) <= set(table)
    assert chart.spec["usermeta"]["click"] == "candidate"


def test_panels_repeat_what_has_none_and_words_beside_them_keep_apart() -> None:
    rows = season().assign(predictor="one").drop_duplicates(["candidate", "days_before"])
    both = {"one": "one", "two": "two"}
    spread = chart_of(of(rows, panel="other", panels=both)).rows
    ends = spread.dropna(subset="at").drop_duplicates("share").sort_values("share")
    assert ends["at"].diff().min() > 0.9 * ends["share"].diff().min()
    assert len(spread[spread["layer"].eq(0)]) == 2 * len(rows)


def test_only_the_last_moment_and_the_first_value_are_on_paper() -> None:
    axis = of(season())().axes[0]
    dots = [line.get_xdata() for line in axis.lines if line.get_linestyle() == "None"]
    assert {float(day) for days in dots for day in days} == {30.0}
    (band,) = (one for one in axis.collections if type(one).__name__ == "FillBetweenPolyCollection")
    assert not band.get_paths()  # the first method has no interval


def test_a_season_is_drawn_from_what_was_sealed_in_one_look_of_a_method() -> None:
    rows = pd.concat([season(), season().assign(predictor="uniform")])
    moved, scored = season_figures(rows).values()
    assert [*moved.looks.items()] == [*scored.looks.items()]
    assert next(iter(moved.looks)) == "Poll tracker"
    shown = chart_of(moved)
    table = shown.rows[shown.rows["layer"].eq(0)]
    assert table["share"].sum() == pytest.approx(100 * rows["share"].sum(), abs=0.1)
    mean = scored.marks[0].rows
    assert mean is not None
    assert set(mean["error"].round(6)) == {3.0, 0.7, 0.1}
    assert mean["n"].min() == 2
    for key, some in shown.spec["usermeta"]["some"].items():
        assert key in FOLLOWED
        assert set(some["of"]) == set(table[key])


def test_a_figure_without_columns_is_no_chart() -> None:
    assert not replace(of(season()), columns={}).columns


def test_a_frame_without_rows_is_packed_as_one_without_rows() -> None:
    rows = pd.DataFrame({"method": pd.Series(dtype="str"), "low": pd.Series(dtype="float")})
    assert packed(rows) == {"method": {"of": [], "at": []}, "low": []}


def test_shapes_are_packed_as_they_are() -> None:
    frame = pd.DataFrame({"code": ["a"], "shape": [{"type": "Polygon"}]})
    assert packed(frame)["shape"] == [{"type": "Polygon"}]

"""What the charts of pages are made of: descriptions of figures, and rows as JSON holds them."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest
import vl_convert

from bench.report.charts import Chart, packed
from bench.report.figure import Axis, Figure, Mark
from bench.report.vega import chart_of

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


def test_a_frame_without_rows_is_packed_as_one_without_rows() -> None:
    rows = pd.DataFrame({"method": pd.Series(dtype="str"), "low": pd.Series(dtype="float")})
    assert packed(rows) == {"method": {"of": [], "at": []}, "low": []}

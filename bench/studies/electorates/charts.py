"""The chart of the error of every method over many electorates of several elections."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from bench.core.language import _
from bench.core.options import labels
from bench.report.charts import (
    Chart,
    chart_of,
    colours_of,
    followed,
    layer,
    rows_by_name,
    tips,
)
from bench.studies.electorates.plots import SHADES, drawn_rows

ROW_PX = 26


def electorate_chart(table: pd.DataFrame, families: Mapping[str, str]) -> Chart:
    """A dot for each election; hollow where as many people were drawn with equal chances.

    Parameters
    ----------
    table, families
        As of `bench.studies.electorates.plots.electorates`.
    """
    known = drawn_rows(table)
    order = sorted(known["predictor"].unique(), key=lambda name: (families.get(name, ""), name))
    called = labels("predictor", order)
    rows = pd.DataFrame(
        {
            "method": known["predictor"].map(called),
            "election": known["election"],
            "volunteers": known["volunteers"].map(_),
            "value": known["rmse_pp"].round(2),
            "bias": known["bias_pp"].round(2),
            "sd": known["sd_pp"].round(2),
            "n": known["electorates"],
            "filled": known["volunteers"].eq(table["volunteers"].iloc[0]),
        }
    )
    columns = {
        "method": _("Method"),
        "election": _("Election"),
        "volunteers": _("Volunteers"),
        "value": _("Root mean squared error, points"),
        "bias": _("Of this bias, points"),
        "sd": _("And spread, points"),
        "n": _("Electorates"),
    }
    elections = dict(zip(dict.fromkeys(table["election"]), SHADES, strict=False))
    dots = layer(
        {"type": "point", "size": 80, "strokeWidth": 2},
        x={
            "field": "value",
            "type": "quantitative",
            "title": columns["value"],
            "scale": {"type": "log"},
            "axis": {"values": [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50]},
        },
        y=rows_by_name("method", list(called.values())),
        yOffset={"field": "election", "type": "nominal", "sort": list(elections)},
        color=colours_of("election", elections),
        fillOpacity={"condition": {"test": "datum.filled", "value": 1}, "value": 0},
        opacity=followed("method"),
        tooltip=tips(columns),
    )
    dots["encoding"]["fill"] = dots["encoding"]["color"]
    spec = chart_of(dots, height=ROW_PX * len(order))
    return Chart(spec=spec, rows=rows, columns=columns)

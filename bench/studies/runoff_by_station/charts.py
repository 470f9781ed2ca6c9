"""Charts of forecast against outcome at polling stations, and of errors by group of stations."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from bench.core.language import _, in_form
from bench.report.charts import (
    PERCENT,
    ROW_PX,
    Chart,
    chart_of,
    colours_of,
    followed,
    heading_of,
    layer,
    rows_by_name,
    shown_of,
    tips,
)
from bench.report.plotting import style
from bench.studies.runoff_by_station.plots import COLOURS
from bench.studies.runoff_by_station.runoff import group_words, method_words

SIDE_PX = 460


def station_chart(joint: pd.DataFrame, scores: pd.DataFrame, n_bins: int) -> Chart:
    """Votes by what was forecast and what was counted, one method at a time.

    Parameters
    ----------
    joint, scores, n_bins
        As of `bench.studies.runoff_by_station.plots.station_density`.
    """
    names = {str(one): method_words(str(one)) for one in scores["method"]}
    mae = dict(zip(scores["method"], (PERCENT * scores["mae"]).round(2), strict=True))
    known = joint[joint["method"].isin(names)]
    width = PERCENT / n_bins
    rows = pd.DataFrame(
        {
            "method": known["method"].map(names),
            "forecast": (width * known["forecast"]).round(2),
            "outcome": (width * known["outcome"]).round(2),
            "votes": known["votes"],
        }
    )
    columns = {
        "method": _("Method"),
        "forecast": _("Forecast from, %"),
        "outcome": _("Outcome from, %"),
        "votes": _("Votes cast"),
    }
    axis = {"type": "quantitative", "scale": {"domain": [0, PERCENT]}}
    axis["axis"] = {"values": list(range(0, PERCENT + 1, 20)), "grid": False}
    x = {
        **axis,
        "field": "forecast",
        "title": _("Forecast, %"),
        "bin": {"binned": True, "step": width},
    }
    y = {
        **axis,
        "field": "outcome",
        "title": _("Outcome, %"),
        "bin": {"binned": True, "step": width},
    }
    cells = layer(
        {"type": "rect", "color": style.METHOD_COLOURS["quota polls"]},
        [
            {"calculate": f"datum.forecast + {width:g}", "as": "forecast_end"},
            {"calculate": f"datum.outcome + {width:g}", "as": "outcome_end"},
        ],
        x=x,
        x2={"field": "forecast_end"},
        y=y,
        y2={"field": "outcome_end"},
        opacity={
            "field": "votes",
            "type": "quantitative",
            "title": columns["votes"],
            "scale": {
                "type": "log",
                "range": [0.15, 1],
                "domainMax": int(known["votes"].max()),
            },
            "legend": {"format": "~s", "values": _powers(known["votes"])},
        },
        tooltip=tips(columns),
    )
    right = {
        "data": {
            "values": [{"forecast": 0, "outcome": 0}, {"forecast": PERCENT, "outcome": PERCENT}]
        }
    }
    line = layer(
        {"type": "line", "color": style.INK, "strokeWidth": 1},
        x={**axis, "field": "forecast"},
        y={**axis, "field": "outcome"},
    )
    methods = list(names.values())
    shown = shown_of("method", methods)
    errors = {
        names[key]: _("mean absolute error {points} points", points=in_form(f"{value:.1f}"))
        for key, value in mae.items()
        if key in names
    }
    spec = chart_of(
        cells,
        {**line, **right},
        one={"method": methods},
        title=heading_of(shown, errors),
        height=SIDE_PX,
    )
    return Chart(spec=spec, rows=rows, columns=columns)


def _powers(votes: pd.Series) -> list[int]:
    """The powers of ten among so many votes."""
    return [10**k for k in range(9) if votes.min() <= 10**k <= votes.max()]


def group_chart(groups: pd.DataFrame, methods: Sequence[str]) -> Chart:
    """The mean signed error of every method in every group of stations.

    Parameters
    ----------
    groups, methods
        As of `bench.studies.runoff_by_station.plots.station_groups`.
    """
    known = groups[groups["method"].isin(methods)]
    rows = pd.DataFrame(
        {
            "partition": known["partition"].map(_),
            "group": [group_words(str(one).replace("_", " ")) for one in known["group"]],
            "method": [method_words(str(one)) for one in known["method"]],
            "error": (PERCENT * known["bias"]).round(2),
            "n": known["n"],
        }
    )
    # groups of two partitions may have one name
    rows["row"] = [
        _("{partition}: {group}", partition=partition, group=group)
        for partition, group in zip(rows["partition"], rows["group"], strict=True)
    ]
    columns = {
        "partition": _("Stations by"),
        "group": _("Kind of station"),
        "method": _("Method"),
        "error": _("Mean signed error, points"),
        "n": _("Stations"),
    }
    names = [method_words(one) for one in methods]
    colours = {one: COLOURS[i % len(COLOURS)] for i, one in enumerate(names)}
    order = list(dict.fromkeys(rows["row"]))
    row = rows_by_name("row", order)
    error = {"field": "error", "type": "quantitative", "title": columns["error"]}
    marks = ("circle", "diamond", "square", "triangle-up", "triangle-down", "cross")
    dots = layer(
        {"type": "point", "filled": True, "size": 70},
        x=error,
        y={**row, "axis": {"grid": True}},
        color=colours_of("method", colours),
        shape={
            "field": "method",
            "type": "nominal",
            "scale": {"domain": names, "range": [marks[i % 6] for i in range(len(names))]},
        },
        opacity=followed("method", shown=0.9),
        tooltip=tips(columns, ("error", "+.2f")),
    )
    spec = chart_of(
        layer("rule", x={"datum": 0}), dots, height=ROW_PX * len(order), legend="method"
    )
    return Chart(spec=spec, rows=rows, columns=columns)

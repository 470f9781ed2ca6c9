"""The chart of what it takes to turn a forecast."""

from __future__ import annotations

import numpy as np
import pandas as pd

from bench.core.language import _
from bench.core.options import labels
from bench.report.charts import (
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
from bench.studies.breaking_point.plots import EVENTS, frame_of

COLOURS = (style.METHOD_COLOURS["quota polls"], style.METHOD_COLOURS["published claims"])
ROW_PX = 30  # two marks to a row


def breaking_chart(points: pd.DataFrame, stated: str) -> Chart:
    """The dose that brings one candidate to either event, one scenario at a time, cheapest first.

    Parameters
    ----------
    points : pandas.DataFrame
        As of `bench.studies.breaking_point.plots.breaking_doses`.
    stated : str
        The candidate of whom all marks speak.
    """
    mine = points[points["beneficiary"].eq(stated)]
    found = mine[mine["status"].eq("found")]
    least = found.groupby("scenario")["share_of_honest_users"].min().sort_values(kind="stable")
    found = found.sort_values("scenario", key=lambda of: of.map(least.index.get_loc), kind="stable")
    scenarios = labels("scenario", dict.fromkeys(found["scenario"]))
    ends = {name: frame_of(rows) for name, rows in found.groupby("scenario")}
    start, end = (found["scenario"].map({k: one[i] for k, one in ends.items()}) for i in (0, 1))
    events = {key: _(words) for key, (_mark, words) in EVENTS.items()}
    rows = pd.DataFrame(
        {
            "scenario": found["scenario"].map(scenarios),
            "method": found["predictor"].map(labels("predictor", found["predictor"].unique())),
            "event": found["event"].map(events),
            "dose": found["dose"].map(_short),
            "low": found["low"].replace(np.inf, np.nan).map(_short),
            "high": found["high"].replace(np.inf, np.nan).map(_short),
            "unit": found["unit"].map(_),
            # the axis has no place for 0 and infinity
            "from": found["low"].clip(start, end).map(_short),
            "to": found["high"].clip(start, end).map(_short),
        }
    )
    columns = {
        "method": _("Method"),
        "scenario": _("Scenario"),
        "event": _("Event"),
        "dose": _("Dose"),
        "low": _("5% of the draws need less than"),
        "high": _("5% of the draws need more than"),
        "unit": _("Unit"),
    }
    units = dict(zip(rows["scenario"], rows["unit"], strict=True))
    shown = shown_of("scenario", list(units))
    dose = {
        "field": "dose",
        "type": "quantitative",
        "title": None,
        "scale": {"type": "log"},
        "axis": {"format": "~s", "grid": False},
    }
    looks = {
        "y": rows_by_name("method", sorted(rows["method"].unique())),
        "yOffset": {"field": "event", "type": "nominal", "sort": [*events.values()]},
        "color": colours_of("event", dict(zip(events.values(), COLOURS, strict=True))),
        "opacity": followed("method"),
    }
    marks = {"domain": [*events.values()], "range": ["circle", "diamond"]}
    spans = layer(
        {"type": "rule", "strokeWidth": 2}, x={**dose, "field": "from"}, x2={"field": "to"}, **looks
    )
    dots = layer(
        {"type": "point", "filled": True, "size": 80},
        x=dose,
        shape={"field": "event", "type": "nominal", "scale": marks},
        tooltip=tips(columns),
        **looks,
    )
    most = int(rows.groupby("scenario")["method"].nunique().max())
    spec = chart_of(
        spans,
        dots,
        height=ROW_PX * max(most, 2),
        one={"scenario": list(units)},
        title=heading_of(shown, units),
    )
    return Chart(spec=spec, rows=rows, columns=columns)


def _short(value: float) -> float:
    """Three digits.

    Examples
    --------
    >>> _short(1234.5)
    1230.0
    """
    return float(f"{value:.3g}")

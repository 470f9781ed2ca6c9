"""Charts of a season of seals: how forecasts moved, and how far each was from the vote."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from bench.core.language import _
from bench.core.options import labels
from bench.report.charts import (
    PERCENT,
    Chart,
    Panels,
    Spec,
    colours_of,
    curves,
    layer,
    shown_of,
)
from bench.report.plotting import style
from bench.report.plotting.season import in_order, with_panel


def moved(forecasts: pd.DataFrame, *, headline: str, names: Mapping[str, str]) -> Chart:
    """Every method from seal to seal, a panel for each leading candidate, and the vote.

    Parameters
    ----------
    forecasts : pandas.DataFrame
        As of `bench.report.plotting.season.moved`.
    headline : str
        The method whose interval is drawn where none is followed.
    names : mapping of str to str
        Candidates' names.
    """
    methods = in_order(forecasts, headline)
    people = with_panel(forecasts)
    known = forecasts[forecasts["predictor"].isin(methods) & forecasts["candidate"].isin(people)]
    known = known[known["share"].notna()].sort_values("days_before", ascending=False)
    called = labels("predictor", methods)
    rows = pd.DataFrame(
        {
            "candidate": known["candidate"].map(lambda key: names.get(key, key)),
            "method": known["predictor"].map(called),
            "days": known["days_before"].astype(int),
            "value": (PERCENT * known["share"]).round(2),
            "low": (PERCENT * known["q05"]).round(2),
            "high": (PERCENT * known["q95"]).round(2),
            "outcome": (PERCENT * known["outcome"]).round(2),
        }
    )
    columns = {
        "candidate": _("Candidate"),
        "method": _("Method"),
        "days": _("Days before the vote"),
        "value": _("Forecast, %"),
        "low": _("90% interval from"),
        "high": _("90% interval to"),
        "outcome": _("Outcome, %"),
    }
    days = _days(columns["days"])
    spread = layer(
        {"type": "area", "opacity": 0.18},
        [
            {"filter": f"datum.method === {shown_of('method', list(called.values()))}"},
            {"filter": "isValid(datum.low)"},
        ],
        x=days,
        y={"field": "low", "type": "quantitative"},
        y2={"field": "high"},
        color=colours_of("method", _looks(called)),
    )
    vote = layer(
        {"type": "rule", "strokeDash": [5, 4], "color": style.RIGHT, "strokeWidth": 1.5},
        [
            {
                "aggregate": [{"op": "max", "field": "outcome", "as": "outcome"}],
                "groupby": ["candidate"],
            }
        ],
        y={"field": "outcome", "type": "quantitative"},
    )
    return curves(
        rows,
        columns,
        across=days,
        title=None,
        colours=_looks(called),
        behind=[spread, vote],
        panels=Panels(
            field="candidate",
            order=[names.get(one, one) for one in people],
            most=2,
            ratio=0.45,
            room=40,
        ),
    )


def scored(errors: pd.DataFrame, *, headline: str) -> Chart:
    """The mean absolute error of every method by days before the vote.

    Parameters
    ----------
    errors : pandas.DataFrame
        As of `bench.report.plotting.season.scored`.
    headline : str
        The method in the strong colour.
    """
    methods = in_order(errors, headline)
    called = labels("predictor", methods)
    known = errors[errors["predictor"].isin(methods)]
    grouped = known.groupby(["predictor", "days_before"])["absolute_error"]
    mean = grouped.agg(["mean", "size"]).reset_index()
    mean = mean.sort_values("days_before", ascending=False)
    rows = pd.DataFrame(
        {
            "method": mean["predictor"].map(called),
            "days": mean["days_before"].astype(int),
            "value": (PERCENT * mean["mean"]).round(2),
            "n": mean["size"],
        }
    )
    columns = {
        "method": _("Method"),
        "days": _("Days before the vote"),
        "value": _("Mean absolute error, percentage points"),
        "n": _("Candidates"),
    }
    return curves(
        rows,
        columns,
        across=_days(columns["days"]),
        title=columns["value"],
        colours=_looks(called),
    )


def _days(title: str) -> Spec:
    return {
        "field": "days",
        "type": "quantitative",
        "title": title,
        "scale": {"reverse": True, "zero": False},
        "axis": {"grid": False, "tickCount": 6, "titleAnchor": "middle"},
    }


def _looks(called: Mapping[str, str]) -> dict[str, str]:
    """The headline in ink, the others in turn."""
    colours: Sequence[str] = (style.INK, *style.STRANGER_COLOURS)
    return dict(zip(called.values(), colours, strict=False))

"""The polls of each institute over time, their average, and where the vote may be."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import cycle
from typing import Any

import pandas as pd

from bench.report.charts import PERCENT
from bench.report.figure import Axis, Figure, Mark
from bench.report.plotting import style
from bench.report.text import Text
from bench.studies.forecast.context import ForecastView

MOST = 6  # candidates
BEFORE_DAYS = 60  # of polls before the curve begins
COLOURS = style.STRANGER_COLOURS
FRESH = {"color": style.INK, "linewidth": 1}
STALE = {**FRESH, "linestyle": "--"}
VOTE = {"color": style.INK, "marker": "_", "markersize": 9}
VOTE_INTERVAL = {"color": style.INK, "linewidth": 3, "alpha": 0.5}
NOW = {"color": style.SOFT, "linewidth": 0.6, "linestyle": ":"}
text = Text("forecast")


def fan(view: ForecastView, facts: Mapping[str, Any]) -> Figure:
    """A panel per leading candidate: polls, their average over time, interval of the vote.

    Parameters
    ----------
    view : ForecastView
        Its polls, the forecasts of `settings.average` at all moments, and the headline of now.
    facts : mapping
        Of the texts.
    """
    shown, vote_on = view.leading[:MOST], view.days[-1]
    polls, band, start = _over_time(view, shown)
    stale = _stale_from(view, band)
    numbers, called = ["share", "q05", "q95"], view.names
    band = band.sort_values("as_of").assign(**(PERCENT * band[numbers]))
    band = band.assign(candidate=band["candidate"].map(called))
    polls = polls.assign(
        share=PERCENT * polls["share"],
        candidate=polls["candidate"].map(called),
        day=polls["fieldwork_end"].dt.strftime("%Y-%m-%d"),
        n=polls["respondents"],
    )
    now = (PERCENT * view.now.loc[shown, numbers]).set_axis(["forecast", "low", "high"], axis=1)
    now = now.assign(candidate=[called[one] for one in shown], as_of=vote_on)
    institutes = [
        str(one)
        for one in view.polls["institute"].value_counts().index
        if one in set(polls["institute"])
    ]
    series = zip(cycle(COLOURS), cycle(style.MARKERS))
    looks = {
        one: {"color": colour, "marker": mark, "markersize": 3, "alpha": 0.85}
        for one, (colour, mark) in zip(institutes, series, strict=False)
    }
    return Figure(
        title=text("fan_title", **facts),
        claim=text("claim", **facts),
        subtitle=text("fan_unit"),
        caption=f"{text('fan_caption', n=polls['poll_id'].nunique(), **facts)} {view.source}",
        panel="candidate",
        panels={called[name]: called[name] for name in shown},
        columns=text.words("chart_polls"),
        x=Axis(
            low=_days(start - pd.Timedelta(days=10)),
            high=_days(vote_on + pd.Timedelta(days=14)),
            dates=True,
        ),
        y=Axis(low=0),
        per_line=2,
        height=1.25,
        more=0.2,
        looks=looks,
        legend=looks,
        legend_columns=5,
        grid="y",
        marks=(
            Mark("at", pd.DataFrame({"as_of": [view.as_of]}), "as_of", look=NOW),
            Mark("band", band, "as_of", "q05", "q95", look={"color": style.GRID, "alpha": 1}),
            Mark("line", band[band["as_of"] <= stale], "as_of", "share", look=FRESH),
            Mark("line", band[band["as_of"] >= stale], "as_of", "share", look=STALE),
            Mark("dot", polls, "fieldwork_end", "share", by="institute", look={"zorder": 2}),
            Mark("stem", now, "as_of", "low", "high", look=VOTE_INTERVAL),
            Mark("dot", now, "as_of", "forecast", look=VOTE),
        ),
    )


def _over_time(
    view: ForecastView, shown: list[str]
) -> tuple[pd.DataFrame, pd.DataFrame, pd.Timestamp]:
    """Polls and their average at all moments, of those shown; and from which day on."""
    rows = view.on_slate(view.tables["forecasts"])
    band = rows[rows["predictor"].eq(view.settings.average) & rows["candidate"].isin(shown)]
    start = view.as_of if band.empty else band["as_of"].min()
    start -= pd.Timedelta(days=BEFORE_DAYS)
    polls = view.polls[view.polls["candidate"].isin(shown)]
    return polls[polls["fieldwork_end"] >= start], band, start


def _stale_from(view: ForecastView, band: pd.DataFrame) -> pd.Timestamp:
    """The first moment of the curve at which the newest poll was public."""
    last = pd.Timestamp(view.vote["last_poll_on"])
    return min((one for one in band["as_of"] if one >= last), default=view.as_of)


def _days(moment: pd.Timestamp) -> float:
    """Since 1970."""
    return (moment - pd.Timestamp(0)) / pd.Timedelta(days=1)

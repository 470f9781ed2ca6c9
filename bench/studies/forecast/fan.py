"""The figure of a forecast: polls, their average over time, and where the vote may be."""

from __future__ import annotations

from typing import NamedTuple

import pandas as pd

from bench.core.arrays import PERCENT
from bench.report.document import Words
from bench.report.figure import Axis, Figure, Mark
from bench.report.plotting import layout, style
from bench.studies.forecast.outlook import Outlook

MAX_CANDIDATES = 6
BEFORE_DAYS = 60  # of polls before the curve begins
FRESH = {"color": style.INK, "linewidth": 1}
STALE = {**FRESH, "linestyle": "--"}
VOTE = {"color": style.INK, "marker": "_", "markersize": 9}
VOTE_INTERVAL = {"color": style.INK, "linewidth": 3, "alpha": 0.5}
MOMENT = {"color": style.SOFT, "linewidth": 0.6, "linestyle": ":"}
NUMBERS = ["share", "q05", "q95"]


class FanRows(NamedTuple):
    """What is drawn: candidates, polls, their average at all moments, from which day on."""

    candidates: list[str]
    polls: pd.DataFrame
    average: pd.DataFrame
    start: pd.Timestamp

    @classmethod
    def of(cls, outlook: Outlook) -> FanRows:
        """The rows of the leading candidates."""
        candidates = outlook.leading[:MAX_CANDIDATES]
        rows = outlook.on_slate(outlook.tables["forecasts"])
        is_average = rows["predictor"].eq(outlook.settings.average)
        average = rows[is_average & rows["candidate"].isin(candidates)]
        start = outlook.as_of if average.empty else average["as_of"].min()
        start -= pd.Timedelta(days=BEFORE_DAYS)
        polls = outlook.polls[outlook.polls["candidate"].isin(candidates)]
        return cls(candidates, polls[polls["fieldwork_end"] >= start], average, start)


def fan(outlook: Outlook, words: Words) -> Figure:
    """A panel per leading candidate: polls, their average over time, interval of the vote.

    Parameters
    ----------
    outlook : Outlook
        Its polls, the forecasts of `settings.average` at all moments, and the headline.
    words : Words
        With the labels of what a pointer shows.
    """
    rows, names = FanRows.of(outlook), outlook.names
    average = rows.average.assign(
        candidate=rows.average["candidate"].map(names), **(PERCENT * rows.average[NUMBERS])
    )
    average = average.sort_values("as_of", kind="stable")
    stale_from = _stale_from(outlook, rows.average)
    vote = _vote(outlook, rows)
    looks = layout.series_looks(
        _institutes(outlook, rows.polls), style.STRANGER_COLOURS, markersize=3, alpha=0.85
    )
    return Figure(
        panel="candidate",
        panels={names[name]: names[name] for name in rows.candidates},
        columns=words.labels,
        x=Axis(
            low=_days(rows.start - pd.Timedelta(days=10)),
            high=_days(outlook.vote_on + pd.Timedelta(days=14)),
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
            Mark("at", pd.DataFrame({"as_of": [outlook.as_of]}), "as_of", look=MOMENT),
            Mark("band", average, "as_of", "q05", "q95", look={"color": style.GRID, "alpha": 1}),
            Mark("line", average[average["as_of"] <= stale_from], "as_of", "share", look=FRESH),
            Mark("line", average[average["as_of"] >= stale_from], "as_of", "share", look=STALE),
            Mark(
                "dot",
                _poll_dots(outlook, rows.polls),
                "fieldwork_end",
                "share",
                by="institute",
                look={"zorder": 2},
            ),
            Mark("stem", vote, "as_of", "low", "high", look=VOTE_INTERVAL),
            Mark("dot", vote, "as_of", "forecast", look=VOTE),
        ),
    )


def _poll_dots(outlook: Outlook, polls: pd.DataFrame) -> pd.DataFrame:
    return polls.assign(
        share=PERCENT * polls["share"],
        candidate=polls["candidate"].map(outlook.names),
        day=polls["fieldwork_end"].dt.strftime("%Y-%m-%d"),
        n=polls["respondents"],
    )


def _vote(outlook: Outlook, rows: FanRows) -> pd.DataFrame:
    """The headline forecast of those who are drawn, at the day of the vote."""
    numbers = PERCENT * outlook.headline.loc[rows.candidates, NUMBERS]
    numbers = numbers.set_axis(["forecast", "low", "high"], axis=1)
    names = [outlook.names[candidate] for candidate in rows.candidates]
    return numbers.assign(candidate=names, as_of=outlook.vote_on)


def _institutes(outlook: Outlook, polls: pd.DataFrame) -> list[str]:
    """Those that are drawn, the one with most rows first."""
    n_rows = outlook.polls["institute"].value_counts()
    return list(map(str, n_rows.index[n_rows.index.isin(polls["institute"])]))


def _stale_from(outlook: Outlook, average: pd.DataFrame) -> pd.Timestamp:
    """The first moment of the curve at which the newest poll was public."""
    newest = pd.Timestamp(outlook.vote["last_poll_on"])
    return min(average.loc[average["as_of"] >= newest, "as_of"], default=outlook.as_of)


def _days(moment: pd.Timestamp) -> float:
    """Since 1970."""
    return (moment - pd.Timestamp(0)) / pd.Timedelta(days=1)

"""The polls of each institute over time, their average, and where the vote may be."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from itertools import cycle
from typing import TYPE_CHECKING

import pandas as pd

from bench.core.language import _
from bench.core.options import label
from bench.report.charts import PERCENT, Chart
from bench.report.charts import polls as poll_chart
from bench.report.formatting import day
from bench.report.plotting import layout, style
from bench.studies.forecast.told import Told

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST = 6  # candidates
BEFORE_DAYS = 60  # of polls before the curve begins
COLOURS = style.STRANGER_COLOURS


@layout.styled
def fan(told: Told, *, claim: str = "", size: str = "double") -> Figure:
    """Draw a panel per leading candidate: polls, their average over time, interval of the vote.

    Parameters
    ----------
    told : Told
        Its polls, the forecasts of `settings.average` at all moments, and the headline of now.
    claim : str
        What the figure shows, in a sentence.
    size : str
        Preset.
    """
    shown, now, vote_on = told.leading[:MOST], told.now, told.days[-1]
    institutes = list(told.polls["institute"].value_counts().index)
    polls, band, start = _over_time(told, shown)
    stale = _stale_from(told, band)
    figure, axes, top = layout.panels(
        [told.names[name] for name in shown],
        size,
        1.25,
        per_line=2,
        more_in=0.2,
        title=_(
            "Where the polls are, and where the vote may be: {title}",
            title=f"{told.title}, {told.round_words}",
        ),
        claim=claim,
        subtitle=_("percent of the valid votes"),
        caption=_(
            "Dots: {n} polls that asked about this ballot or one close to it, one per "
            "sample. Line and band: the average of all ({average}) as it was known at each "
            "moment, with its 90% interval; dashed since the newest poll. Bar at the right: 90% "
            "interval of the vote itself ({headline}), which holds what all polls may get wrong "
            "and what may change until then. As of {day}. {source}",
            n=polls["poll_id"].nunique(),
            average=label("predictor", told.settings.average),
            headline=told.method,
            day=day(told.as_of),
            source=told.source,
        ),
        legend_lines=-(-len(institutes) // (3 if size == "single" else 5)),
        grid="x",
        sharex=True,
        sharey=True,
    )
    colour = dict(zip(institutes, cycle(COLOURS), strict=False))
    mark = dict(zip(institutes, cycle(style.MARKERS), strict=False))
    handles = {}
    for axis, name in zip(axes.flat, shown, strict=False):
        line = band[band["candidate"] == name].sort_values("as_of")
        axis.fill_between(
            line["as_of"], 100 * line["q05"], 100 * line["q95"], color=style.GRID, linewidth=0
        )
        for part, dashes in (
            (line[line["as_of"] <= stale], "-"),
            (line[line["as_of"] >= stale], "--"),
        ):
            axis.plot(part["as_of"], 100 * part["share"], dashes, color=style.INK, linewidth=1)
        for institute, part in polls[polls["candidate"] == name].groupby("institute", sort=False):
            key = str(institute)
            handles[key] = axis.plot(
                part["fieldwork_end"],
                100 * part["share"],
                linestyle="",
                marker=mark[key],
                markersize=3,
                color=colour[key],
                alpha=0.85,
            )[0]
        low, high, mid = (100 * now[key][name] for key in ("q05", "q95", "share"))
        axis.plot([vote_on, vote_on], [low, high], color=style.INK, linewidth=3, alpha=0.5)
        axis.plot([vote_on], [mid], marker="_", markersize=9, color=style.INK)
        axis.axvline(told.as_of, color=style.SOFT, linewidth=0.6, linestyle=":")
        axis.set_xlim(start - pd.Timedelta(days=10), vote_on + pd.Timedelta(days=14))
        axis.tick_params(labelbottom=True)
    axes[0, 0].set_ylim(bottom=0)
    _few_dates(axes.flat)
    used = [one for one in institutes if one in handles]
    columns = 3 if size == "single" else 5
    layout.legend(figure, [handles[one] for one in used], used, top, columns)
    return figure


def fan_chart(told: Told) -> Chart:
    """The same as a chart of the page, all candidates in one panel."""
    leading = told.leading[:MOST]
    colours = candidate_colours(told)
    polls, average, _start = _over_time(told, leading)
    rows = pd.DataFrame(
        {
            "candidate": polls["candidate"].map(told.names),
            "day": polls["fieldwork_end"].dt.strftime("%Y-%m-%d"),
            "institute": polls["institute"],
            "n": polls["respondents"],
            "share": (PERCENT * polls["share"]).round(2),
        }
    )
    shares = {"share": "share", "q05": "low", "q95": "high"}
    called = label("predictor", told.settings.average)
    bands = average[[*shares]].mul(PERCENT).round(2).rename(columns=shares)
    bands = bands.assign(
        method=called,
        candidate=average["candidate"].map(told.names),
        day=average["as_of"].dt.strftime("%Y-%m-%d"),
    )
    ends = told.now.loc[leading, [*shares]].mul(PERCENT).round(2).rename(columns=shares)
    ends = ends.assign(
        candidate=[told.names[one] for one in leading], day=f"{told.days[-1]:%Y-%m-%d}"
    )
    chart = poll_chart(
        rows,
        ends.reset_index(drop=True),
        {told.names[one]: colours[one] for one in leading},
        bands=bands,
        band_of=called,
        stale_from=f"{_stale_from(told, average):%Y-%m-%d}",
    )
    caption = _(
        "Dots: {n} polls that asked about this ballot or one close to it. Lines and bands: their "
        "average ({average}) as it was known at each moment, with its 90% interval; dashed since "
        "the newest poll. At the right: the forecast of the vote ({headline}) with its 90% "
        "interval, which holds what all polls may get wrong and what may change until then. As of "
        "{day}.",
        n=polls["poll_id"].nunique(),
        average=called,
        headline=told.method,
        day=day(told.as_of),
    )
    return replace(chart, caption=caption)


def candidate_colours(told: Told) -> dict[str, str]:
    """Colours of those on the ballot alone: who does not stand takes no family's full colour."""
    families = told.election.people.set_index("candidate")["family"]
    return layout.colours_by_family({one: str(families[one]) for one in told.vote["ballot"]})


def _over_time(told: Told, shown: list[str]) -> tuple[pd.DataFrame, pd.DataFrame, pd.Timestamp]:
    """Polls and their average at all moments, of those shown; and from which day on."""
    rows = told.on_slate(told.tables["forecasts"])
    band = rows[rows["predictor"].eq(told.settings.average) & rows["candidate"].isin(shown)]
    start = told.as_of if band.empty else band["as_of"].min()
    start -= pd.Timedelta(days=BEFORE_DAYS)
    polls = told.polls[told.polls["candidate"].isin(shown)]
    return polls[polls["fieldwork_end"] >= start], band, start


def _stale_from(told: Told, band: pd.DataFrame) -> pd.Timestamp:
    """The first moment of the curve at which the newest poll was public."""
    last = pd.Timestamp(told.vote["last_poll_on"])
    return min((one for one in band["as_of"] if one >= last), default=told.as_of)


def _few_dates(axes: Iterable[Axes]) -> None:
    from matplotlib.dates import AutoDateLocator, ConciseDateFormatter

    for axis in axes:
        locator = AutoDateLocator(minticks=3, maxticks=8)  # type: ignore[no-untyped-call]
        axis.xaxis.set_major_locator(locator)
        words = ConciseDateFormatter(locator)  # type: ignore[no-untyped-call]
        axis.xaxis.set_major_formatter(words)

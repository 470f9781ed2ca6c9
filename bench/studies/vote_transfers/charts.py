"""Charts of where voters went: the table of transfers, and the estimates by level of areas."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from bench.core.language import _
from bench.report.charts import (
    PERCENT,
    ROW_PX,
    Chart,
    chart_of,
    colours_of,
    followed,
    layer,
    rows_by_name,
    shown_of,
    tips,
)
from bench.report.context import ReportContext
from bench.report.plotting import style
from bench.studies.vote_transfers.plots import COLOURS, NO_CANDIDATE, source_words, votes_moved

INK_ON = 55  # percent from which letters on a cell are light
OTHER = style.INK


def transfer_chart(
    flows: pd.DataFrame, weights: pd.Series, facts: ReportContext, level: float
) -> Chart:
    """What percent of every origin went where: darker where more did, with its interval.

    Parameters
    ----------
    flows : pandas.DataFrame
        from_candidate, to, share, lower, upper, least, most, at the finest level.
    weights : pandas.Series
        Votes behind each origin.
    facts : ReportContext
        For the names.
    level : float
        Of the intervals.
    """
    moved = votes_moved(flows, weights)
    origins, goals = list(moved.index), list(moved.columns)
    known = flows[flows["from_candidate"].isin(origins)]
    rows = pd.DataFrame(
        {
            "candidate": known["from_candidate"].map(facts.short),
            "to": [_goal(one, facts) for one in known["to"]],
            **{
                key: (PERCENT * known[key]).round(1)
                for key in ("share", "lower", "upper", "least", "most")
            },
            "votes": [
                round(PERCENT * float(moved.loc[origin, goal]), 2)
                for origin, goal in zip(known["from_candidate"], known["to"], strict=True)
            ],
        }
    )
    columns = {
        "candidate": _("Voters of"),
        "to": _("Went to"),
        "share": _("Of these voters, %"),
        "lower": _("{level:.0%} interval from", level=level),
        "upper": _("{level:.0%} interval to", level=level),
        "least": _("At least, by the margins"),
        "most": _("At most, by the margins"),
        "votes": _("Of all votes, %"),
    }
    top = {"orient": "top", "labelAngle": 0, "labelLimit": 110, "domain": False, "ticks": False}
    place = {
        "x": {
            **rows_by_name("to", [_goal(one, facts) for one in goals]),
            "axis": {**top, "labelOverlap": False},
        },
        "y": rows_by_name("candidate", [facts.short(one) for one in origins]),
        "tooltip": tips(columns),
    }
    cells = layer(
        {"type": "rect", "color": COLOURS[0]},
        **place,
        opacity={
            "condition": [
                {"test": "candidate && datum.candidate !== candidate", "value": 0.03},
            ],
            "field": "share",
            "type": "quantitative",
            "scale": {"domain": [0, 100], "range": [0.04, 1]},
            "legend": None,
        },
    )
    dark = {"test": f"datum.share >= {INK_ON}", "value": "#fffffe"}
    words = layer(
        "text",
        **place,
        text={"field": "share", "format": ".0f"},
        color={"condition": dark, "value": style.INK},
        opacity=followed("candidate"),
    )
    spec = chart_of(cells, words, height=ROW_PX * len(origins), click="candidate")
    caption = _(
        "Percent of the voters of each origin, most votes first; under the pointer the "
        "{level:.0%} interval, what the margins of the areas allow for certain, and the share of "
        "all votes. {source}",
        level=level,
        source=facts.source,
    )
    return Chart(spec=spec, rows=rows, columns=columns, caption=caption)


def level_chart(
    estimates: pd.DataFrame,
    others: pd.DataFrame,
    facts: ReportContext,
    *,
    origins: Sequence[str],
    level: float,
    labels: Mapping[str, str],
) -> Chart:
    """The estimate of every level beside bounds and other sources, one origin at a time.

    Parameters
    ----------
    estimates, others, facts, origins, level, labels
        As of `bench.studies.vote_transfers.plots.transfer_levels`.
    """
    levels = {str(one): labels.get(str(one), str(one)) for one in estimates["level"].unique()}
    sources = {str(one): source_words(str(one)) for one in others["source"].unique()}
    parts = [
        estimates.assign(source=estimates["level"].map(levels)),
        others.assign(source=others["source"].map(sources)),
    ]
    known = pd.concat(parts, ignore_index=True)
    known = known[known["from_candidate"].isin(origins)]
    numbers = ("share", "lower", "upper", "least", "most")
    finest = next(iter(levels))
    bounded = known["level"].eq(finest)
    rows = pd.DataFrame(
        {
            "candidate": known["from_candidate"].map(facts.short),
            "to": [_goal(one, facts) for one in known["to"]],
            "source": known["source"],
            **{key: (PERCENT * known[key]).round(1) for key in numbers},
        }
    )
    rows.loc[~bounded, ["least", "most"]] = float("nan")
    columns = {
        "candidate": _("Voters of"),
        "to": _("Went to"),
        "source": _("Estimated by"),
        "share": _("Of these voters, %"),
        "lower": _("{level:.0%} interval from", level=level),
        "upper": _("{level:.0%} interval to", level=level),
        "least": _("At least, by the margins"),
        "most": _("At most, by the margins"),
    }
    names = [facts.short(one) for one in origins]
    goals = [_goal(one, facts) for one in dict.fromkeys(estimates["to"])]
    looks = dict(zip(levels.values(), COLOURS, strict=False)) | dict.fromkeys(
        sources.values(), OTHER
    )
    shapes = ["circle"] * len(levels) + ["diamond", "square", "triangle-up"][: len(sources)]
    share = {
        "field": "share",
        "type": "quantitative",
        "title": columns["share"],
        "scale": {"domain": [0, 100]},
    }
    goal = rows_by_name("to", goals)
    place = {"y": goal, "yOffset": {"field": "source", "type": "nominal", "sort": [*looks]}}
    place["color"] = colours_of("source", looks)
    bounds = layer(
        {"type": "bar", "color": style.GRID, "opacity": 0.7, "height": {"band": 0.9}},
        [{"filter": "isValid(datum.least)"}],
        x={**share, "field": "least"},
        x2={"field": "most"},
        y=goal,
    )
    spans = layer(
        {"type": "rule", "strokeWidth": 2},
        [{"filter": "isValid(datum.lower)"}],
        x={**share, "field": "lower"},
        x2={"field": "upper"},
        **place,
    )
    dots = layer(
        {"type": "point", "filled": True, "size": 60, "opacity": 1},
        x=share,
        shape={
            "field": "source",
            "type": "nominal",
            "scale": {"domain": [*looks], "range": shapes},
        },
        tooltip=tips(columns),
        **place,
    )
    spec = chart_of(
        bounds,
        spans,
        dots,
        height=max(12 * len(looks), 2 * ROW_PX) * len(goals),
        click="candidate",
        one={"candidate": names},
        title={"text": {"expr": shown_of("candidate", names)}},
    )
    return Chart(spec=spec, rows=rows, columns=columns)


def _goal(key: str, facts: ReportContext) -> str:
    return _(NO_CANDIDATE[key]) if key in NO_CANDIDATE else facts.short(key)

"""Where voters went from one round to the next: flows, and estimates by the level of areas."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from itertools import cycle
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from bench.core.language import N_, _, retold
from bench.report.charts import (
    DIGITS,
    PERCENT,
    ROW_PX,
    SHAPES,
    Chart,
    chart_of,
    colours_of,
    followed,
    labelled,
    layer,
    quantity,
    rows_by_name,
    shown_of,
    tips,
)
from bench.report.context import ReportContext
from bench.report.formatting import format_probability
from bench.report.plotting import layout as canvas
from bench.report.plotting import style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

GAP = 0.012  # between bars, as a share of the height
LABEL_GAP = 0.041  # between labels, as a share of the height
READ_OR_NOT = (
    "(datum.readable ? '' : '(') + format(datum.share, '.0f') + (datum.readable ? '' : ')')"
)
LEAST = 0.002  # flows below this share of all votes are not drawn
INK_ON = 55  # percent from which letters on a cell are light
HOLLOW = N_(
    "Hollow: the estimates of candidates with few votes, which rest on the prior and should not be "
    "read."
)
NUMBERS = dict.fromkeys(("share", "lower", "upper", "least", "most"), ".1f")
COLOURS = ("#0b4f96", "#4a92c8", "#2a7f62", "#d99000", "#9a7fe0", "#4b5563")
NO_CANDIDATE = {
    "abstention": N_("Abstention"),
    "blank_null": N_("Blank or null"),
    "not_expressed": N_("Not expressed"),
}


def source_words(name: str) -> str:
    """Another source of transfers in the language that is spoken."""
    return retold(name, N_("{name} published estimate"), N_("{name} survey"))


def goal_words(key: str, facts: ReportContext) -> str:
    """Where voters went: a candidate, or one of `NO_CANDIDATE`."""
    return _(NO_CANDIDATE[key]) if key in NO_CANDIDATE else facts.short(key)


def votes_moved(rows: pd.DataFrame, weights: pd.Series) -> pd.DataFrame:
    """Votes by origin and goal [R, K] as a share of all, most votes first, people before nobody.

    Parameters
    ----------
    rows
        from_candidate, to, share.
    weights
        Votes behind each origin.
    """
    flows = rows.pivot_table(index="from_candidate", columns="to", values="share")
    origins = [c for c in weights.sort_values(ascending=False).index if c in flows.index]
    flows = flows.loc[origins].mul(weights[origins], axis=0)
    flows = flows / float(np.nansum(flows.to_numpy()))
    goals = list(flows.sum().sort_values(ascending=False, kind="stable").index)
    return flows[sorted(goals, key=lambda goal: goal in NO_CANDIDATE)]


@canvas.styled
def transfers(
    flows: pd.DataFrame,
    weights: pd.Series,
    facts: ReportContext,
    *,
    whose: str,
    claim: str = "",
    size: str = "double",
) -> Figure:
    """Draw vote transfers as flows from candidates (left) to candidates or abstention (right).

    Parameters
    ----------
    flows
        from_candidate, to, share, readable.
    weights
        Votes behind each origin.
    facts
        For names and colours.
    whose
        How the transfers were estimated, in words.
    claim
        What the figure shows.
    size
        Size preset.
    """
    moved = votes_moved(flows, weights)
    figure, axes, _top = canvas.sheet(
        size,
        3.4,
        title=_(
            "Where the voters of the first round went: {predictor}, {name}",
            predictor=whose,
            name=facts.name,
        ),
        claim=claim,
        caption=_(
            "Height: votes of the origin times the share that goes on; {n} origins. Flows "
            "below {least:.1%} of all votes are left out. {hollow} {source}",
            n=len(moved),
            least=LEAST,
            hollow=_(HOLLOW),
            source=facts.source,
        ),
    )
    _draw(axes[0, 0], moved, facts, set(flows.loc[~flows["readable"], "from_candidate"]))
    return figure


def _draw(axis: Axes, moved: pd.DataFrame, facts: ReportContext, hollow: Set[str]) -> None:
    from matplotlib.patches import Rectangle

    colours = canvas.candidate_colours(facts)
    sides = (moved.sum(axis=1), moved.sum())
    tops = [_stack(sums) for sums in sides]
    # left edge of the bars, then from where to where a line leads to the text
    ends = ((0.0, 0.0, -0.03, "right"), (0.98, 1.0, 1.03, "left"))
    for (bar, start, at, ha), sums, top in zip(ends, sides, tops, strict=True):
        heights = {str(key): float(value) for key, value in sums.items()}
        middles = [top[key] - height / 2 for key, height in heights.items()]
        places = canvas.spread_out([-m for m in middles], LABEL_GAP, -1.0, 0.3)
        for (key, height), middle, place in zip(heights.items(), middles, places, strict=True):
            colour = colours.get(key, style.SOFT)
            corner = (bar, top[key] - height)
            axis.add_patch(Rectangle(corner, 0.02, height, color=colour, linewidth=0))
            axis.plot(
                [start, at + (0.005 if ha == "right" else -0.005)],
                [middle, -place],
                color=style.SOFT,
                linewidth=0.4,
                clip_on=False,
            )
            text = f"{canvas.cut(goal_words(key, facts), 20)}  {format_probability(height)}"
            axis.text(at, -place, text, ha=ha, va="center")
    _flows(axis, moved, tops, colours, hollow)
    axis.set_xlim(0, 1)
    lowest = min(
        min(top.values()) - float(sums.iloc[-1]) for top, sums in zip(tops, sides, strict=True)
    )
    axis.set_ylim(lowest - 0.01, 1.01)
    axis.axis("off")


def _stack(sums: pd.Series) -> dict[str, float]:
    """Upper edge of every bar, from the top down, with gaps, in a height of 1."""
    gap = GAP if len(sums) < 20 else GAP / 2
    edge, tops = 1.0, {}
    for key, value in sums.items():
        tops[str(key)] = edge
        edge -= float(value) + gap
    return tops


def _flows(
    axis: Axes,
    moved: pd.DataFrame,
    tops: Sequence[dict[str, float]],
    colours: Mapping[str, str],
    hollow: Set[str],
) -> None:
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path

    left, right = map(dict, tops)
    ahead = (0.02, 0.5, 0.5, 0.98)
    codes = [Path.MOVETO, *3 * [Path.CURVE4], Path.LINETO, *3 * [Path.CURVE4], Path.CLOSEPOLY]
    for (i, j), thick in np.ndenumerate(moved.to_numpy(float)):
        if np.isnan(thick):
            continue
        origin, goal = str(moved.index[i]), str(moved.columns[j])
        a, b = left[origin], right[goal]
        left[origin], right[goal] = a - thick, b - thick
        if thick >= LEAST:
            above = zip(ahead, (a, a, b, b), strict=True)
            below = zip(ahead[::-1], (b - thick, b - thick, a - thick, a - thick), strict=True)
            look: dict[str, Any] = (
                {"facecolor": "none", "edgecolor": style.SOFT, "linewidth": 0.4}
                if origin in hollow
                else {"facecolor": colours.get(origin, style.SOFT), "alpha": 0.42, "linewidth": 0}
            )
            axis.add_patch(PathPatch(Path([*above, *below, (0.02, a)], codes), **look))


def transfer_chart(
    flows: pd.DataFrame, weights: pd.Series, facts: ReportContext, level: float
) -> Chart:
    """What percent of every origin went where: darker where more did, with its interval.

    Parameters
    ----------
    flows : pandas.DataFrame
        from_candidate, to, share, lower, upper, least, most, readable, at the finest level.
    weights : pandas.Series
        Votes behind each origin.
    facts : ReportContext
        For the names.
    level : float
        Of the intervals.
    """
    moved = votes_moved(flows, weights)
    known = flows[flows["from_candidate"].isin(moved.index)]
    cells_of = zip(known["from_candidate"], known["to"], strict=True)
    votes = [round(PERCENT * float(moved.loc[cell]), 2) for cell in cells_of]
    of_all = {"votes": (_("Of all votes, %"), votes)}
    rows, columns = labelled(**_shares(known, facts, level), **of_all)
    rows["readable"] = known["readable"].to_numpy()
    top = {"orient": "top", "labelAngle": 0, "labelLimit": 110, "domain": False, "ticks": False}
    goals = rows_by_name("to", [goal_words(str(one), facts) for one in moved])
    place = {
        "x": {**goals, "axis": {**top, "labelOverlap": False}},
        "y": rows_by_name("candidate", [facts.short(one) for one in moved.index]),
        "tooltip": tips(columns, *NUMBERS.items()),
    }
    faded = {"test": "candidate && datum.candidate !== candidate", "value": 0.03}
    cells = layer(
        {"type": "rect", "color": COLOURS[0]},
        **place,
        opacity={
            "condition": [faded, {"test": "!datum.readable", "value": 0.04}],
            "field": "share",
            "type": "quantitative",
            "scale": {"domain": [0, 100], "range": [0.04, 1]},
            "legend": None,
        },
    )
    inks = [
        {"test": "!datum.readable", "value": style.SOFT},
        {"test": f"datum.share >= {INK_ON}", "value": "#fffffe"},
    ]
    words = layer(
        "text",
        [{"calculate": READ_OR_NOT, "as": "text"}],
        **place,
        text={"field": "text"},
        color={"condition": inks, "value": style.INK},
        opacity=followed("candidate"),
    )
    spec = chart_of(cells, words, height=ROW_PX * len(moved), click="candidate")
    caption = _(
        "Percent of the voters of each origin, most votes first; in brackets and without colour: "
        "candidates with few votes, whose estimates rest on the prior and should not be read. "
        "Under the pointer: the {level:.0%} interval, what the margins of the areas allow for "
        "certain, and the share of all votes. {source}",
        level=level,
        source=facts.source,
    )
    return Chart(spec=spec, rows=rows, columns=columns, caption=caption)


def _shares(
    known: pd.DataFrame, facts: ReportContext, level: float, **more: tuple[str, Any]
) -> dict[str, tuple[str, Any]]:
    """Fields of a chart: origin, goal, further ones, then shares with their ranges, in percent."""
    numbers = {
        "share": _("Of these voters, %"),
        "lower": _("{level:.0%} interval from", level=level),
        "upper": _("{level:.0%} interval to", level=level),
        "least": _("At least, by the margins"),
        "most": _("At most, by the margins"),
    }
    return {
        "candidate": (_("Voters of"), known["from_candidate"].map(facts.short)),
        "to": (_("Went to"), [goal_words(one, facts) for one in known["to"]]),
        **more,
        **{key: (label, (PERCENT * known[key]).round(DIGITS)) for key, label in numbers.items()},
    }


def levels_and_sources(
    estimates: pd.DataFrame, others: pd.DataFrame, labels: Mapping[str, str]
) -> tuple[pd.DataFrame, dict[str, tuple[str, str]]]:
    """Estimates of every level, then of other sources, and how each of these looks.

    Parameters
    ----------
    estimates, others, labels
        As of `transfer_levels`.

    Returns
    -------
    (pandas.DataFrame, dict of str to (str, str))
        The rows of both with the level or source in words as `source`, and bounds at the finest
        level alone; colour and marker of each, in order.
    """
    levels = {str(one): labels.get(str(one), str(one)) for one in estimates["level"].unique()}
    sources = {str(one): source_words(str(one)) for one in others["source"].unique()}
    parts = [
        estimates.assign(source=estimates["level"].map(levels)),
        others.assign(source=others["source"].map(sources)),
    ]
    rows = pd.concat(parts, ignore_index=True)
    rows.loc[rows["level"].ne(next(iter(levels))), ["least", "most"]] = np.nan
    looks = {
        one: (colour, "o") for one, colour in zip(levels.values(), cycle(COLOURS), strict=False)
    }
    looks |= {
        one: (style.INK, mark) for one, mark in zip(sources.values(), cycle("Ds^"), strict=False)
    }
    return rows, looks


@canvas.styled
def transfer_levels(
    estimates: pd.DataFrame,
    others: pd.DataFrame,
    facts: ReportContext,
    *,
    origins: Sequence[str],
    level: float,
    labels: Mapping[str, str],
    claim: str = "",
    size: str = "double",
) -> Figure:
    """Draw the estimate of every level, one panel per origin, beside bounds and other sources.

    Parameters
    ----------
    estimates
        level, from_candidate, to, share, lower, upper, least, most; levels from fine to coarse.
    others
        source, from_candidate, to, share: surveys and published estimates.
    facts
        For the names.
    origins
        Panels, in order.
    level
        Of the intervals.
    labels
        Levels of areas in words.
    claim
        What the figure shows.
    size
        Size preset.
    """
    rows, looks = levels_and_sources(estimates, others, labels)
    goals = [str(goal) for goal in estimates["to"].unique()]
    per_line = 2 if size == "single" else 4  # of the legend
    figure, axes, top = canvas.panels(
        [facts.short(origin) for origin in origins],
        size,
        0.35 + 0.52 * len(goals),
        per_line=2,
        title=_("Where their voters went, by the level of the areas: {name}", name=facts.name),
        claim=claim,
        caption=_(
            "Dots: estimate; lines: {level:.0%} intervals, which cover neither the choice "
            "of the level nor all that the model may miss. Grey: bounds that the finest "
            "areas allow for certain. Black: other sources. {source}",
            level=level,
            source=facts.source,
        ),
        grid="x",
        sharex=True,
        sharey=True,
        legend_lines=-(-len(looks) // per_line),
        x_label=_("share of the origin's first-round voters, percent"),
    )
    for axis, origin in zip(axes.flat, origins, strict=False):
        _levels_panel(axis, rows[rows["from_candidate"].eq(origin)], goals, looks)
    axes[0, 0].set_yticks(range(len(goals)), [goal_words(goal, facts) for goal in goals])
    axes[0, 0].set_ylim(len(goals) - 0.45, -0.55)
    axes[0, 0].set_xlim(-2, 102)
    handles = [
        {"color": colour, "marker": mark, "linestyle": "-" if mark == "o" else ""}
        for colour, mark in looks.values()
    ]
    canvas.legend(figure, handles, [*looks], top, per_line)
    return figure


def _levels_panel(
    axis: Axes, rows: pd.DataFrame, goals: Sequence[str], looks: Mapping[str, tuple[str, str]]
) -> None:
    import matplotlib as mpl

    dot = float(mpl.rcParams["font.size"]) * 0.42
    places = dict(zip(looks, np.linspace(-0.32, 0.32, len(looks)), strict=True))
    for row in rows.dropna(subset="least").to_dict("records"):
        y = goals.index(row["to"])
        left, width = 100 * row["least"], 100 * (row["most"] - row["least"])
        axis.barh(y, width, left=left, height=0.82, color=style.BAND, linewidth=0, zorder=0)
    for row in rows.to_dict("records"):
        colour, mark = looks[row["source"]]
        y = goals.index(row["to"]) + places[row["source"]]
        if not np.isnan(row["lower"]):
            axis.plot([100 * row["lower"], 100 * row["upper"]], [y, y], color=colour, zorder=2)
        axis.plot(100 * row["share"], y, mark, color=colour, markersize=dot, zorder=3)


def level_chart(
    estimates: pd.DataFrame,
    others: pd.DataFrame,
    facts: ReportContext,
    *,
    origins: Sequence[str],
    level: float,
    labels: Mapping[str, str],
    first: str = "",
) -> Chart:
    """The estimate of every level beside bounds and other sources, one origin at a time.

    Parameters
    ----------
    estimates, others, facts, origins, level, labels
        As of `transfer_levels`.
    first
        The origin to begin with, that of the title.
    """
    known, looks = levels_and_sources(estimates, others, labels)
    known = known[known["from_candidate"].isin(origins)]
    estimated = {"source": (_("Estimated by"), known["source"])}
    rows, columns = labelled(**_shares(known, facts, level, **estimated))
    names = [facts.short(one) for one in sorted(origins, key=lambda one: one != first)]
    goals = [goal_words(one, facts) for one in estimates["to"].unique()]
    share = quantity("share", title=columns["share"], scale={"domain": [0, 100]})
    goal = rows_by_name("to", goals)
    place = {
        "y": goal,
        "yOffset": {"field": "source", "type": "nominal", "sort": [*looks]},
        "color": colours_of("source", {key: colour for key, (colour, _mark) in looks.items()}),
    }
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
    shapes = {"domain": [*looks], "range": [SHAPES[mark] for _colour, mark in looks.values()]}
    dots = layer(
        {"type": "point", "filled": True, "size": 60, "opacity": 1},
        x=share,
        shape={"field": "source", "type": "nominal", "scale": shapes},
        tooltip=tips(columns, *NUMBERS.items()),
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

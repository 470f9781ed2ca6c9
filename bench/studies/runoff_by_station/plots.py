"""Forecast against outcome at polling stations, and errors by group of stations."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from itertools import cycle
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from bench.core.language import _, ngettext
from bench.report.charts import (
    PERCENT,
    ROW_PX,
    SHAPES,
    Chart,
    chart_of,
    colours_of,
    followed,
    heading_of,
    labelled,
    layer,
    quantity,
    rows_by_name,
    shown_of,
    tips,
)
from bench.report.formatting import format_fixed
from bench.report.plotting import layout as canvas
from bench.report.plotting import style
from bench.studies.runoff_by_station.runoff import group_words, method_words

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SHADES = ("#f4f6f8", "#c3dcef", "#4a92c8", "#0b4275", "#061d36")
MOST_PANELS = 6
TICKS = (0, 0.25, 0.5, 0.75, 1)
SIDE_PX = 460


@canvas.styled
def station_density(
    joint: pd.DataFrame,
    scores: pd.DataFrame,
    *,
    candidate: str,
    n_bins: int,
    title: str,
    source: str,
    claim: str = "",
    size: str = "double",
) -> Figure:
    """Draw how many votes were cast where a forecast said one share and another came out.

    Parameters
    ----------
    joint
        method, forecast, outcome (numbers of the bands, from 0), votes.
    scores
        method, mae (fraction), n; panels in this order.
    candidate
        Whose share; display name.
    n_bins
        Bands along each axis, from 0 to 1.
    title
        Heading.
    claim
        What the figure shows.
    source
        Where the votes stand.
    size
        Size preset.
    """
    if (more := len(scores) - MOST_PANELS) > 0:
        others = ngettext(
            "{n} more method: see the table.", "{n} more methods: see the table.", more
        )
        source = f"{others} {source}"
    methods = [str(name) for name in scores["method"]][:MOST_PANELS]
    per_line = 2 if size == "single" else min(3, len(methods))
    lines = -(-len(methods) // per_line)
    figure, axes, _top = canvas.sheet(
        size,
        lines * 1.95,
        title=_("Forecast and outcome at polling stations: {title}", title=title),
        claim=claim,
        caption=_(
            "{candidate}'s share of the valid votes at {n:,} stations; dark: many votes "
            "(logarithmic), in bands of {width:g} points. On the line the forecast is "
            "right, below it the share is overstated. In brackets: mean absolute error in "
            "points, stations by votes. Hindsight is no forecast. {source}",
            source=source,
            candidate=candidate,
            n=int(scores["n"].max()),
            width=100 / n_bins,
        ),
        rows=lines,
        columns=per_line,
        panels=len(methods),
        sharex=True,
        sharey=True,
        subtitle=_("outcome, percent"),
        x_label=_("forecast, percent"),
    )
    most = float(np.log10(joint["votes"].max()))
    for axis, name, mae in zip(axes.flat, methods, scores["mae"], strict=False):
        mine = joint[joint["method"].eq(name)]
        words = f"{canvas.cut(method_words(name), 32)} ({format_fixed(100 * mae, 1)})"
        axis.set_title(textwrap.fill(words, 18 if size == "single" else 26))
        _density(axis, mine, n_bins, most)
    ticks = [f"{100 * t:.0f}" for t in TICKS]
    axes[0, 0].set(xticks=TICKS, xticklabels=ticks, yticks=TICKS, yticklabels=ticks)
    return figure


def _density(axis: Axes, joint: pd.DataFrame, n_bins: int, most: float) -> None:
    from matplotlib.colors import LinearSegmentedColormap

    table = np.full((n_bins, n_bins), np.nan)  # [outcome, forecast]
    table[joint["outcome"], joint["forecast"]] = np.log10(joint["votes"])
    shades = LinearSegmentedColormap.from_list("votes", SHADES)
    axis.imshow(
        table,
        origin="lower",
        extent=(0, 1, 0, 1),
        cmap=shades,
        vmin=0,
        vmax=most,
        aspect="auto",
        interpolation="nearest",
    )
    axis.plot([0, 1], [0, 1], color=style.INK, linewidth=0.6)


def station_chart(joint: pd.DataFrame, scores: pd.DataFrame, n_bins: int) -> Chart:
    """Votes by what was forecast and what was counted, one method at a time.

    Parameters
    ----------
    joint, scores, n_bins
        As of `station_density`.
    """
    names = {str(one): method_words(str(one)) for one in scores["method"]}
    known = joint[joint["method"].isin(names)]
    powers = [10**k for k in range(9) if known["votes"].min() <= 10**k <= known["votes"].max()]
    width = PERCENT / n_bins
    rows, columns = labelled(
        method=(_("Method"), known["method"].map(names)),
        forecast=(_("Forecast from, %"), (width * known["forecast"]).round(2)),
        outcome=(_("Outcome from, %"), (width * known["outcome"]).round(2)),
        votes=(_("Votes cast"), known["votes"]),
    )
    axis = {"type": "quantitative", "scale": {"domain": [0, PERCENT]}}
    axis["axis"] = {"values": list(range(0, PERCENT + 1, 20)), "grid": False}
    x, y = {**axis, "field": "forecast"}, {**axis, "field": "outcome"}
    bands = {"bin": {"binned": True, "step": width}}
    cells = layer(
        {"type": "rect", "color": style.METHOD_COLOURS["quota polls"]},
        [
            {"calculate": f"datum.forecast + {width:g}", "as": "forecast_end"},
            {"calculate": f"datum.outcome + {width:g}", "as": "outcome_end"},
        ],
        x={**x, **bands, "title": _("Forecast, %")},
        x2={"field": "forecast_end"},
        y={**y, **bands, "title": _("Outcome, %")},
        y2={"field": "outcome_end"},
        opacity=quantity(
            "votes",
            title=columns["votes"],
            scale={"type": "log", "range": [0.15, 1], "domainMax": int(known["votes"].max())},
            legend={"format": "~s", "values": powers},
        ),
        tooltip=tips(columns),
    )
    right = layer({"type": "line", "color": style.INK, "strokeWidth": 1}, x=x, y=y)
    right["data"] = {"values": [{"forecast": end, "outcome": end} for end in (0, PERCENT)]}
    methods = list(names.values())
    errors = {
        names[str(key)]: _("mean absolute error {points} points", points=format_fixed(points, 1))
        for key, points in zip(scores["method"], PERCENT * scores["mae"], strict=True)
    }
    spec = chart_of(
        cells,
        right,
        one={"method": methods},
        title=heading_of(shown_of("method", methods), errors),
        height=SIDE_PX,
    )
    return Chart(spec=spec, rows=rows, columns=columns)


def drawn_groups(groups: pd.DataFrame, methods: Sequence[str]) -> pd.DataFrame:
    """The groups of these methods in the words that people read, with the error in points.

    Parameters
    ----------
    groups, methods
        As of `station_groups`.
    """
    known = groups[groups["method"].isin(methods)]
    return pd.DataFrame(
        {
            "partition": known["partition"].map(_),
            "group": known["group"].astype(str).map(group_words),
            "method": known["method"].map(method_words),
            "error": PERCENT * known["bias"],
            "n": known["n"],
        }
    )


def _looks(methods: Sequence[str]) -> dict[str, tuple[str, str]]:
    """Colour and marker of every method, by its name."""
    looks = cycle(zip(style.SERIES, style.MARKERS, strict=True))
    return dict(zip(map(method_words, methods), looks, strict=False))


@canvas.styled
def station_groups(
    groups: pd.DataFrame,
    *,
    candidate: str,
    methods: list[str],
    title: str,
    source: str,
    size: str = "double",
) -> Figure:
    """Draw the mean signed error of every method in every group of stations.

    Parameters
    ----------
    groups
        partition, group, method, bias (fraction), n.
    candidate
        Whose share; display name.
    methods
        Which to draw, in order.
    title
        Heading.
    source
        Where the votes stand.
    size
        Size preset.
    """
    rows, looks = drawn_groups(groups, methods), _looks(methods)
    n_groups = rows.groupby("partition", sort=False)["group"].nunique()
    per_line = 3 if size == "single" else 4
    figure, axes, top = canvas.sheet(
        size,
        0.5 + 0.2 * n_groups.sum(),
        title=_("Where the error lies: {title}", title=title),
        claim=_largest_error(rows),
        caption=_(
            "Mean error of {candidate}'s share, stations by votes; above 0 overstated. "
            "Size: registered voters of the commune. First round: the winner's share of "
            "the votes for the two finalists. Hindsight is no forecast. {source}",
            candidate=candidate,
            source=source,
        ),
        rows=len(n_groups),
        sharex=True,
        legend_lines=-(-len(methods) // per_line) + 1,
        x_label=_("mean signed error, points"),
        height_ratios=n_groups.tolist(),
    )
    for axis, (partition, mine) in zip(
        axes[:, 0], rows.groupby("partition", sort=False), strict=True
    ):
        errors = mine.pivot(index="group", columns="method", values="error")
        errors = errors.loc[mine["group"].unique()]
        places = range(len(errors))
        canvas.tidy(axis)
        axis.set_title(partition)
        axis.axvline(0, color=style.SOFT, linewidth=0.8)
        for name, (colour, mark) in looks.items():
            axis.plot(errors[name], places, mark, color=colour, markersize=3.6, alpha=0.9)
        axis.set_yticks(places, errors.index)
        axis.set_ylim(len(errors) - 0.5, -0.5)
    handles = [
        {"color": colour, "marker": mark, "linestyle": ""} for colour, mark in looks.values()
    ]
    room = canvas.NARROW if size == "single" else canvas.LONGEST
    words = [canvas.cut(name, room) for name in looks]
    canvas.legend(figure, handles, words, top, 2 if size == "single" else 3)
    return figure


def _largest_error(groups: pd.DataFrame) -> str:
    """Where and by whom the share was missed most."""
    row = groups.iloc[int(groups["error"].abs().to_numpy().argmax())]
    found = {key: row[key] for key in ("method", "group", "partition")}
    found["points"] = format_fixed(abs(row["error"]), 1)
    if row["error"] > 0:
        return _(
            "Farthest off: “{method}”, {points} points too high ({partition}: {group})", **found
        )
    return _("Farthest off: “{method}”, {points} points too low ({partition}: {group})", **found)


def group_chart(groups: pd.DataFrame, methods: Sequence[str]) -> Chart:
    """The mean signed error of every method in every group of stations.

    Parameters
    ----------
    groups, methods
        As of `station_groups`.
    """
    rows, looks = drawn_groups(groups, methods), _looks(methods)
    rows["error"] = rows["error"].round(2)
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
    order = list(dict.fromkeys(rows["row"]))
    shapes = {"domain": [*looks], "range": [SHAPES[mark] for _colour, mark in looks.values()]}
    dots = layer(
        {"type": "point", "filled": True, "size": 70},
        x=quantity("error", title=columns["error"]),
        y={**rows_by_name("row", order), "axis": {"grid": True}},
        color=colours_of("method", {name: colour for name, (colour, _mark) in looks.items()}),
        shape={"field": "method", "type": "nominal", "scale": shapes},
        opacity=followed("method", shown=0.9),
        tooltip=tips(columns, ("error", "+.2f")),
    )
    spec = chart_of(
        layer("rule", x={"datum": 0}), dots, height=ROW_PX * len(order), legend="method"
    )
    return Chart(spec=spec, rows=rows, columns=columns)

"""Forecast against outcome at polling stations, and errors by group of stations."""

from __future__ import annotations

import textwrap
from itertools import cycle
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from bench.core.language import _, ngettext
from bench.report.figure import Axis, Figure, Mark
from bench.report.formatting import format_fixed
from bench.report.plotting import layout as canvas
from bench.report.plotting import style
from bench.studies.runoff_by_station.runoff import group_words, method_words

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Drawing

SHADES = ("#f4f6f8", "#c3dcef", "#4a92c8", "#0b4275", "#061d36")
MOST_PANELS = 6
TICKS = (0, 0.25, 0.5, 0.75, 1)


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
) -> Drawing:
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


def station_groups(
    groups: pd.DataFrame, *, candidate: str, methods: list[str], title: str, source: str
) -> Figure:
    """The mean signed error of every method in every group of stations.

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
    """
    rows = groups[groups["method"].isin(methods)]
    rows = rows.assign(
        partition=rows["partition"].map(_),
        group=rows["group"].astype(str).map(group_words),
        method=rows["method"].map(method_words),
        error=100 * rows["bias"],
    )
    series = cycle(zip(style.SERIES, style.MARKERS, strict=True))
    looks = {
        name: {"color": colour, "marker": mark, "alpha": 0.9}
        for name, (colour, mark) in zip(map(method_words, methods), series, strict=False)
    }
    x = Axis(label=_("mean signed error, points"))
    partitions = rows.groupby("partition", sort=False)["group"]
    return Figure(
        title=_("Where the error lies: {title}", title=title),
        claim=_largest_error(rows),
        caption=_(
            "Mean error of {candidate}'s share, stations by votes; above 0 overstated. "
            "Size: registered voters of the commune. First round: the winner's share of "
            "the votes for the two finalists. Hindsight is no forecast. {source}",
            candidate=candidate,
            source=source,
        ),
        panel="partition",
        panels={str(key): str(key) for key, _names in partitions},
        x=x,
        axes={key: (x, Axis(names=list(names.unique()))) for key, names in partitions},
        per_line=1,
        height=0.2,
        per_row=0.19,
        looks=looks,
        legend=looks,
        legend_columns=3,
        marks=(
            Mark("at", x=0, look={"color": style.SOFT}),
            Mark("dot", rows, "error", "group", by="method"),
        ),
    )


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

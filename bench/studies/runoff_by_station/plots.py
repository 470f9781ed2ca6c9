"""Forecast against outcome at polling stations, and errors by group of stations."""

import textwrap
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from bench.core.language import _, ngettext
from bench.report.formatting import format_fixed
from bench.report.plotting import layout as canvas
from bench.report.plotting import style
from bench.studies.runoff_by_station.runoff import group_words, method_words

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

COLOURS = ("#0b4f96", "#d99000", "#2a7f62", "#a6266e", "#9a7fe0", "#4b5563")
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
) -> "Figure":
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
    more = len(scores) - MOST_PANELS
    others = ""
    if more > 0:
        others = ngettext(
            "{n} more method: see the table.", "{n} more methods: see the table.", more
        )
        others += " "
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
            source=others + source,
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
    axes[0, 0].set_xticks(TICKS, [f"{100 * t:.0f}" for t in TICKS])
    axes[0, 0].set_yticks(TICKS, [f"{100 * t:.0f}" for t in TICKS])
    return figure


def _density(axis: "Axes", joint: pd.DataFrame, n_bins: int, most: float) -> None:
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


@canvas.styled
def station_groups(
    groups: pd.DataFrame,
    *,
    candidate: str,
    methods: list[str],
    title: str,
    source: str,
    size: str = "double",
) -> "Figure":
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

    partitions = [str(name) for name in groups["partition"].drop_duplicates()]
    per_line = 3 if size == "single" else 4
    figure, axes, top = canvas.sheet(
        size,
        0.5 + 0.2 * len(groups[["partition", "group"]].drop_duplicates()),
        title=_("Where the error lies: {title}", title=title),
        claim=_largest_error(groups[groups["method"].isin(methods)]),
        caption=_(
            "Mean error of {candidate}'s share, stations by votes; above 0 overstated. "
            "Size: registered voters of the commune. First round: the winner's share of "
            "the votes for the two finalists. Hindsight is no forecast. {source}",
            candidate=candidate,
            source=source,
        ),
        rows=len(partitions),
        sharex=True,
        legend_lines=-(-len(methods) // per_line) + 1,
        x_label=_("mean signed error, points"),
        height_ratios=[groups[groups["partition"].eq(p)]["group"].nunique() for p in partitions],
    )
    looks = {m: (COLOURS[i % 6], style.MARKERS[i % 6]) for i, m in enumerate(methods)}
    for axis, partition in zip(axes[:, 0], partitions, strict=True):
        mine = groups[groups["partition"].eq(partition)]
        names = [str(name) for name in mine["group"].drop_duplicates()]
        canvas.tidy(axis)
        axis.set_title(_(partition))
        axis.axvline(0, color=style.SOFT, linewidth=0.8)
        for name, (colour, mark) in looks.items():
            rows = mine[mine["method"].eq(name)].set_index("group")["bias"].reindex(names)
            axis.plot(100 * rows, range(len(names)), mark, color=colour, markersize=3.6, alpha=0.9)
        axis.set_yticks(range(len(names)), [group_words(name.replace("_", " ")) for name in names])
        axis.set_ylim(len(names) - 0.5, -0.5)
    handles = [
        {"color": colour, "marker": mark, "linestyle": ""} for colour, mark in looks.values()
    ]
    room = canvas.NARROW if size == "single" else canvas.LONGEST
    words = [canvas.cut(method_words(name), room) for name in methods]
    canvas.legend(figure, handles, words, top, 2 if size == "single" else 3)
    return figure


def _largest_error(groups: pd.DataFrame) -> str:
    """Where and by whom the share was missed most."""
    row = groups.iloc[int(groups["bias"].abs().to_numpy().argmax())]
    found = {
        "method": method_words(str(row["method"])),
        "group": group_words(str(row["group"]).replace("_", " ")),
        "partition": _(str(row["partition"])),
        "points": format_fixed(100 * abs(row["bias"]), 1),
    }
    if row["bias"] > 0:
        return _(
            "Farthest off: “{method}”, {points} points too high ({partition}: {group})", **found
        )
    return _("Farthest off: “{method}”, {points} points too low ({partition}: {group})", **found)

"""How estimated transfers move with the level of the areas: this file draws the ranges."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from bench.report.context import RunFacts
from bench.report.plotting import layout as canvas
from bench.report.plotting import style
from bench.studies.vote_transfers.plots import ELSEWHERE

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

COLOURS = ("#0b4f96", "#4a92c8", "#2a7f62", "#d99000", "#9a7fe0", "#4b5563")


@canvas.styled
def transfer_levels(
    estimates: pd.DataFrame,
    others: pd.DataFrame,
    facts: RunFacts,
    *,
    origins: Sequence[str],
    size: str = "double",
) -> "Figure":
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
    size
        Size preset.
    """
    levels = [str(level) for level in estimates["level"].drop_duplicates()]
    sources = [str(source) for source in others["source"].drop_duplicates()]
    goals = [str(goal) for goal in estimates["to"].drop_duplicates()]
    per_line = 1 if size == "single" else 2
    lines = -(-len(origins) // per_line)
    figure, axes, top = canvas.sheet(
        size, lines * (0.35 + 0.52 * len(goals)),
        title=f"Where their voters went, by the level of the areas: {facts.name}",
        caption=(
            "Dots: estimate; lines: 90% intervals, which cover neither the choice of the level nor "
            "all that the model may miss. Grey: bounds that the finest areas allow for certain. "
            f"Black: other sources. {facts.source}"
        ),
        rows=lines, columns=per_line, sharex=True, sharey=True,
        legend_lines=-(-(len(levels) + len(sources)) // _per_line(size)),
        x_label="share of the origin's first-round voters, percent",
    )  # fmt: skip
    for axis, origin in zip(axes.flat, origins, strict=False):
        axis.set_title(facts.short(origin))
        mine = estimates[estimates["from_candidate"].eq(origin)]
        _panel(axis, mine, others[others["from_candidate"].eq(origin)], goals, levels, sources)
    for axis in axes.flat[len(origins) :]:
        axis.set_visible(False)
    names = [ELSEWHERE.get(goal, facts.short(goal)) for goal in goals]
    axes[0, 0].set_yticks(range(len(goals)), names)
    axes[0, 0].set_ylim(len(goals) - 0.45, -0.55)
    axes[0, 0].set_xlim(-2, 102)
    _legend(figure, levels, sources, top, size)
    return figure


def _panel(
    axis: "Axes",
    estimates: pd.DataFrame,
    others: pd.DataFrame,
    goals: Sequence[str],
    levels: Sequence[str],
    sources: Sequence[str],
) -> None:
    import matplotlib as mpl

    dot = float(mpl.rcParams["font.size"]) * 0.42
    canvas.tidy(axis)
    places = np.linspace(-0.32, 0.32, len(levels) + len(sources))
    finest = estimates[estimates["level"].eq(levels[0])]
    for row in finest.to_dict("records"):
        y = goals.index(row["to"])
        left, width = 100 * row["least"], 100 * (row["most"] - row["least"])
        axis.barh(y, width, left=left, height=0.82, color=style.BAND, linewidth=0, zorder=0)
    for row in estimates.to_dict("records"):
        k = levels.index(row["level"])
        y, colour = goals.index(row["to"]) + places[k], COLOURS[k % len(COLOURS)]
        axis.plot([100 * row["lower"], 100 * row["upper"]], [y, y], color=colour, zorder=2)
        axis.plot(100 * row["share"], y, "o", color=colour, markersize=dot, zorder=3)
    for row in others.to_dict("records"):
        k = sources.index(row["source"])
        y = goals.index(row["to"]) + places[len(levels) + k]
        axis.plot(100 * row["share"], y, "Ds^"[k % 3], color=style.INK, markersize=dot, zorder=3)


def _legend(
    figure: "Figure", levels: Sequence[str], sources: Sequence[str], top: float, size: str
) -> None:
    from matplotlib.lines import Line2D

    handles = [
        Line2D([], [], color=COLOURS[k % len(COLOURS)], marker="o") for k in range(len(levels))
    ] + [
        Line2D([], [], color=style.INK, marker="Ds^"[k % 3], linestyle="")
        for k in range(len(sources))
    ]
    words = [
        name.replace("_", " ").replace("departement", "département") for name in (*levels, *sources)
    ]
    canvas.legend(figure, handles, words, top, _per_line(size))


def _per_line(size: str) -> int:
    """Columns of the legend."""
    return 2 if size == "single" else 4

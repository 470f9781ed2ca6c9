"""Forecast shares with their intervals against the outcome: this file draws them."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from bench.report.context import RunFacts
from bench.report.plotting import layout as canvas
from bench.report.plotting import style
from bench.studies.backtest import selection as cells

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


@canvas.styled
def shares(
    forecasts: pd.DataFrame, facts: RunFacts, *, predictors: Sequence[str], size: str = "double"
) -> "Figure":
    """Draw forecast shares with 50% and 90% intervals, one panel per predictor.

    Parameters
    ----------
    forecasts
        Long table.
    facts
        The run.
    predictors
        Panels in reading order.
    size
        Size preset.
    """
    from matplotlib.lines import Line2D

    table = cells.national(cells.one_cell(forecasts, facts))
    per_line = min(len(predictors), 2 if size == "single" else 3)
    lines = -(-len(predictors) // per_line)
    figure, axes, top = canvas.sheet(
        size, lines * (0.5 + 0.135 * len(facts.outcome)),
        title=f"What was forecast, and what happened: {facts.name}, {facts.round_words}",
        caption=(
            f"Evidence as public on {facts.cut}. Thick bars hold 50%, thin bars 90% of a "
            "forecast's probability; methods without bars give points only. Hollow: not named by "
            f"the method, filled by rule. {facts.source}"
        ),
        rows=lines, columns=per_line, legend_lines=1, sharex=True, sharey=True,
        x_label="share of the valid votes, %",
    )  # fmt: skip
    for axis, name in zip(axes.flat, predictors, strict=False):
        _panel(axis, table[table["predictor"].eq(name)], facts)
        axis.set_title(canvas.cut(name))
    for axis in axes.flat[len(predictors) :]:
        axis.set_visible(False)
    reach = table.loc[table["predictor"].isin(predictors), ["share", "q95"]].max().max()
    axes[0, 0].set_xlim(0, 104 * max(float(reach), float(facts.outcome.max())))
    for axis in axes[:, 0]:
        axis.set_yticks(
            range(len(facts.by_votes)), [canvas.cut(facts.short(c), 20) for c in facts.by_votes]
        )
        axis.set_ylim(len(facts.by_votes) - 0.4, -0.6)
    font = style.FONT_PT[size]
    handles = [
        Line2D([], [], color=style.INK, marker="|", linestyle="", markersize=font * 1.1,
               markeredgewidth=1.6),
        Line2D([], [], color=style.SOFT, marker="o", linestyle="", markersize=font * 0.48),
        Line2D([], [], color=style.SOFT, linewidth=font * 0.62, alpha=0.6),
        Line2D([], [], color=style.SOFT, linewidth=font * 0.17),
    ]  # fmt: skip
    canvas.legend(figure, handles, ["outcome", "forecast", "50%", "90%"], top, 4)
    return figure


def _panel(axis: "Axes", table: pd.DataFrame, facts: RunFacts) -> None:
    import matplotlib as mpl

    font = float(mpl.rcParams["font.size"])
    colours = style.candidate_colours(facts)
    mine = table.groupby("candidate").first()
    percents = 100 * mine[["share", "q05", "q25", "q75", "q95"]]
    canvas.tidy(axis)
    axis.tick_params(labelbottom=True)
    for i, candidate in enumerate(facts.by_votes):
        colour = colours[candidate]
        axis.plot(100 * facts.outcome[candidate], i, "|", color=style.INK, markersize=font * 1.3,
                  markeredgewidth=1.3, zorder=1)  # fmt: skip
        if candidate not in mine.index:
            continue
        filled = bool(mine["filled"][candidate])
        share, q05, q25, q75, q95 = percents.loc[candidate].to_numpy(dtype=float)
        if not filled and not np.isnan(q05):
            axis.plot([q05, q95], [i, i], color=colour, linewidth=font * 0.17, zorder=2)
            axis.plot([q25, q75], [i, i], color=colour, alpha=0.6, linewidth=font * 0.62, zorder=3)
        axis.plot(share, i, "o", color=colour, markersize=font * 0.48,
                  markerfacecolor=style.PAPER if filled else colour, markeredgewidth=0.9,
                  zorder=4, clip_on=False)  # fmt: skip

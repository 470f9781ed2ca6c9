"""How probable each method held each candidate's passage: this file draws the grid of them."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from bench.report.context import RunFacts
from bench.report.numbers import probability
from bench.report.plotting import layout as canvas
from bench.report.plotting import style
from bench.studies.backtest import selection as cells
from bench.studies.backtest import words

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FLOOR = 0.005  # a column needs this probability from at least one method, or a seat


@canvas.styled
def qualify(
    forecasts: pd.DataFrame, facts: RunFacts, *, predictors: Sequence[str], size: str = "double"
) -> "Figure":
    """Draw the probability of qualifying (or winning a runoff), predictors by candidates.

    Parameters
    ----------
    forecasts
        Long table.
    facts
        The run.
    predictors
        Rows from top to bottom; those without probabilities are shown by whom they named.
    size
        Size preset.
    """
    from matplotlib.colors import LinearSegmentedColormap, to_hex
    from matplotlib.patches import Rectangle

    table = cells.national(cells.one_cell(forecasts, facts))
    table = table[~table["filled"].astype(bool)]
    p = table.pivot_table(index="predictor", columns="candidate", values="p_qualify")
    share = table.pivot_table(index="predictor", columns="candidate", values="share")
    rows = [name for name in predictors if name in share.index]
    named = {name: _top(share.T[name].dropna(), facts.seats) for name in rows}
    p = p.reindex(index=rows, columns=list(facts.by_votes))
    shown = [
        c for c in facts.by_votes
        if c in facts.qualifiers or p[c].max() >= FLOOR or any(c in top for top in named.values())
    ]  # fmt: skip
    what = "winning" if facts.seats == 1 else "reaching the runoff"
    figure, axes, _ = canvas.sheet(
        size, 0.4 + 0.165 * len(rows),
        title=f"Probability of {what}: {facts.name}",
        caption=(
            f"{len(rows)} predictors; evidence as public on {facts.cut}. Framed columns: who "
            f"{'won' if facts.seats == 1 else 'got there'}. Circles: methods without "
            f"probabilities, on the {_first(facts.seats)} they named; a dot "
            f"means not among them, an empty cell not named at all. {facts.source}"
        ),
    )  # fmt: skip
    odds = p[shown].to_numpy(dtype=float)  # [N, C]
    stated = p.notna().any(axis=1).to_numpy()
    held = share.reindex(index=rows, columns=shown).notna().to_numpy()
    axis = axes[0, 0]
    ramp = LinearSegmentedColormap.from_list("p", ["#f3f6fa", "#7fb0dc", "#0b4f8a"])
    font = style.FONT_PT[size]
    for i, name in enumerate(rows):
        for j, candidate in enumerate(shown):
            value = float(odds[i, j])
            if not np.isnan(value):
                colour = to_hex(ramp(value))
                axis.add_patch(Rectangle((j - 0.48, i - 0.46), 0.96, 0.92, facecolor=colour,
                                         linewidth=0))  # fmt: skip
                axis.text(j, i, probability(value), ha="center", va="center",
                          color=style.readable_on(colour), fontsize=font * 0.95)  # fmt: skip
            elif not stated[i] and held[i, j]:
                mark = "o" if candidate in named[name] else "."
                axis.plot(j, i, mark, color=style.SOFT, markerfacecolor="none",
                          markersize=font * (0.8 if mark == "o" else 0.3))  # fmt: skip
    for candidate in facts.qualifiers:
        j = shown.index(candidate)
        axis.add_patch(Rectangle((j - 0.5, -0.5), 1, len(rows), fill=False, edgecolor=style.INK,
                                 linewidth=1.2, zorder=5, clip_on=False))  # fmt: skip
    axis.set_xlim(-0.52, len(shown) - 0.48)
    axis.set_ylim(len(rows) - 0.48, -0.52)
    axis.set_yticks(range(len(rows)), [canvas.cut(name) for name in rows])
    slanted = size == "single" and len(shown) > 3
    axis.set_xticks(
        range(len(shown)), [canvas.cut(facts.short(c), 16) for c in shown],
        rotation=35 if slanted else 0, ha="left" if slanted else "center", rotation_mode="anchor",
    )  # fmt: skip
    axis.tick_params(top=False, bottom=False, labeltop=True, labelbottom=False)
    for spine in axis.spines.values():
        spine.set_visible(False)
    canvas.widen_margins(figure)
    return figure


def _first(seats: int) -> str:
    return "candidate" if seats == 1 else words.number_word(seats)


def _top(share: pd.Series, seats: int) -> list[str]:
    """The first `seats` candidates, or none where a tie leaves the last seat open."""
    ordered = share.sort_values(ascending=False, kind="stable")
    if len(ordered) > seats and np.isclose(ordered.iloc[seats - 1], ordered.iloc[seats], rtol=0):
        return []
    return [str(c) for c in ordered.index[:seats]]

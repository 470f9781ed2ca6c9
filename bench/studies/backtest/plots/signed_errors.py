"""Who was over- and who underestimated, by which method: this file draws the signed-error plot."""

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

PANEL_SHARE = 0.05  # candidates below it share one panel


@canvas.styled
def signed_errors(
    errors: pd.DataFrame,
    forecasts: pd.DataFrame,
    facts: RunFacts,
    *,
    predictors: Sequence[str],
    size: str = "double",
) -> "Figure":
    """Draw the signed error of every predictor, one panel per candidate.

    Parameters
    ----------
    errors, forecasts
        Long tables; the full ballot is drawn, filled gaps as hollow dots.
    facts
        The run.
    predictors
        Rows from top to bottom.
    size
        Size preset.
    """
    wrong = cells.national(cells.one_cell(errors, facts))
    wrong = wrong[wrong["ballot"].eq("full") & wrong["score"].eq(cells.SIGNED_ERROR)]
    error_pp = 100 * wrong.pivot_table(index="predictor", columns="candidate", values="value")
    shares = cells.national(cells.one_cell(forecasts, facts))
    rows = [name for name in predictors if name in error_pp.index]
    main = [c for c in facts.by_votes if facts.outcome[c] >= PANEL_SHARE] or list(facts.by_votes)
    small = [c for c in facts.by_votes if c not in main]
    panels = [[c] for c in main] + ([small] if small else [])
    per_line = len(panels) if size != "single" else min(len(panels), 3)
    lines = -(-len(panels) // per_line)

    figure, axes, _ = canvas.sheet(
        size, lines * (0.55 + 0.155 * len(rows)),
        title=f"Where each method erred: {facts.name}, {facts.round_words}",
        caption=_caption(facts, len(rows), small, wrong["replicate"].nunique()),
        rows=lines, columns=per_line, sharex=True, sharey=True,
        x_label="forecast minus outcome, percentage points",
    )  # fmt: skip
    reach = _reach(error_pp.loc[rows].to_numpy())
    for axis, panel in zip(axes.flat, panels, strict=False):
        axis.set_xlim(-reach, reach)
        _panel(axis, panel, rows, error_pp, shares, facts)
        axis.xaxis.set_major_locator(_ticks(reach))
        axis.tick_params(labelbottom=True)
        name = facts.short(panel[0]) if len(panel) == 1 else f"{len(panel)} others"
        share = 100 * float(facts.outcome[panel].sum())
        font = style.FONT_PT[size]
        text, letter = canvas.fitted(name, 72 * style.WIDTHS_IN[size] / (per_line + 1.4), font)
        axis.set_title(text, fontsize=letter, pad=font * 1.5)
        axis.annotate(f"{share:.1f}%", (0, 1), (0, font * 0.4), xycoords="axes fraction",
                      textcoords="offset points", color=style.SOFT)  # fmt: skip
    for axis in axes.flat[len(panels) :]:
        axis.set_visible(False)
    for axis in axes[:, 0]:
        axis.set_yticks(range(len(rows)), [canvas.cut(name) for name in rows])
        axis.set_ylim(len(rows) - 0.4, -0.6)
    canvas.widen_margins(figure, 0.08)
    return figure


def _panel(
    axis: "Axes",
    panel: Sequence[str],
    rows: Sequence[str],
    error_pp: pd.DataFrame,
    shares: pd.DataFrame,
    facts: RunFacts,
) -> None:
    colours, markers = style.candidate_colours(facts), style.candidate_markers(facts)
    canvas.tidy(axis)
    for i in range(0, len(rows), 2):
        axis.axhspan(i - 0.5, i + 0.5, color=style.BAND, linewidth=0, zorder=0)
    axis.axvline(0, color=style.INK, linewidth=0.9, zorder=1)
    alone = len(panel) == 1
    reach = axis.get_xlim()[1]
    for candidate in panel:
        values = error_pp[candidate].reindex(list(rows)).to_numpy(dtype=float)
        mine = shares[shares["candidate"].eq(candidate)].groupby("predictor").first()
        for i, name in enumerate(rows):
            value = float(values[i])
            if abs(value) > reach:
                _beyond(axis, value, i, reach, colours[candidate], alone)
                continue
            filled = name in mine.index and bool(mine.at[name, "filled"])
            if alone and not filled and name in mine.index:
                low, high = 100 * (mine.loc[name, ["q05", "q95"]] - facts.outcome[candidate])
                if not (pd.isna(low) or pd.isna(high)):
                    axis.plot([low, high], [i, i], color=colours[candidate], alpha=0.55, zorder=2)
            axis.plot(
                value, i, markers[candidate], color=colours[candidate],
                markerfacecolor=style.PAPER if filled else colours[candidate],
                markersize=style_size(alone), markeredgewidth=0.8, zorder=3,
            )  # fmt: skip


def _reach(error_pp: np.ndarray) -> float:
    """Half width of the panels: the largest error, unless few errors dwarf all others."""
    size = np.sort(np.abs(error_pp[~np.isnan(error_pp)]))
    bulk = float(np.quantile(size, 0.95))
    return 1.12 * float(size[-1] if size[-1] < 1.8 * bulk else 1.1 * bulk)


def _beyond(axis: "Axes", value: float, row: int, reach: float, colour: str, alone: bool) -> None:
    """Mark an error off the scale by an arrow at the edge and its number."""
    right = value > 0
    edge = reach if right else -reach
    axis.plot(0.95 * edge, row, ">" if right else "<", color=colour, zorder=3,
              markersize=style_size(alone), clip_on=False)  # fmt: skip
    if alone:
        text = f"{value:+.0f}".replace("-", "\N{MINUS SIGN}")
        axis.text(0.84 * edge, row, text, ha="right" if right else "left", va="center_baseline",
                  fontsize=style_size(alone) / 0.5 * 0.85, color=style.SOFT)  # fmt: skip


def style_size(alone: bool) -> float:
    """Marker size in points at the current letter size."""
    import matplotlib as mpl

    return float(mpl.rcParams["font.size"]) * (0.5 if alone else 0.4)


def _ticks(reach: float) -> "object":
    from matplotlib.ticker import MaxNLocator

    return MaxNLocator(nbins=4 if reach > 3 else 3, symmetric=True, steps=[1, 2, 5, 10])


def _caption(facts: RunFacts, n_rows: int, small: Sequence[str], n_replicates: int) -> str:
    parts = [
        f"{n_rows} predictors in the order of the table; evidence as public on {facts.cut}. "
        "Lines: 90% intervals where the method gives them. Arrows with numbers: off the scale. "
        "Hollow: not named by the method, filled by rule."
    ]
    if small:
        names = ", ".join(facts.short(c) for c in small)
        parts.append(f"Others, one dot each: {names}.")
    if n_replicates > 1:
        parts.append(f"Mean of {n_replicates} replicates.")
    return " ".join([*parts, facts.source])

"""Figures of the forecasts of one moment: errors, shares, and the chances of getting through."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from bench.core.arrays import BoolArray, FloatArray
from bench.report.context import ReportContext
from bench.report.formatting import format_probability
from bench.report.plotting import layout, style
from bench.studies.backtest.findings import number_word
from bench.studies.backtest.headline import Vote

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

PANEL_SHARE = 0.05  # candidates below it share one panel
FLOOR = 0.005  # a column needs this probability from at least one method, or a seat
INTERVALS = ["q05", "q25", "q75", "q95"]


@layout.styled
def signed_errors(vote: Vote, *, predictors: Sequence[str], size: str = "double") -> Figure:
    """Draw the signed error of every predictor, one panel per candidate.

    Parameters
    ----------
    vote
        At the moment that is shown; the full ballot is drawn, filled gaps as hollow dots.
    predictors
        Rows from top to bottom.
    size
        Size preset.
    """
    context = vote.context
    errors = vote.now(vote.signed_errors("full"))
    error_pp = errors.pivot(index="predictor", columns="candidate", values="error_pp")
    shares = vote.now(vote.national_forecasts).set_index(["candidate", "predictor"])
    rows = [name for name in predictors if name in error_pp.index]
    outcome = context.outcome
    main = [c for c in context.by_votes if outcome[c] >= PANEL_SHARE] or list(context.by_votes)
    small = [c for c in context.by_votes if c not in main]
    panels = [[c] for c in main] + ([small] if small else [])
    per_line = len(panels) if size != "single" else min(len(panels), 3)
    lines = -(-len(panels) // per_line)
    caption = [
        f"{len(rows)} predictors in the order of the table; evidence as public on {context.cut}. "
        "Lines: 90% intervals where the method gives them. Arrows with numbers: off the scale. "
        "Hollow: not named by the method, filled by rule."
    ]
    if small:
        caption.append(f"Others, one dot each: {', '.join(map(context.short, small))}.")
    figure, axes, _ = layout.sheet(
        size,
        lines * (0.55 + 0.155 * len(rows)),
        title=f"Where each method erred: {context.name}, {context.round_words}",
        caption=" ".join([*caption, context.source]),
        rows=lines,
        columns=per_line,
        sharex=True,
        sharey=True,
        x_label="forecast minus outcome, percentage points",
    )
    reach = _reach(error_pp.loc[rows].to_numpy())
    font = style.FONT_PT[size]
    for axis, panel in zip(axes.flat, panels, strict=False):
        axis.set_xlim(-reach, reach)
        _error_panel(axis, panel, error_pp.reindex(rows), shares, context)
        axis.xaxis.set_major_locator(_ticks(reach))
        axis.tick_params(labelbottom=True)
        name = context.short(panel[0]) if len(panel) == 1 else f"{len(panel)} others"
        share = 100 * float(outcome[panel].sum())
        text, letter = layout.fitted(name, 72 * style.WIDTHS_IN[size] / (per_line + 1.4), font)
        axis.set_title(text, fontsize=letter, pad=font * 1.5)
        axis.annotate(
            f"{share:.1f}%",
            (0, 1),
            (0, font * 0.4),
            xycoords="axes fraction",
            textcoords="offset points",
            color=style.SOFT,
        )
    for axis in axes.flat[len(panels) :]:
        axis.set_visible(False)
    for axis in axes[:, 0]:
        axis.set_yticks(range(len(rows)), [layout.cut(name) for name in rows])
        axis.set_ylim(len(rows) - 0.4, -0.6)
    layout.widen_margins(figure, 0.08)
    return figure


def _error_panel(
    axis: Axes,
    panel: Sequence[str],
    error_pp: pd.DataFrame,
    shares: pd.DataFrame,
    context: ReportContext,
) -> None:
    colours, markers = style.candidate_colours(context), style.candidate_markers(context)
    layout.tidy(axis)
    for i in range(0, len(error_pp), 2):
        axis.axhspan(i - 0.5, i + 0.5, color=style.BAND, linewidth=0, zorder=0)
    axis.axvline(0, color=style.INK, linewidth=0.9, zorder=1)
    is_alone = len(panel) == 1
    marker_size = _marker_size(is_alone)
    reach = axis.get_xlim()[1]
    for candidate in panel:
        colour = colours[candidate]
        mine = shares.loc[candidate].reindex(error_pp.index)
        filled = mine["filled"].eq(True).to_numpy()
        values = error_pp[candidate].to_numpy(dtype=float)
        bounds = 100 * (mine[["q05", "q95"]].to_numpy(dtype=float) - context.outcome[candidate])
        for i, (value, is_filled) in enumerate(zip(values, filled, strict=True)):
            if abs(value) > reach:
                _beyond(axis, value, i, reach, colour, is_alone)
                continue
            if is_alone and not is_filled and not np.isnan(bounds[i]).any():
                axis.plot(bounds[i], [i, i], color=colour, alpha=0.55, zorder=2)
            axis.plot(
                value,
                i,
                markers[candidate],
                color=colour,
                markerfacecolor=style.PAPER if is_filled else colour,
                markersize=marker_size,
                markeredgewidth=0.8,
                zorder=3,
            )


def _reach(error_pp: FloatArray) -> float:
    """Half width of the panels: the largest error, unless few errors dwarf all others."""
    size = np.sort(np.abs(error_pp[~np.isnan(error_pp)]))
    bulk = float(np.quantile(size, 0.95))
    return 1.12 * float(size[-1] if size[-1] < 1.8 * bulk else 1.1 * bulk)


def _beyond(axis: Axes, value: float, row: int, reach: float, colour: str, is_alone: bool) -> None:
    """Mark an error off the scale by an arrow at the edge and its number."""
    is_right = value > 0
    edge = reach if is_right else -reach
    marker_size = _marker_size(is_alone)
    axis.plot(
        0.95 * edge,
        row,
        ">" if is_right else "<",
        color=colour,
        zorder=3,
        markersize=marker_size,
        clip_on=False,
    )
    if is_alone:
        axis.text(
            0.84 * edge,
            row,
            f"{value:+.0f}".replace("-", "\N{MINUS SIGN}"),
            ha="right" if is_right else "left",
            va="center_baseline",
            fontsize=marker_size / 0.5 * 0.85,
            color=style.SOFT,
        )


def _marker_size(is_alone: bool) -> float:
    """Marker size in points at the current letter size."""
    import matplotlib as mpl

    return float(mpl.rcParams["font.size"]) * (0.5 if is_alone else 0.4)


def _ticks(reach: float) -> object:
    from matplotlib.ticker import MaxNLocator

    return MaxNLocator(nbins=4 if reach > 3 else 3, symmetric=True, steps=[1, 2, 5, 10])


@layout.styled
def shares(vote: Vote, *, predictors: Sequence[str], size: str = "double") -> Figure:
    """Draw forecast shares with 50% and 90% intervals, one panel per predictor.

    Parameters
    ----------
    vote
        At the moment that is shown.
    predictors
        Panels in reading order.
    size
        Size preset.
    """
    from matplotlib.lines import Line2D

    context = vote.context
    table = vote.now(vote.national_forecasts)
    per_line = min(len(predictors), 2 if size == "single" else 3)
    lines = -(-len(predictors) // per_line)
    figure, axes, top = layout.sheet(
        size,
        lines * (0.5 + 0.135 * len(context.outcome)),
        title=f"What was forecast, and what happened: {context.name}, {context.round_words}",
        caption=(
            f"Evidence as public on {context.cut}. Thick bars hold 50%, thin bars 90% of a "
            "forecast's probability; methods without bars give points only. Hollow: not named by "
            f"the method, filled by rule. {context.source}"
        ),
        rows=lines,
        columns=per_line,
        legend_lines=1,
        sharex=True,
        sharey=True,
        x_label="share of the valid votes, %",
    )
    for axis, name in zip(axes.flat, predictors, strict=False):
        _share_panel(axis, table[table["predictor"].eq(name)].set_index("candidate"), context)
        axis.set_title(layout.cut(name))
    for axis in axes.flat[len(predictors) :]:
        axis.set_visible(False)
    reach = table.loc[table["predictor"].isin(predictors), ["share", "q95"]].max().max()
    axes[0, 0].set_xlim(0, 104 * max(float(reach), float(context.outcome.max())))
    labels = [layout.cut(context.short(c), 20) for c in context.by_votes]
    for axis in axes[:, 0]:
        axis.set_yticks(range(len(labels)), labels)
        axis.set_ylim(len(labels) - 0.4, -0.6)
    font = style.FONT_PT[size]
    handles = [
        Line2D(
            [],
            [],
            color=style.INK,
            marker="|",
            linestyle="",
            markersize=font * 1.1,
            markeredgewidth=1.6,
        ),
        Line2D([], [], color=style.SOFT, marker="o", linestyle="", markersize=font * 0.48),
        Line2D([], [], color=style.SOFT, linewidth=font * 0.62, alpha=0.6),
        Line2D([], [], color=style.SOFT, linewidth=font * 0.17),
    ]
    layout.legend(figure, handles, ["outcome", "forecast", "50%", "90%"], top, 4)
    return figure


def _share_panel(axis: Axes, mine: pd.DataFrame, context: ReportContext) -> None:
    import matplotlib as mpl

    font = float(mpl.rcParams["font.size"])
    colours = style.candidate_colours(context)
    percents = 100 * mine[["share", *INTERVALS]].astype(float)
    layout.tidy(axis)
    axis.tick_params(labelbottom=True)
    for i, candidate in enumerate(context.by_votes):
        colour = colours[candidate]
        axis.plot(
            100 * context.outcome[candidate],
            i,
            "|",
            color=style.INK,
            markersize=font * 1.3,
            markeredgewidth=1.3,
            zorder=1,
        )
        if candidate not in mine.index:
            continue
        is_filled = bool(mine["filled"][candidate])
        share, q05, q25, q75, q95 = percents.loc[[candidate]].to_numpy()[0]
        if not is_filled and not np.isnan(q05):
            axis.plot([q05, q95], [i, i], color=colour, linewidth=font * 0.17, zorder=2)
            axis.plot([q25, q75], [i, i], color=colour, alpha=0.6, linewidth=font * 0.62, zorder=3)
        axis.plot(
            share,
            i,
            "o",
            color=colour,
            markersize=font * 0.48,
            markerfacecolor=style.PAPER if is_filled else colour,
            markeredgewidth=0.9,
            zorder=4,
            clip_on=False,
        )


@layout.styled
def qualify(vote: Vote, *, predictors: Sequence[str], size: str = "double") -> Figure:
    """Draw the probability of qualifying (or winning a runoff), predictors by candidates.

    Parameters
    ----------
    vote
        At the moment that is shown.
    predictors
        Rows from top to bottom; those without probabilities are shown by whom they named, those
        without shares by their probabilities.
    size
        Size preset.
    """
    from matplotlib.patches import Rectangle

    context = vote.context
    table = vote.now(vote.national_forecasts)
    table = table[~table["filled"].astype(bool) | table["share"].isna()]
    share = table.pivot(index="predictor", columns="candidate", values="share")
    p = table.pivot(index="predictor", columns="candidate", values="p_qualify")
    rows = [name for name in predictors if name in share.index]
    share = share.reindex(index=rows, columns=list(context.by_votes))
    p = p.reindex(index=rows, columns=list(context.by_votes))
    by_name = share.T.sort_index()
    named = {name: _top(by_name[name].dropna(), context.seats) for name in rows}
    shown = [
        c
        for c in context.by_votes
        if c in context.qualifiers or p[c].max() >= FLOOR or any(c in top for top in named.values())
    ]
    is_runoff = context.seats == 1
    first = "candidate" if is_runoff else number_word(context.seats)
    figure, axes, _ = layout.sheet(
        size,
        0.4 + 0.165 * len(rows),
        title=f"Probability of {'winning' if is_runoff else 'reaching the runoff'}: {context.name}",
        caption=(
            f"{len(rows)} predictors; evidence as public on {context.cut}. Framed columns: who "
            f"{'won' if is_runoff else 'got there'}. Circles: methods without "
            f"probabilities, on the {first} they named; a dot "
            f"means not among them, an empty cell not named at all. {context.source}"
        ),
    )
    axis = axes[0, 0]
    _chances(axis, p[shown], share[shown].notna().to_numpy(), named, style.FONT_PT[size])
    for candidate in context.qualifiers:
        frame = Rectangle(
            (shown.index(candidate) - 0.5, -0.5),
            1,
            len(rows),
            fill=False,
            edgecolor=style.INK,
            linewidth=1.2,
            zorder=5,
            clip_on=False,
        )
        axis.add_patch(frame)
    axis.set_xlim(-0.52, len(shown) - 0.48)
    axis.set_ylim(len(rows) - 0.48, -0.52)
    axis.set_yticks(range(len(rows)), [layout.cut(name) for name in rows])
    is_slanted = size == "single" and len(shown) > 3
    axis.set_xticks(
        range(len(shown)),
        [layout.cut(context.short(c), 16) for c in shown],
        rotation=35 if is_slanted else 0,
        ha="left" if is_slanted else "center",
        rotation_mode="anchor",
    )
    axis.tick_params(top=False, bottom=False, labeltop=True, labelbottom=False)
    for spine in axis.spines.values():
        spine.set_visible(False)
    layout.widen_margins(figure)
    return figure


def _chances(
    axis: Axes,
    p: pd.DataFrame,
    is_named: BoolArray,
    named: dict[str, list[str]],
    font: float,
) -> None:
    """A coloured cell for every probability; circles and dots of methods that state none."""
    from matplotlib.colors import LinearSegmentedColormap, to_hex
    from matplotlib.patches import Rectangle

    ramp = LinearSegmentedColormap.from_list("p", ["#f3f6fa", "#7fb0dc", "#0b4f8a"])
    odds = p.to_numpy()  # [N, C]
    states_odds = ~np.isnan(odds).all(axis=1)
    for (i, j), value in np.ndenumerate(odds):
        if not np.isnan(value):
            colour = to_hex(ramp(value))
            box = Rectangle((j - 0.48, i - 0.46), 0.96, 0.92, facecolor=colour, linewidth=0)
            axis.add_patch(box)
            axis.text(
                j,
                i,
                format_probability(value),
                ha="center",
                va="center",
                color=style.readable_on(colour),
                fontsize=font * 0.95,
            )
        elif not states_odds[i] and is_named[i, j]:
            is_circle = str(p.columns[j]) in named[str(p.index[i])]
            axis.plot(
                j,
                i,
                "o" if is_circle else ".",
                color=style.SOFT,
                markerfacecolor="none",
                markersize=font * (0.8 if is_circle else 0.3),
            )


def _top(share: pd.Series, seats: int) -> list[str]:
    """The first `seats` candidates, or none where a tie leaves the last seat open."""
    ordered = share.sort_values(ascending=False, kind="stable")
    if len(ordered) > seats and np.isclose(ordered.iloc[seats - 1], ordered.iloc[seats], rtol=0):
        return []
    return [str(c) for c in ordered.index[:seats]]

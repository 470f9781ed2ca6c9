"""Where voters went from one round to the next: flows, and estimates by the level of areas."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from bench.core.errors import DataError
from bench.core.language import N_, _, retold
from bench.report.context import ReportContext
from bench.report.formatting import format_probability
from bench.report.plotting import layout as canvas
from bench.report.plotting import style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

GAP = 0.012  # between bars, as a share of the height
LABEL_GAP = 0.041  # between labels, as a share of the height
LEAST = 0.002  # flows below this share of all votes are not drawn
COLOURS = ("#0b4f96", "#4a92c8", "#2a7f62", "#d99000", "#9a7fe0", "#4b5563")
NO_CANDIDATE = {
    "abstention": N_("Abstention"),
    "blank_null": N_("Blank or null"),
    "not_expressed": N_("Not expressed"),
}


def source_words(name: str) -> str:
    """Another source of transfers in the language that is spoken."""
    return retold(name, N_("{name} published estimate"), N_("{name} survey"))


@canvas.styled
def transfers(
    facts: ReportContext,
    *,
    predictor: str,
    weights: pd.Series | None = None,
    claim: str = "",
    size: str = "double",
) -> "Figure":
    """Draw vote transfers as flows from candidates (left) to candidates or abstention (right).

    Parameters
    ----------
    facts
        The run; its `transitions` must be set.
    predictor
        Whose transfers.
    weights
        Votes behind each origin; `facts.outcome` if None.
    claim
        What the figure shows.
    size
        Size preset.

    Raises
    ------
    DataError
        If there are no transfers of this predictor.
    """
    table = facts.transitions
    if table is None or not table["predictor"].eq(predictor).any():
        raise DataError(
            f"no vote transfers of '{predictor}' in the facts of {facts.election} round "
            f"{facts.round}; give `transitions` with predictor, from_candidate, to, share"
        )
    weights = facts.outcome if weights is None else weights
    mine = table[table["predictor"].eq(predictor)]
    flows = votes_moved(mine, weights)
    origins = list(flows.index)
    figure, axes, _top = canvas.sheet(
        size,
        3.4,
        title=_(
            "Where the voters of the first round went: {predictor}, {name}",
            predictor=predictor,
            name=facts.name,
        ),
        claim=claim,
        caption=_(
            "Height: votes of the origin times the share that goes on; {n} origins. Flows "
            "below {least:.1%} of all votes are left out. {source}",
            n=len(origins),
            least=LEAST,
            source=facts.source,
        ),
    )
    _draw(axes[0, 0], flows, facts)
    return figure


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


def _draw(axis: "Axes", flows: pd.DataFrame, facts: ReportContext) -> None:
    from matplotlib.patches import Rectangle

    colours = canvas.candidate_colours(facts)
    tops = [_stack(flows.sum(axis=1)), _stack(flows.sum(axis=0))]
    totals = (flows.sum(axis=1), flows.sum())
    for side, (top, sums) in enumerate(zip(tops, totals, strict=True)):
        x = 0.0 if side == 0 else 0.98
        heights = {str(key): float(value) for key, value in sums.items()}
        middles = [top[key] - height / 2 for key, height in heights.items()]
        places = canvas.spread_out([-m for m in middles], LABEL_GAP, -1.0, 0.3)
        for key, middle, place in zip(heights, middles, places, strict=True):
            colour = colours.get(key, style.SOFT)
            axis.add_patch(
                Rectangle(
                    (x, top[key] - heights[key]), 0.02, heights[key], color=colour, linewidth=0
                )
            )
            name = _(NO_CANDIDATE.get(key, canvas.cut(facts.short(key), 20)))
            text = f"{name}  {format_probability(heights[key])}"
            at = -0.03 if side == 0 else 1.03
            axis.plot(
                [x if side == 0 else 1, at + (0.005 if side == 0 else -0.005)],
                [middle, -place],
                color=style.SOFT,
                linewidth=0.4,
                clip_on=False,
            )
            axis.text(at, -place, text, ha="right" if side == 0 else "left", va="center")
    _flows(axis, flows, tops, colours)
    axis.set_xlim(0, 1)
    lowest = min(
        min(top.values()) - float(sums.iloc[-1]) for top, sums in zip(tops, totals, strict=True)
    )
    axis.set_ylim(lowest - 0.01, 1.01)
    axis.axis("off")


def _stack(sums: pd.Series) -> dict[str, float]:
    """Upper edge of every bar, from the top down, with gaps, in a height of 1."""
    gap = GAP if len(sums) < 20 else GAP / 2
    scale_top, tops = 1.0, {}
    for key, value in sums.items():
        tops[str(key)] = scale_top
        scale_top -= float(value) + gap
    return tops


def _flows(
    axis: "Axes",
    flows: pd.DataFrame,
    tops: list[dict[str, float]],
    colours: Mapping[str, str],
) -> None:
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path

    left, right = dict(tops[0]), dict(tops[1])
    thickness = flows.to_numpy(dtype=float)  # [R, K]
    for i, origin in enumerate(map(str, flows.index)):
        for j, goal in enumerate(map(str, flows.columns)):
            thick = float(thickness[i, j])
            if np.isnan(thick):
                continue
            a, b = left[origin], right[goal]
            left[origin], right[goal] = a - thick, b - thick
            if thick < LEAST:
                continue
            points = [
                (0.02, a),
                (0.5, a),
                (0.5, b),
                (0.98, b),
                (0.98, b - thick),
                (0.5, b - thick),
                (0.5, a - thick),
                (0.02, a - thick),
                (0.02, a),
            ]
            codes = [
                Path.MOVETO,
                *[Path.CURVE4] * 3,
                Path.LINETO,
                *[Path.CURVE4] * 3,
                Path.CLOSEPOLY,
            ]
            axis.add_patch(
                PathPatch(
                    Path(points, codes),
                    facecolor=colours.get(origin, style.SOFT),
                    alpha=0.42,
                    linewidth=0,
                )
            )


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
    level
        Of the intervals.
    labels
        Levels of areas in words.
    claim
        What the figure shows.
    size
        Size preset.
    """
    levels = [str(level) for level in estimates["level"].drop_duplicates()]
    sources = [str(source) for source in others["source"].drop_duplicates()]
    goals = [str(goal) for goal in estimates["to"].drop_duplicates()]
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
        legend_lines=-(-(len(levels) + len(sources)) // _per_line(size)),
        x_label=_("share of the origin's first-round voters, percent"),
    )
    for axis, origin in zip(axes.flat, origins, strict=False):
        mine = estimates[estimates["from_candidate"].eq(origin)]
        _levels_panel(
            axis, mine, others[others["from_candidate"].eq(origin)], goals, levels, sources
        )
    names = [_(NO_CANDIDATE.get(goal, facts.short(goal))) for goal in goals]
    axes[0, 0].set_yticks(range(len(goals)), names)
    axes[0, 0].set_ylim(len(goals) - 0.45, -0.55)
    axes[0, 0].set_xlim(-2, 102)
    words = [*(labels.get(one, one) for one in levels), *map(source_words, sources)]
    _levels_legend(figure, words, len(levels), top, size)
    return figure


def _levels_panel(
    axis: "Axes",
    estimates: pd.DataFrame,
    others: pd.DataFrame,
    goals: Sequence[str],
    levels: Sequence[str],
    sources: Sequence[str],
) -> None:
    import matplotlib as mpl

    dot = float(mpl.rcParams["font.size"]) * 0.42
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


def _levels_legend(
    figure: "Figure", words: Sequence[str], n_levels: int, top: float, size: str
) -> None:

    handles = [
        {"color": COLOURS[k % len(COLOURS)], "marker": "o"}
        if k < n_levels
        else {"color": style.INK, "marker": "Ds^"[(k - n_levels) % 3], "linestyle": ""}
        for k in range(len(words))
    ]
    canvas.legend(figure, handles, words, top, _per_line(size))


def _per_line(size: str) -> int:
    """Columns of the legend."""
    return 2 if size == "single" else 4

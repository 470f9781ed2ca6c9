"""Where voters went from one round to the next: this file draws the flows."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from bench.core.errors import DataError
from bench.report.context import RunFacts
from bench.report.numbers import probability
from bench.report.plotting import layout as canvas
from bench.report.plotting import style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

GAP = 0.012  # between bars, as a share of the height
LABEL_GAP = 0.041  # between labels, as a share of the height
LEAST = 0.002  # flows below this share of all votes are not drawn
ELSEWHERE = {
    "abstention": "Abstention",
    "blank_null": "Blank or null",
    "not_expressed": "Not expressed",
}


@canvas.styled
def transfers(
    facts: RunFacts,
    *,
    predictor: str,
    weights: pd.Series | None = None,
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
    flows = mine.pivot_table(index="from_candidate", columns="to", values="share")
    origins = [c for c in weights.sort_values(ascending=False).index if c in flows.index]
    flows = flows.loc[origins].mul(weights[origins], axis=0)  # [R, K], share of all votes
    flows = flows / float(np.nansum(flows.to_numpy()))
    goals = list(flows.sum().sort_values(ascending=False, kind="stable").index)
    goals = [g for g in goals if g not in ELSEWHERE] + [g for g in goals if g in ELSEWHERE]
    figure, axes, _ = canvas.sheet(
        size, 3.4,
        title=f"Where the voters of the first round went: {predictor}, {facts.name}",
        caption=(
            f"Height: votes of the origin times the share that goes on; {len(origins)} origins. "
            f"Flows below {LEAST:.1%} of all votes are left out. {facts.source}"
        ),
    )  # fmt: skip
    canvas.widen_margins(figure)  # labels stand outside of the axes
    _draw(axes[0, 0], flows[goals], facts)
    return figure


def _draw(axis: "Axes", flows: pd.DataFrame, facts: RunFacts) -> None:
    from matplotlib.patches import Rectangle

    colours = style.candidate_colours(facts)
    tops = [_stack(flows.sum(axis=1)), _stack(flows.sum(axis=0))]
    totals = (flows.sum(axis=1), flows.sum())
    for side, (top, sums) in enumerate(zip(tops, totals, strict=True)):
        x = 0.0 if side == 0 else 0.98
        heights = {str(key): float(value) for key, value in sums.items()}
        middles = [top[key] - height / 2 for key, height in heights.items()]
        places = canvas.spread_out([-m for m in middles], LABEL_GAP, -1.0, 0.3)
        for key, middle, place in zip(heights, middles, places, strict=True):
            colour = colours.get(key, style.SOFT)
            axis.add_patch(Rectangle((x, top[key] - heights[key]), 0.02, heights[key],
                                     color=colour, linewidth=0))  # fmt: skip
            name = ELSEWHERE.get(key, canvas.cut(facts.short(key), 20))
            text = f"{name}  {probability(heights[key])}"
            at = -0.03 if side == 0 else 1.03
            axis.plot([x if side == 0 else 1, at + (0.005 if side == 0 else -0.005)],
                      [middle, -place], color=style.SOFT, linewidth=0.4, clip_on=False)  # fmt: skip
            axis.text(at, -place, text, ha="right" if side == 0 else "left", va="center")
    _flows(axis, flows, tops, colours)
    axis.set_xlim(0, 1)
    lowest = min(min(top.values()) - float(sums.iloc[-1])
                 for top, sums in zip(tops, totals, strict=True))  # fmt: skip
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
            points = [(0.02, a), (0.5, a), (0.5, b), (0.98, b), (0.98, b - thick),
                      (0.5, b - thick), (0.5, a - thick), (0.02, a - thick), (0.02, a)]  # fmt: skip
            codes = [Path.MOVETO, *[Path.CURVE4] * 3, Path.LINETO, *[Path.CURVE4] * 3,
                     Path.CLOSEPOLY]  # fmt: skip
            axis.add_patch(PathPatch(Path(points, codes), facecolor=colours.get(origin, style.SOFT),
                                     alpha=0.42, linewidth=0))  # fmt: skip

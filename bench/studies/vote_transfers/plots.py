"""Where voters went from one round to the next: flows, and estimates by the level of areas."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from itertools import cycle
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from bench.core.language import N_, _, retold
from bench.report.context import ReportContext
from bench.report.figure import Axis, Figure, Mark
from bench.report.formatting import format_probability
from bench.report.plotting import layout as canvas
from bench.report.plotting import style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Drawing

GAP = 0.012  # between bars, as a share of the height
LABEL_GAP = 0.041  # between labels, as a share of the height
LEAST = 0.002  # flows below this share of all votes are not drawn
HOLLOW = N_(
    "Hollow: the estimates of candidates with few votes, which rest on the prior and should not be "
    "read."
)
COLOURS = ("#0b4f96", "#4a92c8", "#2a7f62", "#d99000", "#9a7fe0", "#4b5563")
BOUNDS = {"color": style.BAND, "height": 0.82, "zorder": 0}
NO_CANDIDATE = {
    "abstention": N_("Abstention"),
    "blank_null": N_("Blank or null"),
    "not_expressed": N_("Not expressed"),
}


def source_words(name: str) -> str:
    """Another source of transfers in the language that is spoken."""
    return retold(name, N_("{name} published estimate"), N_("{name} survey"))


def goal_words(key: str, facts: ReportContext) -> str:
    """Where voters went: a candidate, or one of `NO_CANDIDATE`."""
    return _(NO_CANDIDATE[key]) if key in NO_CANDIDATE else facts.short(key)


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


@canvas.styled
def transfers(
    flows: pd.DataFrame,
    weights: pd.Series,
    facts: ReportContext,
    *,
    whose: str,
    claim: str = "",
    size: str = "double",
) -> Drawing:
    """Draw vote transfers as flows from candidates (left) to candidates or abstention (right).

    Parameters
    ----------
    flows
        from_candidate, to, share, readable.
    weights
        Votes behind each origin.
    facts
        For names and colours.
    whose
        How the transfers were estimated, in words.
    claim
        What the figure shows.
    size
        Size preset.
    """
    moved = votes_moved(flows, weights)
    figure, axes, _top = canvas.sheet(
        size,
        3.4,
        title=_(
            "Where the voters of the first round went: {predictor}, {name}",
            predictor=whose,
            name=facts.name,
        ),
        claim=claim,
        caption=_(
            "Height: votes of the origin times the share that goes on; {n} origins. Flows "
            "below {least:.1%} of all votes are left out. {hollow} {source}",
            n=len(moved),
            least=LEAST,
            hollow=_(HOLLOW),
            source=facts.source,
        ),
    )
    _draw(axes[0, 0], moved, facts, set(flows.loc[~flows["readable"], "from_candidate"]))
    return figure


def _draw(axis: Axes, moved: pd.DataFrame, facts: ReportContext, hollow: Set[str]) -> None:
    from matplotlib.patches import Rectangle

    colours = canvas.candidate_colours(facts)
    sides = (moved.sum(axis=1), moved.sum())
    tops = [_stack(sums) for sums in sides]
    # left edge of the bars, then from where to where a line leads to the text
    ends = ((0.0, 0.0, -0.03, "right"), (0.98, 1.0, 1.03, "left"))
    for (bar, start, at, ha), sums, top in zip(ends, sides, tops, strict=True):
        heights = {str(key): float(value) for key, value in sums.items()}
        middles = [top[key] - height / 2 for key, height in heights.items()]
        places = canvas.spread_out([-m for m in middles], LABEL_GAP, -1.0, 0.3)
        for (key, height), middle, place in zip(heights.items(), middles, places, strict=True):
            colour = colours.get(key, style.SOFT)
            corner = (bar, top[key] - height)
            axis.add_patch(Rectangle(corner, 0.02, height, color=colour, linewidth=0))
            axis.plot(
                [start, at + (0.005 if ha == "right" else -0.005)],
                [middle, -place],
                color=style.SOFT,
                linewidth=0.4,
                clip_on=False,
            )
            text = f"{canvas.cut(goal_words(key, facts), 20)}  {format_probability(height)}"
            axis.text(at, -place, text, ha=ha, va="center")
    _flows(axis, moved, tops, colours, hollow)
    axis.set_xlim(0, 1)
    lowest = min(
        min(top.values()) - float(sums.iloc[-1]) for top, sums in zip(tops, sides, strict=True)
    )
    axis.set_ylim(lowest - 0.01, 1.01)
    axis.axis("off")


def _stack(sums: pd.Series) -> dict[str, float]:
    """Upper edge of every bar, from the top down, with gaps, in a height of 1."""
    gap = GAP if len(sums) < 20 else GAP / 2
    edge, tops = 1.0, {}
    for key, value in sums.items():
        tops[str(key)] = edge
        edge -= float(value) + gap
    return tops


def _flows(
    axis: Axes,
    moved: pd.DataFrame,
    tops: Sequence[dict[str, float]],
    colours: Mapping[str, str],
    hollow: Set[str],
) -> None:
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path

    left, right = map(dict, tops)
    ahead = (0.02, 0.5, 0.5, 0.98)
    codes = [Path.MOVETO, *3 * [Path.CURVE4], Path.LINETO, *3 * [Path.CURVE4], Path.CLOSEPOLY]
    for (i, j), thick in np.ndenumerate(moved.to_numpy(float)):
        if np.isnan(thick):
            continue
        origin, goal = str(moved.index[i]), str(moved.columns[j])
        a, b = left[origin], right[goal]
        left[origin], right[goal] = a - thick, b - thick
        if thick >= LEAST:
            above = zip(ahead, (a, a, b, b), strict=True)
            below = zip(ahead[::-1], (b - thick, b - thick, a - thick, a - thick), strict=True)
            look: dict[str, Any] = (
                {"facecolor": "none", "edgecolor": style.SOFT, "linewidth": 0.4}
                if origin in hollow
                else {"facecolor": colours.get(origin, style.SOFT), "alpha": 0.42, "linewidth": 0}
            )
            axis.add_patch(PathPatch(Path([*above, *below, (0.02, a)], codes), **look))


def transfer_levels(
    estimates: pd.DataFrame,
    others: pd.DataFrame,
    facts: ReportContext,
    *,
    origins: Sequence[str],
    level: float,
    labels: Mapping[str, str],
    claim: str = "",
) -> Figure:
    """The estimate of every level, one panel per origin, beside bounds and other sources.

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
    """
    levels = {str(one): labels.get(str(one), str(one)) for one in estimates["level"].unique()}
    sources = {str(one): source_words(str(one)) for one in others["source"].unique()}
    marks = [("o", colour) for colour in COLOURS], [(mark, style.INK) for mark in "Ds^"]
    called = [
        (words, *look)
        for known, looks in zip((levels, sources), marks, strict=True)
        for words, look in zip(known.values(), cycle(looks), strict=False)
    ]
    shifts = np.linspace(-0.32, 0.32, len(called))
    looks = {
        words: {"color": colour, "marker": mark, "shift": float(shift), "size": 0.42}
        for (words, mark, colour), shift in zip(called, shifts, strict=True)
    }
    parts = [
        estimates.assign(source=estimates["level"].map(levels)),
        others.assign(source=others["source"].map(sources)),
    ]
    rows = pd.concat(parts, ignore_index=True)
    shares = ["share", "lower", "upper", "least", "most"]
    rows[shares] = 100 * rows[shares]
    finest = rows[rows["level"].eq(next(iter(levels)))].dropna(subset="least")
    goals = {str(goal): goal_words(str(goal), facts) for goal in estimates["to"].unique()}
    finest, rows = (one.assign(goal=one["to"].map(goals)) for one in (finest, rows))
    return Figure(
        title=_("Where their voters went, by the level of the areas: {name}", name=facts.name),
        claim=claim,
        caption=_(
            "Dots: estimate; lines: {level:.0%} intervals, which cover neither the choice "
            "of the level nor all that the model may miss. Grey: bounds that the finest "
            "areas allow for certain. Black: other sources. {source}",
            level=level,
            source=facts.source,
        ),
        panel="from_candidate",
        panels={origin: facts.short(origin) for origin in origins},
        x=Axis(label=_("share of the origin's first-round voters, percent"), low=-2, high=102),
        y=Axis(names=list(goals.values())),
        per_line=2,
        height=0.35,
        per_row=0.52,
        looks=looks,
        legend={
            words: {**look, "linestyle": "-" if look["marker"] == "o" else ""}
            for words, look in looks.items()
        },
        marks=(
            Mark("bar", finest, "least", "goal", "most", look=BOUNDS),
            Mark("rule", rows, "lower", "goal", "upper", by="source"),
            Mark("dot", rows, "share", "goal", by="source"),
        ),
    )

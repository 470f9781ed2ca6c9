"""Reliability diagram: what was stated of events, and how often they came true."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from bench.core.arrays import BoolArray, FloatArray
from bench.core.errors import ForecastError
from bench.core.language import listed
from bench.metrics.calibration import (
    MIN_EVENTS,
    Recalibrated,
    groups_with_curve,
    recalibrated,
    reliability,
)
from bench.report.formatting import in_form
from bench.report.macros import RELIABILITY_WORDS as WORDS
from bench.report.plotting import layout as canvas
from bench.report.plotting import style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST = 9  # panels
MAX_NAMED = 6  # groups left out that are named
LARGEST = 7.0  # diameter of a dot of the fullest bin, over the letter size of the double column


@canvas.styled
def reliability_diagram(
    probability: ArrayLike,
    happened: ArrayLike,
    group: ArrayLike,
    *,
    title: str,
    source: str,
    about: str = "",
    order: Sequence[str] = (),
    names: Mapping[str, str] | None = None,
    size: str = "double",
) -> Figure:
    """Draw how often events came true against the chance they were given, one panel per group.

    The numbers are those of `bench.metrics.calibration.reliability` and ``recalibrated``.

    Parameters
    ----------
    probability, happened, group : array_like [N]
        Of every event: its probability, whether it came true, and the method that stated it.
    title, source
        Of the run.
    about
        What the events are, as a sentence of the caption: of which elections, on which dates.
    order
        Groups in reading order; those of most events first if left out.
    names
        Labels of groups.
    size
        Size preset.

    Raises
    ------
    ForecastError
        If no group has `bench.metrics.calibration.MIN_EVENTS` events: a curve of fewer would be
        read as more than chance.
    """
    label = np.asarray(group).astype(str)
    counts = pd.Series(label).value_counts(sort=False)
    in_order = list(order) or list(counts.sort_values(ascending=False, kind="stable").index)
    enough = set(groups_with_curve(label))
    drawn = [name for name in in_order if name in enough][:MOST]
    called = names or {}
    with_few = [
        called.get(name, name) for name in in_order if name in counts and name not in enough
    ]
    if not drawn:
        raise ForecastError(
            f"no method states chances of {MIN_EVENTS} events; a diagram takes so many"
        )
    bins = reliability(probability, happened, label)
    chance, fact = np.asarray(probability, dtype=float), np.asarray(happened, dtype=float)
    curves = {name: recalibrated(chance[label == name], fact[label == name]) for name in drawn}
    per_line = min(len(drawn), 2 if size == "single" else 3)
    lines = -(-len(drawn) // per_line)
    figure, axes, top = canvas.sheet(
        size,
        lines * (2.5 if per_line > 1 else 3.6),
        title=WORDS.text("title", title_of_run=title),
        claim=_likely_came(chance, fact, label == drawn[0], called.get(drawn[0], drawn[0])),
        subtitle=WORDS.text("frequency"),
        x_label=WORDS.text("chance"),
        caption=_caption(with_few, len(enough) - len(drawn), about, source),
        rows=lines,
        columns=per_line,
        panels=len(drawn),
        legend_lines=2 if size == "single" else 1,
        sharex=True,
        sharey=True,
    )
    largest = float(bins["n"].max())
    heads = canvas.heads([called.get(name, name) for name in drawn], size, per_line)
    for axis, name, head in zip(axes.flat, drawn, heads, strict=False):
        _panel(axis, bins[bins["group"].eq(name)], curves[name], largest)
        axis.set_title(head, pad=style.FONT_PT[size] * 2.8)
    _legend(figure, top, 2 if size == "single" else 4)
    return figure


def _likely_came(chance: FloatArray, fact: FloatArray, of_method: BoolArray, method: str) -> str:
    """How many of the events that the first method called likely came true."""
    is_likely = of_method & (chance >= 0.5)
    if not is_likely.any():
        return ""
    n_true, n = int(fact[is_likely].sum()), int(is_likely.sum())
    return WORDS.text("claim", method=method, n_true=n_true, n=n)


def _caption(with_few: Sequence[str], n_more: int, about: str, source: str) -> str:
    parts = [WORDS.text("marks"), about]
    if with_few:
        names = listed(with_few)
        if len(with_few) > MAX_NAMED:
            names = WORDS.text("methods", n=len(with_few))
        parts.append(WORDS.text("without_curve", names=names, min_events=MIN_EVENTS))
    if n_more > 0:
        parts.append(WORDS.text("not_drawn", n=n_more))
    return " ".join([*filter(None, parts), source])


def _panel(axis: Axes, rows: pd.DataFrame, curve: Recalibrated, largest: float) -> None:
    import matplotlib as mpl

    font = float(mpl.rcParams["font.size"])
    colour = style.METHOD_COLOURS["quota polls"]
    canvas.tidy(axis, grid="y")
    axis.tick_params(labelbottom=True)
    axis.plot([0, 1], [0, 1], color=style.SOFT, linewidth=0.7, linestyle="--", zorder=1)
    mean, frequency = rows["mean_probability"], rows["frequency"]
    axis.vlines(
        mean, rows["expected_low"], rows["expected_high"], color=style.GRID, linewidth=font * 0.9
    )
    axis.step(
        curve.probability,
        curve.recalibrated,
        where="mid",
        color=style.METHOD_COLOURS["published claims"],
        linewidth=0.9,
        zorder=2,
    )
    axis.vlines(mean, rows["low"], rows["high"], color=colour, linewidth=0.9, zorder=3)
    diameter = font / style.FONT_PT["double"] * LARGEST * np.sqrt(rows["n"] / largest)
    axis.scatter(
        mean,
        frequency,
        s=np.square(np.maximum(diameter, 0.3 * font)),
        color=colour,
        linewidth=0,
        zorder=4,
        clip_on=False,
    )
    scores = WORDS.lines(
        "scores",
        n_events=curve.n,
        n_true=curve.n_true,
        brier=curve.brier,
        miscalibration=curve.miscalibration,
        discrimination=curve.discrimination,
    )
    parts = axis.annotate(
        "\n".join(scores),
        (0, 1),
        (0, font * 0.5),
        xycoords="axes fraction",
        textcoords="offset points",
        color=style.SOFT,
        fontsize=0.85 * font,
        annotation_clip=False,
    )
    parts.set_in_layout(False)
    ticks = [0, 0.25, 0.5, 0.75, 1]
    labels = ["0", "25", "50", "75", in_form("100%")]
    axis.set_xlim(-0.02, 1.02)
    axis.set_ylim(-0.02, 1.02)
    axis.set_xticks(ticks, labels)
    axis.set_yticks(ticks, labels)


def _legend(figure: Figure, top: float, per_line: int) -> None:
    colour = style.METHOD_COLOURS["quota polls"]
    corp = style.METHOD_COLOURS["published claims"]
    looks: dict[str, dict[str, Any]] = {
        WORDS.text("by_bin"): {"color": colour, "marker": "o", "linewidth": 0.9, "markersize": 4},
        WORDS.text("recalibrated"): {"color": corp, "linewidth": 0.9},
        WORDS.text("if_right"): {"color": style.GRID, "linewidth": 5},
        WORDS.text("as_stated"): {"color": style.SOFT, "linewidth": 0.7, "linestyle": "--"},
    }
    canvas.legend(figure, list(looks.values()), list(looks), top, per_line)

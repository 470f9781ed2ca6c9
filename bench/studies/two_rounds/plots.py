"""Who would meet in the runoff: the likeliest pairs of every forecast."""

from typing import TYPE_CHECKING

import pandas as pd

from bench.core.language import _, ngettext
from bench.report.formatting import day, format_probability
from bench.report.plotting import layout as canvas
from bench.report.plotting import style

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SHOWN = 5  # pairs of each forecast
MOST = 12  # forecasts


@canvas.styled
def likely_pairs(pairs: pd.DataFrame, title: str, source: str, *, size: str = "double") -> "Figure":
    """Draw the probability of the likeliest pairs, one panel per forecast.

    Parameters
    ----------
    pairs
        election, as_of, predictor, first, second, probability, came; the likeliest first.
    title, source
        Heading, and where evidence and outcome come from.
    size
        Size preset.
    """
    keys = ["election", "as_of", "predictor"]
    last = pairs[pairs["as_of"].eq(pairs.groupby("election")["as_of"].transform("max"))]
    newest = sorted(last["election"].unique())[-1]
    groups = list(last[last["election"].eq(newest)].groupby(keys, sort=False))[:MOST]
    n = last["election"].nunique()
    per_line = 1 if size == "single" else min(len(groups), 3)
    lines = -(-len(groups) // per_line)
    figure, axes, _top = canvas.sheet(
        size,
        lines * (0.5 + 0.2 * SHOWN),
        title=_("The likeliest runoffs: {title}", title=title),
        subtitle=_(
            "probability of a runoff between two candidates, percent: {newest}", newest=newest
        ),
        caption=ngettext(
            "The {shown} likeliest pairs of each forecast; the pair that came to be is in the "
            "strong colour. {forecasts} forecasts as of {day}, one election: one draw. The rest of "
            "the 100% lies on other pairs. {source}",
            "The {shown} likeliest pairs of each forecast; the pair that came to be is in the "
            "strong colour. {forecasts} forecasts as of {day}, the last of {n} elections: one "
            "draw. The rest of the 100% lies on other pairs. {source}",
            n,
            shown=SHOWN,
            forecasts=len(groups),
            day=day(last["as_of"].max()),
            source=source,
        ),
        rows=lines,
        columns=per_line,
        sharex=True,
    )
    highest = 0.0
    for axis, (key, part) in zip(axes.flat, groups, strict=False):
        place = range(len(part))
        shown = part[[i < SHOWN or came for i, came in zip(place, part["came"], strict=True)]]
        names = [
            f"{a} – {b}".replace("_", " ")
            for a, b in zip(shown["first"], shown["second"], strict=True)
        ]
        colours = [
            style.METHOD_COLOURS["quota polls"] if came else "#a9c3df" for came in shown["came"]
        ]
        values = 100 * shown["probability"].to_numpy(float)
        highest = max(highest, float(values.max()))
        axis.barh(range(len(shown)), values, color=colours, height=0.66)
        for y, value in enumerate(values):
            axis.text(value, y, f" {format_probability(value / 100)}", va="center", ha="left")
        axis.set_yticks(range(len(shown)), [canvas.cut(name) for name in names])
        axis.set_ylim(len(shown) - 0.4, -0.6)
        axis.set_title(str(key[2]))
        canvas.tidy(axis)
        axis.tick_params(labelbottom=True)
    for axis in axes.flat[len(groups) :]:
        axis.set_visible(False)
    axes[0, 0].set_xlim(0, 1.3 * highest)
    return figure

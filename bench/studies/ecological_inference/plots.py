"""Mean error of every method where the answer is known."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import cycle
from typing import TYPE_CHECKING

import pandas as pd

from bench.core.language import N_, _, in_form
from bench.report.plotting import layout as canvas
from bench.report.plotting import style

if TYPE_CHECKING:
    from matplotlib.figure import Figure

WORDS = {"m3": N_("rare rows and columns merged"), "full": N_("as published")}
NARROW = {"m3": N_("rare merged"), "full": N_("as published")}
TICKS = (5, 10, 20, 40)  # percent


@canvas.styled
def known_tables(
    summary: pd.DataFrame,
    *,
    ours: Sequence[str],
    n_elections: int,
    caption: str,
    claim: str = "",
    size: str = "double",
) -> Figure:
    """Draw the mean error index of every method by dataset, one panel per variant.

    Parameters
    ----------
    summary
        variant, dataset, tuned, method, n, error_index, low, high.
    ours
        Methods of this project; others are peers and drawn hollow.
    n_elections
        Elections in all; a peer that was run on fewer is named with its number.
    caption
        Source and licence of the elections.
    claim
        What the figure shows.
    size
        Size preset.
    """
    from matplotlib.ticker import FixedFormatter, FixedLocator, NullLocator

    variants = [v for v in WORDS if v in set(summary["variant"])]
    mean = summary.groupby("method")["error_index"].mean().sort_values(kind="stable")
    methods = [str(name) for name in mean.index]
    pairs = summary[["dataset", "tuned"]].drop_duplicates().sort_values(["dataset", "tuned"])
    looks = cycle(zip(style.SERIES, style.MARKERS, strict=True))
    groups = dict(zip(pairs.itertuples(index=False, name=None), looks, strict=False))
    lines = len(variants) if size == "single" else 1
    figure, axes, top = canvas.sheet(
        size,
        lines * (0.5 + 0.27 * len(methods)),
        title=_("Votes put into the wrong cell, where the answer is known: ecological inference"),
        claim=claim,
        caption=_(
            "Mean of the elections and 95% interval (bootstrap over elections). Filled: "
            "methods of this project; hollow: other systems on the same elections, which "
            "may be fewer ({n} in all; n in the table beside). Logarithmic "
            "scale. {caption}",
            n=n_elections,
            caption=caption,
        ),
        rows=lines,
        columns=len(variants) // lines,
        sharey=True,
        sharex=True,
        legend_lines=1 + (size == "single"),
        x_label=_("error index, percent of the votes"),
        grid="x",
    )
    for axis, variant in zip(axes.flat, variants, strict=True):
        axis.set_title(f"{variant}: {_((NARROW if size == 'single' else WORDS)[variant])}")
        axis.set_xscale("log")
        rows = summary[summary["variant"].eq(variant)]
        for j, ((dataset, tuned), (colour, marker)) in enumerate(groups.items()):
            mine = rows[rows["dataset"].eq(dataset) & rows["tuned"].eq(tuned)]
            for row in mine.to_dict("records"):
                y = methods.index(str(row["method"])) + (j - (len(groups) - 1) / 2) * 0.18
                axis.plot([row["low"], row["high"]], [y, y], color=colour, zorder=2)
                axis.plot(
                    row["error_index"],
                    y,
                    marker,
                    color=colour,
                    markerfacecolor=colour if row["method"] in ours else style.PAPER,
                    zorder=3,
                    markersize=style.FONT_PT[size] * 0.42,
                )
        axis.xaxis.set_major_locator(FixedLocator(TICKS))
        axis.xaxis.set_minor_locator(NullLocator())
        axis.xaxis.set_major_formatter(FixedFormatter([in_form(f"{t:g}") for t in TICKS]))
    for axis in axes.flat:
        axis.tick_params(labelbottom=axis in axes[-1])
    canvas.name_rows(axes, [name.replace("_", " ") for name in methods], size)
    handles = [{"color": colour, "marker": marker} for colour, marker in groups.values()]
    names = [
        _("{dataset}, tuned", dataset=dataset.removeprefix("ei_").replace("_", " "))
        if tuned
        else _("{dataset}, untouched", dataset=dataset.removeprefix("ei_").replace("_", " "))
        for dataset, tuned in groups
    ]
    canvas.legend(figure, handles, names, top, 2 if size == "single" else len(groups))
    return figure

"""Mean error of every method where the answer is known."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd

from bench.core.language import N_, _, in_form
from bench.report.plotting import layout as canvas
from bench.report.plotting import style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WORDS = {"m3": N_("rare rows and columns merged"), "full": N_("as published")}
NARROW = {"m3": N_("rare merged"), "full": N_("as published")}
COLOURS = ("#0b4f96", "#d99000", "#2a7f62", "#a6266e", "#9a7fe0", "#4b5563")


@canvas.styled
def known_tables(
    summary: pd.DataFrame,
    *,
    ours: Sequence[str],
    n_elections: int,
    caption: str,
    claim: str = "",
    size: str = "double",
) -> "Figure":
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
    variants = [v for v in WORDS if v in set(summary["variant"])]
    mean = summary.groupby("method")["error_index"].mean().sort_values(kind="stable")
    methods = [str(name) for name in mean.index]
    pairs = summary[["dataset", "tuned"]].drop_duplicates().sort_values(["dataset", "tuned"])
    groups = [(str(d), bool(t)) for d, t in zip(pairs["dataset"], pairs["tuned"], strict=True)]
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
    )
    colours = dict(zip(groups, COLOURS * (1 + len(groups) // len(COLOURS)), strict=False))
    for axis, variant in zip(axes.flat, variants, strict=True):
        canvas.tidy(axis)
        axis.set_title(f"{variant}: {_((NARROW if size == 'single' else WORDS)[variant])}")
        axis.set_xscale("log")
        rows = summary[summary["variant"].eq(variant)]
        for j, group in enumerate(groups):
            mine = rows[rows["dataset"].eq(group[0]) & rows["tuned"].eq(group[1])]
            for row in mine.to_dict("records"):
                y = methods.index(str(row["method"])) + (j - (len(groups) - 1) / 2) * 0.18
                axis.plot([row["low"], row["high"]], [y, y], color=colours[group], zorder=2)
                face = colours[group] if row["method"] in ours else style.PAPER
                axis.plot(
                    row["error_index"],
                    y,
                    style.MARKERS[j % len(style.MARKERS)],
                    color=colours[group],
                    markerfacecolor=face,
                    zorder=3,
                    markersize=style.FONT_PT[size] * 0.42,
                )
        _ticks(axis)
    for axis in axes.flat:
        axis.tick_params(labelbottom=axis in axes[-1])
    canvas.name_rows(axes, [name.replace("_", " ") for name in methods], size)
    _legend(figure, groups, colours, top, size)
    return figure


def _ticks(axis: "Axes") -> None:
    from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

    axis.xaxis.set_major_locator(FixedLocator([5, 10, 20, 40]))
    axis.xaxis.set_minor_locator(NullLocator())
    axis.xaxis.set_major_formatter(FuncFormatter(lambda v, _place: in_form(f"{v:g}")))


def _legend(
    figure: "Figure",
    groups: Sequence[tuple[str, bool]],
    colours: dict[tuple[str, bool], str],
    top: float,
    size: str,
) -> None:

    handles = [
        {"color": colours[g], "marker": style.MARKERS[j % len(style.MARKERS)]}
        for j, g in enumerate(groups)
    ]
    names = [
        _("{dataset}, tuned", dataset=dataset.removeprefix("ei_").replace("_", " "))
        if tuned
        else _("{dataset}, untouched", dataset=dataset.removeprefix("ei_").replace("_", " "))
        for dataset, tuned in groups
    ]
    canvas.legend(figure, handles, names, top, 2 if size == "single" else len(groups))

"""Mean error of every method where the answer is known."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import cycle

import pandas as pd

from bench.core.language import N_, _
from bench.report.figure import Axis, Figure, Mark
from bench.report.plotting import style

WORDS = {"m3": N_("rare rows and columns merged"), "full": N_("as published")}
TICKS = (5, 10, 20, 40)  # percent


def known_tables(
    summary: pd.DataFrame,
    *,
    ours: Sequence[str],
    n_elections: int,
    caption: str,
    claim: str = "",
) -> Figure:
    """The mean error index of every method by dataset, one panel per variant.

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
    """
    mean = summary.groupby("method")["error_index"].mean().sort_values(kind="stable")
    pairs = summary[["dataset", "tuned"]].drop_duplicates().sort_values(["dataset", "tuned"])
    words = [
        _("{dataset}, tuned", dataset=dataset.removeprefix("ei_").replace("_", " "))
        if tuned
        else _("{dataset}, untouched", dataset=dataset.removeprefix("ei_").replace("_", " "))
        for dataset, tuned in pairs.itertuples(index=False, name=None)
    ]
    series = cycle(zip(style.SERIES, style.MARKERS, strict=True))
    looks = {
        name: {"color": colour, "marker": mark, "shift": 0.18 * (j - (len(words) - 1) / 2)}
        for j, (name, (colour, mark)) in enumerate(zip(words, series, strict=False))
    }
    rows = summary.merge(pairs.assign(group=words), how="left").assign(
        peer=~summary["method"].isin(ours).to_numpy(),
        name=summary["method"].str.replace("_", " ").to_numpy(),
    )
    return Figure(
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
        panel="variant",
        panels={key: f"{key}: {_(WORDS[key])}" for key in WORDS if key in set(summary["variant"])},
        x=Axis(label=_("error index, percent of the votes"), scale="log", ticks=TICKS),
        y=Axis(names=[str(name).replace("_", " ") for name in mean.index]),
        height=0.5,
        per_row=0.27,
        bands=True,
        looks=looks,
        legend={name: look | {"linestyle": "-"} for name, look in looks.items()},
        marks=(
            Mark("rule", rows, "low", "name", "high", by="group"),
            Mark("dot", rows, "error_index", "name", by="group", hollow="peer"),
        ),
    )

"""The figure of the record: pairs in a forest, and its chart of the page."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from bench.core.language import _, in_form
from bench.metrics.comparison.ratios import FEWEST_CLUSTERS
from bench.metrics.comparison.verdict import EQUIVALENT
from bench.report.charts import Chart, intervals, labelled
from bench.report.plotting import layout as canvas
from bench.report.plotting import style
from bench.studies.track_record.estimates import STRATA
from bench.studies.track_record.sentences import STRATUM, Words

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

TICKS = (0.2, 0.3, 0.5, 0.7, 1, 1.5, 2, 3, 5, 7, 10, 15, 20, 30, 50)
SHORT = {"two": " (2)", "more": " (3+)"}  # candidates: a name stands once in a chart
COLOUR = style.METHOD_COLOURS["quota polls"]


def forest_rows(pairs: pd.DataFrame, words: Words) -> pd.DataFrame:
    """Mean absolute errors of vote shares beside the reference, by stratum, the best first."""
    rows = pairs[pairs["kind"].eq("shares") & pairs["measure"].eq("mae")]
    rows = rows[rows["other"].eq(words.reference)].sort_values("ratio", kind="stable")
    parts = [rows[rows["stratum"].eq(stratum)] for stratum in STRATA]
    return pd.concat(parts, ignore_index=True)


@canvas.styled
def forest(pairs: pd.DataFrame, words: Words, *, size: str = "double") -> Figure:
    """Draw the error of every family beside the reference in every stratum, with its interval.

    Parameters
    ----------
    pairs
        The table of that name.
    words
        The family at 1 is their reference.
    size
        Size preset.
    """
    rows = forest_rows(pairs, words)
    heads = rows.drop_duplicates("stratum")["stratum"].to_dict()
    figure, axes, _top = canvas.sheet(
        size,
        0.3 + 0.21 * (len(rows) + len(heads)),
        title=words.title,
        claim=_(
            "Of {n} pairs, {better} are better than “{family}”, {equivalent} equivalent, {worse} "
            "worse; for {unknown} there is not enough information",
            n=len(rows),
            better=int(rows["verdict"].eq("better").sum()),
            equivalent=int(rows["verdict"].eq("equivalent").sum()),
            worse=int(rows["verdict"].eq("worse").sum()),
            unknown=int(rows["verdict"].eq("not_enough").sum()),
            family=words.against,
        ),
        subtitle=_("mean absolute error of vote shares; election days, votes and countries beside"),
        caption=_(
            "Dots: geometric mean of the ratios to “{family}” on the votes that both answered, "
            "election days alike; lines: 95% intervals, none below {n} election days (hollow "
            "dots). Grey: the margin of equivalence. {source}",
            family=words.against,
            n=FEWEST_CLUSTERS,
            source=words.source,
        ),
        x_label=_("error, times that of “{family}”", family=words.against),
    )
    axis = axes[0, 0]
    canvas.tidy(axis)
    axis.set_xscale("log")
    axis.axvspan(*EQUIVALENT, color=style.GRID, linewidth=0, zorder=0)
    dot = style.FONT_PT[size] * 0.6
    y, names = -1, {}
    for place, row in enumerate(rows.to_dict("records")):
        y += 1
        if place in heads:
            names[y] = _(STRATUM[row["stratum"]])
            y += 1
        names[y] = words.labels[row["family"]]
        known = not np.isnan(row["low"])
        if known:
            axis.plot([row["low"], row["high"]], [y, y], color=COLOUR)
        look = {"color": COLOUR, "markerfacecolor": COLOUR if known else style.PAPER}
        axis.plot(row["ratio"], y, "o", markersize=dot, **look)
        axis.annotate(
            f"{row['days']:,} · {row['votes']:,} · {row['countries']}",
            (1.0, y),
            xycoords=("axes fraction", "data"),
            xytext=(4, 0),
            textcoords="offset points",
            va="center",
            color=style.SOFT,
        )
    axis.set_yticks(list(names), [canvas.cut(name, 34) for name in names.values()])
    for label in axis.get_yticklabels():
        if label.get_text() in {_(one) for one in STRATUM.values()}:
            label.set_fontweight("bold")
    axis.set_ylim(y + 0.6, -0.6)
    axis.axvline(1, color=style.METHOD_COLOURS["floors"], linewidth=0.8, zorder=0)
    _log_ticks(axis)
    return figure


def forest_chart(pairs: pd.DataFrame, words: Words) -> Chart:
    """The same as a chart of the page."""
    known = forest_rows(pairs, words)
    kinds = known["stratum"].map(STRATUM).map(_)
    rows, columns = labelled(
        family=(_("Family"), known["family"].map(words.labels) + known["stratum"].map(SHORT)),
        set=(_("Votes"), kinds),
        value=(_("Ratio of errors"), known["ratio"].round(2)),
        low=(_("95% interval from"), known["low"].round(2)),
        high=(_("95% interval to"), known["high"].round(2)),
        days=(_("Election days"), known["days"].astype(int)),
    )
    across = _("error, times that of “{family}”", family=words.against)
    return intervals(rows, "family", columns, across)


def _log_ticks(axis: Axes) -> None:
    low, high = axis.get_xlim()
    ticks = [tick for tick in TICKS if low <= tick <= high]
    step = -(-len(ticks) // 10)
    ticks = ticks[ticks.index(1) % step if 1 in ticks else 0 :: step]
    axis.set_xticks(ticks, [in_form(f"{tick:g}") for tick in ticks])
    axis.set_xticks([], minor=True)

"""Figures of the record: families in a forest, by country and by days; its chart of the page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from bench.core.language import _, in_form, ngettext
from bench.report.charts import Chart, intervals, labelled
from bench.report.plotting import layout as canvas
from bench.report.plotting import style
from bench.studies.track_record.sentences import Words

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

TICKS = (0.2, 0.3, 0.5, 0.7, 1, 1.5, 2, 3, 5, 7, 10, 15, 20, 30, 50)
MOST_COUNTRIES = 24
MOST_PANELS = 6
DEEPEST = 4.0  # ratio that has the full colour
COLOUR = style.METHOD_COLOURS["quota polls"]
WORSE, BETTER = style.WRONG, style.RIGHT


@canvas.styled
def forest(families: pd.DataFrame, words: Words, *, size: str = "double") -> Figure:
    """Draw the error of every family beside the reference, best first, with its interval.

    Parameters
    ----------
    families
        family, relative, low, high, elections, votes, countries.
    words
        The family at 1 is their reference.
    size
        Size preset.
    """
    rows = families.dropna(subset="relative").to_dict("records")
    figure, axes, _top = canvas.sheet(
        size,
        0.3 + 0.21 * len(rows),
        title=words.title,
        claim=_apart(families, words),
        subtitle=_("mean absolute error of vote shares; election days, votes and countries beside"),
        caption=_(
            "Dots: error beside that of “{family}”, the difficulty of every vote taken out "
            "(two-way fixed effects of logarithms, every election day counting alike); "
            "lines: 95% intervals clustered by country and day, none below six election "
            "days (hollow dots). {source}",
            family=words.against,
            source=words.source,
        ),
        x_label=_("error, times that of “{family}”", family=words.against),
    )
    axis = axes[0, 0]
    canvas.tidy(axis)
    axis.set_xscale("log")
    dot = style.FONT_PT[size] * 0.6
    for y, row in enumerate(rows):
        if not np.isnan(row["low"]):
            axis.plot([row["low"], row["high"]], [y, y], color=COLOUR)
        axis.plot(row["relative"], y, "o", **_dot(row, row["family"] == words.reference, dot))
        counts = f"{row['elections']:,} · {row['votes']:,} · {row['countries']}"
        axis.annotate(
            counts,
            (1.0, y),
            xycoords=("axes fraction", "data"),
            xytext=(4, 0),
            textcoords="offset points",
            va="center",
            color=style.SOFT,
        )
    axis.set_yticks(range(len(rows)), [canvas.cut(words.labels[row["family"]], 34) for row in rows])
    axis.set_ylim(len(rows) - 0.4, -0.6)
    axis.axvline(1, color=style.METHOD_COLOURS["floors"], linewidth=0.8, zorder=0)
    _log_ticks(axis, "x")
    return figure


def forest_chart(families: pd.DataFrame, labels: Mapping[str, str], against: str) -> Chart:
    """The same as a chart of the page; `against` is the reference, in a sentence."""
    known = families.dropna(subset="relative")
    rows, columns = labelled(
        family=(_("Family"), known["family"].map(labels)),
        value=(_("Ratio of errors"), known["relative"].round(2)),
        low=(_("95% interval from"), known["low"].round(2)),
        high=(_("95% interval to"), known["high"].round(2)),
        days=(_("Election days"), known["elections"].astype(int)),
    )
    across = _("error, times that of “{family}”", family=against)
    return intervals(rows, "family", columns, across)


def _dot(row: Mapping[Any, Any], is_reference: bool, size_pt: float) -> dict[str, Any]:
    """The look of an estimate: hollow without an interval, but for the reference."""
    hollow = np.isnan(row["low"]) and not is_reference
    return {
        "color": COLOUR,
        "markerfacecolor": style.PAPER if hollow else COLOUR,
        "markersize": size_pt,
    }


def _apart(families: pd.DataFrame, words: Words) -> str:
    """How many families stand apart from the reference by their whole interval."""
    held = families[families["family"].ne(words.reference)].dropna(subset="low")
    if held.empty:
        return ""
    return _(
        "Of {n} families with a 95% interval, {better} err less than “{family}” with the whole "
        "of it, {worse} more",
        n=len(held),
        better=int(held["high"].lt(1).sum()),
        worse=int(held["low"].gt(1).sum()),
        family=words.against,
    )


def _log_ticks(axis: Axes, which: str) -> None:
    low, high = axis.get_xlim() if which == "x" else axis.get_ylim()
    ticks = [tick for tick in TICKS if low <= tick <= high]
    step = -(-len(ticks) // (10 if which == "x" else 5))
    ticks = ticks[ticks.index(1) % step if 1 in ticks else 0 :: step]
    put = axis.set_xticks if which == "x" else axis.set_yticks
    put(ticks, [in_form(f"{tick:g}") for tick in ticks])
    put([], minor=True)


@canvas.styled
def by_country(
    countries: pd.DataFrame, order: Sequence[str], words: Words, *, size: str = "double"
) -> Figure:
    """Draw families by countries: error beside the reference, and election days in small.

    Parameters
    ----------
    countries
        family, country, elections, relative.
    order
        Families from top to bottom.
    words
        As of `forest`.
    size
        Size preset.
    """
    from matplotlib.colors import LinearSegmentedColormap, to_hex

    is_reference = countries["family"].eq(words.reference)
    shown = countries[countries["family"].isin(order) & ~is_reference].dropna(subset="relative")
    by_days = countries[is_reference].set_index("country")["elections"]
    most = by_days.sort_values(ascending=False, kind="stable").index[:MOST_COUNTRIES]
    names = [name for name in order if name in set(shown["family"])]
    wide = shown.pivot(index="family", columns="country", values="relative")
    wide = wide.reindex(index=names, columns=[c for c in most if c in wide])
    n = shown.pivot(index="family", columns="country", values="elections").reindex_like(wide)
    columns = list(wide.columns)
    figure, axes, _top = canvas.sheet(
        size,
        0.35 + 0.24 * len(names),
        title=_("Families of methods by country"),
        claim=_(
            "In {k} of {n} cells the family errs more than “{family}”",
            k=int(wide.gt(1).sum().sum()),
            n=int(wide.notna().sum().sum()),
            family=words.against,
        ),
        subtitle=_("error, times that of “{family}” in the same country", family=words.against),
        caption=_(
            "Green is closer, red is farther off; small: election days. No intervals: most "
            "cells hold a few elections and say little by themselves. The {n} countries "
            "with the most election days. {source}",
            n=len(columns),
            source=words.source,
        ),
    )
    axis = axes[0, 0]
    colours = LinearSegmentedColormap.from_list("", [BETTER, style.PAPER, WORSE])
    ratios, counts = wide.to_numpy(dtype=float), n.to_numpy(dtype=float)
    values = np.log(ratios)
    axis.imshow(values, cmap=colours, vmin=-np.log(DEEPEST), vmax=np.log(DEEPEST), aspect="auto")
    small = style.FONT_PT[size] * (0.82 if len(columns) > 14 else 0.9)
    for (y, x), ratio in np.ndenumerate(ratios):
        if np.isnan(ratio):
            continue
        place = np.clip(0.5 + values[y, x] / (2 * np.log(DEEPEST)), 0.0, 1.0)
        ink = canvas.readable_on(to_hex(colours(float(place))))
        said = in_form(f"{ratio:.1f}" if ratio < 9.95 else f"{ratio:.0f}")
        days = f"{counts[y, x]:.0f}"
        axis.text(x, y, said, ha="center", va="bottom", color=ink, fontsize=small)
        axis.text(x, y + 0.06, days, ha="center", va="top", color=ink, fontsize=small * 0.72)
    axis.set_xticks(range(len(columns)), columns)
    axis.set_yticks(range(len(names)), [canvas.cut(words.labels[name], 34) for name in names])
    axis.tick_params(length=0, labeltop=True, labelbottom=False)
    for spine in axis.spines.values():
        spine.set_visible(False)
    return figure


@canvas.styled
def by_days(moments: pd.DataFrame, words: Words, *, size: str = "double") -> Figure:
    """Draw one panel per family: error beside the reference by days before the vote.

    Parameters
    ----------
    moments
        family, days_before, elections, relative, low, high.
    words
        As of `forest`.
    size
        Size preset.
    """
    counts = moments.groupby("family").agg({"days_before": "nunique", "elections": "max"})
    counts = counts[counts["days_before"] > 1]
    order = dict.fromkeys((words.reference, *words.labels))
    drawn = counts.loc[[name for name in order if name in counts.index], "elections"]
    most = drawn.nlargest(MOST_PANELS, keep="first").index
    names = [str(name) for name in drawn.index if name in most]
    days = sorted(moments["days_before"].unique())
    place = {number: x for x, number in enumerate(reversed(days))}
    figure, axes, _top = canvas.panels(
        [words.labels[name] for name in names],
        size,
        1.15,
        per_line=3,
        narrow=2,
        title=_("Families of methods by days before the vote"),
        claim=_nearer(moments[moments["family"].isin(names)], words),
        subtitle=_(
            "error, times that of “{family}” at the same moment (that family itself: times "
            "its own error at the last moment)",
            family=words.against,
        ),
        caption=_(
            "Lines: 95% intervals clustered by country and day, none below six election "
            "days. Votes whose polls have no day of publication are at the last moment "
            "alone. {source}",
            source=_without_panel(len(drawn) - len(names)) + words.source,
        ),
        x_label=_("days before the vote"),
        grid="y",
        sharex=True,
        sharey=True,
    )
    dot = style.FONT_PT[size] * 0.4
    for axis, name in zip(axes.flat, names, strict=False):
        rows = moments[moments["family"].eq(name)].sort_values("days_before", ascending=False)
        x = [place[number] for number in rows["days_before"]]
        axis.plot(x, rows["relative"], "-", color=canvas.lighter(COLOUR, 0.5))
        for at, row in zip(x, rows.to_dict("records"), strict=True):
            if not np.isnan(row["low"]):
                axis.plot([at, at], [row["low"], row["high"]], color=COLOUR)
            axis.plot(at, row["relative"], "o", **_dot(row, row["relative"] == 1, dot))
        axis.axhline(1, color=style.METHOD_COLOURS["floors"], linewidth=0.8, zorder=0)
    axes[0, 0].set_yscale("log")
    _log_ticks(axes[0, 0], "y")
    axes[0, 0].set_xticks(list(place.values()), [str(number) for number in place])
    return figure


def _without_panel(n: int) -> str:
    if not n:
        return ""
    words = ngettext(
        "{n} more family, with fewer election days: see the table.",
        "{n} more families, with fewer election days: see the table.",
        n,
    )
    return f"{words} "


def _nearer(moments: pd.DataFrame, words: Words) -> str:
    """How many families are nearer to the reference at the last moment than at the first."""
    rows = moments[moments["family"].ne(words.reference)].sort_values(
        "days_before", ascending=False
    )
    apart = np.log(rows["relative"]).abs().groupby(rows["family"]).agg(["first", "last"])
    if apart.empty:
        return ""
    return _(
        "{k} of {n} families are nearer to “{family}” at the last moment than at their first",
        k=int(apart["last"].lt(apart["first"]).sum()),
        n=len(apart),
        family=words.against,
    )

"""Methods over many votes: error beside the baseline's with its interval, and who answered when."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from bench.core.language import N_, _, in_form
from bench.core.options import labels
from bench.report.charts import Chart, intervals, labelled
from bench.report.formatting import day
from bench.report.plotting import layout as canvas
from bench.report.plotting import style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

TICKS = (0.1, 0.2, 0.5, 0.7, 1, 1.5, 2, 3, 5, 10, 20, 50, 100)  # times the baseline
# state: marker, filled, colour, words
LOOKS = {
    "whole": ("s", True, style.METHOD_COLOURS["quota polls"], N_("whole ballot")),
    "part": ("D", False, style.METHOD_COLOURS["buzz"], N_("part of it")),
    "abstained": ("_", False, style.SOFT, N_("abstained")),
    "failed": ("x", False, style.WRONG, N_("failed")),
}


@canvas.styled
def comparison(summary: pd.DataFrame, title: str, source: str, *, size: str = "double") -> Figure:
    """Draw one panel per set of votes, one row per method.

    Parameters
    ----------
    summary
        group, predictor, votes, relative_skill, and NaN without an interval: relative_low,
        relative_high.
    title, source
        Heading, and where evidence and outcome come from.
    size
        Size preset.
    """
    groups = [int(group) for group in sorted(summary["group"].unique())]
    sizes = [int(summary["group"].eq(group).sum()) for group in groups]
    called = labels("predictor", summary["predictor"].unique())
    tall = canvas.row_lines(list(called.values()), size)
    words = (
        N_(
            "Dots: geometric mean of the ratios of CRPS over {n} votes and dates, 1 is the "
            "baseline; lines: 95% intervals over elections. Methods are compared within a set "
            "only: its members answered the same votes and dates. {source}"
        )
        if summary["relative_low"].notna().any()
        else N_(
            "Dots: geometric mean of the ratios of CRPS over {n} votes and dates, 1 is the "
            "baseline; too few elections for an interval. Methods are compared within a set "
            "only: its members answered the same votes and dates. {source}"
        )
    )
    figure, axes, _top = canvas.sheet(
        size,
        0.2 + 0.3 * len(groups) + 0.19 * sum(sizes) * tall,
        title=_("Error of every method compared with the baseline: {title}", title=title),
        claim=_least(summary, called),
        caption=_(words, n=canvas.span(summary["votes"].astype(int)), source=source),
        rows=len(groups),
        sharex=True,
        gridspec_kw={"height_ratios": [n + 0.6 for n in sizes]},
        grid="x",
        x_label=_("CRPS, times that of the baseline"),
    )
    dot = style.FONT_PT[size] * 0.5
    for axis, group in zip(axes[:, 0], groups, strict=True):
        rows = summary[summary["group"].eq(group)].sort_values("relative_skill", kind="stable")
        colour, y = style.METHOD_COLOURS["quota polls"], np.arange(len(rows))
        known = rows["relative_low"].notna().to_numpy()
        low, high = rows["relative_low"][known], rows["relative_high"][known]
        axis.hlines(y[known], low, high, color=colour)
        axis.plot(rows["relative_skill"], y, "o", color=colour, markersize=dot)
        names = [called[name] for name in rows["predictor"]]
        canvas.name_rows(np.array([[axis]]), names, size, bands=False)
        axis.set_title(
            _("set {n}: {votes} votes and dates", n=group, votes=int(rows["votes"].iloc[0]))
        )
        axis.tick_params(labelbottom=axis is axes[-1, 0])
        axis.axvline(1, color=style.METHOD_COLOURS["floors"], linewidth=0.8, zorder=0)
    axes[0, 0].set_xscale("log")
    low, high = axes[0, 0].get_xlim()
    ticks = [tick for tick in TICKS if low <= tick <= high]
    axes[0, 0].set_xticks(ticks, [in_form(f"{tick:g}") for tick in ticks])
    axes[0, 0].set_xticks([], minor=True)
    return figure


def comparison_chart(summary: pd.DataFrame) -> Chart:
    """The errors of methods over many votes beside those of the baseline.

    Parameters
    ----------
    summary
        As of `comparison`, and elections.
    """
    known = summary[summary["relative_skill"].notna()]
    known = known.sort_values(["group", "relative_skill"], kind="stable")
    called = labels("predictor", known["predictor"].unique())
    rows, columns = labelled(
        method=(_("Method"), known["predictor"].map(called)),
        value=(_("Ratio of errors"), known["relative_skill"].round(3)),
        low=(_("95% interval from"), known["relative_low"].round(3)),
        high=(_("95% interval to"), known["relative_high"].round(3)),
        votes=(_("Votes and dates"), known["votes"].astype(int)),
        elections=(_("Elections"), known["elections"].astype(int)),
        set=(_("Set of equal votes"), known["group"].astype(int).astype(str)),
    )
    return intervals(rows, "method", columns, _("Error (CRPS), times that of the baseline"))


def largest_set(summary: pd.DataFrame) -> pd.DataFrame:
    """The methods of that set of equal votes in which most forecasts are compared.

    Examples
    --------
    >>> sets = pd.DataFrame({"group": [1, 1, 2, 2, 2], "votes": [2, 2, 1, 1, 1]})
    >>> largest_set(sets)["votes"].tolist()
    [2, 2]
    """
    forecasts = summary.groupby("group")["votes"].transform("sum")
    largest = summary[forecasts.eq(forecasts.max())]
    return largest[largest["group"].eq(largest["group"].min())]


def _least(summary: pd.DataFrame, called: Mapping[str, str]) -> str:
    """The least error in the largest set, if it is one's alone."""
    rows = largest_set(summary)
    if len(rows) < 2 or rows["votes"].iloc[0] < 2:
        return ""
    best = rows.iloc[int(rows["relative_skill"].to_numpy().argmin())]
    if best["relative_skill"] == 1:
        return _(
            "None of {n} methods had a smaller error than the baseline over the same {votes} votes "
            "and dates",
            n=len(rows),
            votes=int(best["votes"]),
        )
    return _(
        "“{method}” had the smallest mean ratio of {n} methods on the same {votes} votes and "
        "dates: {times} times the baseline’s error",
        method=called[best["predictor"]],
        n=len(rows),
        votes=int(best["votes"]),
        times=in_form(f"{best['relative_skill']:.2f}"),
    )


def states(methods: pd.DataFrame) -> pd.DataFrame:
    """State of every attempt: whole, part, abstained or failed.

    Examples
    --------
    >>> rows = pd.DataFrame({"predictor": ["a", "b", "c"], "status": ["ok", "ok", "abstained"],
    ...                      "named": [3, 2, 0], "n_candidates": 3})
    >>> states(rows)["state"].tolist()
    ['whole', 'part', 'abstained']
    """
    whole = methods["named"].ge(methods["n_candidates"])
    partly = whole.map({True: "whole", False: "part"})
    answered = methods["status"].eq("ok") & methods["named"].gt(0)
    silent = methods["status"].where(methods["status"].ne("ok"), "abstained")
    return methods.assign(state=partly.where(answered, silent))


@canvas.styled
def coverage(methods: pd.DataFrame, title: str, source: str, *, size: str = "double") -> Figure:
    """Draw one row per method and one column per vote and date.

    Parameters
    ----------
    methods
        election, round, as_of, predictor, status, named, n_candidates.
    title, source
        Of the run.
    size
        Size preset.
    """
    rows = states(methods)
    names = list(dict.fromkeys(rows["predictor"]))
    moments = rows[["election", "round", "as_of"]].drop_duplicates()
    moments = moments.sort_values(["election", "round", "as_of"], ignore_index=True)
    places = {tuple(row): i for i, row in enumerate(moments.itertuples(index=False, name=None))}
    called = labels("predictor", names)
    figure, axes, top = canvas.sheet(
        size,
        0.55 + 0.19 * len(names) * canvas.row_lines(list(called.values()), size),
        title=_("Who answered, and when: {title}", title=title),
        claim=_(
            "{k} of {n} methods answered for the whole ballot every time",
            k=int(rows["state"].eq("whole").groupby(rows["predictor"]).all().sum()),
            n=len(names),
        ),
        caption=_(
            "{n} methods, {asked} from {first} to {last}. One column each, in order "
            "of time and not to scale. The table of what is missing says why. {source}",
            n=len(names),
            asked=_asked(moments),
            first=day(moments["as_of"].min()),
            last=day(moments["as_of"].max()),
            source=source,
        ),
        legend_lines=1,
        grid="x",
    )
    axis = axes[0, 0]
    canvas.name_rows(axes, [called[name] for name in names], size)
    dot = min(style.FONT_PT[size] * 0.55, 40 * style.WIDTHS_IN[size] / len(moments))
    handles = []
    for state, (marker, filled, colour, _words) in LOOKS.items():
        mine = rows[rows["state"].eq(state)]
        look = {
            "color": colour,
            "marker": marker,
            "linestyle": "",
            "markerfacecolor": colour if filled else style.PAPER,
        }
        handles.append(look)
        keys = mine[["election", "round", "as_of"]].itertuples(index=False, name=None)
        x, y = [places[key] for key in keys], [names.index(n) for n in mine["predictor"]]
        axis.plot(x, y, **look, markersize=dot)
    axis.set_xlim(-0.8, len(moments) - 0.2)
    _columns(axis, moments, size)
    words = [_(words) for *_look, words in LOOKS.values()]
    canvas.legend(figure, handles, words, top, len(words))
    return figure


def _asked(moments: pd.DataFrame) -> str:
    votes = len(moments[["election", "round"]].drop_duplicates())
    if votes == 1 or votes == len(moments):
        n = len(moments)
        return _("{n} dates", n=n) if votes == 1 else _("{n} votes", n=n)
    return _("{votes} votes on {n} dates", votes=votes, n=len(moments))


def _columns(axis: Axes, moments: pd.DataFrame, size: str) -> None:
    """The first column of every vote has its name, or every so many have their date."""
    votes = moments.drop_duplicates(["election", "round"])
    if len(votes) == 1:
        room = 4 if size == "single" else 8
        step = max(1, -(-len(moments) // room))
        chosen = moments.iloc[::step]
        labels = [f"{moment:%Y}\n{moment:%m-%d}" for moment in chosen["as_of"]]
    else:
        chosen = votes
        labels = [f"{v.election} r{v.round}" for v in votes.itertuples()]
    axis.set_xticks(list(chosen.index), labels, rotation=0 if len(votes) == 1 else 90)
    for start in votes.index[1:]:
        axis.axvline(start - 0.5, color=style.SOFT, linewidth=0.5)

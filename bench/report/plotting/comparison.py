"""Methods over many votes: error beside the baseline's with its interval, and who answered when."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from bench.core.language import N_, _, in_form
from bench.core.options import labels
from bench.report.figure import Axis, Figure, Mark
from bench.report.formatting import day
from bench.report.plotting import layout as canvas
from bench.report.plotting import style

TICKS = (0.1, 0.2, 0.5, 0.7, 1, 1.5, 2, 3, 5, 10, 20, 50, 100)  # times the baseline
COLUMNS = 6  # that are dated
# state: marker, filled, colour, words
LOOKS = {
    "whole": ("s", True, style.METHOD_COLOURS["quota polls"], N_("whole ballot")),
    "part": ("D", False, style.METHOD_COLOURS["buzz"], N_("part of it")),
    "abstained": ("_", False, style.SOFT, N_("abstained")),
    "failed": ("x", False, style.WRONG, N_("failed")),
}


def comparison(summary: pd.DataFrame, title: str, source: str) -> Figure:
    """One panel per set of votes, one row per method.

    Parameters
    ----------
    summary
        group, predictor, votes, relative_skill, and NaN without an interval: relative_low,
        relative_high.
    title, source
        Heading, and where evidence and outcome come from.
    """
    called = labels("predictor", summary["predictor"].unique())
    rows = summary.sort_values(["group", "relative_skill"], kind="stable")
    rows = rows.assign(method=rows["predictor"].map(called))
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
    x = Axis(label=_("CRPS, times that of the baseline"), scale="log", ticks=TICKS)
    sets = dict(iter(rows.groupby(rows["group"].astype(int))))
    return Figure(
        title=_("Error of every method compared with the baseline: {title}", title=title),
        claim=_least(summary, called),
        caption=_(words, n=canvas.span(summary["votes"].astype(int)), source=source),
        panel="group",
        panels={
            group: _("set {n}: {votes} votes and dates", n=group, votes=int(mine["votes"].iloc[0]))
            for group, mine in sets.items()
        },
        x=x,
        axes={group: (x, Axis(names=list(mine["method"]))) for group, mine in sets.items()},
        per_line=1,
        height=0.3,
        per_row=0.19,
        more=0.2,
        marks=(
            Mark("at", x=1, look={"color": style.METHOD_COLOURS["floors"]}),
            Mark("rule", rows, "relative_low", "method", "relative_high"),
            Mark("dot", rows, "relative_skill", "method"),
        ),
    )


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


def coverage(methods: pd.DataFrame, title: str, source: str) -> Figure:
    """One row per method and one column per vote and date.

    Parameters
    ----------
    methods
        election, round, as_of, predictor, status, named, n_candidates.
    title, source
        Of the run.
    """
    rows = states(methods)
    called = labels("predictor", list(dict.fromkeys(rows["predictor"])))
    keys = ["election", "round", "as_of"]
    moments = rows[keys].drop_duplicates().sort_values(keys, ignore_index=True)
    rows = rows.merge(moments.assign(place=moments.index), on=keys)
    rows["method"] = rows["predictor"].map(called)
    votes = moments.drop_duplicates(keys[:2])
    looks = {
        state: {"color": colour, "marker": marker, "fill": filled}
        for state, (marker, filled, colour, _words) in LOOKS.items()
    }
    dot = {"size": min(0.55, 20 / len(moments)), "zorder": 2}
    starts = pd.DataFrame({"place": votes.index[1:] - 0.5})
    return Figure(
        title=_("Who answered, and when: {title}", title=title),
        claim=_(
            "{k} of {n} methods answered for the whole ballot every time",
            k=int(rows["state"].eq("whole").groupby(rows["predictor"]).all().sum()),
            n=len(called),
        ),
        caption=_(
            "{n} methods, {asked} from {first} to {last}. One column each, in order "
            "of time and not to scale. The table of what is missing says why. {source}",
            n=len(called),
            asked=_asked(moments),
            first=day(moments["as_of"].min()),
            last=day(moments["as_of"].max()),
            source=source,
        ),
        x=_columns(moments, votes),
        y=Axis(names=list(called.values())),
        height=0.55,
        per_row=0.19,
        bands=True,
        looks=looks,
        legend={_(words): looks[state] for state, (*_look, words) in LOOKS.items()},
        marks=(
            Mark("at", starts, "place", look={"color": style.SOFT, "linewidth": 0.5}),
            Mark("dot", rows, "place", "method", by="state", look=dot),
        ),
    )


def _asked(moments: pd.DataFrame) -> str:
    votes = len(moments[["election", "round"]].drop_duplicates())
    if votes == 1 or votes == len(moments):
        n = len(moments)
        return _("{n} dates", n=n) if votes == 1 else _("{n} votes", n=n)
    return _("{votes} votes on {n} dates", votes=votes, n=len(moments))


def _columns(moments: pd.DataFrame, votes: pd.DataFrame) -> Axis:
    """The first column of every vote has its name, or every so many have their date."""
    if len(votes) == 1:
        chosen = moments.iloc[:: -(-len(moments) // COLUMNS)]
        names = [f"{moment:%Y}\n{moment:%m-%d}" for moment in chosen["as_of"]]
    else:
        chosen, names = votes, [f"{v.election} r{v.round}" for v in votes.itertuples()]
    return Axis(
        low=-0.8,
        high=len(moments) - 0.2,
        ticks=list(chosen.index),
        write=dict(zip(chosen.index, names, strict=True)).__getitem__,
        upright=len(votes) > 1,
    )

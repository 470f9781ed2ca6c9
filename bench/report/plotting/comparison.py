"""Methods over many votes: error beside the baseline's with its interval, and who answered when."""

from __future__ import annotations

import pandas as pd

from bench.core.options import labels
from bench.report.figure import Axis, Figure, Mark
from bench.report.plotting import layout as canvas
from bench.report.plotting import style
from bench.report.text import Text

TICKS = (0.1, 0.2, 0.5, 0.7, 1, 1.5, 2, 3, 5, 10, 20, 50, 100)  # times the baseline
COLUMNS = 6  # that are dated
# state: marker, filled, colour
LOOKS = {
    "whole": ("s", True, style.METHOD_COLOURS["quota polls"]),
    "part": ("D", False, style.METHOD_COLOURS["buzz"]),
    "abstained": ("_", False, style.SOFT),
    "failed": ("x", False, style.WRONG),
}
text = Text()


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
    x = Axis(label=text("comparison_axis"), scale="log", ticks=TICKS)
    sets = dict(iter(rows.groupby(rows["group"].astype(int))))
    return Figure(
        title=text("comparison_title", title=title),
        claim=_least(summary),
        caption=text(
            "comparison_caption",
            votes=canvas.span(summary["votes"].astype(int)),
            intervals=summary["relative_low"].notna().any(),
            source=source,
        ),
        panel="group",
        panels={
            group: text("comparison_set", set=group, votes=int(mine["votes"].iloc[0]))
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


def _least(summary: pd.DataFrame) -> str:
    """The least error in the largest set, if it is one's alone."""
    rows = largest_set(summary)
    if len(rows) < 2 or rows["votes"].iloc[0] < 2:
        return ""
    best = rows.iloc[int(rows["relative_skill"].to_numpy().argmin())]
    return text(
        "comparison_claim",
        none_smaller=bool(best["relative_skill"] == 1),
        n=len(rows),
        votes=int(best["votes"]),
        method=str(best["predictor"]),
        times=float(best["relative_skill"]),
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
        for state, (marker, filled, colour) in LOOKS.items()
    }
    dot = {"size": min(0.55, 20 / len(moments)), "zorder": 2}
    starts = pd.DataFrame({"place": votes.index[1:] - 0.5})
    return Figure(
        title=text("coverage_title", title=title),
        claim=text(
            "coverage_claim",
            k=int(rows["state"].eq("whole").groupby(rows["predictor"]).all().sum()),
            n=len(called),
        ),
        caption=text(
            "coverage_caption",
            n=len(called),
            votes=len(votes),
            moments=len(moments),
            one_vote=len(votes) == 1,
            one_date_each=len(votes) == len(moments),
            first=moments["as_of"].min(),
            last=moments["as_of"].max(),
            source=source,
        ),
        x=_columns(moments, votes),
        y=Axis(names=list(called.values())),
        height=0.55,
        per_row=0.19,
        bands=True,
        looks=looks,
        legend={words: looks[state] for state, words in text.words("coverage_states").items()},
        marks=(
            Mark("at", starts, "place", look={"color": style.SOFT, "linewidth": 0.5}),
            Mark("dot", rows, "place", "method", by="state", look=dot),
        ),
    )


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

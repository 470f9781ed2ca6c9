"""Which methods answered of which votes, when, and why not."""

from __future__ import annotations

from typing import NamedTuple

import pandas as pd

from bench.core.options import labels
from bench.report.document import MakeTable, Words, table_of
from bench.report.figure import Axis, Figure, Mark
from bench.report.plotting import style

DATE = r"\d+ \w+ \d{4}"
VOTE = ["election", "round"]
COLUMNS = 6  # that are dated
# state: marker, filled, colour
LOOKS = {
    "whole": ("s", True, style.METHOD_COLOURS["quota polls"]),
    "part": ("D", False, style.METHOD_COLOURS["buzz"]),
    "abstained": ("_", False, style.SOFT),
    "failed": ("x", False, style.WRONG),
}


class Answers(NamedTuple):
    """What `coverage.en.md` and `missing.en.md` know.

    Attributes
    ----------
    n_complete, n_methods : int
        Methods that answered for the whole ballot every time, of so many.
    n_votes, n_moments : int
        Votes, and votes and dates.
    first, last : Timestamp
        Between which the dates lie.
    has_dates : bool
        Whether a reason held a date.
    """

    n_complete: int
    n_methods: int
    n_votes: int
    n_moments: int
    first: pd.Timestamp
    last: pd.Timestamp
    has_dates: bool

    @classmethod
    def of(cls, methods: pd.DataFrame) -> Answers:
        """Those of the rows that `coverage` takes."""
        is_whole = states(methods)["state"].eq("whole")
        always = is_whole.groupby(methods["predictor"]).all()
        moments = methods[[*VOTE, "as_of"]].drop_duplicates()
        return cls(
            n_complete=int(always.sum()),
            n_methods=len(always),
            n_votes=len(moments[VOTE].drop_duplicates()),
            n_moments=len(moments),
            first=moments["as_of"].min(),
            last=moments["as_of"].max(),
            has_dates=bool(_reasons(methods).str.contains("…").any()),
        )


def _reasons(methods: pd.DataFrame) -> pd.Series:
    """Why each answer is less than whole, without dates."""
    message = methods["message"].fillna("").astype(str).str.replace(DATE, "…", regex=True)
    return message.mask(_is_outside(methods), exclusions(methods))


def exclusions(methods: pd.DataFrame) -> pd.Series:
    """Why each row stands outside the comparison; empty where nothing bars it."""
    return methods.get("unranked", pd.Series("", methods.index)).fillna("").astype(str)


def _is_outside(methods: pd.DataFrame) -> pd.Series:
    """Answers that are not compared."""
    return exclusions(methods).ne("") & methods["status"].eq("ok")


def missing_table(methods: pd.DataFrame) -> MakeTable:
    """What is missing and why: one row per predictor and reason.

    Parameters
    ----------
    methods
        predictor, status, named, n_candidates, message and, where answers stand outside the
        comparison, unranked.
    """
    is_whole = methods["named"].ge(methods["n_candidates"])
    outcome = is_whole.map({True: "whole ballot", False: "part of the ballot"})
    outcome = outcome.where(methods["status"].eq("ok"), methods["status"])
    outcome = outcome.mask(_is_outside(methods), "outside the comparison")
    reasons = _reasons(methods)
    names_fewer = outcome.eq("part of the ballot") & reasons.eq("")
    rows = pd.DataFrame(
        {
            "predictor": methods["predictor"],
            "outcome": outcome,
            "why": reasons.mask(names_fewer, "names fewer candidates"),
        }
    )
    n_asked = rows.groupby("predictor").size()
    counts = rows.value_counts(sort=False).rename("votes_and_dates").reset_index()
    counts = counts.sort_values(["predictor", "outcome", "why"], ignore_index=True)
    counts["of"] = counts["predictor"].map(n_asked)
    return table_of(
        counts[["predictor", "outcome", "votes_and_dates", "of", "why"]],
        columns={"votes_and_dates": "0", "of": "0"},
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


def coverage(methods: pd.DataFrame, words: Words) -> Figure:
    """One row per method and one column per vote and date.

    Parameters
    ----------
    methods
        election, round, as_of, predictor, status, named, n_candidates.
    words
        Of the section; labels of the states head the legend.
    """
    rows = states(methods)
    called = labels("predictor", list(dict.fromkeys(rows["predictor"])))
    keys = [*VOTE, "as_of"]
    moments = rows[keys].drop_duplicates().sort_values(keys, ignore_index=True, kind="stable")
    rows = rows.merge(moments.assign(place=moments.index), on=keys)
    rows["method"] = rows["predictor"].map(called)
    votes = moments.drop_duplicates(VOTE)
    looks = {
        state: {"color": colour, "marker": marker, "fill": filled}
        for state, (marker, filled, colour) in LOOKS.items()
    }
    dot = {"size": min(0.55, 20 / len(moments)), "zorder": 2}
    starts = pd.DataFrame({"place": votes.index[1:] - 0.5})
    return Figure(
        x=_columns(moments, votes),
        y=Axis(names=list(called.values())),
        height=0.55,
        per_row=0.19,
        bands=True,
        looks=looks,
        legend={label: looks[state] for state, label in words.labels.items()},
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

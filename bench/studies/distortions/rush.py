"""A rush of accounts into an app: whom it has first at every dose, beside the vote."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import NamedTuple

import pandas as pd

from bench.core.options import labels
from bench.report.charts import Moment
from bench.report.document import Document
from bench.report.figure import Axis, Figure, Mark
from bench.report.plotting import style
from bench.runner.results import Results

OFFICIAL = {"marker": "|", "size": 1.3, "color": style.INK, "markeredgewidth": 1.6, "zorder": 5}
COLOURS = {True: style.METHOD_COLOURS["app ratings"], False: style.METHOD_COLOURS["baselines"]}


class Dose(NamedTuple):
    """What the page says of a dose.

    `leaders` are whom each method has first; `turns` where that is not as at the dose before.
    """

    accounts: int
    leaders: dict[Hashable, str]
    turns: bool


class Rush(NamedTuple):
    """What the page says of a rush for `served`, beside a vote that `winner` won.

    `shown` is the place of the dose that is shown at first, the smallest that turns a first place;
    `raters` and `volunteers` are those of `bench.studies.distortions.real.users_of`.
    """

    served: str
    winner: str
    vote: float
    doses: list[Dose]
    shown: int
    raters: int
    volunteers: int


def rush_of(results: Results, names: Mapping[str, str]) -> Rush | None:
    """What the page says of the rush of a run; None of a run without one.

    Parameters
    ----------
    results
        With the table of `bench.studies.distortions.real.rush_table`.
    names
        Candidates' keys to their names.
    """
    rows = results.tables.get("rush", pd.DataFrame())
    if rows.empty:
        return None
    doses: list[Dose] = []
    for _dose, first in rows[rows["is_first"]].groupby("dose"):
        leaders = first.set_index("predictor")["candidate"].map(names).to_dict()
        turns = bool(doses) and leaders != doses[-1].leaders
        doses.append(Dose(round(first["dose"].max()), leaders, turns))
    vote = rows.set_index("candidate")["vote"]
    places = [place for place, dose in enumerate(doses) if dose.turns]
    return Rush(
        served=names[rows["whom"].iloc[0]],
        winner=names[str(vote.idxmax())],
        vote=float(vote.max()),
        doses=doses,
        shown=min(places, default=len(doses) - 1),
        **results.facts["users"],
    )


def timeline_of(rush: Rush, page: Document) -> tuple[Moment, ...]:
    """The doses between which the slider of the page moves."""
    return tuple(
        Moment(
            as_of=str(dose.accounts),
            date=page.text("dose", dose=dose),
            cut=page.text("accounts", rush=rush, dose=dose),
            findings=page.lines("rush_at", rush=rush, dose=dose),
            is_marked=dose.turns,
        )
        for dose in rush.doses
    )


def rush_figure(rows: pd.DataFrame, rush: Rush, names: Mapping[str, str]) -> Figure:
    """Bars of every candidate's share at a dose, one method at a time, and marks of the vote.

    Parameters
    ----------
    rows
        From `bench.studies.distortions.real.rush_table`.
    rush
        From `rush_of`.
    names
        Candidates' keys to their labels.
    """
    methods = labels("predictor", list(rows["predictor"].unique()))
    percent = ["share", "sd", "vote"]
    rows = rows.sort_values("vote", ascending=False, kind="stable").assign(
        **(100 * rows[percent]),
        date=rows["dose"].rank(method="dense").astype(int) - 1,
        method=rows["predictor"].map(methods),
        candidate=rows["candidate"].map(names),
        colour=rows["is_first"].map(COLOURS),
    )
    vote = rows.drop_duplicates("candidate")[["candidate", "vote"]]
    return Figure(
        columns=dict.fromkeys(["candidate", *percent], ""),
        panel="method",
        panels={method: method for method in methods.values()},
        alone=next(iter(methods.values())),
        date=rush.shown,
        x=Axis(low=0, high=100),
        y=Axis(names=list(vote["candidate"])),
        height=0.5,
        per_row=0.135,
        marks=[
            Mark("bar", rows, "share", "candidate", colour="colour"),
            Mark("dot", vote, "vote", "candidate", look=OFFICIAL),
        ],
    )

"""What a board shows: who says what and how old it is; after the vote, everybody beside ours."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, NamedTuple, TypedDict

import numpy as np
import pandas as pd

from bench.core.arrays import PERCENT
from bench.core.options import labels
from bench.core.settings import Experiment
from bench.data.board import ELECTED, SHARE, STANDS, THROUGH
from bench.report.context import names_of, sources_of, title_of
from bench.report.document import AnyFigure, Document, MakeFigure, MakeTable, Words, table_of
from bench.report.figure import Axis, Figure, Mark
from bench.report.plotting import layout, style
from bench.report.report import Report
from bench.runner.results import Results
from bench.studies.base import settings_of
from bench.studies.board.analysis import FILE, METHOD, PUBLISHER, REPLAY, Settings
from bench.studies.board.scores import ERROR, EVENTS, INTERVAL

MAX_NAMED = 3  # persons of a forecast that a cell names
MAX_PANELS = 4  # persons in the figure
OUTSIDE = (FILE, PUBLISHER)
QUANTITIES = (ELECTED, THROUGH, SHARE, STANDS)
unfiltered = partial(table_of, filters=[])


class Figures(NamedTuple):
    """A chance that somebody stated: who, of whom, how many days before the moment."""

    name: str
    chance: float
    age_days: int


class Record(NamedTuple):
    """How many favourites of ours before earlier votes were elected."""

    n_elected: int
    n_votes: int
    days: int


class Facts(TypedDict):
    """What the document knows.

    `favourite` is the person with the largest chance that anybody outside states (before the vote),
    or who was elected (after it); `stated` are the newest chances of this person, the lowest first,
    and `own` is ours. `days` are those of the moments, of which at `mixed_days` the official list
    was still to come.
    """

    title: str
    source: str
    as_of: pd.Timestamp
    is_over: bool
    is_decided: bool
    n_outside: int
    n_institutes: int
    n_replays: int
    favourite: str
    stated: list[Figures]
    own: float | None
    record: Record | None
    days: list[int]
    mixed_days: list[int]


PAGE = Document(
    "board",
    Facts,
    tables=("latest", "apart", "errors", "intervals", "chances", "by_day"),
    figures=("stated",),
)


class View(NamedTuple):
    """The results with the names that people read.

    Attributes
    ----------
    results : Results
    headline : str
        Our predictor.
    names : mapping of str to str
        Surnames by person.
    called : mapping of str to str
        Contestants by source.
    """

    results: Results
    headline: str
    names: Mapping[str, str]
    called: Mapping[str, str]

    @classmethod
    def of_run(cls, experiment: Experiment, results: Results) -> View:
        """That of the results of an experiment."""
        sources = results.tables["sources"]
        methods = sources.loc[sources["kind"].eq(METHOD), "source"]
        plain = sources["source"].str.replace("_", " ")
        is_publisher = sources["kind"].eq(PUBLISHER)
        plain = plain.where(~is_publisher, plain.str.capitalize())
        called = dict(zip(sources["source"], sources["name"].fillna(plain), strict=True))
        called |= labels("predictor", list(methods))
        address = str(results.facts["vote"]["election"])
        headline = settings_of(Settings, experiment).headline
        return cls(results, headline, names_of([address]), called)

    @property
    def vote(self) -> Mapping[str, Any]:
        """The fact `vote`."""
        vote: Mapping[str, Any] = self.results.facts["vote"]
        return vote

    @property
    def as_of(self) -> pd.Timestamp:
        """The last moment."""
        return pd.Timestamp(self.vote["moments"][-1])

    @property
    def newest(self) -> pd.DataFrame:
        """The newest of everybody at the last moment."""
        rows = self.results.tables["newest"]
        return rows[rows["as_of"].eq(self.as_of)]

    def days_before(self, moments: pd.Series) -> pd.Series:
        """Days from moments to the vote."""
        days = pd.Timestamp(self.vote["vote_on"]) - pd.to_datetime(moments).dt.normalize()
        return days.dt.days

    def written(self, rows: pd.DataFrame, by: list[str]) -> pd.DataFrame:
        """One row per group with the figures of its leading persons in words, and its address."""
        points = rows[rows["quantile"].isna() | np.isclose(rows["quantile"], 0.5)]
        points = points.sort_values("quantile", na_position="first", kind="stable")
        points = points.drop_duplicates([*by, "person"])
        lines = []
        for key, group in points.groupby(by, sort=False):
            leading = group.nlargest(MAX_NAMED, "value")
            people = [
                {"name": self.names.get(person, person), "value": value}
                for person, value in zip(leading["person"], leading["value"], strict=True)
            ]
            first = group.iloc[0]
            says = PAGE.text("says", people=people, quantity=first["quantity"])
            lines.append(
                {
                    **dict(zip(by, key, strict=True)),
                    "name": self.called[first["source"]],
                    "public_on": group["public_on"].max(),
                    "says": says,
                    "links": [(says, str(first["address"]))],
                }
            )
        columns = [*by, "name", "public_on", "says", "links"]
        return pd.DataFrame(lines, columns=columns).assign(
            day=lambda table: table["public_on"].dt.strftime("%Y-%m-%d")
        )


def report(experiment: Experiment, results: Results) -> Report:
    """Title, findings, tables and the figure of a board."""
    view = View.of_run(experiment, results)
    tables: dict[str, MakeTable] = {"by_day": by_day_table(view)}
    if view.vote["is_over"]:
        tables |= scored_tables(view)
    else:
        tables |= {"latest": latest_table(view), "apart": apart_table(view)}
    figures: dict[str, AnyFigure | MakeFigure] = {}
    if not outside_chances(view).empty:
        figures["stated"] = partial(stated_figure, view)
    return PAGE.report(facts_of(experiment, view), tables, figures)


def outside_chances(view: View) -> pd.DataFrame:
    """All chances of being elected that somebody outside stated before the vote."""
    rows = view.results.tables["statements"]
    return rows[rows["quantity"].eq(ELECTED) & rows["kind"].isin(OUTSIDE)]


def facts_of(experiment: Experiment, view: View) -> Facts:
    """What the document knows of a board."""
    kinds = view.results.tables["sources"]["kind"]
    newest = view.newest[view.newest["quantity"].eq(ELECTED)]
    outside = newest[newest["kind"].isin(OUTSIDE)].sort_values("value", kind="stable")
    likeliest = "" if outside.empty else str(outside["person"].iloc[-1])
    favourite = str(view.vote["elected"] or likeliest)
    of_favourite = outside[outside["person"].eq(favourite)]
    own = newest[newest["source"].eq(view.headline) & newest["person"].eq(favourite)]["value"]
    moments = pd.Series(view.vote["moments"], dtype=object)
    mixed = pd.Series(view.vote["mixed"], dtype=object)
    return Facts(
        title=title_of(experiment),
        source=sources_of([str(view.vote["election"])]),
        as_of=view.as_of,
        is_over=bool(view.vote["is_over"]),
        is_decided=view.vote["elected"] is not None,
        n_outside=int(kinds.isin(OUTSIDE).sum()),
        n_institutes=int(kinds.eq("institute").sum()),
        n_replays=int(kinds.eq(REPLAY).sum()),
        favourite=view.names.get(favourite, favourite),
        stated=[
            Figures(view.called[source], float(chance), _age(view, public_on))
            for source, chance, public_on in zip(
                of_favourite["source"],
                of_favourite["value"],
                of_favourite["public_on"],
                strict=True,
            )
        ],
        own=float(own.iloc[0]) if len(own) else None,
        record=record_of(view, view.headline),
        days=view.days_before(moments).tolist(),
        mixed_days=view.days_before(mixed).tolist(),
    )


def _age(view: View, public_on: pd.Timestamp) -> int:
    return (view.as_of.normalize() - public_on.normalize()).days


def record_of(view: View, source: str) -> Record | None:
    """How often the favourites of a contestant were elected; None where nobody knows."""
    rows = view.results.tables.get("favourites", pd.DataFrame(columns=["source"]))
    rows = rows[rows["source"].eq(source)]
    if rows.empty:
        return None
    n_elected = int(rows["favourite"].eq(rows["winner"]).sum())
    return Record(n_elected, len(rows), int(rows["days"].iloc[0]))


def latest_table(view: View) -> MakeTable:
    """The newest of everybody, by what is stated, and how the like did before earlier votes."""
    rows = view.newest[view.newest["quantity"].isin(QUANTITIES)]
    written = view.written(rows, ["quantity", "source"])
    written["age_days"] = [_age(view, moment) for moment in written["public_on"]]
    written["record"] = [
        PAGE.text("record_words", record=record_of(view, source)) if quantity == ELECTED else ""
        for source, quantity in zip(written["source"], written["quantity"], strict=True)
    ]
    return unfiltered(
        rows,
        shown=written.sort_values("age_days", kind="stable"),
        show=["name", "age_days", "says", "record"],
        columns={"says": {"links": "links"}, "age_days": "0"},
        block_by="quantity",
        terminal=True,
    )


def apart_table(view: View) -> MakeTable:
    """By person the lowest and the highest chance of being elected."""
    rows = view.newest[view.newest["quantity"].eq(ELECTED)].sort_values("value", kind="stable")
    by_person = rows.groupby("person", sort=False)
    ends = by_person.agg(n=("source", "size"), low=("value", "first"), high=("value", "last"))
    ends = ends.assign(
        low_source=by_person["source"].first().map(view.called),
        high_source=by_person["source"].last().map(view.called),
    )
    ends = ends[ends["n"] > 1].sort_values("high", ascending=False, kind="stable")
    written = ends.head(2 * MAX_PANELS).reset_index()
    return unfiltered(
        rows,
        shown=written.assign(person=written["person"].replace(dict(view.names))),
        show=["person", "n", "low", "low_source", "high", "high_source"],
        columns={"n": "0", "low": "<%", "high": "<%"},
        terminal=False,
    )


def by_day_table(view: View) -> MakeTable:
    """Everything dated that was stated outside, the newest first."""
    rows = view.results.tables["statements"]
    quantity = next((name for name in QUANTITIES if rows["quantity"].eq(name).any()), ELECTED)
    rows = rows[rows["quantity"].eq(quantity)]
    rows = rows.assign(on=rows["public_on"].dt.normalize())
    written = view.written(rows, ["on", "source", "quantity"])
    return table_of(
        rows,
        shown=written.sort_values("on", ascending=False, kind="stable"),
        show=["day", "name", "says"],
        columns={"says": {"links": "links"}},
        filters=["name"],
        terminal=False,
    )


def scored_tables(view: View) -> dict[str, MakeTable]:
    """A contestant and ours on common persons, by moment: shares, intervals, chances."""
    tables = view.results.tables
    ages = tables["newest"].groupby(["as_of", "source"], as_index=False)["public_on"].max()
    rows = tables["scores"].merge(ages, on=["as_of", "source"])
    rows = rows.merge(tables["sources"][["source", "kind"]], on="source")
    made_on = pd.to_datetime(rows["as_of"]).dt.normalize()
    rows = rows.assign(
        days=view.days_before(rows["as_of"]),
        age_days=(made_on - rows["public_on"].dt.normalize()).dt.days,
        difference=rows["value"] - rows["ours"],
    )
    written = rows.assign(
        name=rows["source"].map(view.called), kind=rows["kind"].replace(PUBLISHER, FILE)
    )
    parts = [
        ("errors", [ERROR], [], "1pp"),
        ("intervals", [INTERVAL], ["level"], "1pp"),
        ("chances", list(EVENTS), ["measure"], "3"),
    ]
    return {
        name: table_of(
            rows[rows["measure"].isin(of)],
            shown=written[written["measure"].isin(of)],
            show=["days", "name", *own, "age_days", "persons", "value", "ours", "difference"],
            columns={
                **dict.fromkeys(("days", "age_days", "persons"), "0"),
                **dict.fromkeys(("value", "ours", "difference"), form),
                "level": "%",
            },
            filters=["days"],
            block_by="kind",
            terminal=name == "errors",
        )
        for name, of, own, form in parts
        if written["measure"].isin(of).any()
    }


def stated_figure(view: View, words: Words) -> Figure:
    """A panel per person and a dot per dated chance of being elected."""
    own = view.results.tables["newest"]
    own = own[own["source"].eq(view.headline) & own["quantity"].eq(ELECTED)]
    outside = outside_chances(view)
    people = outside.groupby("person")["value"].max().nlargest(MAX_PANELS).index
    rows = pd.concat([outside, own])
    rows = rows[rows["person"].isin(people)]
    drawn = rows.assign(
        person=rows["person"].map(view.names),
        name=rows["source"].map(view.called),
        percent=PERCENT * rows["value"],
        day=rows["public_on"].dt.strftime("%Y-%m-%d"),
    )
    looks = layout.series_looks(
        dict.fromkeys(drawn["name"]), style.STRANGER_COLOURS, markersize=4, alpha=0.9
    )
    return Figure(
        panel="person",
        panels={view.names[person]: view.names[person] for person in people},
        columns=words.labels,
        x=Axis(dates=True),
        y=Axis(low=0, high=100),
        per_line=2,
        height=1.2,
        more=0.2,
        looks=looks,
        legend=looks,
        legend_columns=3,
        grid="y",
        marks=(Mark("dot", drawn, "public_on", "percent", by="name", look={"zorder": 2}),),
    )

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
from bench.data.board import ELECTED, MEDIAN, SHARE, STANDS, THROUGH
from bench.report.context import names_of, sources_of, title_of
from bench.report.document import AnyFigure, Document, MakeFigure, MakeTable, Words, table_of
from bench.report.figure import Axis, Figure, Mark
from bench.report.plotting import layout, style
from bench.report.report import Report
from bench.runner.results import Results
from bench.studies.base import settings_of
from bench.studies.board.analysis import FILE, INSTITUTE, METHOD, PUBLISHER, Settings
from bench.studies.board.scores import ERROR, EVENTS, INTERVAL

MAX_NAMED = 3  # persons of a forecast that a cell names
MAX_PANELS = 4  # persons in the figure
OUTSIDE = (FILE, PUBLISHER)
QUANTITIES = (ELECTED, THROUGH, SHARE, STANDS)
LINKED = {"links": "links"}


class Figures(NamedTuple):
    """A chance that somebody stated: who, and how many days before the moment."""

    name: str
    chance: float
    age_days: int


class Record(NamedTuple):
    """How many favourites of a method before earlier votes were elected."""

    n_elected: int
    n_votes: int
    days: int


class Facts(TypedDict):
    """What the document knows.

    `favourite` is who was elected, or else the person with the largest chance that anybody outside
    states; `stated` are the newest chances of this person, the lowest first, and `own` is ours.
    `days` are those of the moments at which anybody is scored, of which at `mixed_days` the
    official list was still to come.
    """

    title: str
    source: str
    as_of: pd.Timestamp
    is_over: bool
    is_decided: bool
    n_outside: int
    n_institutes: int
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


def report(experiment: Experiment, results: Results) -> Report:
    """Title, findings, tables and the figure of a board."""
    rows = named(results)
    headline = settings_of(Settings, experiment).headline
    statements, newest = rows["statements"], rows["newest"]
    statements = statements[statements["kind"].isin(OUTSIDE)]  # without replays
    tables = {} if statements.empty else {"by_day": by_day_table(statements)}
    if results.facts["vote"]["is_over"]:
        tables |= scored_tables(rows["scores"])
    else:
        now = newest[newest["as_of"].eq(results.facts["vote"]["as_of"])]
        tables |= {
            "latest": latest_table(now, rows.get("favourites")),
            "apart": apart_table(now),
        }
    figures: dict[str, AnyFigure | MakeFigure] = {}
    outside = statements[statements["quantity"].eq(ELECTED)]
    own = newest[newest["quantity"].eq(ELECTED) & newest["source"].eq(headline)]
    if not outside.empty:
        figures["stated"] = partial(stated_figure, outside, own)
    return PAGE.report(facts_of(experiment, results, rows), tables, figures)


def named(results: Results) -> dict[str, pd.DataFrame]:
    """The tables with names for contestants (`name`) and persons (`who`), and days as text."""
    sources = results.tables["sources"]
    plain = sources["source"].str.replace("_", " ")
    plain = plain.mask(sources["kind"].eq(PUBLISHER), plain.str.capitalize())
    called = dict(zip(sources["source"], sources["name"].fillna(plain), strict=True))
    called |= labels("predictor", list(sources.loc[sources["kind"].eq(METHOD), "source"]))
    persons = names_of([str(results.facts["vote"]["election"])])
    tables = {}
    for table, rows in results.tables.items():
        if table in ("statements", "newest"):
            who = rows["person"].map(persons).fillna(rows["person"])
            rows = rows.assign(who=who, day=rows["public_on"].dt.strftime("%Y-%m-%d"))
        tables[table] = rows.assign(name=rows["source"].map(called)) if "source" in rows else rows
    return tables


def facts_of(experiment: Experiment, results: Results, rows: Mapping[str, pd.DataFrame]) -> Facts:
    """What the document knows of a board."""
    vote, newest = results.facts["vote"], rows["newest"]
    headline = settings_of(Settings, experiment).headline
    last = newest[newest["as_of"].eq(vote["as_of"]) & newest["quantity"].eq(ELECTED)]
    outside = last[last["kind"].isin(OUTSIDE)].sort_values("value", kind="stable")
    likeliest = "" if outside.empty else str(outside["person"].iloc[-1])
    favourite = str(vote["elected"] or likeliest)
    outside = outside[outside["person"].eq(favourite)]
    own = last.loc[last["source"].eq(headline) & last["person"].eq(favourite), "value"]
    mixed = newest[newest["kind"].eq(METHOD) & newest["quantity"].eq(STANDS)]
    kinds = rows["sources"]["kind"]
    dated = rows["scores"] if vote["is_over"] else newest
    days = dated["days"].unique().tolist()
    return Facts(
        title=title_of(experiment),
        source=sources_of([str(vote["election"])]),
        as_of=pd.Timestamp(vote["as_of"]),
        is_over=vote["is_over"],
        is_decided=vote["elected"] is not None,
        n_outside=int(kinds.isin(OUTSIDE).sum()),
        n_institutes=int(kinds.eq(INSTITUTE).sum()),
        favourite=names_of([str(vote["election"])]).get(favourite, favourite),
        stated=list(
            map(Figures, outside["name"], outside["value"].astype(float), outside["age_days"])
        ),
        own=float(own.iloc[0]) if len(own) else None,
        record=record_of(rows.get("favourites"), headline),
        days=days,
        mixed_days=[number for number in mixed["days"].unique().tolist() if number in days],
    )


def record_of(favourites: pd.DataFrame | None, method: str) -> Record | None:
    """How often the favourites of a method were elected; None where nobody knows."""
    if favourites is None or method not in set(favourites["predictor"]):
        return None
    rows = favourites[favourites["predictor"].eq(method)]
    n_elected = int(rows["favourite"].eq(rows["winner"]).sum())
    return Record(n_elected, len(rows), int(rows["days"].iloc[0]))


def written(rows: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """The first row of each group, with the figures of its leading persons in words."""
    points = rows[rows["quantile"].isna() | np.isclose(rows["quantile"], MEDIAN)]
    points = points.sort_values("quantile", na_position="first", kind="stable")
    groups = points.drop_duplicates([*by, "person"]).groupby(by, sort=False)
    lines = []
    for _, group in groups:
        leading = group.nlargest(MAX_NAMED, "value").to_dict("records")
        says = PAGE.text("says", people=leading, quantity=leading[0]["quantity"])
        lines.append({**leading[0], "says": says, "links": [(says, leading[0]["address"])]})
    return pd.DataFrame(lines, columns=[*rows.columns, "says", "links"])


def latest_table(newest: pd.DataFrame, favourites: pd.DataFrame | None) -> MakeTable:
    """The newest of everybody, by what is stated, and how the like did before earlier votes."""
    lines = written(newest, ["quantity", "source"])
    lines["says"] = [
        PAGE.text("with_record", says=says, record=record_of(favourites, source))
        if quantity == ELECTED
        else says
        for says, source, quantity in lines[["says", "source", "quantity"]].to_numpy()
    ]
    links: list[Any] = [[pair] for pair in zip(lines["says"], lines["address"], strict=True)]
    return table_of(
        newest,
        shown=lines.assign(links=links).sort_values("age_days", kind="stable"),
        show=["name", "age_days", "says"],
        columns={"says": LINKED, "age_days": "0"},
        filters=[],
        block_by="quantity",
        terminal=True,
    )


def apart_table(newest: pd.DataFrame) -> MakeTable:
    """By person the lowest and the highest chance of being elected."""
    rows = newest[newest["quantity"].eq(ELECTED)].sort_values("value", kind="stable")
    ends = rows.groupby("who", as_index=False).agg(
        n=("source", "size"),
        lowest=("value", "first"),
        lowest_by=("name", "first"),
        highest=("value", "last"),
        highest_by=("name", "last"),
    )
    ends = ends[ends["n"] > 1].sort_values("highest", ascending=False, kind="stable")
    return table_of(
        rows,
        shown=ends.head(2 * MAX_PANELS),
        columns={"n": "0", "lowest": "<%", "highest": "<%"},
        filters=[],
        terminal=False,
    )


def by_day_table(statements: pd.DataFrame) -> MakeTable:
    """Everything dated that was stated outside, the newest first."""
    quantity = next((name for name in QUANTITIES if statements["quantity"].eq(name).any()), "")
    rows = statements[statements["quantity"].eq(quantity)]
    lines = written(rows, ["day", "source"])
    return table_of(
        rows,
        shown=lines.sort_values("day", ascending=False, kind="stable"),
        show=["day", "name", "says"],
        columns={"says": LINKED},
        filters=["name"],
        terminal=False,
    )


def scored_tables(scores: pd.DataFrame) -> dict[str, MakeTable]:
    """A contestant and ours on common persons, by moment: shares, intervals, chances."""
    parts = [
        ("errors", [ERROR], [], "1pp"),
        ("intervals", [INTERVAL], ["level"], "1pp"),
        ("chances", list(EVENTS), ["measure"], "3"),
    ]
    tables = {}
    for name, measures, own, form in parts:
        rows = scores[scores["measure"].isin(measures)]
        if rows.empty:
            continue
        tables[name] = table_of(
            rows,
            shown=rows.assign(kind=rows["kind"].replace(PUBLISHER, FILE)),
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
    return tables


def stated_figure(outside: pd.DataFrame, own: pd.DataFrame, words: Words) -> Figure:
    """A panel per person and a dot per dated chance of being elected, ours at the moments."""
    people = outside.groupby("who")["value"].max().nlargest(MAX_PANELS).index
    rows = pd.concat([outside, own])
    rows = rows[rows["who"].isin(people)].assign(percent=lambda table: PERCENT * table["value"])
    looks = layout.series_looks(
        dict.fromkeys(rows["name"]), style.STRANGER_COLOURS, markersize=4, alpha=0.9
    )
    return Figure(
        panel="who",
        panels={who: who for who in people},
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
        marks=(
            Mark(
                "dot", rows, "public_on", "percent", by="name", look={"zorder": 2, "clip_on": False}
            ),
        ),
    )

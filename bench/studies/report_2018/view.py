"""The report of 2018 beside the votes: claims, first names, the record, and errors by day."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import pandas as pd
from statsmodels.stats.multitest import multipletests

from bench.core.arrays import PERCENT
from bench.core.settings import Experiment
from bench.data.country import country_of
from bench.data.election import load_election
from bench.report.context import election_title, sources_of, title_of, vote_words
from bench.report.document import AnyFigure, MakeFigure, MakeTable, Words, table_of
from bench.report.figure import Axis, Figure, Mark
from bench.report.formatting import day
from bench.report.plotting import style
from bench.report.report import Report
from bench.runner.results import Results
from bench.studies.report_2018.analysis import LEVEL, POLLS, VOTE
from bench.studies.report_2018.claims import claim_facts, claims_table
from bench.studies.report_2018.decisive_margin import BLOCKS, COUNT, margins_in_force
from bench.studies.report_2018.facts import PAGE, Facts, Statement, VoteFacts

LOOKS = {
    "published": {"color": style.METHOD_COLOURS["published claims"]},
    "polls": {"color": style.METHOD_COLOURS["quota polls"]},
}
ON_PAGE: dict[str, Any] = {"filters": [], "terminal": False}
TICKS = 4  # days that are named, about
BUZZ = "buzz"  # of what publishers measure, that which the report speaks of
NEEDED = ("fr2016_primary_right 1", "fr2016_primary_right 2", "fr2017 1", "fr2017 2")
"""Votes without which the table of claims is not made."""
HARRIS = "harris"  # a predictor without which it is not made either


def report(experiment: Experiment, results: Results) -> Report:
    """The page, from the settings and the results alone."""
    tables = results.tables
    facts = facts_of(experiment, results)
    figures: dict[str, AnyFigure | MakeFigure] = {
        "decisive": decisive_figure(tables["decisive_curves"], tables["decisive_margins"])
    }
    if facts["n_scored"]:
        figures["by_day"] = partial(by_day, tables["daily"].dropna(subset="mae_pp"))
    to_show = {name: table for name, table in tables_of(tables).items() if len(tables[name])}
    if facts["claims"]:
        to_show["claims"] = claims_table(tables["sources"])
    return PAGE.report(facts, to_show, figures)


def facts_of(experiment: Experiment, results: Results) -> Facts:
    """The numbers of the sentences."""
    statements, daily = results.tables["statements"], results.tables["daily"]
    last = statements[statements["days_before"].eq(statements["days_before"].min())]
    challengers = last[last["publisher"].ne(POLLS)]
    stated = challengers.dropna(subset="first")
    of_polls = last[last["publisher"].eq(POLLS)].dropna(subset="first")
    is_right, is_newest_right = (of_polls[key].eq(True) for key in ("right", "newest_right"))
    of_vote = statements.groupby(VOTE)
    by_vote = {
        f"{election} {number}": vote_facts(rows, of_vote.get_group((election, number)))
        for (election, number), rows in stated.groupby(VOTE, sort=False)
    }
    record = results.tables["record"]
    named = record[record["publisher"].ne(POLLS)]
    is_told_apart = multipletests(named["p_chance"], LEVEL, "holm")[0] if len(named) else []
    level = stated[stated["right"].isna()]
    only_level = level[~level["publisher"].isin(record["publisher"])].drop_duplicates("publisher")
    has_systems = HARRIS in set(results.tables["systems"]["predictor"])
    has_claims = has_systems and set(NEEDED) <= set(by_vote)
    return Facts(
        title=title_of(experiment),
        source=sources_of(experiment.elections),
        n_votes=len(last[VOTE].drop_duplicates()),
        n_publishers=stated["publisher"].nunique(),
        n_cases=len(challengers),
        n_stated=len(stated),
        n_credited=int((challengers["first"].isna() & challengers["credit"].eq(True)).sum()),
        n_named=len(named),
        max_votes=max(named["votes"], default=0),
        n_too_few=int((named["votes"] < named["n_needed"]).sum()),
        told_apart=_publishers(named[is_told_apart] if len(named) else named),
        only_level=_publishers(only_level),
        n_polled=len(of_polls),
        polls_right=int(is_right.sum()),
        n_newest_right=int((is_newest_right & ~is_right).sum()),
        votes=list(by_vote.values()),
        n_leaders=results.facts["n_leaders"],
        n_daily=len(daily),
        n_scored=len(daily.dropna(subset="mae_pp")),
        decisive=margins_in_force(results.tables["decisive_margins"])[BLOCKS],
        claims=claim_facts(results, by_vote) if has_claims else None,
    )


def vote_facts(last: pd.DataFrame, statements: pd.DataFrame) -> VoteFacts:
    """Whom challengers and polls put first before one vote.

    Parameters
    ----------
    last : pandas.DataFrame
        Last statements of challengers about this vote.
    statements : pandas.DataFrame
        All about it, of polls too.
    """
    election, number, winner = last[[*VOTE, "winner"]].iloc[0]
    of_buzz = statements[statements["measured"].eq(BUZZ)]
    buzz = last[last["measured"].eq(BUZZ)]
    right_buzz = buzz[buzz["right"].eq(True)]
    is_earlier = of_buzz["right"].eq(True) & ~of_buzz["publisher"].isin(right_buzz["publisher"])
    earlier = of_buzz[is_earlier]
    claimed = of_buzz[of_buzz["credit"].eq(True)].drop_duplicates("publisher")
    of_polls = statements[statements["publisher"].eq(POLLS)].nsmallest(1, "days_before").iloc[0]
    polls_right, newest_right = of_polls[["right", "newest_right"]].eq(True)
    return VoteFacts(
        name=_vote(election, number),
        winner=_people(election, winner),
        n_challengers=len(last),
        right=_publishers(last[last["right"].eq(True)]),
        level=_publishers(last[last["right"].isna()]),
        n_buzz=len(buzz),
        right_buzz=_publishers(right_buzz),
        level_buzz=_publishers(buzz[buzz["right"].isna()]),
        earlier_buzz=[
            PAGE.text("on_day", publisher=publisher, date=date)
            for publisher, date in zip(_publishers(earlier), earlier["published_on"], strict=True)
        ],
        claimed_buzz=_publishers(claimed),
        stated={row["publisher"]: _statement(row) for row in last.to_dict("records")},
        polls_right=None if pd.isna(of_polls["first"]) else polls_right,
        newest=of_polls["newest"],
        newest_on=of_polls["newest_on"],
        newest_right=newest_right,
    )


def _statement(row: Mapping[Any, Any]) -> Statement:
    """Who comes first and who behind in a statement, by name, and when it was published."""
    election, first = row["election"], row["first"]
    behind = row["order"].removeprefix(first)
    return Statement(
        first=_people(election, first),
        behind=_people(election, behind).split(", "),
        on=row["published_on"],
        mae_pp=row["mae_pp"],
    )


def tables_of(tables: Mapping[str, pd.DataFrame]) -> dict[str, MakeTable]:
    """The tables of the page but that of the claims."""
    return {
        "statements": _statements_table(tables["statements"]),
        "record": table_of(
            tables["record"],
            shown=_labelled(tables["record"]),
            show=[
                *("publisher", "votes", "right", "polls_right", "ahead", "behind"),
                *("chance", "n_needed"),
            ],
            columns={"chance": "2"},
            terminal=True,
        ),
        "systems": _systems_table(tables["systems"].drop(columns="message")),
        "daily": table_of(
            tables["daily"],
            shown=_labelled(tables["daily"]),
            show=[
                *("vote", "publisher", "published_on", "first", "n_named"),
                *("mae_pp", "polls_pp"),
            ],
            columns={"mae_pp": "2", "polls_pp": "2"},
            **ON_PAGE,
        ),
        "decisive_margins": _margins_table(tables["decisive_margins"]),
        "polled_leads": table_of(
            tables["polled_leads"],
            shown=_labelled(tables["polled_leads"]),
            show=[
                *("vote", "days", "level", "n", "n_ahead", "n_tied"),
                *("lead_pp", "result_pp", "error_pp", "n_wrong"),
            ],
            form="1",
            columns=dict.fromkeys(("days", "n", "n_ahead", "n_tied", "n_wrong"), "0"),
            **ON_PAGE,
        ),
        "canvassing": table_of(
            tables["canvassing"],
            columns={
                **dict.fromkeys(("votes", "stations", "margin_percent"), "0"),
                **dict.fromkeys(("per_station", "registered_percent", "group_percent"), "1"),
                "gain_pp": "2",
            },
            **ON_PAGE,
        ),
    }


def _statements_table(statements: pd.DataFrame) -> MakeTable:
    return table_of(
        statements,
        shown=_linked(_labelled(statements.dropna(subset="first"))),
        show=[
            *("vote", "days_before", "publisher", "published_on", "first", "right"),
            *("mae_pp", "polls_pp", "order"),
        ],
        columns={"mae_pp": "2", "polls_pp": "2", "published_on": {"links": "links"}},
        filters=["publisher"],
        terminal=False,
    )


def _systems_table(systems: pd.DataFrame) -> MakeTable:
    kind = systems["our_reading"].map({False: "compared", True: "emulated"})
    return table_of(
        systems,
        shown=systems.assign(kind=kind),
        show=["predictor", "mae_pp", "elasticity", "elasticity_se"],
        columns=dict.fromkeys(("mae_pp", "elasticity", "elasticity_se"), "2"),
        block_by="kind",
        **ON_PAGE,
    )


def _margins_table(margins: pd.DataFrame) -> MakeTable:
    rows = _labelled(margins)
    in_blocks = rows["rule"].eq(BLOCKS)  # by count in any area, whether areas ship or not
    return table_of(
        margins,
        shown=rows.assign(n_areas=rows["n_areas"].where(in_blocks)),
        show=[
            *("vote", "rule", "in_force", "needed", "needed_percent", "n_areas"),
            "electorate_percent",
        ],
        columns={"needed": "0", "needed_percent": "2", "electorate_percent": "1"},
        **ON_PAGE,
    )


def by_day(daily: pd.DataFrame, words: Words) -> Figure:
    """The error of every publication of those that published often, and of the polls that day.

    Parameters
    ----------
    daily : pandas.DataFrame
        Of the study, where there is an error.
    words : Words
        Of the section; labels head the legend.
    """
    labelled = _labelled(daily)
    rows = daily.rename(columns={"mae_pp": "published", "polls_pp": "polls"}).assign(
        panel=labelled["vote"] + " · " + labelled["publisher"],
        day=daily["published_on"].astype("datetime64[s]").astype("int64") / 86_400,
    )
    first, last = int(rows["day"].min()), int(rows["day"].max())
    ticks = range(first, last + 1, max(1, (last - first) // TICKS))
    long = rows.melt(["panel", "day"], list(LOOKS), var_name="of", value_name="error")
    dot = {"marker": "o", "linestyle": ""}
    return Figure(
        panels={panel: panel for panel in rows["panel"].unique()},
        x=Axis(ticks=ticks, write=_short_day),
        y=Axis(low=0),
        per_line=2,
        height=2.0,
        grid="both",
        looks=LOOKS,
        legend={words.labels[key]: {**look, **dot} for key, look in LOOKS.items()},
        marks=(Mark("dot", long, "day", "error", by="of"),),
    )


def decisive_figure(curves: pd.DataFrame, margins: pd.DataFrame) -> Figure:
    """Draw which part of the electorate holds the decision, by rule and country.

    Parameters
    ----------
    curves, margins
        Of `decisive_curves` and `decisive_margins`.
    """
    blocks = margins[margins["rule"].eq(BLOCKS)].set_index("election")
    labels, looks = {COUNT: PAGE.text("by_count")}, {}
    looks[labels[COUNT]] = {"color": style.INK, "linestyle": "-"}
    for colour, (name, in_force) in zip(style.SERIES, blocks["in_force"].items(), strict=False):
        election = load_election(str(name))
        series = PAGE.text(
            "by_blocks",
            country=election.country,
            year=election.first_day.year,
            areas=f"{country_of(election).label('departement')}s",
            in_force=in_force,
        )
        labels[str(name)] = series
        looks[series] = {"color": colour, "linestyle": "-" if in_force else "--"}
    rows = curves.assign(series=curves["series"].map(labels))
    return Figure(
        x=Axis(low=0, high=PERCENT),
        y=Axis(low=0, high=PERCENT),
        height=3.0,
        looks=looks,
        legend=looks,
        legend_columns=2,
        marks=(Mark("line", rows, "electorate", "needed", by="series"),),
    )


def _short_day(days: float) -> str:
    """Days since 1970 as a day of the month, in words."""
    return day(pd.Timestamp(days, unit="D"), "d MMM")


def _linked(statements: pd.DataFrame) -> pd.DataFrame:
    """The rows with the day of publication as a link to the page of the statement if it has one."""
    pages = zip(statements["published_on"], statements["source"].fillna(""), strict=True)
    links: list[Any] = [[(date, page)] if page else [] for date, page in pages]
    return statements.assign(links=links)


def _labelled(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows with votes, publishers, who is named first and days of publication in words."""
    if "election" in rows:
        rows = rows.assign(vote=list(map(_vote, rows["election"], rows["round"])))
    if "publisher" in rows:
        rows = rows.assign(publisher=_publishers(rows))
    for key in rows.columns.intersection(["first", "order"]):
        rows = rows.assign(**{key: list(map(_people, rows["election"], rows[key]))})
    if "published_on" in rows:
        rows = rows.assign(published_on=rows["published_on"].map(day))
    return rows


def _publishers(rows: pd.DataFrame) -> list[str]:
    """What the publishers of the rows are called."""
    return [PAGE.text("publisher", key=key) for key in rows["publisher"]]


def _vote(election: str, number: int) -> str:
    loaded = load_election(election)
    title = election_title(loaded.title)
    return vote_words(title, number) if len(loaded.rounds) > 1 else title


def _people(election: str, candidates: str) -> str:
    names = load_election(election).people.set_index("candidate")["name"]
    return ", ".join(str(names.get(candidate, candidate)) for candidate in candidates.split())

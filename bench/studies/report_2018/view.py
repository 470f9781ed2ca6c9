"""The report of 2018 beside the votes: claims, first names, the record, and errors by day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pandas as pd
from statsmodels.stats.multitest import multipletests

from bench.core.settings import Experiment
from bench.data.country import country_of
from bench.data.election import load_election
from bench.report.charts import PERCENT
from bench.report.context import election_title, sources_of, title_of, vote_words
from bench.report.figure import Axis, Figure, Mark
from bench.report.formatting import day
from bench.report.plotting import style
from bench.report.report import FigureSection, Report, Section
from bench.report.view import view_report
from bench.runner.results import Results
from bench.studies.report_2018.analysis import LEVEL, POLLS, VOTE
from bench.studies.report_2018.claims import claim_rows, facts_of_claims, text
from bench.studies.report_2018.decisive_margin import BLOCKS, COUNT, margins_in_force

LOOKS = {
    "published": {"color": style.METHOD_COLOURS["published claims"]},
    "polls": {"color": style.METHOD_COLOURS["quota polls"]},
}
TICKS = 4  # days that are named, about
BUZZ = "buzz"  # of what publishers measure, that which the report speaks of
NEEDED = ("fr2016_primary_right 1", "fr2016_primary_right 2", "fr2017 1", "fr2017 2")
"""Votes without which the table of claims is not made."""
PICTURES = {"daily": "by_day", "decisive_margins": "decisive"}
"""By name of a table, the figure that is drawn of it."""


def report(experiment: Experiment, results: Results) -> Report:
    """The page, from the settings and the results alone."""
    tables = results.tables
    statements, record = tables["statements"], tables["record"]
    facts = {
        "title": title_of(experiment),
        "source": sources_of(experiment.elections),
        **facts_of(statements, record),
        **facts_of_daily(tables["daily"]),
        **facts_of_claims(results),
        **results.facts,
    }
    frames = {"canvassing": tables["canvassing"]}
    if set(NEEDED) <= set(facts["by_vote"]) and "harris" in facts["error"]:
        rows = claim_rows(facts, tables["sources"])
        frames["claims"] = rows.drop(columns=["key", "links"])
        frames["claims_shown"] = rows
    for name in ("record", "daily", "decisive_margins", "polled_leads"):
        frames |= {name: tables[name], f"{name}_shown": _labelled(tables[name])}
    stated = _labelled(statements.dropna(subset="first"))
    frames |= {"statements": statements, "statements_shown": _linked(stated)}
    systems = tables["systems"].drop(columns="message")
    kind = systems["our_reading"].map({False: "compared", True: "emulated"})
    frames |= {"systems": systems, "systems_shown": systems.assign(kind=kind)}
    shown = frames["decisive_margins_shown"]  # by count in any area, whether areas ship or not
    shown["n_areas"] = shown["n_areas"].where(shown["rule"].eq(BLOCKS))
    figures = {"decisive": decisive_figure(tables["decisive_curves"], tables["decisive_margins"])}
    if facts["n_scored"]:
        figures["by_day"] = by_day(tables["daily"].dropna(subset="mae_pp"), facts)
    page = view_report("report_2018", facts, frames, figures)
    pictures = {part.name: part for part in page.page_sections if isinstance(part, FigureSection)}
    sections: list[Section] = []
    for table in page.tables:  # each picture above the table that it draws
        picture = PICTURES.get(table.name)
        if picture in pictures:
            sections.append(pictures[picture])
        sections.append(table)
    return replace(page, sections=tuple(sections))


def facts_of(statements: pd.DataFrame, record: pd.DataFrame) -> dict[str, Any]:
    """The numbers of the sentences.

    Parameters
    ----------
    statements, record : pandas.DataFrame
        Of the study.
    """
    last = statements[statements["days_before"].eq(statements["days_before"].min())]
    others = last[last["publisher"].ne(POLLS)]
    stated = others.dropna(subset="first")
    of_polls = last[last["publisher"].eq(POLLS)].dropna(subset="first")
    polls, newest = (of_polls[key].eq(True) for key in ("right", "newest_right"))
    of_vote = statements.groupby(VOTE)
    by_vote = {
        f"{election} {number}": facts_of_vote(rows, of_vote.get_group((election, number)))
        for (election, number), rows in stated.groupby(VOTE, sort=False)
    }
    alone = record[record["publisher"].ne(POLLS)]
    told_apart = alone[multipletests(alone["p_chance"], LEVEL, "holm")[0]] if len(alone) else alone
    level = stated[stated["right"].isna()]
    only_level = level[~level["publisher"].isin(record["publisher"])].drop_duplicates("publisher")
    return {
        "votes": list(by_vote.values()),
        "by_vote": by_vote,
        "n_newest_right": int((newest & ~polls).sum()),
        "only_level": _who(only_level),
        "n_votes": len(last[VOTE].drop_duplicates()),
        "n_polled": len(polls),
        "polls_right": int(polls.sum()),
        "credit": int((others["first"].isna() & others["credit"].eq(True)).sum()),
        "n_publishers": stated["publisher"].nunique(),
        "n_found": len(stated),
        "n_asked": len(others),
        "most": max(alone["votes"], default=0),
        "n_too_few": int((alone["votes"] < alone["n_needed"]).sum()),
        "n_named": len(alone),
        "told_apart": _who(told_apart),
    }


def facts_of_vote(last: pd.DataFrame, statements: pd.DataFrame) -> dict[str, Any]:
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
    earlier = of_buzz[
        of_buzz["right"].eq(True) & ~of_buzz["publisher"].isin(right_buzz["publisher"])
    ]
    claimed = of_buzz[of_buzz["credit"].eq(True)].drop_duplicates("publisher")
    of_polls = statements[statements["publisher"].eq(POLLS)].nsmallest(1, "days_before").iloc[0]
    polls_right, newest_right = of_polls[["right", "newest_right"]].eq(True)
    return {
        "vote": _vote(election, number),
        "winner": _people(election, winner),
        "n": len(last),
        "right": _who(last[last["right"].eq(True)]),
        "level": _who(last[last["right"].isna()]),
        "n_buzz": len(buzz),
        "right_buzz": _who(right_buzz),
        "level_buzz": _who(buzz[buzz["right"].isna()]),
        "earlier_buzz": [
            text("on_day", who=who, on=on)
            for who, on in zip(_who(earlier), earlier["published_on"], strict=True)
        ],
        "claimed_buzz": _who(claimed),
        "stated": {row["publisher"]: _order(row) for row in last.to_dict("records")},
        "polls": None if pd.isna(of_polls["first"]) else polls_right,
        **of_polls[["newest", "newest_on"]],
        "newest_right": newest_right,
    }


def _order(statement: Mapping[Any, Any]) -> dict[str, Any]:
    """Who comes first and who behind in a statement, by name, and when it was published."""
    election, first = statement["election"], statement["first"]
    behind = statement["order"].removeprefix(first)
    return {
        "first": _people(election, first),
        "behind": _people(election, behind).split(", "),
        "on": statement["published_on"],
        "mae_pp": statement["mae_pp"],
    }


def facts_of_daily(daily: pd.DataFrame) -> dict[str, Any]:
    """Whom publications by day put first, and how often the polls of the day were closer.

    Parameters
    ----------
    daily : pandas.DataFrame
        Of the study, in order of time.
    """
    scored = daily.dropna(subset="mae_pp")
    before = daily.iloc[:-1]
    n_changes = before["first"].ne(before["first"].shift()).cumsum()
    same_first = before[n_changes.eq(n_changes.max())]
    return {
        "n_daily": len(daily),
        "daily_first": daily["first"].value_counts().to_dict(),
        "last_daily": daily.iloc[-1].to_dict() if len(daily) else {},
        "before_last": {
            "n": len(same_first),
            "first": max(same_first["first"], default=""),
            "since": min(same_first["published_on"], default=None),
        },
        "n_scored": len(scored),
        "n_polls_closer": int((scored["polls_pp"] < scored["mae_pp"]).sum()),
    }


def by_day(daily: pd.DataFrame, facts: dict[str, Any]) -> Figure:
    """The error of every publication of those that published often, and of the polls that day.

    Parameters
    ----------
    daily : pandas.DataFrame
        Of the study, where there is an error.
    facts : dict
        Of the texts.
    """
    shown = _labelled(daily)
    rows = daily.rename(columns={"mae_pp": "published", "polls_pp": "polls"}).assign(
        panel=shown["vote"] + " · " + shown["publisher"],
        day=daily["published_on"].astype("datetime64[s]").astype("int64") / 86_400,
    )
    first, last = int(rows["day"].min()), int(rows["day"].max())
    ticks = range(first, last + 1, max(1, (last - first) // TICKS))
    long = rows.melt(["panel", "day"], list(LOOKS), var_name="of", value_name="error")
    named = text.words("of", **facts)
    return Figure(
        **text.figure("by_day", **facts),
        panels={one: one for one in rows["panel"].unique()},
        x=Axis(ticks=ticks, write=_short_day),
        y=Axis(low=0),
        per_line=2,
        height=2.0,
        grid="both",
        looks=LOOKS,
        legend={
            named[key]: {**look, "marker": "o", "linestyle": ""} for key, look in LOOKS.items()
        },
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
    names, looks = {COUNT: text("decisive_count")}, {}
    looks[names[COUNT]] = {"color": style.INK, "linestyle": "-"}
    for colour, (name, in_force) in zip(style.SERIES, blocks["in_force"].items(), strict=False):
        election = load_election(str(name))
        names[str(name)] = series = text(
            "decisive_blocks",
            country=election.country,
            year=election.first_day.year,
            areas=f"{country_of(election).label('departement')}s",
            in_force=in_force,
        )
        looks[series] = {"color": colour, "linestyle": "-" if in_force else "--"}
    rows = curves.assign(series=curves["series"].map(names))
    return Figure(
        **text.figure("decisive", real=margins_in_force(margins)[BLOCKS]),
        x=Axis(label=text("decisive_x"), low=0, high=PERCENT),
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
    links: list[Any] = [[(words, page)] if page else [] for words, page in pages]
    return statements.assign(links=links)


def _labelled(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows with votes, publishers, who is named first and days of publication in words."""
    if "election" in rows:
        rows = rows.assign(vote=list(map(_vote, rows["election"], rows["round"])))
    if "publisher" in rows:
        rows = rows.assign(publisher=rows["publisher"].map(_publisher))
    for key in rows.columns.intersection(["first", "order"]):
        rows = rows.assign(**{key: list(map(_people, rows["election"], rows[key]))})
    if "published_on" in rows:
        rows = rows.assign(published_on=rows["published_on"].map(day))
    return rows


def _who(rows: pd.DataFrame) -> list[str]:
    return list(map(_publisher, rows["publisher"]))


def _vote(election: str, number: int) -> str:
    return vote_words(election_title(load_election(election).title), number)


def _people(election: str, slugs: str) -> str:
    people = load_election(election).people.set_index("candidate")["name"]
    return ", ".join(str(people.get(one, one)) for one in slugs.split())


def _publisher(name: str) -> str:
    return text.words("publishers").get(name, name)

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
from bench.report.text import Text
from bench.report.view import view_report
from bench.runner.results import Results
from bench.studies.report_2018.analysis import LEVEL, POLLS, VOTE
from bench.studies.report_2018.claims import claim_rows, facts_of_claims
from bench.studies.report_2018.decisive_margin import BLOCKS, COUNT

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
text = Text("report_2018")


def report(experiment: Experiment, results: Results) -> Report:
    """The page, from the settings and the results alone."""
    tables = results.tables
    statements, record = tables["statements"], tables["record"]
    facts = {
        "title": title_of(experiment),
        "source": sources_of(experiment.elections),
        **facts_of(statements, record),
        **facts_of_daily(tables["daily"]),
        **facts_of_claims(tables, results.facts),
        "n_leaders": results.facts["n_leaders"],
    }
    frames = {"canvassing": tables["canvassing"]}
    if set(NEEDED) <= set(facts["by_vote"]) and "harris" in facts["error"]:
        rows = claim_rows(facts, tables["sources"])
        frames["claims"] = rows.drop(columns=["key", "links"])
        frames["claims_shown"] = rows
    for name in ("statements", "record", "daily", "decisive_margins", "polled_leads"):
        frames |= {name: tables[name], f"{name}_shown": _labelled(tables[name])}
    found = frames["statements_shown"].dropna(subset="first")
    names = {
        key: [_people(*row) for row in zip(found["election"], found[key], strict=True)]
        for key in ("first", "order")
    }
    frames["statements_shown"] = _linked(found.assign(**names))
    dated = frames["daily_shown"]
    frames["daily_shown"] = dated.assign(
        first=[_people(*row) for row in zip(dated["election"], dated["first"], strict=True)],
        published_on=[day(moment) for moment in dated["published_on"]],
    )
    systems = tables["systems"].drop(columns="message")
    kind = systems["our_reading"].map({False: "compared", True: "emulated"})
    frames |= {"systems": systems, "systems_shown": systems.assign(kind=kind)}
    shown = frames["decisive_margins_shown"]  # by count in any area, whether areas ship or not
    shown["n_areas"] = shown["n_areas"].where(shown["rule"].eq(BLOCKS))
    figures = {"decisive": decisive_figure(tables["decisive_curves"], tables["decisive_margins"])}
    scored = dated.dropna(subset="mae_pp")
    if len(scored):
        figures["by_day"] = by_day(scored, facts)
    made = view_report("report_2018", facts, frames, figures)
    pictures = {one.name: one for one in made.page_sections if isinstance(one, FigureSection)}
    sections: list[Section] = []
    for one in made.tables:  # each picture above the table that it draws
        drawn = PICTURES.get(one.name, "")
        sections += [pictures[drawn]] if drawn in pictures else []
        sections.append(replace(one, look="sentences") if one.name == "claims" else one)
    return replace(made, sections=tuple(sections))


def facts_of(statements: pd.DataFrame, record: pd.DataFrame) -> dict[str, Any]:
    """The numbers of the sentences.

    Parameters
    ----------
    statements, record : pandas.DataFrame
        Of the study.
    """
    last = statements[statements["days_before"].eq(statements["days_before"].min())]
    others = last[last["publisher"].ne(POLLS)]
    found, of_polls = others.dropna(subset="first"), last[last["publisher"].eq(POLLS)]
    of_polls = of_polls.dropna(subset="first")
    polls, newest = (of_polls[key].eq(True) for key in ("right", "newest_right"))
    by_vote = {
        f"{name} {number}": facts_of_vote(rows, statements)
        for (name, number), rows in found.groupby(VOTE, sort=False)
    }
    alone = record[record["publisher"].ne(POLLS)]
    shown = multipletests(alone["p_chance"], LEVEL, "holm")[0] if len(alone) else []
    level = others[others["right"].isna() & others["first"].notna()]
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
        "n_publishers": found["publisher"].nunique(),
        "n_found": len(found),
        "n_asked": len(others),
        "most": int(alone["votes"].max()) if len(alone) else 0,
        "n_too_few": int((alone["votes"] < alone["n_needed"]).sum()),
        "n_named": len(alone),
        "told_apart": _who(alone[shown]) if len(alone) else [],
    }


def facts_of_vote(last: pd.DataFrame, statements: pd.DataFrame) -> dict[str, Any]:
    """Whom challengers and polls put first before one vote.

    Parameters
    ----------
    last : pandas.DataFrame
        Last statements of challengers about this vote.
    statements : pandas.DataFrame
        All of the study.
    """
    election, number = str(last["election"].iloc[0]), int(last["round"].iloc[0])
    of_vote = statements["election"].eq(election) & statements["round"].eq(number)
    of_buzz = statements[of_vote & statements["measured"].eq(BUZZ)]
    buzz = last[last["measured"].eq(BUZZ)]
    right_buzz = buzz[buzz["right"].eq(True)]
    earlier = of_buzz[
        of_buzz["right"].eq(True) & ~of_buzz["publisher"].isin(right_buzz["publisher"])
    ]
    claimed = of_buzz[of_buzz["credit"].eq(True)].drop_duplicates("publisher")
    polls = statements[of_vote & statements["publisher"].eq(POLLS)].sort_values(
        "days_before", kind="stable"
    )
    of_polls = polls.iloc[0]
    return {
        "vote": _vote(election, number),
        "winner": _people(election, str(last["winner"].iloc[0])),
        "n": len(last),
        "right": _who(last[last["right"].eq(True)]),
        "level": _who(last[last["right"].isna()]),
        "n_buzz": len(buzz),
        "right_buzz": _who(right_buzz),
        "level_buzz": _who(buzz[buzz["right"].isna()]),
        "earlier_buzz": [
            text("on_day", who=_publisher(publisher), on=on)
            for publisher, on in zip(earlier["publisher"], earlier["published_on"], strict=True)
        ],
        "claimed_buzz": _who(claimed),
        "stated": {str(row["publisher"]): _order(row) for row in last.to_dict("records")},
        "polls": None if pd.isna(of_polls["first"]) else _is_true(of_polls["right"]),
        "newest": of_polls["newest"],
        "newest_on": of_polls["newest_on"],
        "newest_right": _is_true(of_polls["newest_right"]),
    }


def _is_true(value: Any) -> bool:
    return not pd.isna(value) and bool(value)


def _order(statement: Mapping[Any, Any]) -> dict[str, Any]:
    """Who comes first and who behind in a statement, by name, and when it was published."""
    election, first = str(statement["election"]), str(statement["first"])
    behind = str(statement["order"]).removeprefix(first)
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
    by_first = daily.groupby("first", sort=False).size().sort_values(ascending=False, kind="stable")
    scored = daily.dropna(subset="mae_pp")
    before = daily.iloc[:-1]
    unbroken = before["first"].eq(before["first"].iloc[-1])[::-1].cumprod().astype(bool)
    same_first = before[unbroken[::-1]]
    return {
        "n_daily": len(daily),
        "daily_first": {str(first): int(n) for first, n in by_first.items()},
        "last_daily": daily.iloc[-1].to_dict() if len(daily) else {},
        "before_last": {
            "n": len(same_first),
            "first": str(same_first["first"].iloc[0]),
            "since": same_first["published_on"].iloc[0],
        },
        "n_scored": len(scored),
        "n_polls_closer": int((scored["polls_pp"] < scored["mae_pp"]).sum()),
    }


def by_day(daily: pd.DataFrame, facts: dict[str, Any]) -> Figure:
    """The error of every publication of those that published often, and of the polls that day.

    Parameters
    ----------
    daily : pandas.DataFrame
        Of the study, with labels.
    facts : dict
        Of the texts.
    """
    rows = daily.rename(columns={"mae_pp": "published", "polls_pp": "polls"}).assign(
        panel=daily["vote"] + " · " + daily["publisher"],
        day=daily["published_on"].astype("datetime64[s]").astype("int64") / 86_400,
    )
    first, last = int(rows["day"].min()), int(rows["day"].max())
    ticks = [float(one) for one in range(first, last + 1, max(1, (last - first) // TICKS))]
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
    real = blocks[blocks["in_force"]].iloc[0]
    names, looks = {COUNT: text("decisive_count")}, {}
    looks[names[COUNT]] = {"color": style.INK, "linestyle": "-"}
    for colour, (name, in_force) in zip(style.SERIES, blocks["in_force"].items(), strict=False):
        election = load_election(str(name))
        about = {"country": election.country, "year": election.first_day.year}
        about |= {"areas": f"{country_of(election).label('departement')}s", "in_force": in_force}
        names[str(name)] = text("decisive_blocks", **about)
        looks[names[str(name)]] = {"color": colour, "linestyle": "-" if in_force else "--"}
    rows = curves.assign(series=curves["series"].map(names))
    year = load_election(str(real.name)).first_day.year
    return Figure(
        **text.figure("decisive", real={**real, "year": year}),
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
    """Days of publication in words, each a link to the page of the statement if it has one."""
    days = [day(moment) for moment in statements["published_on"]]
    pages = statements["source"].fillna("")
    links = [[(words, page)] if page else [] for words, page in zip(days, pages, strict=True)]
    return statements.assign(published_on=days, links=pd.Series(links, statements.index, object))


def _labelled(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows with labels for the keys of votes and publishers."""
    if "election" in rows:
        rows = rows.assign(vote=list(map(_vote, rows["election"], rows["round"])))
    if "publisher" in rows:
        rows = rows.assign(publisher=rows["publisher"].map(_publisher))
    return rows


def _who(rows: pd.DataFrame) -> list[str]:
    return [_publisher(str(one)) for one in rows["publisher"]]


def _vote(election: str, number: int) -> str:
    return vote_words(election_title(load_election(election).title), number)


def _people(election: str, slugs: str) -> str:
    people = load_election(election).people.set_index("candidate")["name"]
    return ", ".join(str(people.get(one, one)) for one in slugs.split())


def _publisher(name: str) -> str:
    return text.words("publishers").get(name, name)

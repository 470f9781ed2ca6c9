"""The report of 2018 beside the votes: claims, first names, the record, and errors by day."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
from statsmodels.stats.multitest import multipletests

from bench.core.settings import Experiment
from bench.data.country import country_of
from bench.data.election import load_election
from bench.report.charts import PERCENT
from bench.report.context import election_title, sources_of, title_of, vote_words
from bench.report.figure import Axis, Figure, Mark
from bench.report.plotting import style
from bench.report.report import Report
from bench.report.text import Text
from bench.report.view import view_report
from bench.runner.results import Results
from bench.studies.report_2018.analysis import LEVEL, POLLS, VOTE
from bench.studies.report_2018.decisive_margin import BLOCKS, COUNT

LOOKS = {
    "published": {"color": style.METHOD_COLOURS["published claims"]},
    "polls": {"color": style.METHOD_COLOURS["quota polls"]},
}
BUZZ = "buzz"  # of what publishers measure, that which the report speaks of
text = Text("report_2018")


def report(experiment: Experiment, results: Results) -> Report:
    """The page, from the settings and the results alone."""
    tables = results.tables
    statements, record = tables["statements"], tables["record"]
    facts = {
        "title": title_of(experiment),
        "source": sources_of(experiment.elections),
        **facts_of(statements, record),
        **facts_of_claims(tables),
    }
    claims = [line.split(" | ") for line in text.lines("claims", **facts)]
    frames = {
        "claims": pd.DataFrame(claims, columns=["about", "claim", "found", "certainty", "command"]),
        "canvassing": tables["canvassing"],
    }
    for name in ("statements", "record", "daily", "decisive_margins", "polled_leads"):
        frames |= {name: tables[name], f"{name}_shown": _labelled(tables[name])}
    found = frames["statements_shown"].dropna(subset="first")
    names = {
        key: [_people(*row) for row in zip(found["election"], found[key], strict=True)]
        for key in ("first", "order")
    }
    frames["statements_shown"] = found.assign(**names)
    shown = frames["decisive_margins_shown"]  # by count in any area, whether areas ship or not
    shown["n_areas"] = shown["n_areas"].where(shown["rule"].eq(BLOCKS))
    figures = {"by_day": by_day(frames["daily_shown"], facts)} if len(tables["daily"]) else {}
    figures["decisive"] = decisive_figure(tables["decisive_curves"], tables["decisive_margins"])
    return view_report("report_2018", facts, frames, figures)


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
    polls = of_polls.dropna(subset="first").set_index(VOTE)["right"].eq(True)
    votes = []
    for (name, number), mine in found.groupby(VOTE, sort=False):
        election, buzz = str(name), mine[mine["measured"].eq(BUZZ)]
        votes.append(
            {
                "key": f"{election} {number}",
                "vote": _vote(election, int(str(number))),
                "winner": _people(election, str(mine["winner"].iloc[0])),
                "n": len(mine),
                "right": _who(mine[mine["right"].eq(True)]),
                "level": _who(mine[mine["right"].isna()]),
                "n_buzz": len(buzz),
                "right_buzz": _who(buzz[buzz["right"].eq(True)]),
                "level_buzz": _who(buzz[buzz["right"].isna()]),
                "polls": polls.get((name, number)),
            }
        )
    alone = record[record["publisher"].ne(POLLS)]
    shown = multipletests(alone["p_chance"], LEVEL, "holm")[0] if len(alone) else []
    return {
        "votes": votes,
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


def facts_of_claims(tables: Mapping[str, pd.DataFrame]) -> dict[str, Any]:
    """The numbers of the table of claims, that are not those of `facts_of`.

    Parameters
    ----------
    tables : mapping of str to pandas.DataFrame
        Of the study.
    """
    leads, margins = tables["polled_leads"], tables["decisive_margins"]
    by_area = leads.loc[leads["level"].eq("areas"), "election"]
    america = leads[leads["election"].isin(by_area)].sort_values(
        "days", ascending=False, kind="stable"
    )
    windows = {level: rows.to_dict("records") for level, rows in america.groupby("level")}
    first = {name: rows.iloc[0] for name, rows in margins.groupby("rule", sort=False)}
    by_count = margins[margins["in_force"] & margins["rule"].eq("count")]
    return {
        "us_polls": windows["national"],
        "us_states": windows["areas"],
        "us_margin": first["blocks"].to_dict(),
        "closest": by_count.nsmallest(1, "needed_percent").iloc[0].to_dict(),
        "canvassing": tables["canvassing"].set_index("way").to_dict("index"),
        "n_daily": len(tables["daily"]),
        "n_polls_closer": int((tables["daily"]["polls_pp"] < tables["daily"]["mae_pp"]).sum()),
        "error": tables["systems"].set_index("predictor")["mae_pp"].to_dict(),
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
    long = rows.melt(["panel", "day"], list(LOOKS), var_name="of", value_name="error")
    named = text.words("of", **facts)
    return Figure(
        **text.figure("by_day", **facts),
        panels={one: one for one in rows["panel"].unique()},
        x=Axis(dates=True, ticks=4),
        y=Axis(label=text("by_day_axis"), low=0),
        per_line=2,
        height=2.0,
        grid="both",
        looks=LOOKS,
        legend={named[key]: {**look, "linestyle": "-"} for key, look in LOOKS.items()},
        marks=(
            Mark("line", long, "day", "error", by="of"),
            Mark("dot", long, "day", "error", by="of"),
        ),
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

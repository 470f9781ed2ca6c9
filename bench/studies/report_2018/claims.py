"""The table of claims: its numbers, and the addresses that stand behind each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from bench.core.language import _
from bench.data.election import load_election
from bench.report.charts import PERCENT
from bench.report.formatting import day
from bench.report.text import Text
from bench.studies.report_2018.systems import LAST_POLLS

COLUMNS = ["key", "part", "about", "claim", "found", "certainty", "command"]
DAY, MONTH = 3, 2  # parts of a date
text = Text("report_2018")


def claim_rows(facts: Mapping[str, Any], sources: pd.DataFrame) -> pd.DataFrame:
    """A row per claim: `COLUMNS`, `sources` (in words), `addresses` and `links`.

    Parameters
    ----------
    facts : mapping
        Of the texts.
    sources : pandas.DataFrame
        Of `bench.studies.report_2018.analysis.read_sources`.
    """
    lines = [line.split(" | ") for line in text.lines("claims", **facts)]
    rows = pd.DataFrame(lines, columns=COLUMNS)
    links = {str(key): links_of(read) for key, read in sources.groupby("claim", sort=False)}
    rows["links"] = pd.Series([links.get(key, []) for key in rows["key"]], dtype=object)
    rows["sources"] = [_("; ").join(words for words, _address in pairs) for pairs in rows["links"]]
    rows["addresses"] = [" ".join(address for _words, address in pairs) for pairs in rows["links"]]
    return rows


def links_of(read: pd.DataFrame) -> list[tuple[str, str]]:
    """Who published a source and when, with its address; the same page once."""
    links = {}
    for row in read.to_dict("records"):
        publisher = str(row["publisher"])
        for words, in_language in text.words("publishing").items():
            publisher = publisher.replace(words, in_language)
        links[str(row["address"])] = f"{publisher}, {published(str(row['published_on']))}"
    return [(words, address) for address, words in links.items()]


def published(on: str) -> str:
    """A day, a month or nothing, in words.

    Examples
    --------
    >>> published("2017-04-12"), published("2018-12"), published("")
    ('12 April 2017', 'December 2018', 'undated')
    """
    parts = on.split("-") if on else []
    if not parts:
        return text("undated")
    moment = pd.Timestamp(on)
    return (
        day(moment) if len(parts) == DAY else day(moment, "MMMM y" if len(parts) == MONTH else "y")
    )


def facts_of_claims(tables: Mapping[str, pd.DataFrame], known: Mapping[str, Any]) -> dict[str, Any]:
    """The numbers of the table of claims, that are not those of the findings.

    Parameters
    ----------
    tables : mapping of str to pandas.DataFrame
        Of the study.
    known : mapping
        Its facts.
    """
    lists = tables["station_lists"].set_index("method")[["found", "low", "high"]]
    systems = tables["systems"].set_index("predictor")
    others = tables["other_votes"]["mae_pp"]
    institutes = tables["institutes"].assign(
        place=tables["institutes"]["mae_pp"].rank(method="min")
    )
    return {
        **_leads(tables["polled_leads"]),
        **_margins(tables["decisive_margins"]),
        "canvassing": tables["canvassing"].set_index("way").to_dict("index"),
        "error": systems["mae_pp"].to_dict(),
        "elasticity": systems[["elasticity", "elasticity_se"]].dropna().to_dict("index"),
        "other_votes": {"n": len(others), "low": others.min(), "high": others.max()},
        "best_of_all": bool((others > systems["mae_pp"].get(LAST_POLLS, others.max())).all()),
        "institutes": institutes.set_index("institute").to_dict("index"),
        "institute_errors": [institutes["mae_pp"].min(), institutes["mae_pp"].max()],
        "result": _results(tables["outcomes"]),
        "lists": (PERCENT * lists).to_dict("index"),
        "n_stations": known["n_stations"],
        "n_variables": sum(known["area_variables"].values()),
        "variables": known["area_variables"],
    }


def _leads(leads: pd.DataFrame) -> dict[str, Any]:
    """Leads in polls by vote (`election round`) and level, the longest window first."""
    order = leads.sort_values("days", ascending=False, kind="stable")
    votes = order["election"] + " " + order["round"].astype(str)
    by_vote: dict[str, Any] = {}
    for (vote, level), rows in order.groupby([votes, "level"]):
        by_vote.setdefault(str(vote), {})[str(level)] = rows.to_dict("records")
    return {"leads": by_vote}


def _margins(margins: pd.DataFrame) -> dict[str, Any]:
    """The first vote by blocks, and the closest of those that were counted nationally."""
    by_count = margins[margins["in_force"] & margins["rule"].eq("count")]
    closest = by_count.nsmallest(1, "needed_percent").iloc[0].to_dict()
    closest["year"] = str(load_election(str(closest["election"])).first_day.year)
    return {
        "us_margin": margins[margins["rule"].eq("blocks")].iloc[0].to_dict(),
        "closest": closest,
    }


def _results(outcomes: pd.DataFrame) -> dict[str, Any]:
    """By vote and candidate: share (percent), place and name."""
    votes = outcomes["election"] + " " + outcomes["round"].astype(str)
    columns = ["share_percent", "place", "name"]
    return {
        str(vote): rows.set_index("candidate")[columns].to_dict("index")
        for vote, rows in outcomes.groupby(votes)
    }

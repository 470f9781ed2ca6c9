"""The table of claims: its numbers, and the addresses that stand behind each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from bench.core.language import _
from bench.report.charts import PERCENT
from bench.report.formatting import day
from bench.report.text import Text
from bench.runner.results import Results
from bench.studies.report_2018.analysis import VOTE
from bench.studies.report_2018.decisive_margin import BLOCKS, COUNT, margins_in_force

COLUMNS = ["key", "part", "about", "claim", "found", "certainty", "command"]
DATES = ("y", "MMMM y", "d MMMM y")  # forms of a year, a month and a day
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
    links = {key: links_of(read) for key, read in sources.groupby("claim")}
    rows["links"] = rows["key"].map(links)
    rows["sources"] = [_("; ").join(words for words, _address in pairs) for pairs in rows["links"]]
    rows["addresses"] = [" ".join(address for _words, address in pairs) for pairs in rows["links"]]
    return rows


def links_of(read: pd.DataFrame) -> list[tuple[str, str]]:
    """Who published a source and when, with its address; the same page once."""
    publishers = read["publisher"]
    for words, in_language in text.words("publishing").items():
        publishers = publishers.str.replace(words, in_language, regex=False)
    days = read["published_on"].map(published)
    links = dict(zip(read["address"], publishers + ", " + days, strict=True))
    return [(words, address) for address, words in links.items()]


def published(on: str) -> str:
    """A day, a month, a year or nothing, in words.

    Examples
    --------
    >>> published("2017-04-12"), published("2018-12"), published("2019"), published("")
    ('12 April 2017', 'December 2018', '2019', 'undated')
    """
    return day(pd.Timestamp(on), DATES[on.count("-")]) if on else text("undated")


def facts_of_claims(results: Results) -> dict[str, Any]:
    """The numbers of the table of claims, that are not those of the findings.

    Parameters
    ----------
    results : Results
        Of the study.
    """
    tables, variables = results.tables, results.facts["area_variables"]
    margins = margins_in_force(tables["decisive_margins"])
    systems = tables["systems"].set_index("predictor")
    others = tables["other_votes"]["mae_pp"]
    institutes = tables["institutes"].set_index("institute")
    errors = institutes["mae_pp"]
    return {
        "leads": _leads(tables["polled_leads"]),
        "us_margin": margins[BLOCKS],
        "closest": margins[COUNT],
        "canvassing": tables["canvassing"].set_index("way").to_dict("index"),
        "error": systems["mae_pp"].to_dict(),
        "elasticity": systems[["elasticity", "elasticity_se"]].to_dict("index"),
        "other_votes": {"n": len(others), "low": others.min(), "high": others.max()},
        "institutes": institutes.assign(place=errors.rank(method="min")).to_dict("index"),
        "institute_errors": [errors.min(), errors.max()],
        "result": _results(tables["outcomes"]),
        "lists": (PERCENT * tables["station_lists"].set_index("method")).to_dict("index"),
        "n_variables": sum(variables.values()),
        "variables": variables,
    }


def _leads(leads: pd.DataFrame) -> dict[str, Any]:
    """Leads in polls by vote (`election round`) and level, the longest window first."""
    order = leads.sort_values("days", ascending=False, kind="stable")
    by_vote: dict[str, Any] = {}
    for (election, number, level), rows in order.groupby([*VOTE, "level"]):
        by_vote.setdefault(f"{election} {number}", {})[level] = rows.to_dict("records")
    return by_vote


def _results(outcomes: pd.DataFrame) -> dict[str, Any]:
    """By vote and candidate: share (percent), place and name."""
    return {
        f"{election} {number}": rows.set_index("candidate").to_dict("index")
        for (election, number), rows in outcomes.groupby(VOTE)
    }

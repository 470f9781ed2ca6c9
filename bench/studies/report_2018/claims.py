"""The table of claims: its numbers, and the addresses that stand behind each."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import pandas as pd

from bench.core.arrays import PERCENT
from bench.core.language import SEMICOLON, current_language
from bench.report.document import MakeTable
from bench.report.formatting import day
from bench.report.tables import Table, table
from bench.runner.results import Results
from bench.studies.report_2018.analysis import VOTE
from bench.studies.report_2018.decisive_margin import BLOCKS, COUNT, margins_in_force
from bench.studies.report_2018.facts import (
    PAGE,
    ClaimFacts,
    Elasticity,
    Gain,
    Institute,
    LastDaily,
    Lead,
    ListedPart,
    OtherVotes,
    Result,
    SameFirst,
    VoteFacts,
)

CELLS = ["part", "about", "claim", "found", "certainty", "command"]
DATES = ("y", "MMMM y", "d MMMM y")  # forms of a year, a month and a day


def claim_facts(results: Results, by_vote: dict[str, VoteFacts]) -> ClaimFacts:
    """The numbers of the table of claims, of a run that has them.

    Parameters
    ----------
    results : Results
        Of the study.
    by_vote : dict of str to VoteFacts
    """
    tables, variables = results.tables, results.facts["area_variables"]
    margins = margins_in_force(tables["decisive_margins"])
    systems = tables["systems"].set_index("predictor")
    other_errors = tables["other_votes"]["mae_pp"]
    institutes = tables["institutes"].set_index("institute")
    places = institutes["mae_pp"].rank(method="min").astype(int)
    lists = PERCENT * tables["station_lists"].set_index("method")[list(ListedPart._fields)]
    daily = tables["daily"]
    scored = daily.dropna(subset="mae_pp")
    return ClaimFacts(
        by_vote=by_vote,
        results={
            vote: _by_key(Result, rows.set_index("candidate"))
            for vote, rows in _by_vote(tables["outcomes"]).items()
        },
        leads={vote: _leads(rows) for vote, rows in _by_vote(tables["polled_leads"]).items()},
        us_margin=margins[BLOCKS],
        closest=margins[COUNT],
        canvassing=_by_key(Gain, tables["canvassing"].set_index("way")),
        error=dict(zip(systems.index, systems["mae_pp"], strict=True)),
        elasticity=_by_key(Elasticity, systems),
        other_votes=OtherVotes(len(other_errors), other_errors.min(), other_errors.max()),
        institutes=_by_key(Institute, institutes.assign(place=places)),
        institute_errors=(institutes["mae_pp"].min(), institutes["mae_pp"].max()),
        lists=_by_key(ListedPart, lists),
        variables=variables,
        n_variables=sum(variables.values()),
        n_stations=results.facts["n_stations"],
        daily_first={str(key): int(n) for key, n in daily["first"].value_counts().items()},
        last_daily=LastDaily(*daily.iloc[-1][list(LastDaily._fields)]),
        before_last=before_last(daily),
        n_polls_closer=int((scored["polls_pp"] < scored["mae_pp"]).sum()),
    )


def before_last(daily: pd.DataFrame) -> SameFirst:
    """Whom the publications before the last put first, and since when.

    Parameters
    ----------
    daily : pandas.DataFrame
        Of the study, in order of time.
    """
    before = daily.iloc[:-1]
    n_changes = before["first"].ne(before["first"].shift()).cumsum()
    same_first = before[n_changes.eq(n_changes.max())]
    return SameFirst(
        n=len(same_first),
        first=max(same_first["first"], default=""),
        since=min(same_first["published_on"], default=None),
    )


def _records(kind: Any, rows: pd.DataFrame) -> list[Any]:
    """Rows as named tuples."""
    return list(map(kind._make, rows[list(kind._fields)].itertuples(index=False)))


def _by_key(kind: Any, rows: pd.DataFrame) -> dict[str, Any]:
    """The same by the index of the rows."""
    return dict(zip(rows.index.astype(str), _records(kind, rows), strict=True))


def _by_vote(rows: pd.DataFrame) -> dict[str, pd.DataFrame]:
    return {f"{election} {number}": part for (election, number), part in rows.groupby(VOTE)}


def _leads(rows: pd.DataFrame) -> dict[str, list[Lead]]:
    """Leads in polls of one vote by level, the longest window first."""
    order = rows.sort_values("days", ascending=False, kind="stable")
    return {str(level): _records(Lead, part) for level, part in order.groupby("level")}


def claims_table(sources: pd.DataFrame) -> MakeTable:
    """The table whose rows are words of the document, with the sources of each.

    Parameters
    ----------
    sources : pandas.DataFrame
        Of `bench.studies.report_2018.analysis.read_sources`.
    """
    return partial(_claims_table, sources=sources)


def _claims_table(
    name: str,
    *,
    rows: Mapping[str, list[str]],
    columns: Mapping[str, Mapping[str, Any]],
    sources: pd.DataFrame,
    **words: Any,
) -> Table:
    claims = pd.DataFrame(rows.values(), columns=CELLS)
    by_claim = {str(key): links_of(part) for key, part in sources.groupby("claim")}
    links = [by_claim[key] for key in rows]
    semicolon = SEMICOLON[current_language()]
    claims["sources"] = [semicolon.join(label for label, _address in pairs) for pairs in links]
    claims["addresses"] = [" ".join(address for _label, address in pairs) for pairs in links]
    with_links = {**columns, "sources": {**columns["sources"], "links": "links"}}
    return table(
        name,
        claims,
        shown=claims.assign(links=pd.Series(links, dtype=object)),
        show=[*CELLS[1:], "sources"],
        columns=with_links,
        block_by="part",
        filters=[],
        look="sentences",
        terminal=False,
        **words,
    )


def links_of(sources: pd.DataFrame) -> list[tuple[str, str]]:
    """Who published a source and when, with its address; the same page once."""
    links = {}
    for row in sources.to_dict("records"):
        publisher = PAGE.text("source_publisher", words=row["publisher"])
        links[row["address"]] = f"{publisher}, {published(row['published_on'])}"
    return [(label, address) for address, label in links.items()]


def published(date: str) -> str:
    """A day, a month, a year or nothing, in words.

    Examples
    --------
    >>> [published(date) for date in ("2017-04-12", "2018-12", "2019", "")]
    ['12 April 2017', 'December 2018', '2019', 'undated']
    """
    return day(pd.Timestamp(date), DATES[date.count("-")]) if date else PAGE.text("undated")

"""Parliaments of 33 countries and the European Parliament: polls, and results from ParlGov."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import pandas as pd

from tools.build_datasets.collections import Collection, collection
from tools.build_datasets.collections.ballots import (
    MIN_POLLS,
    OTHERS,
    Member,
    Vote,
    counted,
    member,
    tables_of,
)
from tools.build_datasets.collections.institutes import one_spelling
from tools.build_datasets.collections.later_votes import with_later_votes
from tools.build_datasets.collections.parliament_polls import (
    europe_elects_polls,
    wikipedia_polls,
)
from tools.build_datasets.files import read_raw, require

TABLES = Path(__file__).parent / "parliaments_tables"
RAW_PARLGOV = "many/outcomes_parlgov/election_results_1945_2023.parquet"
PARLGOV_KIND = {"parliament": "parliament", "european": "ep"}
SCOPE = {"parliament": "N", "european": "E"}
MAX_OFFICIAL = 101.0
LAST_DAYS, SMALL = 30, 0.015


def build(source: Path) -> Collection:
    """Elections that have polls and a result in ParlGov, apart from those with a place elsewhere.

    Raises
    ------
    DataError
        If the matching table names a result that does not exist, or a poll's party twice, or
        results exceed 100 %.
    """
    europe, dropped_there = europe_elects_polls(source)
    earlier, dropped_here = wikipedia_polls(source)
    tables, refused = tables_of(_members(source, {"europe_elects": europe, "wikipedia": earlier}))
    small = small_parties(tables)
    tables = with_later_votes("parliaments", tables)
    return collection(
        "parliaments",
        tables,
        n_elections=len(tables["elections"]),
        n_small=len(small),
        small=100 * small.mean(),
        dropped=counted(dropped_there + dropped_here),
        refused=counted(refused),
    )


def small_parties(tables: Mapping[str, pd.DataFrame]) -> pd.Series:
    """Outcome less last polls of every listed party below `SMALL` in these polls.

    A party without a result of its own is not listed, so this is not 0 on average.
    """
    polls = tables["polls"].merge(tables["elections"][["election", "vote_on"]], on="election")
    lead = (polls["vote_on"] - polls["fieldwork_end"]).dt.days
    last = polls[lead.between(1, LAST_DAYS)].sort_values("fieldwork_end", kind="stable")
    last = last.drop_duplicates(["election", "institute", "candidate"], keep="last")
    polled = last.groupby(["election", "candidate"])["share"].mean().rename("polled")
    listed = tables["outcomes"][tables["outcomes"]["candidate"].ne(OTHERS)]
    listed = listed.merge(polled.reset_index(), on=["election", "candidate"])
    listed = listed[listed["polled"] < SMALL]
    return listed["share"] - listed["polled"]


def read_tables() -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """The reviewed tables: elections, matches of polled and official names, parties.

    Raises
    ------
    DataError
        If a polled name or an official result stands for two candidates of one election.
    """
    elections, matches, parties = (
        read_raw(TABLES / f"{name}.csv") for name in ("elections", "matches", "parties")
    )
    for column in ("polled", "official"):
        each = matches.assign(name=matches[column].str.split(";")).explode("name")
        twice = each[each.duplicated(["election", "name"])]
        require(
            twice.empty,
            "matches.csv",
            f"{column} stands twice: {twice[['election', 'name']].to_dict('records')[:3]}",
        )
    return elections, matches, parties


def _members(source: Path, polls: dict[str, pd.DataFrame]) -> Iterator[Member]:
    elections, matches, parties = read_tables()
    parlgov = read_raw(source / RAW_PARLGOV)
    for _, row in elections.iterrows():
        name = str(row["election"])
        matched = matches[matches["election"] == name]
        vote_on = pd.Timestamp(row["vote_on"])
        vote = Vote(
            name=name,
            title=str(row["title"]),
            country=str(row["country"]),
            kind=str(row["kind"]),
            system=str(row["system"]),
            vote_on=vote_on,
            known_at=pd.Timestamp(row["known_at"]),
            valid_votes=None if pd.isna(row["valid_votes"]) else int(row["valid_votes"]),
            source_key="parlgov",
        )
        table = polls[str(row["polls"])]
        own = table[table["file"].eq(row["file"]) & table["scope"].eq(SCOPE[vote.kind])]
        own = own.assign(institute=one_spelling(own["institute"]))
        asked = on_slugs(own, matched)
        people = parties[parties["country"] == vote.country].set_index("candidate")
        people.loc[OTHERS, ["name", "family"]] = ["Other parties", "other"]
        incumbent = None if pd.isna(row["incumbent"]) else str(row["incumbent"])
        made = member(vote, asked, official(parlgov, row, matched), people, incumbent)
        recent = made.tables["polls"]
        recent = recent[recent["published_on"] >= vote_on - pd.Timedelta(days=90)]
        require(
            recent["poll_id"].nunique() >= MIN_POLLS,
            name,
            f"has fewer than {MIN_POLLS} polls in its last 90 days",
        )
        yield made


def on_slugs(polls: pd.DataFrame, matched: pd.DataFrame) -> pd.DataFrame:
    """Polls under the slugs of one election; names that form one candidate are added up.

    Names without a match keep their own under a mark, so that polls which name them count as such.

    Examples
    --------
    >>> polls = pd.DataFrame({"poll_id": ["a"] * 3, "key": ["LP", "NP", "ALP"],
    ...                       "share": [0.3, 0.1, 0.4], "institute": ["Newspoll"] * 3})
    >>> matched = pd.DataFrame({"candidate": ["coalition", "labor"], "polled": ["LP;NP", "ALP"]})
    >>> on_slugs(polls, matched)[["candidate", "share"]].values.tolist()
    [['coalition', 0.4], ['labor', 0.4]]
    """
    slug_of = {
        key: candidate
        for candidate, keys in zip(matched["candidate"], matched["polled"], strict=True)
        for key in keys.split(";")
    }
    named = polls.assign(candidate=polls["key"].map(slug_of)).dropna(subset="candidate")
    share = named.groupby(["poll_id", "candidate"], as_index=False)["share"].sum()
    facts = named.drop(columns=["key", "share", "candidate"]).drop_duplicates("poll_id")
    merged: pd.DataFrame = share.merge(facts, on="poll_id")
    return merged


def official(parlgov: pd.DataFrame, election: pd.Series, matched: pd.DataFrame) -> dict[str, float]:
    """Official share of every matched candidate, a fraction.

    Raises
    ------
    DataError
        If a party of the matching table has no result in that election, or all exceed 100 %.
    """
    name = str(election["election"])
    rows = parlgov[
        parlgov["country_name_short"].eq(election["parlgov_country"])
        & parlgov["election_type"].eq(PARLGOV_KIND[str(election["kind"])])
        & parlgov["election_date"].eq(election["parlgov_date"])
        & parlgov["vote_share"].notna()
    ]
    share = rows.set_index(rows["party_id"].astype(str))["vote_share"]
    found = {}
    for row in matched.to_dict("records"):
        ids = str(row["official"]).split(";")
        gone = [one for one in ids if one not in share.index]
        require(not gone, name, f"ParlGov has no result of {gone} ({row['candidate']})")
        corrected = row["share"]
        total = float(share[ids].sum()) if pd.isna(corrected) else float(corrected)
        found[str(row["candidate"])] = total / 100
    total = 100 * sum(found.values())
    require(total <= MAX_OFFICIAL, name, f"official results add up to {total:.2f} %")
    return found

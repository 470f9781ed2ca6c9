"""Germany: polls of the Bundestag and of the Länder, official results, and what people searched."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from tools.build_datasets.collections import Collection, collection
from tools.build_datasets.collections.ballots import (
    BALLOT_DAYS,
    NEXT_MORNING,
    Member,
    Vote,
    counted,
    member,
    tables_of,
)
from tools.build_datasets.collections.bundestag import AFD, ALL, RAW_AFD, RAW_ALL, bundestag_polls
from tools.build_datasets.collections.bundestag import PARTIES as POLLED
from tools.build_datasets.collections.institutes import spellings
from tools.build_datasets.collections.later_votes import with_later_votes
from tools.build_datasets.files import DAY_END, TABLES, read_raw, require, slug

RAW_LAND = "many/polls_germany/landtag_polls_1994_2021.parquet"
RAW_RESULTS = "many/polls_germany/landtag_results.csv"
RAW_SEARCH = "many/search_interest/germany_google_trends_2005_2021.parquet"
RAW_PARLGOV = "many/outcomes_parlgov/election_results_1945_2023.parquet"
DRAWN_ON = pd.Timestamp("2022-12-10 23:59")
AFD_SINCE = pd.Timestamp("2014-01-01")
HIDES_AFD = "its source counts AfD among the other parties, in polls and results"
OFFICIAL_PP = 0.15  # how far two sources of one official share may differ

PEOPLE = read_raw(TABLES / "germany_parties.csv").set_index("candidate")
LAENDER = read_raw(TABLES / "germany_laender.csv").set_index("state")
IN_OFFICE = read_raw(TABLES / "germany_in_office.csv").astype({"since": int})
"""The party that led a government, and from which election on."""

VALID_VOTES = read_raw(TABLES / "germany_valid_votes.csv").astype(int).set_index("year")
"""ParlGov, election.csv, hdigital/parlgov-snippets at commit f140fa7."""

LAND_PARTIES = {"cdu": "cdu_csu", "fdp": "fdp", "gru": "gruene", "lin": "linke", "spd": "spd"}
INSTITUTES = spellings("germany")
MODES = {"Allensbach": "face to face", "Civey": "online opt-in", "YouGov": "online"}
# sizes that one institute has in dozens of polls: filled in by the compilers
IMPUTED_SIZES = {("emnid", 920), ("ifm_leipzig", 891)}
PARLGOV = {
    "AfD": "afd",
    "B90/Gr": "gruene",  # the East in 1990
    "B90/Gru": "gruene",
    "CDU": "cdu_csu",
    "CSU": "cdu_csu",
    "FDP": "fdp",
    "PDS|Li": "linke",
    "Pi": "piraten",
    "SPD": "spd",
}


def build(source: Path) -> Collection:
    """The elections of the Bundestag 1990-2025 and of the Länder 1998-2021.

    Raises
    ------
    DataError
        If the sources disagree on a result, or a table names a party twice.
    """
    wide, dropped = bundestag_polls(source)
    tables, refused = tables_of([*_federal(source, wide), *_laender(source)])
    tables["buzz"] = _searches(source, set(tables["elections"]["election"]))
    tables = with_later_votes("germany", tables, MODES)
    return collection("germany", tables, dropped=counted(dropped), refused=counted(refused))


def _federal(source: Path, wide: pd.DataFrame) -> Iterator[Member]:
    raw = read_raw(source / RAW_ALL)
    raw = raw[raw["voteshare"].notna()]
    days = pd.to_datetime(raw["date"]) + pd.to_timedelta(raw["days_to_election"], unit="D")
    votes = days.groupby(raw["election"]).agg(["min", "max"])
    require(bool((votes["min"] == votes["max"]).all()), RAW_ALL, "an election has two days")
    official = _federal_results(source)
    for year, vote_on in zip(votes.index.astype(int), votes["min"], strict=True):
        polls = wide[wide["election"] == year].melt(
            ["poll_id", "institute", "start", "end", "day", "stated", "sample_size"],
            POLLED,
            "candidate",
            "share",
        )
        vote = Vote(
            name=f"de{year}",
            title=f"German federal election of {year}",
            country="DE",
            kind="parliament",
            system="mixed",
            vote_on=vote_on,
            known_at=vote_on + NEXT_MORNING,
            valid_votes=int(VALID_VOTES["valid_votes"][year]),
            source_key="wahlrecht",
        )
        yield member(vote, _polls(polls), official[year], PEOPLE, _in_office("germany", year))


def _federal_results(source: Path) -> dict[int, dict[str, float]]:
    """Official shares by year; the tables and ParlGov must agree."""
    first = read_raw(source / RAW_ALL).drop_duplicates(["election", "party"])
    second = read_raw(source / RAW_AFD).drop_duplicates(["election", "party"])
    shares: dict[int, dict[str, float]] = {}
    for rows, names, share in ((second, AFD, "result"), (first, ALL, "voteshare")):
        rows = rows[rows["party"].isin(names) & rows[share].notna()]
        for year, party, value in zip(rows["election"], rows["party"], rows[share], strict=True):
            shares.setdefault(int(year), {})[names[party]] = float(value) / 100
    parlgov = read_raw(source / RAW_PARLGOV)
    parlgov = parlgov[
        parlgov["country_name_short"].eq("DEU") & parlgov["election_type"].eq("parliament")
    ]
    year_of = parlgov["election_date"].str[:4].astype(int)
    party_of = parlgov["party_name_short"].map(PARLGOV)
    there = parlgov["vote_share"].groupby([year_of, party_of]).sum()
    for year, by_party in shares.items():
        for party, value in by_party.items():
            apart = abs(
                there.get((year, party), 100 * value) - 100 * value
            )  # no Pirates there in 2017
            require(apart <= OFFICIAL_PP, f"{year} {party}", f"ParlGov is {apart:.2f} points off")
    return shares


def _laender(source: Path) -> Iterator[Member]:
    raw = read_raw(source / RAW_LAND)
    official = _land_results(source)
    sizes = zip(raw["institute_clean"], raw["sample_size"], strict=True)
    filled_in = [pair in IMPUTED_SIZES for pair in sizes]
    raw["sample_size"] = raw["sample_size"].mask(pd.Series(filled_in, raw.index))
    key = raw[["state", "election_year"]].drop_duplicates().sort_values(["election_year", "state"])
    for state, year in key.itertuples(index=False):
        rows = raw[raw["state"].eq(state) & raw["election_year"].eq(year)]
        vote_on = pd.Timestamp(rows["election_date"].iloc[0])
        code, name, system = map(str, LAENDER.loc[str(state)])
        result = official[state, year]
        told = rows.drop_duplicates("party").set_index("party")["voteshare"]
        for party, slug_ in LAND_PARTIES.items():
            apart = abs(told.get(party, 100 * result[slug_]) - 100 * result[slug_])
            require(apart <= 0.01, f"{state} {year} {party}", f"results differ by {apart:.2f}")
        named = rows[rows["party"].isin(LAND_PARTIES)]
        day = pd.to_datetime(named["date"])
        if (day < vote_on - pd.Timedelta(days=BALLOT_DAYS)).all():
            continue  # Mecklenburg-Vorpommern 1994: one poll, 238 days before
        polls = named.assign(
            institute=named["institute_clean"],
            sponsor=named["client"].map(_repaired),
            start=pd.Series(pd.NaT, named.index),
            end=day,
            day=day,
            stated=True,
            candidate=named["party"].map(LAND_PARTIES),
            share=named["support"],
        )
        vote = Vote(
            name=f"de{year}/landtag/{code}",
            title=f"State election in {name}, {year}",
            country="DE",
            kind="state_parliament",
            area=code.upper(),
            system=system,
            vote_on=vote_on,
            known_at=vote_on + NEXT_MORNING,
            source_key="wahlrecht",
            unranked_because=HIDES_AFD if vote_on >= AFD_SINCE else None,
        )
        yield member(vote, _polls(polls), result, PEOPLE, _in_office(state, year))


def _in_office(of: str, year: int) -> str:
    known = IN_OFFICE[IN_OFFICE["of"].eq(of) & IN_OFFICE["since"].le(year)]
    return str(known.sort_values("since")["party"].iloc[-1])


def _land_results(source: Path) -> dict[tuple[str, int], dict[str, float]]:
    raw = read_raw(source / RAW_RESULTS)
    return {
        (row["state"], int(row["election_year"])): {
            slug_: float(row[party]) / 100 for party, slug_ in LAND_PARTIES.items()
        }
        for _, row in raw.iterrows()
    }


def _polls(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows of either source, in percent, with the columns of `ballots.POLL_COLUMNS`."""
    rows = rows[rows["share"].notna()]
    institutes = rows["institute"].map(lambda key: INSTITUTES.get(key, _words(key)))
    return pd.DataFrame(
        {
            "poll_id": rows["poll_id"].map(slug),
            "institute": institutes,
            "sponsor": rows.get("sponsor"),
            "mode": institutes.map(MODES),
            "fieldwork_start": rows["start"],
            "fieldwork_end": rows["end"],
            "published_on": rows["day"] + DAY_END,
            "basis": rows["stated"].map({True: "stated", False: "rule"}),
            "sample_size": rows["sample_size"],
            "rolling": False,
            "candidate": rows["candidate"],
            "share": rows["share"] / 100,
            "source_key": "wahlrecht",
        }
    )


def _repaired(words: str) -> str | None:
    """Text whose UTF-8 was read as Windows-1252 in one part of the source; empty as None."""
    with contextlib.suppress(UnicodeError):
        words = words.encode("cp1252").decode("utf-8")
    return words.strip() or None


def _words(key: str) -> str:
    return key.replace("_", " ").title()


def _searches(source: Path, known: set[str]) -> pd.DataFrame:
    """Searches per party and day on the scale of the query set that holds five parties.

    AfD was drawn with four of them in a set of its own: it is chained through CDU/CSU, whose sums
    over the year in both sets give the one factor between the scales.
    """
    raw = read_raw(source / RAW_SEARCH)
    rows = []
    for year, drawn in raw.groupby("election"):
        main = drawn[drawn["query_set"].isin(["main", "cdu"])]
        apart = drawn[drawn["query_set"] == "afd"]
        if len(apart):
            here, there = (
                frame.loc[frame["party"] == "cdu_csu", "hits_mean"].sum() for frame in (main, apart)
            )
            afd = apart[apart["party"] == "afd"]
            main = pd.concat([main, afd.assign(hits_mean=afd["hits_mean"] * here / there)])
        rows.append(main.assign(election=f"de{year}"))
    table = pd.concat(rows)
    require(set(table["election"]) <= known, RAW_SEARCH, "holds an election without polls")
    return pd.DataFrame(
        {
            "election": table["election"],
            "day": pd.to_datetime(table["day"]),
            "source": "google_trends",
            "community": None,
            "candidate": table["party"],
            "measure": "search_interest",
            "value": table["hits_mean"].round(3),
            "published_on": DRAWN_ON,
            "available_on": DRAWN_ON,
            "source_key": "google_trends",
        }
    )

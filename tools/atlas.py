"""Make `datasets/atlas` anew from the other folders: `python -m tools.atlas`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from bench.core import paths
from bench.data.atlas import FILES, FOLDER, ORDER, SHARE_ALIKE, TABLES, file_name
from bench.data.collection import collections, load_collection
from bench.data.election import OTHERS, Election, load_election
from bench.data.readers import read_yaml, sha256
from bench.data.tables import outcomes_of
from tools.build_datasets.cards import part, words, write_folder
from tools.build_datasets.data_package import CITATION, write_package
from tools.build_datasets.files import require, write_sums
from tools.register import every_election

TITLE = "Atlas: polls with their outcomes"
WHAT = (
    "Every poll of every vote that ships, a row per poll and candidate, with the official share "
    "and the error, and a table of the votes. Columns and paths do not change; rows that may only "
    "be passed on under their own licence lie in files of their own."
)
VOTE = ["election", "round"]
PERSON = [*VOTE, "candidate"]
POLL = [*VOTE, "poll_id"]
PRESS = "press"
NAMES = {"basis": "dated", "share": "asked"}
COUNTS = ["valid_votes", "source_key", "licence"]
MIXABLE = frozenset({"facts", "public-domain", "CC0-1.0", "MIT", "CC-BY-4.0", "etalab-2.0"})
"""Licences whose rows may stand in one file: they ask for a name at most."""

DIGITS = 6
"""Decimals of computed shares: the same on every processor."""


def write(into: Path) -> str:
    """Write the folder `atlas` below `into`; the version is one more if any row changed.

    Returns
    -------
    str
        What became of the version.
    """
    folder = into / FOLDER
    before = _sums(folder)
    version = int(read_yaml(folder / CITATION)["version"]) if before else 0
    tables = by_licence(atlas_tables())
    meanings = {
        file: {name: column.meaning for name, column in FILES[file].columns.items()}
        for file in tables
    }
    parts = [part(FOLDER, tables, columns=meanings)]
    text = str(words(FOLDER)["citation"])
    write_folder(folder, TITLE, WHAT, parts, {CITATION: text.format(version=version)})
    if _sums(folder) == before:
        return f"{folder}: no row changed, still version {version}"
    (folder / CITATION).write_text(text.format(version=version + 1), encoding="utf-8")
    write_sums(folder)
    write_package(folder)
    return f"{folder}: rows changed, now version {version + 1}"


def _sums(folder: Path) -> dict[str, str]:
    return {path.name: sha256(path) for path in folder.glob("*.parquet")}


def by_licence(tables: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """The tables by file: rows whose licence does not mix with others stand alone."""
    files: dict[str, pd.DataFrame] = {}
    for name, rows in tables.items():
        unknown = set(rows["licence"].dropna()) - MIXABLE - set(SHARE_ALIKE)
        words_of_unknown = f"say whether rows under {sorted(unknown)} may stand among others"
        require(not unknown and bool(rows["licence"].notna().all()), name, words_of_unknown)
        alone = rows["licence"].where(rows["licence"].isin(list(SHARE_ALIKE)), "")
        for licence, of_licence in rows.groupby(alone, sort=True):
            files[file_name(name, str(licence))] = of_licence.reset_index(drop=True)
    return files


def atlas_tables() -> dict[str, pd.DataFrame]:
    """Both tables of the atlas, from everything that ships, made-up countries left out."""
    votes = every_election()
    votes = votes[~votes["country"].str.startswith("X")]
    own = {name: load_election(name) for name in votes["election"][votes["collection"].eq("")]}
    sources = [*map(_of_election, own.values()), *map(_of_collection, collections())]
    polls, people, outcomes, counts = (
        pd.concat(frames, ignore_index=True) for frames in zip(*sources, strict=True)
    )
    days = polls.drop_duplicates(POLL).groupby(VOTE)["fieldwork_end"]
    spans = days.agg(n_polls="size", first_day="min", last_day="max")
    n_known = outcomes.groupby(VOTE)["share"].count().rename("n_known")
    for of_vote in (counts.set_index(VOTE), spans, n_known):
        votes = votes.join(of_vote, on=VOTE)
    votes = votes.assign(
        folder=votes["collection"].where(votes["collection"].ne(""), votes["election"]),
        n_polls=votes["n_polls"].fillna(0),
        outcome=votes["n_known"].gt(0).map({True: "known", False: "open"}),
    )
    polls = polls.join(votes.set_index(VOTE)[["country", "kind", "vote_on"]], on=VOTE)
    polls = polls.join(people.set_index(PERSON)[["name", "party", "stands"]], on=PERSON)
    polls = polls.join(outcomes.set_index(PERSON)["share"].rename("outcome"), on=PERSON)
    polls["ballot"] = _ballot(polls)
    return {"polls": _in_order(with_errors(polls), "polls"), "votes": _in_order(votes, "votes")}


def with_errors(polls: pd.DataFrame) -> pd.DataFrame:
    """Polls with days before the vote, `valid` and `error`, and outcomes of official ballots alone.

    `valid` and `error` are of whom both poll and ballot name: with p the shares of a poll and
    o the official ones, p / sum(p) and p / sum(p) - o / sum(o), sums over the poll's candidates.
    """
    is_official = polls["ballot"].eq("official")
    outcome = polls["outcome"].where(is_official).round(DIGITS)
    shares = pd.DataFrame({"asked": polls["asked"], "outcome": outcome})
    of_poll = shares.groupby([polls[name] for name in POLL])
    sums = of_poll.transform("sum", min_count=1)
    is_comparable = is_official & of_poll["asked"].transform("size").ge(2) & sums["asked"].gt(0)
    valid = (polls["asked"] / sums["asked"]).where(is_comparable)
    return polls.assign(
        days_before=(polls["vote_on"] - polls["fieldwork_end"]).dt.days,
        outcome=outcome,
        valid=valid.round(DIGITS),
        error=(valid - outcome / sums["outcome"]).round(DIGITS) + 0.0,  # no minus nought
    )


def _ballot(polls: pd.DataFrame) -> pd.Series:
    """What a poll asked about: the official ballot, another one, or one that is still open."""
    require(bool(polls["name"].notna().all()), FOLDER, "a poll names somebody without a name")
    stands = polls["stands"].astype("float64")  # missing while the ballot is open
    all_stand = stands.groupby([polls[name] for name in POLL]).transform("min")
    return all_stand.map({1.0: "official", 0.0: "hypothetical"}).fillna("open")


def _in_order(rows: pd.DataFrame, table: str) -> pd.DataFrame:
    rows = rows.sort_values(ORDER[table], kind="stable", ignore_index=True)
    rows = rows[list(TABLES[table].columns)].copy()
    for name, column in TABLES[table].columns.items():
        if column.kind == "count":
            rows[name] = rows[name].astype("Int64")
        elif column.kind == "text":
            cells = rows[name].astype("str")
            rows[name] = cells.mask(cells.eq("")) if column.empty else cells
    return rows


def _of_collection(name: str) -> tuple[pd.DataFrame, ...]:
    """Polls, people, official shares and counts of the votes of a collection."""
    collection = load_collection(name)
    facts = {key: (source.found, source.licence) for key, source in collection.sources.items()}
    of_source = pd.DataFrame.from_dict(facts, orient="index", columns=["found", "licence"])
    polls = collection.table("polls").rename(columns=NAMES).join(of_source, on="source_key")
    counts = collection.elections.join(of_source, on="source_key")[[*VOTE, *COUNTS]]
    people = collection.table("candidates").assign(stands=True)
    return polls, people, collection.table("outcomes"), counts


def _of_election(election: Election) -> tuple[pd.DataFrame, ...]:
    """The same of an election with a folder of its own."""
    people = []
    for number, vote in election.rounds.items():
        rows = election.people.assign(election=election.name, round=number, stands=np.nan)
        if not vote.is_open:
            rows["stands"] = rows["candidate"].isin(vote.candidates)
        people.append(rows)
    counts = pd.DataFrame({"election": election.name, "round": list(election.rounds)})
    source = words(FOLDER)["votes"]
    counts[["source_key", "licence"]] = source.get(election.name, source[OTHERS])
    outcomes = pd.DataFrame(columns=[*PERSON, "votes", "share"])
    if not election.is_open:
        outcomes = outcomes_of(election).query("level == 'national'")
    valid = outcomes.groupby("round")["votes"].sum()
    counts["valid_votes"] = counts["round"].map(valid)
    return _own_polls(election), pd.concat(people), outcomes, counts


def _own_polls(election: Election) -> pd.DataFrame:
    polls = election.polls.rename(columns=NAMES)
    texts = polls["source"].astype("str")
    kinds = election.found["polls"]
    licences: Mapping[str, str] = words(FOLDER)["polls"]
    found, licence = {}, {}
    for text in texts.unique():
        stated = [licences.get(word, "") for word in text.split(":")[0].split("+")]
        require(all(stated), text, "parts/atlas.yaml has no licence of this source")
        licence[text] = next((name for name in stated if name in SHARE_ALIKE), stated[0])
        starts = [start for start in kinds if text.startswith(start)]
        found[text] = kinds[max(starts, key=len, default=OTHERS)]
    is_page = texts.str.startswith("http")
    return polls.assign(
        found=texts.map(found),
        licence=texts.map(licence),
        source_key=texts.mask(is_page, PRESS),
        source=texts.where(is_page),
    )


if __name__ == "__main__":
    print(write(paths.datasets()))

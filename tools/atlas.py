"""Make `datasets/atlas` anew from the other folders: `python -m tools.atlas`."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from bench.core import paths
from bench.data.atlas import FILES, FOLDER, ORDER, SHARE_ALIKE, TABLES, file_name
from bench.data.collection import collections, every_election, load_collection
from bench.data.election import OTHERS, Election, load_election
from bench.data.election_folder import folder_names
from bench.data.readers import read_yaml, sha256
from bench.data.tables import outcomes_of
from tools.build_datasets.cards import part, words, write_folder
from tools.build_datasets.data_package import CITATION, write_package
from tools.build_datasets.files import require, write_sums

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
MIXABLE = frozenset({"facts", "public-domain", "CC0-1.0", "MIT", "CC-BY-4.0", "etalab-2.0"})
"""Licences whose rows may stand in one file: they ask for a name at most."""

DIGITS = 6
"""Decimals of computed shares: the same on every processor."""


def main(arguments: list[str] | None = None) -> int:
    """Write the folder and say whether its version changed."""
    parser = argparse.ArgumentParser(prog="python -m tools.atlas", description=__doc__)
    parser.add_argument("--into", type=Path, default=paths.datasets(), help="where to write")
    print(write(parser.parse_args(arguments).into))
    return 0


def write(into: Path) -> str:
    """Write the folder `atlas` below `into`; the version is one more if any row changed.

    Returns
    -------
    str
        What became of the version.
    """
    folder = into / FOLDER
    before, version = _sums(folder), _version(folder)
    names, outcomes = _people(), _outcomes()
    votes = votes_table(outcomes)
    tables = by_licence({"polls": polls_table(votes, names, outcomes), "votes": votes})
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
    return {path.name: sha256(path) for path in sorted(folder.glob("*.parquet"))}


def _version(folder: Path) -> int:
    path = folder / CITATION
    if not path.is_file():
        return 0
    return int(read_yaml(path)["version"])


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


def votes_table(outcomes: pd.DataFrame) -> pd.DataFrame:
    """Every vote that ships, with the number of its polls: `TABLES["votes"]`."""
    votes = _real(every_election())
    counted = _source_of_votes()
    votes = votes.merge(counted, on=VOTE, how="left", validate="one_to_one")
    votes["folder"] = votes["collection"].where(votes["collection"].ne(""), votes["election"])
    polls = _all_polls()
    days = polls.drop_duplicates(POLL).groupby(VOTE)["fieldwork_end"]
    spans = days.agg(n_polls="size", first_day="min", last_day="max").reset_index()
    votes = votes.merge(spans, on=VOTE, how="left")
    votes["n_polls"] = votes["n_polls"].fillna(0).astype("int64")
    known = outcomes.drop_duplicates(VOTE)[VOTE].assign(outcome="known")
    votes = votes.merge(known, on=VOTE, how="left")
    votes["outcome"] = votes["outcome"].fillna("open")
    return _in_order(votes, "votes")


def polls_table(votes: pd.DataFrame, people: pd.DataFrame, outcomes: pd.DataFrame) -> pd.DataFrame:
    """The polls with names and outcomes: `TABLES["polls"]`.

    `valid` and `error` are of whom both poll and ballot name: with p the shares of a poll and
    o the official ones, p / sum(p) and p / sum(p) - o / sum(o), sums over the poll's candidates.
    """
    polls = _all_polls().rename(columns={"basis": "dated", "share": "asked"})
    polls = polls.merge(votes[[*VOTE, "country", "kind", "vote_on"]], on=VOTE, how="inner")
    polls = polls.merge(people, on=PERSON, how="left", validate="many_to_one")
    polls = polls.merge(
        outcomes.rename(columns={"share": "outcome"}), on=PERSON, how="left", validate="many_to_one"
    )
    require(bool(polls["name"].notna().all()), FOLDER, "a poll names somebody without a name")
    polls["days_before"] = (polls["vote_on"] - polls["fieldwork_end"]).dt.days
    polls["ballot"] = _ballot(polls)
    is_official = polls["ballot"].eq("official")
    polls["outcome"] = polls["outcome"].where(is_official).round(DIGITS)
    within = [polls[name] for name in POLL]
    shares = polls[["asked", "outcome"]].groupby(within)
    sums = shares.transform("sum", min_count=1)
    is_comparable = is_official & shares["asked"].transform("size").ge(2) & sums["asked"].gt(0)
    valid = (polls["asked"] / sums["asked"]).where(is_comparable)
    polls["valid"] = valid.round(DIGITS)
    polls["error"] = (valid - polls["outcome"] / sums["outcome"]).round(DIGITS)
    return _in_order(polls, "polls")


def _ballot(polls: pd.DataFrame) -> pd.Series:
    """What a poll asked about: the official ballot, another one, or one that is still open."""
    stands = polls["stands"].astype(bool)
    all_stand = stands.groupby([polls[name] for name in POLL]).transform("all")
    is_settled = polls["has_ballot"].astype(bool)
    return pd.Series("open", polls.index).mask(
        is_settled, all_stand.map({True: "official", False: "hypothetical"})
    )


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


def _real(rows: pd.DataFrame) -> pd.DataFrame:
    return rows[~rows["country"].str.startswith("X")].reset_index(drop=True)


def _own_elections() -> Iterator[Election]:
    """The elections of real countries with a folder of their own."""
    for name in folder_names():
        election = load_election(name)
        if not election.country.startswith("X"):
            yield election


def _all_polls() -> pd.DataFrame:
    """Every poll as shipped, with `found`, `source_key` and `licence`."""
    frames = [_own_polls(election) for election in _own_elections()]
    for name in collections():
        collection = load_collection(name)
        rows = collection.table("polls")
        facts = {key: (source.found, source.licence) for key, source in collection.sources.items()}
        of_source = pd.DataFrame.from_dict(facts, orient="index", columns=["found", "licence"])
        frames.append(rows.join(of_source, on="source_key"))
    return pd.concat(frames, ignore_index=True)


def _own_polls(election: Election) -> pd.DataFrame:
    rows = election.polls
    texts = rows["source"].astype("str")
    kinds = election.found.get("polls", {})
    licences: Mapping[str, str] = words(FOLDER)["polls"]

    def found(text: str) -> str | None:
        starts = [start for start in kinds if text.startswith(start)]
        return kinds.get(max(starts, key=len, default=OTHERS))

    def licence(text: str) -> str:
        if text.startswith("http"):
            return "facts"
        stated = [licences.get(word, "") for word in text.split("+")]
        require(all(stated), text, "parts/atlas.yaml has no licence of this source")
        return next((name for name in stated if name in SHARE_ALIKE), stated[0])

    is_page = texts.str.startswith("http")
    unique = texts.unique()
    return rows.assign(
        found=texts.map({text: found(text) for text in unique}),
        licence=texts.map({text: licence(text) for text in unique}),
        source_key=texts.mask(is_page, PRESS),
        source=texts.where(is_page),
    )


def _people() -> pd.DataFrame:
    """Names of all whom polls may name, and whether they are on the ballot of the round."""
    frames: list[pd.DataFrame] = []
    for election in _own_elections():
        for number, vote in election.rounds.items():
            rows = election.people.assign(election=election.name, round=number)
            rows["stands"] = rows["candidate"].isin(vote.candidates)
            frames.append(rows.assign(has_ballot=not vote.is_open))
    for name in collections():
        rows = load_collection(name).table("candidates")
        frames.append(rows.assign(stands=True, has_ballot=True))
    rows = pd.concat(frames, ignore_index=True)
    return rows[[*PERSON, "name", "party", "stands", "has_ballot"]]


def _outcomes() -> pd.DataFrame:
    """Official shares of the votes that are counted."""
    frames = [outcomes_of(election) for election in _own_elections() if not election.is_open]
    national = [rows[rows["level"].eq("national")] for rows in frames]
    national += [load_collection(name).table("outcomes") for name in collections()]
    rows = pd.concat(national, ignore_index=True)
    return rows[rows["share"].notna()][[*PERSON, "share"]]


def _source_of_votes() -> pd.DataFrame:
    """Valid votes, who counted and the licence, by vote."""
    by_folder: Mapping[str, list[str]] = words(FOLDER)["votes"]
    rows: list[Any] = []
    for election in _own_elections():
        source = by_folder.get(election.name, by_folder[OTHERS])
        totals = {}
        if not election.is_open:
            official = outcomes_of(election)
            official = official[official["level"].eq("national")]
            totals = official.groupby("round")["votes"].sum().to_dict()
        rows += [(election.name, n, totals.get(n), *source) for n in election.rounds]
    own = pd.DataFrame(rows, columns=[*VOTE, "valid_votes", "source_key", "licence"])
    frames = [own]
    for name in collections():
        collection = load_collection(name)
        register = collection.elections
        licences = {key: source.licence for key, source in collection.sources.items()}
        frames.append(register.assign(licence=register["source_key"].map(licences))[list(own)])
    return pd.concat(frames, ignore_index=True)


if __name__ == "__main__":
    raise SystemExit(main())

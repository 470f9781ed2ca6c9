"""What is wrong with a collection, with place and remedy."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from bench.core.errors import DataError, did_you_mean
from bench.core.read import shortened
from bench.data.collection import Collection, collection_folders, refuse_two_places, table_file
from bench.data.columns import COLLECTION_TABLES, MEMBER, MEMBER_WORDS
from bench.data.election import SLUG, SLUG_WORDS, load_election
from bench.data.readers import SUMS, place_of, sha256

ROUNDED = 1e-3  # shares of an outcome may be rounded to tenths of a percent
PER_ELECTION = ("title", "country", "kind", "area", "system", "ranked", "unranked_because")


def refuse_broken(collection: Collection, name: str, rows: pd.DataFrame, path: Path) -> None:
    """Refuse a table whose rows belong to nobody, or contradict one another or another table.

    What a single cell must hold is known to the reader of the table.

    Raises
    ------
    DataError
        With file, row, what was found, what is accepted and what to do.
    """
    _refuse_strange_sources(collection, rows, path)
    if name == "elections":
        _refuse_register(rows, path)
        return
    _refuse_strangers(collection, rows, path)
    if name == "candidates":
        wrong = ~rows["candidate"].str.fullmatch(SLUG.pattern)
        _refuse_first(wrong, rows["candidate"], path, f"accepted: {SLUG_WORDS}")
    elif name in ("outcomes", "area_outcomes"):
        _refuse_shares(collection, name, rows, path)


def check_collection(collection: Collection) -> None:
    """Read every table and open every election of a collection; refuse whatever is wrong.

    Raises
    ------
    DataError
        At the first fault.
    """
    folder = collection.folder
    _refuse_other_sums(folder)
    for name in COLLECTION_TABLES:
        rows = collection.table(name)
        if (path := table_file(folder, name)) is not None:
            refuse_broken(collection, name, rows, path)
    if folder in collection_folders(folder.parent):
        refuse_two_places(folder.parent)
    for name in collection.names:
        load_election(str(folder / name))


def _refuse_other_sums(folder: Path) -> None:
    sums = folder / SUMS
    if not sums.is_file():
        return
    for line in sums.read_text(encoding="utf-8").splitlines():
        expected, _, name = line.partition("  ")
        path = folder / name
        if not path.is_file():
            raise DataError(f"{sums}: lists '{name}', which is not there; build the folder again")
        if sha256(path) != expected:
            raise DataError(
                f"{path}: its checksum is not that of {sums}: the file was changed after it was "
                f"built; build it again, or delete {SUMS} if the change is meant"
            )


def _refuse_strange_sources(collection: Collection, rows: pd.DataFrame, path: Path) -> None:
    if "source_key" not in rows:
        return
    wrong = ~rows["source_key"].isin(list(collection.sources))
    if wrong.any():
        key = str(rows["source_key"][wrong].iloc[0])
        raise DataError(
            f"{_row(path, wrong)}: source_key '{shortened(key)}' is no source of collection.yaml "
            f"({did_you_mean(key, collection.sources)}); add it there with its licence"
        )


def _refuse_register(rows: pd.DataFrame, path: Path) -> None:
    wrong = ~rows["election"].str.fullmatch(MEMBER.pattern)
    _refuse_first(wrong, rows["election"], path, f"accepted: {MEMBER_WORDS}")
    lower = ~rows["country"].str.fullmatch("[A-Z]{2}")
    _refuse_first(lower, rows["country"], path, "accepted: two capital letters (ISO 3166)")
    silent = ~rows["ranked"] & rows["unranked_because"].isna()
    _refuse_first(silent, rows["election"], path, "is not ranked; say why in unranked_because")
    for column in PER_ELECTION:
        first = rows.groupby("election")[column].transform("first")
        other = first.ne(rows[column]) & ~(first.isna() & rows[column].isna())
        _refuse_first(other, rows["election"], path, f"has several '{column}'; accepted: one")


def _refuse_strangers(collection: Collection, rows: pd.DataFrame, path: Path) -> None:
    """Rows of no election, of no round, or about nobody on its ballot."""
    known = collection.elections
    wrong = ~rows["election"].isin(known["election"])
    if wrong.any():
        name = str(rows["election"][wrong].iloc[0])
        raise DataError(
            f"{_row(path, wrong)}: '{shortened(name)}' is no election of this collection "
            f"({did_you_mean(name, sorted(set(known['election'])))}); add it to elections.parquet, "
            "or take the row out"
        )
    rounds = ["election", *(["round"] if "round" in rows else [])]
    if "round" in rows:
        _refuse_first(
            ~_pairs(rows, rounds).isin(_pairs(known, rounds)),
            rows["election"] + " round " + rows["round"].astype(int).astype(str),
            path,
            "is no round of elections.parquet; add it there, or take the row out",
        )
    if path.stem == "candidates" or "candidate" not in rows:
        return
    people = collection.table("candidates")
    keys = ["election", "candidate"]
    nobody = rows["candidate"].notna() & ~_pairs(rows, keys).isin(_pairs(people, keys))
    if nobody.any():
        election, name = (str(rows[key][nobody].iloc[0]) for key in keys)
        ballot = people.loc[people["election"].eq(election), "candidate"]
        raise DataError(
            f"{_row(path, nobody)}: '{shortened(name)}' is not a candidate of {election} "
            f"({did_you_mean(name, list(ballot))}); add the candidate to candidates.parquet, or "
            "take the row out"
        )


def _refuse_shares(collection: Collection, name: str, rows: pd.DataFrame, path: Path) -> None:
    places = ["election", "round", *(["level", "area"] if name == "area_outcomes" else [])]
    keys = [rows[key] for key in places]
    called = rows["election"] + " round " + rows["round"].astype(int).astype(str)
    if name == "area_outcomes":
        called = called + " in " + rows["area"]
    told = rows["share"].notna() | rows["votes"].isna()
    total = rows["share"].groupby(keys).transform("sum").where(told, 1.0)
    wrong = (total - 1).abs() > ROUNDED
    if wrong.any():
        raise DataError(
            f"{_row(path, wrong)}: the shares of {called[wrong].iloc[0]} sum to "
            f"{total[wrong].iloc[0]:.4f}; accepted: 1 to within {ROUNDED}; add whoever is missing "
            "('others' for the rest)"
        )
    votes = rows["votes"].groupby(keys).transform("sum")
    counted = rows["votes"].notna().groupby(keys).transform("mean")
    _refuse_first(
        (counted > 0) & (counted < 1), called, path, "has votes for some; give all, or none"
    )
    apart = (rows["votes"] / votes.where(votes > 0) - rows["share"]).abs() > ROUNDED
    _refuse_first(apart, called, path, "has shares that its votes contradict; correct either")
    if name == "area_outcomes":
        return
    ballot = collection.table("candidates").groupby(["election", "round"])["candidate"].agg(set)
    given = rows.groupby(["election", "round"])["candidate"].agg(set)
    for (election, number), who in zip(given.index, given, strict=True):
        if odd := sorted(who ^ ballot.get((election, number), set())):
            raise DataError(
                f"{path}: {election} round {number}: '{odd[0]}' is in the outcome or on the "
                "ballot, not in both; outcomes and candidates must name the same"
            )


def _pairs(rows: pd.DataFrame, keys: list[str]) -> pd.Series:
    """Several keys as one text."""
    joined = rows[keys[0]].astype(str)
    for key in keys[1:]:
        values = rows[key]
        words = values.astype(int) if key == "round" else values
        joined = joined + "\t" + words.astype(str)
    return joined


def _refuse_first(wrong: pd.Series, values: pd.Series, path: Path, words: str) -> None:
    wrong = wrong.fillna(True).astype(bool)
    if wrong.any():
        value = shortened(values[wrong].iloc[0])
        raise DataError(f"{_row(path, wrong)}: '{value}' {words}")


def _row(path: Path, wrong: pd.Series) -> str:
    return place_of(path, int(wrong.to_numpy().argmax()))

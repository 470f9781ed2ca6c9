"""What the tables of a collection are held to beside what each of them must hold by itself."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

import pandas as pd

from bench.data.columns import COLLECTION_TABLES, MEMBER, MEMBER_WORDS, SLUG, SLUG_WORDS
from bench.data.schema import rule

if TYPE_CHECKING:
    from bench.data.collection import Collection

ROUNDED = 1e-3  # shares of an outcome may be rounded to tenths of a percent
PER_ELECTION = ("title", "country", "kind", "area", "system", "ranked", "unranked_because")
ADD = "add it there, or take the row out"


def rules_of(collection: Collection, name: str) -> Iterator[Any]:
    """The rules about rows that belong to nobody, or contradict one another or another table."""
    if "source_key" in COLLECTION_TABLES[name].columns:
        sources = list(collection.sources)
        error = f"a source of collection.yaml ({', '.join(sources)}), with its licence"
        yield rule(lambda rows: rows["source_key"].isin(sources), error, "election", "source_key")
    if name == "elections":
        yield from _rules_of_register()
        return
    keys = ["election", *(["round"] if "round" in COLLECTION_TABLES[name].columns else [])]
    register = collection.elections
    error = f"an election, and a round, of elections.parquet; {ADD}"
    yield rule(partial(_are_listed, listed=register, keys=keys), error, *keys)
    if name == "candidates":
        yield rule(
            lambda rows: rows["candidate"].str.fullmatch(SLUG.pattern), SLUG_WORDS, *keys, name[:-1]
        )
        return
    people = collection.table("candidates")
    if "candidate" in COLLECTION_TABLES[name].columns:
        error = f"a candidate of that election, of candidates.parquet; {ADD}"
        keys = ["election", "candidate"]
        yield rule(partial(_are_listed, listed=people, keys=keys), error, *keys)
    if name in ("outcomes", "area_outcomes"):
        yield from _rules_of_outcomes(name, people)


def _rules_of_register() -> Iterator[Any]:
    yield rule(
        lambda rows: rows["election"].str.fullmatch(MEMBER.pattern), MEMBER_WORDS, "election"
    )
    error = "a country of two capital letters (ISO 3166)"
    yield rule(lambda rows: rows["country"].str.fullmatch("[A-Z]{2}"), error, "election", "country")
    error = "a reason in unranked_because of what is not ranked"
    columns = ("election", "unranked_because")
    yield rule(lambda rows: rows["ranked"] | rows["unranked_because"].notna(), error, *columns)
    for column in PER_ELECTION:
        error = f"one '{column}' in all rows of an election"
        yield rule(partial(_is_single, column=column), error, "election", column)


def _is_single(rows: pd.DataFrame, column: str) -> pd.Series:
    several = rows.groupby("election")[column].transform("nunique", dropna=False) > 1
    return ~several


def _are_listed(rows: pd.DataFrame, listed: pd.DataFrame, keys: list[str]) -> pd.Series:
    named = pd.MultiIndex.from_frame(rows[keys])
    accepted = pd.MultiIndex.from_frame(listed[keys])
    is_listed = pd.Series(named.isin(accepted), index=rows.index)
    return is_listed | rows[keys[-1]].isna()


def _rules_of_outcomes(name: str, people: pd.DataFrame) -> Iterator[Any]:
    votes = ["election", "round"]
    places = [*votes, *(["level", "area"] if name == "area_outcomes" else [])]
    error = f"shares that sum to 1 to within {ROUNDED}; add whoever is missing ('others')"
    yield rule(partial(_sum_to_one, places=places), error, *places, "share")
    error = "votes of all candidates, or of none"
    yield rule(partial(_are_all_counted, places=places), error, *places)
    error = "shares that its votes do not contradict; correct either"
    yield rule(partial(_agree, places=places), error, *places, "votes", "share")
    if name == "outcomes":
        ballots = people.groupby(votes)["candidate"].agg(frozenset)
        error = "the same people in outcomes and candidates"
        yield rule(partial(_are_on_ballot, ballots=ballots), error, *votes)


def _sum_to_one(rows: pd.DataFrame, places: list[str]) -> pd.Series:
    has_share = rows["share"].notna() | rows["votes"].isna()
    total = rows.groupby(places)["share"].transform("sum")
    total = total.where(has_share, 1.0)
    is_whole: pd.Series = (total - 1).abs() <= ROUNDED
    return is_whole


def _are_all_counted(rows: pd.DataFrame, places: list[str]) -> pd.Series:
    counted = rows["votes"].notna()
    of_place = counted.groupby([rows[key] for key in places])
    is_mixed = of_place.transform("nunique") > 1
    return ~is_mixed


def _agree(rows: pd.DataFrame, places: list[str]) -> pd.Series:
    total = rows.groupby(places)["votes"].transform("sum")
    share_of_votes = rows["votes"] / total.where(total > 0)
    contradicts = (share_of_votes - rows["share"]).abs() > ROUNDED
    return ~contradicts


def _are_on_ballot(rows: pd.DataFrame, ballots: pd.Series) -> pd.Series:
    keys = list(ballots.index.names)
    counted = rows.groupby(keys)["candidate"].agg(frozenset)
    matches = counted.eq(ballots.reindex(counted.index))
    votes = pd.MultiIndex.from_frame(rows[keys])
    return pd.Series(matches.reindex(votes).to_numpy(), rows.index)

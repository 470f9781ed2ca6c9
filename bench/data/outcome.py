"""Outcome: the official votes, which no room that a predictor may import can open."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

from bench.core.errors import DataError, did_you_mean
from bench.data.collection import load_collection, spans_of
from bench.data.columns import DEPARTEMENTS, NATIONAL
from bench.data.election import Election, is_short, load_election
from bench.data.readers import read_table, remembered, typed
from bench.data.tables import uncut

AREAS = "departement"  # what the tables of results call the areas of any country
COLUMNS = (
    "round",
    "candidate",
    "votes",
    "level",
    "area",
    "election",
    "share",
    "vote_on",
    "published_on",
)


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """The official votes of one round.

    Parameters
    ----------
    election : str
    round : int
    votes : pandas.Series
        Votes by candidate, whole numbers, in ballot order [C]; NaN where only shares are known.
    share : pandas.Series
        Fractions of the valid votes, summing to 1 [C]; from the votes where these are known.
    areas : pandas.DataFrame
        Votes [U, C] by département or another area (empty where unknown).
    seats : int
        How many candidates got through.
    """

    election: str
    round: int
    votes: pd.Series
    share: pd.Series
    areas: pd.DataFrame
    seats: int


def outcome_of(election: Election, round_number: int) -> Outcome:
    """The official votes of one round.

    Raises
    ------
    DataError
        If the folder holds no outcome for the round, or one that its own totals contradict.
    """
    this = election.round(round_number)
    rows = outcomes_of(election)
    rows = rows[rows["round"] == round_number]
    national = rows[rows["level"] == "national"].set_index("candidate")
    if national.empty:
        where = (
            f"outcomes.parquet has no rows of {election.name}"
            if election.collection
            else "outcome/national.csv, or outcome.csv in the short form"
        )
        raise DataError(
            f"{election.folder}: no official votes of round {round_number} ({where}); an election "
            "without an outcome can be forecast but not scored"
        )
    votes = national["votes"].reindex(list(this.candidates))
    counted = bool(votes.notna().any())
    weight = votes if counted else national["share"].reindex(votes.index)
    if not weight.sum() > 0:
        raise DataError(
            f"{election.folder / 'outcome' / 'national.csv'}: no votes in round {round_number}; "
            "accepted: valid votes, at least one"
        )
    local = rows[rows["level"] == AREAS]
    areas = (
        local.pivot(index="area", columns="candidate", values="votes")
        if len(local) or not election.collection
        else _no_areas(this.candidates)
    )
    return Outcome(
        election=election.name,
        round=round_number,
        votes=votes,
        share=(weight / weight.sum()).rename("share"),
        areas=areas.reindex(columns=list(this.candidates)),
        seats=this.seats,
    )


@cache
def _no_areas(candidates: tuple[str, ...]) -> pd.DataFrame:
    return pd.DataFrame(columns=list(candidates), dtype=float)


def outcomes_of(election: Election) -> pd.DataFrame:
    """Votes of every round, national and by département, as a long table with `published_on`.

    Votes are missing where only shares are known. Areas of other countries (constituencies)
    have the level ``departement`` too, the word of all methods that speak of areas.
    """
    if election.collection:
        start, stop = _spans(election.folder).get(election.name, (0, 0))
        rows = _of_collection(election.folder).iloc[start:stop].reset_index(drop=True)
    else:
        rows = _outcomes(str(election.folder))
    return uncut("outcomes", str(election.address), rows)


def member_outcomes(folder: Path, elections: Sequence[str]) -> pd.DataFrame:
    """The outcomes of several elections of a collection, as of `outcomes_of`."""
    return uncut("outcomes", str(folder), _of_members(folder, tuple(elections)))


@remembered(maxsize=64)
def _of_members(folder: Path, elections: tuple[str, ...]) -> pd.DataFrame:
    rows = _of_collection(folder)
    return rows[rows["election"].isin(elections)].reset_index(drop=True)


@remembered()
def _of_collection(folder: Path) -> pd.DataFrame:
    """The outcomes of all elections of a collection, sorted by election."""
    collection = load_collection(folder)
    national = collection.table("outcomes").assign(level="national", area="national")
    local = collection.table("area_outcomes").assign(level=AREAS)
    if len(local):
        whole = local.groupby(["election", "round", "area"])["votes"].transform("sum")
        local["share"] = local["share"].fillna(local["votes"] / whole.where(whole > 0))
    rows = pd.concat([national, local], ignore_index=True) if len(local) else national
    rows = rows.sort_values("election", kind="stable", ignore_index=True)
    days = collection.elections[["election", "round", "vote_on", "known_at"]]
    rows = rows.merge(days, how="left", on=["election", "round"])
    return rows.rename(columns={"known_at": "published_on"})[list(COLUMNS)]


@remembered()
def _spans(folder: Path) -> Mapping[str, tuple[int, int]]:
    return spans_of(_of_collection(folder))


@remembered()
def _outcomes(folder: str) -> pd.DataFrame:
    election = load_election(folder)
    path = election.folder / "outcome" / "national.csv"
    people = frozenset(election.people["candidate"])
    national = _votes(path, election).assign(level="national", area="national")
    frames = [national]
    fine = election.folder / "outcome" / "departements.parquet"
    if fine.is_file():
        local = read_table(fine, DEPARTEMENTS, candidates=people)
        frames.append(local.assign(level="departement"))
    rows = pd.concat(frames, ignore_index=True)
    totals = rows.groupby(["round", "level", "area"])["votes"].transform("sum")
    days = {number: entry.vote_on for number, entry in election.rounds.items()}
    known = {number: entry.known_at for number, entry in election.rounds.items()}
    return rows.assign(
        election=election.name,
        share=np.where(totals > 0, rows["votes"] / totals.where(totals > 0, 1), np.nan),
        vote_on=rows["round"].map(days).astype("datetime64[ns]"),
        published_on=rows["round"].map(known).astype("datetime64[ns]"),
    )


def _votes(path: Path, election: Election) -> pd.DataFrame:
    short = is_short(election.folder)
    if short:
        path = election.folder / "outcome.csv"
    if not path.is_file():
        return pd.DataFrame(
            {
                "round": pd.Series(dtype="int64"),
                "candidate": pd.Series(dtype=str),
                "votes": pd.Series(dtype="int64"),
            }
        )
    known = frozenset(election.people["candidate"])
    if short:
        from bench.data.minimal_election import outcome_to_check

        rows = typed(outcome_to_check(election.folder), path, NATIONAL, candidates=known)
    else:
        rows = read_table(path, NATIONAL, candidates=known)
    for number, group in rows.groupby("round"):
        expected = set(election.round(int(str(number))).candidates)
        if given := set(group["candidate"]) ^ expected:
            name = min(given)
            raise DataError(
                f"{path}: round {number}: '{name}' is in the outcome or on the ballot, not in "
                f"both ({did_you_mean(name, expected)})"
            )
    return rows

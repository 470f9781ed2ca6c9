"""Outcome: the official votes, which no room that a predictor may import can open."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import pandas as pd

from bench.core.errors import DataError
from bench.data.election import Election
from bench.data.tables import AREAS, outcomes_of

__all__ = ["Outcome", "outcome_of", "outcomes_of"]


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

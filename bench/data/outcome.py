"""Outcome: the official votes, which no room that a predictor may import can open."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

from bench.contract.errors import DataError, did_you_mean
from bench.data.columns import NATIONAL
from bench.data.election import Election, load_election
from bench.data.read import read_table
from bench.data.uncut import uncut


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """The official votes of one round.

    Parameters
    ----------
    election : str
    round : int
    votes : pandas.Series
        Votes by candidate, whole numbers, in ballot order [C].
    areas : pandas.DataFrame
        Votes [U, C] by département (empty where unknown).
    seats : int
        How many candidates got through.
    """

    election: str
    round: int
    votes: pd.Series
    areas: pd.DataFrame
    seats: int

    @property
    def share(self) -> pd.Series:
        """Fractions of the valid votes, summing to 1."""
        return self.votes / self.votes.sum()


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
    national = rows[rows["level"] == "national"].set_index("candidate")["votes"]
    if national.empty:
        raise DataError(
            f"{election.folder / 'outcome' / 'national.csv'}: no rows for round {round_number}; "
            "an election without an outcome can be forecast but not scored"
        )
    local = rows[rows["level"] == "departement"]
    areas = local.pivot(index="area", columns="candidate", values="votes")
    return Outcome(
        election=election.name,
        round=round_number,
        votes=national.reindex(list(this.candidates)),
        areas=areas.reindex(columns=list(this.candidates)),
        seats=this.seats,
    )


def outcomes_of(election: Election) -> pd.DataFrame:
    """Votes of every round, national and by département, as a long table with `known_on`."""
    return uncut("outcomes", str(election.folder), _outcomes(str(election.folder)))


@cache
def _outcomes(folder: str) -> pd.DataFrame:
    election = load_election(folder)
    path = election.folder / "outcome" / "national.csv"
    national = _votes(path, election).assign(level="national", area="national")
    frames = [national]
    fine = election.folder / "outcome" / "departements.parquet"
    if fine.is_file():
        columns = ["round", "area", "candidate", "votes"]
        frames.append(pd.read_parquet(fine, columns=columns).assign(level="departement"))
    rows = pd.concat(frames, ignore_index=True)
    totals = rows.groupby(["round", "level", "area"])["votes"].transform("sum")
    days = {number: entry.vote_on for number, entry in election.rounds.items()}
    known = {number: entry.known_at for number, entry in election.rounds.items()}
    return rows.assign(
        election=election.name,
        share=np.where(totals > 0, rows["votes"] / totals.where(totals > 0, 1), np.nan),
        vote_on=rows["round"].map(days).astype("datetime64[ns]"),
        known_on=rows["round"].map(known).astype("datetime64[ns]"),
    )


def _votes(path: Path, election: Election) -> pd.DataFrame:
    if not path.is_file():
        return pd.DataFrame(
            {
                "round": pd.Series(dtype="int64"),
                "candidate": pd.Series(dtype=str),
                "votes": pd.Series(dtype="int64"),
            }
        )
    rows = read_table(path, NATIONAL, candidates=frozenset(election.people["candidate"]))
    for number, group in rows.groupby("round"):
        expected = set(election.round(int(str(number))).candidates)
        if given := set(group["candidate"]) ^ expected:
            name = min(given)
            raise DataError(
                f"{path}: round {number}: '{name}' is in the outcome or on the ballot, not in "
                f"both ({did_you_mean(name, expected)})"
            )
    return rows

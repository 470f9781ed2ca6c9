"""Outcome: the official votes, which no room that a predictor may import can open."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from bench.core.errors import DataError, did_you_mean
from bench.data.checksums import is_as_shipped
from bench.data.columns import DEPARTEMENTS, NATIONAL
from bench.data.election import Election, load_election
from bench.data.interception import uncut
from bench.data.memory import remembered
from bench.data.minimal_election import is_short, outcome_to_check
from bench.data.readers import read_table, typed


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
            f"{election.folder}: no official votes of round {round_number} (outcome/national.csv, "
            "or outcome.csv in the short form); an election without an outcome can be forecast "
            "but not scored"
        )
    if not national.sum() > 0:
        raise DataError(
            f"{election.folder / 'outcome' / 'national.csv'}: no votes in round {round_number}; "
            "accepted: valid votes, at least one"
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
    """Votes of every round, national and by département, as a long table with `published_on`."""
    return uncut("outcomes", str(election.folder), _outcomes(str(election.folder)))


@remembered()
def _outcomes(folder: str) -> pd.DataFrame:
    election = load_election(folder)
    path = election.folder / "outcome" / "national.csv"
    people = frozenset(election.people["candidate"])
    national = _votes(path, election).assign(level="national", area="national")
    frames = [national]
    fine = election.folder / "outcome" / "departements.parquet"
    if fine.is_file():
        checked = is_as_shipped(fine)
        local = read_table(fine, DEPARTEMENTS, candidates=people, check=not checked)
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
        rows = typed(outcome_to_check(election.folder), path, NATIONAL, candidates=known)
    else:
        rows = read_table(path, NATIONAL, candidates=known, check=not is_as_shipped(path))
    for number, group in rows.groupby("round"):
        expected = set(election.round(int(str(number))).candidates)
        if given := set(group["candidate"]) ^ expected:
            name = min(given)
            raise DataError(
                f"{path}: round {number}: '{name}' is in the outcome or on the ballot, not in "
                f"both ({did_you_mean(name, expected)})"
            )
    return rows

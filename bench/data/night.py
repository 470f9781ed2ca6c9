"""Polling stations as they are known on the evening, and their votes as they are counted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from bench.core.errors import DataError
from bench.data.election import Election
from bench.data.stations import LEVELS, station_votes
from bench.models.election_night import NightFrame


@dataclass(frozen=True, kw_only=True)
class Night:
    """One evening.

    Attributes
    ----------
    frame : what was known of the stations before.
    candidates : C names.
    votes : [U, C].
    ballots : ballots cast, [U]: how long the count takes.
    """

    frame: NightFrame
    candidates: tuple[str, ...]
    votes: np.ndarray
    ballots: np.ndarray


def night_of(election: Election, number: int, before: Election, *, late_from: int) -> Night:
    """The evening of one round.

    The past vote of a first round is the last first round by commune (the département where the
    commune has none, as abroad); that of a runoff is its own first round by station. Annulled
    stations and such without registered voters are left out.

    Parameters
    ----------
    election : Election
        With polling stations.
    number : int
        1 or 2.
    before : Election
        With `outcome/communes_r1.parquet`; used for the first round.
    late_from : int
        Registered voters of a commune from which its stations close an hour later.

    Raises
    ------
    DataError
        If the earlier election is not known by commune.
    """
    stations = station_votes(election, number)
    kept = (~stations["annulled"] & (stations["registered"] > 0)).to_numpy()
    table = stations[kept].reset_index(drop=True)
    if number == 1:
        past = _past_by_commune(table, before)
    else:
        first = station_votes(election, 1)[kept]
        names = list(election.round(1).candidates)
        past = first[names].to_numpy(float) / np.maximum(first[["registered"]].to_numpy(), 1)
    commune = table.groupby(LEVELS["commune"])["registered"].transform("sum").to_numpy(float)
    candidates = election.round(number).candidates
    frame = NightFrame(
        registered=table["registered"].to_numpy(float),
        past=past,
        area=pd.factorize(table["departement"], sort=True)[0].astype(np.intp),
        place_size=commune,
        late=commune >= late_from,
    )
    return Night(
        frame=frame,
        candidates=candidates,
        votes=table[list(candidates)].to_numpy(float),
        ballots=table["voters"].to_numpy(float),
    )


def _past_by_commune(table: pd.DataFrame, before: Election) -> np.ndarray:
    path = before.folder / "outcome" / "communes_r1.parquet"
    if not path.is_file():
        raise DataError(f"{path} is missing; {before.name} is not known by commune")
    names = list(before.round(1).candidates)
    old = pd.read_parquet(path)
    by_commune = old.set_index(LEVELS["commune"])
    local = by_commune[names].div(by_commune["registered"].clip(lower=1), axis=0)
    wider = old.groupby("departement")[[*names, "registered"]].sum()
    wide = wider[names].div(wider["registered"], axis=0)
    here = local.reindex(pd.MultiIndex.from_frame(table[LEVELS["commune"]])).to_numpy(float)
    there = wide.reindex(table["departement"]).to_numpy(float)
    nation = (old[names].sum() / old["registered"].sum()).to_numpy(float)
    there = np.where(np.isnan(there), nation, there)
    return np.where(np.isnan(here), there, here)

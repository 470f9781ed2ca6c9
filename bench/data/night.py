"""Polling stations as they are known on the evening, and their votes as they are counted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from bench.core.arrays import FloatArray
from bench.data.country import country_of
from bench.data.election import Election
from bench.data.stations import levels_of, station_votes, votes_by
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
    votes: FloatArray
    ballots: FloatArray


def night_of(
    election: Election, number: int, before: Election | None, *, late_from: int | None = None
) -> Night:
    """The evening of one round.

    The past vote of a first round is the last first round by commune (the département where the
    commune has none, as abroad), by département where communes are not known, and nothing where
    there is no earlier election; that of a runoff is its own first round by station. Annulled
    stations and such without registered voters are left out.

    Parameters
    ----------
    election : Election
        With polling stations.
    number : int
        Of the round.
    before : Election or None
        The election before; used for the first round.
    late_from : int, optional
        Registered voters of a commune from which its stations close late; those of the country.

    Raises
    ------
    DataError
        If the election has no polling stations.
    """
    country = country_of(election)
    stations = station_votes(election, number)
    kept = (~stations["annulled"] & (stations["registered"] > 0)).to_numpy()
    table = stations[kept].reset_index(drop=True)
    first_number = min(election.rounds)
    if number == first_number:
        past = np.zeros((len(table), 0)) if before is None else _past_by_area(table, before)
    else:
        first = station_votes(election, first_number)[kept]
        names = list(election.round(first_number).candidates)
        past = first[names].to_numpy(float) / np.maximum(first[["registered"]].to_numpy(), 1)
    place = list(country.levels["commune"])
    commune = table.groupby(place)["registered"].transform("sum").to_numpy(float)
    candidates = election.round(number).candidates
    least = country.closing.late_from if late_from is None else late_from
    frame = NightFrame(
        registered=table["registered"].to_numpy(float),
        past=past,
        area=pd.factorize(table["departement"], sort=True)[0].astype(np.intp),
        place_size=commune,
        late=commune >= least,
    )
    return Night(
        frame=frame,
        candidates=candidates,
        votes=table[list(candidates)].to_numpy(float),
        ballots=table["voters"].to_numpy(float),
    )


def _past_by_area(table: pd.DataFrame, before: Election) -> FloatArray:
    """Votes of an earlier first round as shares of the registered, [U, P]."""
    number = min(before.rounds)
    names = list(before.round(number).candidates)
    levels = country_of(before).levels
    known = levels_of(before, number)
    past = np.full((len(table), len(names)), np.nan)
    for level in ("commune", "departement"):
        if level not in known:
            continue
        keys = list(levels[level])
        old = votes_by(before, number, level).groupby(keys)[[*names, "registered"]].sum()
        share = old[names].div(old["registered"].clip(lower=1), axis=0)
        index = table[keys[0]] if len(keys) == 1 else pd.MultiIndex.from_frame(table[keys])
        past = np.where(np.isnan(past), share.reindex(index).to_numpy(float), past)
        nation = (old[names].sum() / old["registered"].sum()).to_numpy(float)
    return np.where(np.isnan(past), nation, past) if known else np.zeros((len(table), 0))

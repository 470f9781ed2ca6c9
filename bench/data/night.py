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

PER_STATION = 1000.0
"""Registered voters of a station, where only larger areas are known (French prefects aim at 800
to 1,000)."""


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
    election: Election,
    number: int,
    before: Election | None,
    *,
    level: str = "station",
) -> Night:
    """The evening of one round.

    The past vote of a first round is the last first round by commune (the département where the
    commune has none, as abroad), by département where communes are not known, and nothing where
    there is no earlier election; that of a runoff is its own first round by the same areas.
    Annulled stations and such without registered voters are left out.

    Where no stations are known, areas stand for them: those between station and département are
    divided into equal stations of at most `PER_STATION` registered voters, which vote alike;
    départements, the coarsest level, report as wholes.

    Parameters
    ----------
    election : Election
    number : int
        Of the round.
    before : Election or None
        The election before; used for the first round.
    level : str
        Of the areas, one of `bench.data.stations.levels_of`.

    Raises
    ------
    DataError
        If the votes are not known by that level.
    """
    country = country_of(election)
    first_number = min(election.rounds)
    if level == "station":
        stations = station_votes(election, number)
        kept = (~stations["annulled"] & (stations["registered"] > 0)).to_numpy()
    else:
        stations = votes_by(election, number, level)
        kept = (stations["registered"] > 0).to_numpy()
    table = stations[kept].reset_index(drop=True)
    if number == first_number:
        past = np.zeros((len(table), 0)) if before is None else _past_by_area(table, before)
    else:
        names = list(election.rounds[first_number].candidates)
        if level == "station":
            first = station_votes(election, first_number)[kept]
        else:
            keys = list(country.levels[level])
            known = votes_by(election, first_number, level)
            first = table[keys].merge(known, on=keys, how="left").fillna(0)
        past = first[names].to_numpy(float) / np.maximum(first[["registered"]].to_numpy(), 1)
    registered = table["registered"].to_numpy(float)
    place = registered
    if level == "station":
        communes = table.groupby(list(country.levels["commune"]))["registered"]
        place = communes.transform("sum").to_numpy(float)
    parts = np.ones(len(table), dtype=np.intp)
    if level not in ("station", list(country.levels)[-1]):
        parts = np.ceil(registered / PER_STATION).astype(np.intp)
    each = np.repeat(np.arange(len(table)), parts)
    candidates = election.rounds[number].candidates
    frame = NightFrame(
        registered=(registered / parts)[each],
        past=past[each],
        area=pd.factorize(table["departement"], sort=True)[0].astype(np.intp)[each],
        place_size=place[each],
        late=(place >= country.closing.late_from)[each],
    )
    return Night(
        frame=frame,
        candidates=candidates,
        votes=(table[list(candidates)].to_numpy(float) / parts[:, None])[each],
        ballots=(table["voters"].to_numpy(float) / parts)[each],
    )


def finest_level(election: Election, number: int, *, not_below: str = "station") -> str:
    """The finest level of areas by which the votes of a round are known; empty if by none.

    Parameters
    ----------
    election : Election
    number : int
        Of the round.
    not_below : str
        A level of the country; finer ones do not count.
    """
    order = list(country_of(election).levels)
    fine = order.index(not_below) if not_below in order else 0
    known = levels_of(election, number)
    return next((level for level in known if order.index(level) >= fine), "")


def _past_by_area(table: pd.DataFrame, before: Election) -> FloatArray:
    """Votes of an earlier first round as shares of the registered, [U, P]."""
    number = min(before.rounds)
    names = list(before.rounds[number].candidates)
    levels = country_of(before).levels
    known = levels_of(before, number)
    of_both = {
        level: list(levels[level])
        for level in ("commune", "departement")
        if level in known and set(levels[level]) <= set(table)
    }
    if not of_both:
        return np.zeros((len(table), 0))
    past = np.full((len(table), len(names)), np.nan)
    for level, keys in of_both.items():
        old = votes_by(before, number, level).groupby(keys)[[*names, "registered"]].sum()
        share = old[names].div(old["registered"].clip(lower=1), axis=0)
        index = table[keys[0]] if len(keys) == 1 else pd.MultiIndex.from_frame(table[keys])
        past = np.where(np.isnan(past), share.reindex(index).to_numpy(float), past)
        nation = (old[names].sum() / old["registered"].sum()).to_numpy(float)
    return np.where(np.isnan(past), nation, past)

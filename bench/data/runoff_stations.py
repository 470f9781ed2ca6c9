"""Polling stations of a runoff that can be scored, and why the others are left out."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from bench.core.errors import DataError
from bench.data.country import country_of
from bench.data.election import Election, rounds_of_runoff
from bench.data.stations import STATION, station_codes, station_votes


@dataclass(frozen=True, kw_only=True)
class RunoffStations:
    """The stations on which every method is scored.

    Attributes
    ----------
    table : pandas.DataFrame
        By code (`bench.data.stations.station_codes`): `departement`; `size`, registered voters
        of the commune in the first round; `before`, the candidate's share of the first-round
        votes of the two finalists; `votes`, valid votes of the runoff; `share`, the candidate's.
    left_out : dict of str to int
        Stations by reason; a station counts under the first that holds.
    valid_left_out : int
        Valid votes of the runoff in them.
    """

    table: pd.DataFrame
    left_out: dict[str, int]
    valid_left_out: int


def runoff_stations(election: Election, candidate: str) -> RunoffStations:
    """The stations that were counted in both rounds.

    Left out are stations annulled in either round, without valid votes in either, or where
    nobody had voted for one of the finalists, so that no swing from the first round exists.
    Blank and null ballots and abstention are in no share of a runoff.

    Parameters
    ----------
    election : Election
        With polling stations of two rounds.
    candidate : str
        Whose shares; one of the two finalists.

    Raises
    ------
    ConfigError
        If the election has one round.
    DataError
        If the runoff has not two finalists, the candidate among them, or the stations of the
        rounds do not match.
    """
    before, runoff = rounds_of_runoff(election)
    finalists = list(runoff.candidates)
    if len(finalists) != 2 or candidate not in finalists:
        raise DataError(
            f"{election.name}: round {runoff.number} has the candidates {', '.join(finalists)}; "
            f"accepted: two, '{candidate}' among them"
        )
    first, second = (station_votes(election, one.number) for one in (before, runoff))
    if not first[STATION].equals(second[STATION]):
        raise DataError(f"{election.name}: the stations of the two rounds are not the same")
    pair = first[finalists].sum(axis=1)
    place = list(country_of(election).levels["commune"])
    gone = pd.DataFrame(
        {
            "annulled in either round": first["annulled"] | second["annulled"],
            "without valid votes in either round": (first["valid"] == 0) | (second["valid"] == 0),
            "without a vote for a finalist in the first round": pair == 0,
        }
    )
    left_out, kept = {}, pd.Series(True, index=gone.index)
    for reason, those in gone.items():
        left_out[str(reason)] = int((those & kept).sum())
        kept &= ~those
    table = pd.DataFrame(
        {
            "departement": first["departement"],
            "size": first.groupby(place)["registered"].transform("sum"),
            "before": first[candidate] / pair.where(pair > 0),
            "votes": second["valid"],
            "share": second[candidate] / second["valid"].where(second["valid"] > 0),
        }
    ).set_axis(station_codes(first), axis=0)
    return RunoffStations(
        table=table[kept.to_numpy()],
        left_out=left_out,
        valid_left_out=int(second.loc[~kept, "valid"].sum()),
    )

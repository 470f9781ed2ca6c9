"""Votes by area: polling stations, coarser levels summed from them, or what a folder holds."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from bench.core.errors import ConfigError, DataError, did_you_mean
from bench.core.read import missing_column
from bench.data.columns import NATIONAL
from bench.data.country import country_of
from bench.data.election import Election, load_election, rounds_of_runoff
from bench.data.file_places import card
from bench.data.readers import read_parquet, read_table, remembered
from bench.data.tables import uncut

STATION = ["departement", "commune", "station"]
COUNTS = ["registered", "voters", "valid"]
BALLOTS = ["blank", "null"]  # where blank and void ballots are told apart
KNOWN_AFTER = pd.Timedelta(days=1, hours=12)
"""Votes of single stations count as public from noon of the day after the vote, by rule."""


def station_votes(election: Election, round_number: int) -> pd.DataFrame:
    """Counts of every polling station of one round.

    Returns
    -------
    pandas.DataFrame
        One row per station: `departement`, `commune`, `station`, `circonscription`, `registered`,
        `voters`, `blank`, `null`, `valid`, `annulled`, and one column of votes per candidate.

    Raises
    ------
    DataError
        If the election has no stations, or they contradict the official national votes.
    """
    return _stations(str(election.address), round_number)


def has_stations(election: Election, round_number: int) -> bool:
    """Whether the polling stations of a round are known."""
    return os.path.lexists(_file(election, round_number, "station"))


def levels_of(election: Election, round_number: int) -> list[str]:
    """Levels of areas by which the votes of a round are known, fine to coarse.

    Examples
    --------
    >>> levels_of(load_election("fr2012"), 2)
    ['canton', 'circonscription', 'departement']
    """
    country = country_of(election)
    if has_stations(election, round_number):
        columns = set(stations_with_areas(election, round_number))
        return [level for level, keys in country.levels.items() if set(keys) <= columns]
    return [
        level
        for level, keys in country.levels.items()
        if os.path.lexists(_file(election, round_number, level))
        or (keys == ("departement",) and not _departements(election, round_number).empty)
    ]


def stations_with_areas(election: Election, round_number: int) -> pd.DataFrame:
    """`station_votes`, with the areas that only a list of the country tells."""
    stations = station_votes(election, round_number)
    country = country_of(election)
    for level in country.lookups:
        areas = country.areas_of(level, stations["commune"], election.first_day.year)
        if areas is not None:
            stations = stations.assign(**{level: areas})
    return stations


def votes_by(election: Election, round_number: int, level: str) -> pd.DataFrame:
    """Counts of one round by area: sums of the stations, or what the folder holds by that level.

    Parameters
    ----------
    election : Election
    round_number : int
    level : str
        One of `levels_of`, or ``national``, from stations.

    Returns
    -------
    pandas.DataFrame
        One row per area: the columns that name it, `registered`, `voters`, `valid` and one column
        of votes per candidate; `blank` and `null` from stations.

    Raises
    ------
    ConfigError
        If there is no such level.
    DataError
        If the election is not known by that level, or the areas contradict the official votes.
    """
    levels = country_of(election).levels
    if level not in {*levels, "national"}:
        accepted = [*levels, "national"]
        raise ConfigError(f"no level is called '{level}' ({did_you_mean(level, accepted)})")
    if level == "station":
        return station_votes(election, round_number)
    candidates = list(election.rounds[round_number].candidates)
    if has_stations(election, round_number):
        stations = stations_with_areas(election, round_number)
        columns = ["registered", "voters", *BALLOTS, "valid", *candidates]
        if level == "national":
            return stations[columns].sum().to_frame().T
        keys = list(levels[level])
        if set(keys) <= set(stations):
            return stations.groupby(keys, sort=True)[columns].sum().reset_index()
    elif level != "national" and os.path.lexists(_file(election, round_number, level)):
        table = _stations(str(election.address), round_number, level)
        return table[[*levels[level], *COUNTS, *candidates]]
    elif levels.get(level) == ("departement",):
        table = _departements(election, round_number)
        if len(table):
            return table
    raise DataError(
        f"{election.name} is not known by {country_of(election).label(level)} in round "
        f"{round_number}; accepted: {', '.join(levels_of(election, round_number)) or 'no level'}"
    )


def station_codes(stations: pd.DataFrame) -> pd.Series:
    """One code per station: département, commune and number, with blanks between.

    Examples
    --------
    >>> keys = {"departement": ["75"], "commune": ["75056"], "station": ["0101"]}
    >>> station_codes(pd.DataFrame(keys)).tolist()
    ['75 75056 0101']
    """
    parts = [stations[key].astype(str) for key in STATION]
    code: pd.Series = parts[0] + " " + parts[1] + " " + parts[2]
    return code


def refuse_other_stations(election: Election, first: pd.DataFrame, second: pd.DataFrame) -> None:
    """Refuse two rounds, as of `station_votes`, that were not counted by the same stations."""
    if not first[STATION].equals(second[STATION]):
        raise DataError(f"{election.name}: the stations of the two rounds are not the same")


def station_outcomes_of(election: Election) -> pd.DataFrame:
    """Votes of every round by station, as a long table with `published_on`.

    Returns
    -------
    pandas.DataFrame
        The columns of `bench.data.tables.outcomes_of`, with the level ``station`` and the codes
        of `station_codes`; annulled stations have no votes, and their shares are NaN.

    Raises
    ------
    DataError
        As `station_votes`.
    """
    return uncut("station_outcomes", _station_rows(str(election.address)))


@dataclass(frozen=True, kw_only=True)
class RunoffStations:
    """The stations on which every method is scored.

    Attributes
    ----------
    table : pandas.DataFrame
        By code (`bench.data.stations.station_codes`): `departement`; `size`, registered voters
        of the commune in the first round; `before`, the candidate's share of the first-round
        votes of the two finalists; `votes_before`, valid votes of the first round; `votes`, those
        of the runoff; `share`, the candidate's.
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
    first = station_votes(election, before.number)
    second = station_votes(election, runoff.number)
    refuse_other_stations(election, first, second)
    pair = first[finalists].sum(axis=1)
    place = list(country_of(election).levels["commune"])
    excluded = pd.DataFrame(
        {
            "annulled in either round": first["annulled"] | second["annulled"],
            "without valid votes in either round": (first["valid"] == 0) | (second["valid"] == 0),
            "without a vote for a finalist in the first round": pair == 0,
        }
    )
    left_out = {}
    is_counted = pd.Series(True, index=excluded.index)
    for reason, is_excluded in excluded.items():
        left_out[str(reason)] = int((is_excluded & is_counted).sum())
        is_counted &= ~is_excluded
    table = pd.DataFrame(
        {
            "departement": first["departement"],
            "size": first.groupby(place)["registered"].transform("sum"),
            "before": first[candidate] / pair.where(pair > 0),
            "votes_before": first["valid"],
            "votes": second["valid"],
            "share": second[candidate] / second["valid"].where(second["valid"] > 0),
        }
    ).set_axis(station_codes(first), axis=0)
    return RunoffStations(
        table=table[is_counted.to_numpy()],
        left_out=left_out,
        valid_left_out=int(second.loc[~is_counted, "valid"].sum()),
    )


@remembered()
def _station_rows(address: str) -> pd.DataFrame:
    election = load_election(address)
    frames = []
    for number, entry in election.rounds.items():
        wide = station_votes(election, number)
        names = list(entry.candidates)
        votes = wide[names].to_numpy(float)  # [U, C]
        total = votes.sum(axis=1, keepdims=True)
        share = np.divide(votes, total, out=np.full_like(votes, np.nan), where=total > 0)
        rows = pd.DataFrame(
            {
                "candidate": np.tile(names, len(wide)),
                "votes": wide[names].to_numpy().ravel(),
                "area": station_codes(wide).repeat(len(names)).to_numpy(),
                "share": share.ravel(),
            }
        )
        rows = rows.assign(round=number, level="station", election=election.name)
        rows["vote_on"] = entry.vote_on.to_datetime64()
        rows["published_on"] = (entry.vote_on + KNOWN_AFTER).to_datetime64()
        frames.append(rows)
    return pd.concat(frames, ignore_index=True)


def _file(election: Election, round_number: int, level: str) -> Path:
    return election.folder / "outcome" / f"{level}s_r{round_number}.parquet"


@remembered(maxsize=4)
def _stations(address: str, round_number: int, level: str = "station") -> pd.DataFrame:
    election = load_election(address)
    path = _file(election, round_number, level)
    if not os.path.lexists(path):
        raise DataError(
            f"{election.name} has no polling stations for round {round_number} ({path} is missing)"
        )
    table = read_parquet(path)
    candidates = election.rounds[round_number].candidates
    needed = [*country_of(election).levels[level], *COUNTS, *candidates]
    for name in (*needed, "annulled") if level == "station" else needed:
        if name not in table:
            raise DataError(missing_column(path, name, table.columns, f"; {card(path)}"))
    national = read_table(election.folder / "outcome" / "national.csv", NATIONAL)
    official = national[national["round"] == round_number].set_index("candidate")["votes"]
    counted = table[list(official.index)].sum()
    if not (counted == official).all():
        name = str((counted != official).idxmax())
        raise DataError(
            f"{path}: the {level}s give '{name}' {counted[name]} votes, the official total is "
            f"{official[name]}; build the table again"
        )
    return table


def _departements(election: Election, round_number: int) -> pd.DataFrame:
    """The coarsest areas of the file format, wide; they need not be the whole country."""
    path = election.folder / "outcome" / "departements.parquet"
    if not os.path.lexists(path):
        return pd.DataFrame()
    long = read_parquet(path)
    long = long[long["round"] == round_number]
    if long.empty or not set(COUNTS) <= set(long):
        return pd.DataFrame()
    names = list(election.rounds[round_number].candidates)
    wide = long.pivot(index="area", columns="candidate", values="votes")
    wide = wide.reindex(columns=names)
    counts = long.groupby("area")[COUNTS].first()
    return counts.join(wide).rename_axis("departement").reset_index()

"""Polling stations, and every coarser level derived from them."""

from __future__ import annotations

import numpy as np
import pandas as pd

from bench.core.errors import ConfigError, DataError, did_you_mean
from bench.data.cantons import cantons_of
from bench.data.election import Election, load_election
from bench.data.files import read_parquet
from bench.data.interception import uncut
from bench.data.memory import remembered

LEVELS: dict[str, list[str]] = {
    "station": ["departement", "commune", "station"],
    "commune": ["departement", "commune"],
    "canton": ["departement", "canton"],
    "circonscription": ["departement", "circonscription"],
    "departement": ["departement"],
    "national": [],
}
COUNTS = ["registered", "voters", "blank", "null", "valid"]
KNOWN_AFTER = pd.Timedelta(days=1, hours=12)
"""Votes of single stations count as public from noon of the day after the vote, by rule."""


def station_votes(election: Election, round_number: int) -> pd.DataFrame:
    """Counts of every polling station of one round.

    Returns
    -------
    pandas.DataFrame
        One row per station: keys of `LEVELS`, `registered`, `voters`, `blank`, `null`, `valid`,
        `annulled`, and one column of votes per candidate.

    Raises
    ------
    DataError
        If the election has no stations, or they contradict the official national votes.
    """
    return _stations(str(election.folder), round_number)


def votes_by(election: Election, round_number: int, level: str) -> pd.DataFrame:
    """Counts of one round summed to a coarser level.

    Parameters
    ----------
    election : Election
        With polling stations.
    round_number : int
        1 or 2.
    level : str
        One of `LEVELS`, from ``station`` to ``national``; ``canton`` where the cantons of the
        year are known (`bench.data.cantons`).

    Raises
    ------
    ConfigError
        If there is no such level.
    DataError
        As `station_votes`.
    """
    if level not in LEVELS:
        raise ConfigError(f"no level is called '{level}' ({did_you_mean(level, LEVELS)})")
    stations = station_votes(election, round_number)
    columns = [*COUNTS, *election.round(round_number).candidates]
    if level == "station":
        return stations
    if level == "national":
        return stations[columns].sum().to_frame().T
    if level == "canton":
        canton = cantons_of(election, stations["commune"])
        if canton is None:
            raise DataError(
                f"{election.name}: the cantons of that year are not known; "
                f"accepted: {', '.join(name for name in LEVELS if name != level)}"
            )
        stations = stations.assign(canton=canton)
    return stations.groupby(LEVELS[level], sort=True)[columns].sum().reset_index()


def station_codes(stations: pd.DataFrame) -> pd.Series:
    """One code per station: département, commune and number, with blanks between.

    Examples
    --------
    >>> keys = {"departement": ["75"], "commune": ["75056"], "station": ["0101"]}
    >>> station_codes(pd.DataFrame(keys)).tolist()
    ['75 75056 0101']
    """
    parts = [stations[key].astype(str) for key in LEVELS["station"]]
    code: pd.Series = parts[0] + " " + parts[1] + " " + parts[2]
    return code


def station_outcomes_of(election: Election) -> pd.DataFrame:
    """Votes of every round by station, as a long table with `published_on`.

    Returns
    -------
    pandas.DataFrame
        The columns of `bench.data.outcome.outcomes_of`, with the level ``station`` and the codes
        of `station_codes`; annulled stations have no votes, and their shares are NaN.

    Raises
    ------
    DataError
        As `station_votes`.
    """
    return uncut("station_outcomes", str(election.folder), _station_rows(str(election.folder)))


@remembered()
def _station_rows(folder: str) -> pd.DataFrame:
    election = load_election(folder)
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


@remembered(maxsize=4)
def _stations(folder: str, round_number: int) -> pd.DataFrame:
    election = load_election(folder)
    path = election.folder / "outcome" / f"stations_r{round_number}.parquet"
    if not path.is_file():
        raise DataError(
            f"{election.name} has no polling stations for round {round_number} ({path} is missing)"
        )
    stations = read_parquet(path, (), others=True)
    national = pd.read_csv(election.folder / "outcome" / "national.csv")
    official = national[national["round"] == round_number].set_index("candidate")["votes"]
    counted = stations[list(official.index)].sum()
    if not (counted == official).all():
        name = str((counted != official).idxmax())
        raise DataError(
            f"{path}: the stations give '{name}' {counted[name]} votes, the official total is "
            f"{official[name]}; build the table again"
        )
    return stations

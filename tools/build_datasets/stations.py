"""Fine areas: the polling stations of 2017, and 2012 by commune, canton and constituency."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from tools.build_datasets.cards import Part, part
from tools.build_datasets.codes import communes, departements
from tools.build_datasets.elections import Election
from tools.build_datasets.files import read_raw, require, require_equal
from tools.build_datasets.outcomes import FRENCH, check_long, melt

STATION_KEY = ["departement", "commune", "station"]
PUBLISHED = {
    1: {"registered": 47582183, "voters": 37003728, "blank": 659997, "null": 289337},
    2: {"registered": 47568693, "voters": 35467327, "blank": 3021499, "null": 1064225},
}
LEVELS_2012 = {"canton": (1, 2), "circonscription": (1, 2), "commune": (1,)}  # and rounds


def build_2017(source: Path, election: Election) -> Part:
    """`outcome/stations_r{1,2}.parquet` and the départements that they sum to."""
    rounds = {number: _stations(source, election, number) for number in (1, 2)}
    keys = {n: t.set_index(STATION_KEY).index for n, t in rounds.items()}
    require(keys[1].equals(keys[2]), election.key, "the rounds do not have the same stations")
    long = pd.concat([_by_departement(t, election, n) for n, t in rounds.items()])
    return part(
        "stations_2017",
        {f"outcome/stations_r{n}.parquet": t for n, t in rounds.items()}
        | {"outcome/departements.parquet": long},
        covered=check_long(long, election, whole_country=True),
        annulled=[
            f"Round {n}: {int(t['annulled'].sum())} annulled stations; "
            f"{int((t['registered'] == 0).sum())} without anybody registered."
            for n, t in rounds.items()
        ],
        moved=int((rounds[1]["registered"] != rounds[2]["registered"]).sum()),
    )


def _stations(source: Path, election: Election, number: int) -> pd.DataFrame:
    raw = read_raw(source / f"results/pres{election.year}_r{number}_bureau.parquet")
    names = {**FRENCH, "bureau": "station", "blancs": "blank", "nuls": "null", "annule": "annulled"}
    table = _with_slugs(raw.rename(columns=names), election, number)
    place = f"{election.key} stations of round {number}"
    parts = table["blank"] + table["null"] + table["valid"]
    require(bool((parts == table["voters"]).all()), place, "voters are not all ballots")
    _check_total(table, election, number, place)
    for name, total in PUBLISHED[number].items():
        require_equal(int(table[name].sum()), total, f"{place}: {name}")
    struck = table.loc[table["annulled"], "valid"]
    require(bool((struck == 0).all()), place, "an annulled station has valid votes")
    counts = ["registered", "voters", "blank", "null", "valid"]
    order = [*STATION_KEY, "circonscription", *counts, "annulled", *election.ballot(number)]
    return _keyed(table[order], STATION_KEY, place)


def _by_departement(table: pd.DataFrame, election: Election, number: int) -> pd.DataFrame:
    columns = ["registered", "voters", "valid", *election.ballot(number)]
    wide = table.groupby("departement")[columns].sum().reset_index(names="area")
    return melt(wide, election, number)


def build_2012(source: Path, election: Election) -> Part:
    """Départements (long), and communes, cantons and constituencies (wide) of 2012."""
    tables = {
        f"outcome/{level}s_r{number}.parquet": _level(source, election, number, level)
        for level, numbers in LEVELS_2012.items()
        for number in numbers
    }
    wide = {n: _level(source, election, n, "departement") for n in (1, 2)}
    long = [melt(t.rename(columns={"departement": "area"}), election, n) for n, t in wide.items()]
    areas = pd.concat(long, ignore_index=True)
    return part(
        "areas_2012",
        tables | {"outcome/departements.parquet": areas},
        covered=check_long(areas, election, whole_country=True),
    )


def _level(source: Path, election: Election, number: int, level: str) -> pd.DataFrame:
    raw = read_raw(source / f"results/pres{election.year}_r{number}_{level}.parquet")
    table = _with_slugs(raw.rename(columns=FRENCH), election, number)
    place = f"{election.key} {level} of round {number}"
    _check_total(table, election, number, place)
    key = ["departement"] if level == "departement" else ["departement", level]
    counts = ["registered", "voters", "valid", "blank_and_null"]
    return _keyed(table[[*key, *counts, *election.ballot(number)]], key, place)


def _with_slugs(raw: pd.DataFrame, election: Election, number: int) -> pd.DataFrame:
    squeezed = {s.replace("_", "").upper(): s for s in election.ballot(number)}
    table = raw.rename(columns=squeezed)
    absent = [s for s in election.ballot(number) if s not in table]
    require(not absent, election.key, f"no column for {absent} in round {number}")
    area = departements(table["departement"])
    if "commune" in table:
        table = table.assign(commune=communes(area, table["commune"]))
    return table.assign(departement=area)


def _check_total(table: pd.DataFrame, election: Election, number: int, place: str) -> None:
    national = election.rounds[election.rounds["round"] == number].set_index("candidate")["votes"]
    for candidate, votes in national.items():
        require_equal(int(table[str(candidate)].sum()), int(votes), f"{place}: {candidate}")
    totals = election.totals[election.totals["round"] == number].to_dict("records")[0]
    for name in ("registered", "voters", "valid"):
        require_equal(int(table[name].sum()), int(totals[name]), f"{place}: {name}")
    rows = table[election.ballot(number)].sum(axis=1)
    require(bool((rows == table["valid"]).all()), place, "votes are not the valid votes")


def _keyed(table: pd.DataFrame, key: list[str], place: str) -> pd.DataFrame:
    require(not table.duplicated(key).any(), place, f"a {' × '.join(key)} occurs twice")
    numbers = table.select_dtypes("number").columns
    return table.sort_values(key, ignore_index=True).astype(dict.fromkeys(numbers, "int32"))

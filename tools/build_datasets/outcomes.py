"""Outcomes: official votes of every round, national and by area, with every total checked."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from tools.build_datasets.cards import Part, part
from tools.build_datasets.codes import departement, departements
from tools.build_datasets.elections import RAW_2022, RAW_OUTCOMES, Election
from tools.build_datasets.files import read_raw, require

COUNTS = ["registered", "voters", "valid"]
LONG = ["round", "area", *COUNTS, "candidate", "votes"]
FRENCH = {
    "Inscrits": "registered",
    "Votants": "voters",
    "Exprimés": "valid",
    "Abstentions": "abstentions",
    "Blancs et nuls": "blank_and_null",
    "inscrits": "registered",
    "votants": "voters",
    "exprimes": "valid",
    "blnuls": "blank_and_null",
}
# One cell of the compilation is not credible: the candidates of Eure sum to twice the valid votes.
MISPRINTS = {(1969, 1, "27"): "pompidou"}


def build(source: Path, election: Election, areas: Part) -> Part:
    """`outcome/national.csv`, `outcome/totals.csv` and the départements, joined to finer areas."""
    totals = election.totals.assign(
        blank=pd.array([pd.NA] * len(election.totals), dtype="Int64"),
        null=pd.array([pd.NA] * len(election.totals), dtype="Int64"),
        blank_and_null=election.totals["voters"] - election.totals["valid"],
    )
    for number, counts in areas_totals(areas).items():
        for name, value in counts.items():
            totals.loc[totals["round"] == number, name] = value
    for name in {"blank", "null"} & set(election.totals):
        totals[name] = election.totals[name].astype("Int64")
    known = totals.dropna(subset=["blank", "null"])
    parts = known["blank"] + known["null"]
    require(bool((parts == known["blank_and_null"]).all()), election.key, "blank + null is not all")
    return part(
        "outcomes",
        {
            "candidates.csv": election.people,
            "outcome/national.csv": election.rounds.sort_values(["round", "candidate"]),
            "outcome/totals.csv": totals,
        },
        election.year,
    )


def areas_totals(areas: Part) -> dict[int, dict[str, int]]:
    """Blank and null ballots by round, where the stations count them apart."""
    stations = {n: areas.tables.get(f"outcome/stations_r{n}.parquet") for n in (1, 2)}
    return {
        n: {"blank": int(t["blank"].sum()), "null": int(t["null"].sum())}
        for n, t in stations.items()
        if t is not None
    }


def metropolitan(source: Path, election: Election) -> Part:
    """`outcome/departements.parquet` of 1965 to 2007: metropolitan France only."""
    if election.year >= 2002:
        frames = [_wide_files(source, election, number) for number in (1, 2)]
        origin = (
            "Départements: ministry of the interior; compiled in limentic/elections-opensearch."
        )
    else:
        frames = [_long_file(source, election)]
        origin = (
            "Départements: compiled in limentic/elections-opensearch from the official returns."
        )
    table, corrected = pd.concat(frames, ignore_index=True), []
    for (year, number, area), candidate in MISPRINTS.items():
        if year == election.year:
            corrected.append(_complement(table, number, area, candidate))
    return part(
        "departements",
        {"outcome/departements.parquet": table},
        origin=[origin],
        corrected=corrected,
        covered=check_long(table, election, whole_country=False),
    )


def departements_2022(source: Path, election: Election) -> Part:
    """`outcome/departements.parquet` of 2022: the whole country."""
    votes = read_raw(source / RAW_2022.format("votes"))
    votes = votes.assign(
        area=departements(votes["area"]), candidate=votes["surname"].map(election.slug_of)
    )
    totals = read_raw(source / RAW_2022.format("totals"))
    totals = totals.assign(area=departements(totals["area"]))[["round", "area", *COUNTS]]
    table = votes[["round", "area", "candidate", "votes"]].merge(totals, on=["round", "area"])
    table = table.astype(dict.fromkeys(("round", "votes", *COUNTS), "int64"))
    table = table[LONG].sort_values(["round", "area", "candidate"], ignore_index=True)
    return part(
        "departements_2022",
        {"outcome/departements.parquet": table},
        covered=check_long(table, election, whole_country=True),
    )


def check_long(table: pd.DataFrame, election: Election, *, whole_country: bool) -> list[str]:
    """Assert the sums of a long table of départements; say what they cover.

    Raises
    ------
    DataError
        If votes do not sum to the valid votes of an area, or areas to the nation (at most the
        nation, where overseas areas are missing).
    """
    said = []
    for number, rows in table.groupby("round"):
        place = f"{election.key} round {number}"
        require(set(rows["candidate"]) == set(election.ballot(int(str(number)))), place, "ballot")
        votes = rows.groupby("area").agg(votes=("votes", "sum"), valid=("valid", "first"))
        wrong = votes[votes["votes"] != votes["valid"]]
        require(wrong.empty, place, f"votes are not the valid votes in {wrong.to_dict('index')}")
        mine = election.rounds[election.rounds["round"] == number]
        national = dict(zip(mine["candidate"], mine["votes"].tolist(), strict=True))
        summed = rows.groupby("candidate")["votes"].sum()
        for candidate, total in summed.items():
            official = national[str(candidate)]
            fits = total == official if whole_country else total <= official
            require(fits, f"{place}: {candidate}", f"areas sum to {total:,}, nation {official:,}")
        share = int(votes["valid"].sum()) / sum(national.values())
        said.append(f"Round {number}: {len(votes)} areas, {share:.1%} of the national valid votes.")
    return said


def _complement(table: pd.DataFrame, number: int, area: str, candidate: str) -> str:
    here = (table["round"] == number) & (table["area"] == area)
    this = here & (table["candidate"] == candidate)
    before = int(table.loc[this, "votes"].iloc[0])
    rest = int(table.loc[here & ~this, "votes"].sum())
    after = int(table.loc[this, "valid"].to_numpy()[0]) - rest
    require(before != after, RAW_OUTCOMES, f"{area}: the misprint is gone, drop its correction")
    table.loc[this, "votes"] = after
    return (
        f"Département {area}, round {number}: the compilation gives {candidate} {before:,} votes, "
        f"more than were valid; {after:,} is what the valid votes leave."
    )


def _long_file(source: Path, election: Election) -> pd.DataFrame:
    raw = read_raw(source / "results/pres1965_1995_departement_metropole.parquet")
    raw = raw[raw["election"] == election.year]
    surnames = {name: election.slug_of(_surname(name)) for name in raw["candidate"].unique()}
    return raw.assign(
        area=departements(raw["departement"]), candidate=raw["candidate"].map(surnames)
    )[LONG].sort_values(["round", "area", "candidate"], ignore_index=True)


def _wide_files(source: Path, election: Election, number: int) -> pd.DataFrame:
    name = f"results/pres{election.year}_r{number}_departement_metropole.parquet"
    raw = read_raw(source / name).rename(columns=FRENCH)
    raw = raw.rename(
        columns={c: election.slug_of(_surname(c)) for c in map(str, raw.columns) if "(" in c}
    )
    return melt(raw.assign(area=raw["departement"].map(departement)), election, number)


def melt(wide: pd.DataFrame, election: Election, number: int) -> pd.DataFrame:
    """Area rows with a column per candidate, as a long table."""
    long = wide.melt(
        id_vars=["area", *COUNTS],
        value_vars=election.ballot(number),
        var_name="candidate",
        value_name="votes",
    )
    long = long.assign(round=number).astype(dict.fromkeys(("round", "votes", *COUNTS), "int64"))
    return long[LONG].sort_values(["round", "area", "candidate"], ignore_index=True)


def _surname(label: str) -> str:
    return label.split(" (")[0].split(" ", 1)[1]

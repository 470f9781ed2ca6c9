"""Areas: demography with its vintage, and earlier votes that were not presidential."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from tools.build_datasets.cards import Part, part
from tools.build_datasets.codes import departements
from tools.build_datasets.elections import Election
from tools.build_datasets.files import read_raw, require, require_equal

OCCUPATIONS = {
    "C13_POP15P_CS1": "farmers_share",
    "C13_POP15P_CS2": "self_employed_share",
    "C13_POP15P_CS3": "managers_share",
    "C13_POP15P_CS4": "intermediate_share",
    "C13_POP15P_CS5": "employees_share",
    "C13_POP15P_CS6": "manual_workers_share",
    "C13_POP15P_CS7": "retired_share",
    "C13_POP15P_CS8": "not_working_share",
}
OCCUPATIONS_KNOWN = "2016-06-30"
AGES_KNOWN = "2021-01-01"
UNEMPLOYMENT_KNOWN = "2021-03-31"
INCOMES_KNOWN = {2015: "2018-06-30", 2016: "2019-06-30"}
VOTES = {
    "euro2014": ("euro2014_departement", "2014-05-25"),
    "reg2015": ("reg2015_r1_departement", "2015-12-06"),
}


def build(source: Path, _: Election) -> Part:
    """`inputs/areas.parquet` and `inputs/earlier_votes.parquet` of 2017."""
    folder = source / "covariates"
    table = pd.concat(
        [_occupations(folder), _ages(folder), _unemployment(folder), *_incomes(folder)],
        ignore_index=True,
    )
    table["published_on"] = pd.to_datetime(table["published_on"]).astype("datetime64[ms]")
    key = ["level", "area", "variable", "vintage"]
    require(not table.duplicated(key).any(), "areas", "an area has a variable twice")
    table = table.sort_values(key, ignore_index=True)
    votes = _votes(source)
    covered = votes.groupby("vote")["area"].nunique()
    return part(
        "areas",
        {"inputs/areas.parquet": table, "inputs/earlier_votes.parquet": votes},
        n_pairs=table.groupby(["variable", "vintage"]).ngroups,
        n_rows=len(table),
        covered=" and ".join(f"{n} areas ({vote})" for vote, n in covered.items()),
    )


def _occupations(folder: Path) -> pd.DataFrame:
    raw = read_raw(folder / "cov_csp2013_departement.parquet")
    counts = raw[list(OCCUPATIONS)].rename(columns=OCCUPATIONS)
    shares = counts.div(counts.sum(axis=1), axis=0).round(5)
    wide = shares.assign(area=departements(raw["id"]))
    return _rows(wide, "departement", "share", "RP2013", OCCUPATIONS_KNOWN)


def _ages(folder: Path) -> pd.DataFrame:
    raw = read_raw(folder / "cov_age_sex_departement_2012_2017.parquet")
    raw = raw[raw["year"].isin([2012, 2017])].assign(area=departements(raw["departement"]))
    band = raw["age_band"].str.replace("-", "_").str.replace("+", "_plus")
    raw = raw.assign(variable="age_" + band + "_share", vintage=raw["year"].astype(str))
    table = raw.groupby(["vintage", "area", "variable"])["population"].sum().reset_index()
    whole = table.groupby(["vintage", "area"])["population"].transform("sum")
    table["value"] = (table["population"] / whole).round(5)
    table = table.drop(columns="population")
    return table.assign(level="departement", unit="share", published_on=AGES_KNOWN)


def _unemployment(folder: Path) -> pd.DataFrame:
    raw = read_raw(folder / "cov_chomage_trimestriel_departement.parquet")
    quarters = {
        f"T{q}_{year}": f"{year}T{q}"
        for year in range(2012, 2018)
        for q in range(1, 5)
        if (year, q) <= (2017, 1)
    }
    wide = raw[list(quarters)].rename(columns=quarters).assign(area=departements(raw["code"]))
    long = wide.melt(id_vars="area", var_name="vintage", value_name="value").dropna()
    require(bool(long["value"].between(1, 40).all()), "unemployment", "is not in percent")
    return long.assign(
        value=(long["value"] / 100).round(4),
        variable="unemployment_rate",
        level="departement",
        unit="share",
        published_on=UNEMPLOYMENT_KNOWN,
    )


def _incomes(folder: Path) -> list[pd.DataFrame]:
    frames = []
    for year, known in INCOMES_KNOWN.items():
        raw = read_raw(folder / f"cov_filosofi{year}_commune.parquet")
        medians = raw.rename(columns={"CODGEO": "area", f"MED{year - 2000}": "median_income"})
        wide = medians[["area", "median_income"]].dropna().round({"median_income": 0})
        frames.append(_rows(wide, "commune", "euros", str(year), known))
    return frames


def _rows(wide: pd.DataFrame, level: str, unit: str, vintage: str, known: str) -> pd.DataFrame:
    long = wide.melt(id_vars="area", var_name="variable", value_name="value")
    return long.assign(level=level, unit=unit, vintage=vintage, published_on=known)


def _votes(source: Path) -> pd.DataFrame:
    frames = []
    for vote, (name, day) in VOTES.items():
        raw = read_raw(source / f"results/{name}.parquet").rename(columns=str.lower)
        raw = raw.rename(columns={"exprimes": "valid", "exprimés": "valid"})
        raw = raw.rename(columns={"inscrits": "registered"})
        lists = [c for c in raw.columns if c.startswith("l") and c != "libellé du département"]
        require_equal(int(raw[lists].sum().sum()), int(raw["valid"].sum()), f"{vote}: lists")
        wide = raw.assign(area=departements(raw["departement"]))
        long = wide.melt(
            id_vars=["area", "valid", "registered"],
            value_vars=lists,
            var_name="list",
            value_name="votes",
        )
        vote_on = pd.Timestamp(day)
        frames.append(
            long.assign(
                vote=vote,
                vote_on=vote_on,
                published_on=vote_on + pd.Timedelta(days=1, hours=12),
                level="departement",
            )
        )
    table = pd.concat(frames).sort_values(["vote", "area", "list"], ignore_index=True)
    table = table.astype(dict.fromkeys(("vote_on", "published_on"), "datetime64[ms]"))
    return table.astype(dict.fromkeys(("votes", "valid", "registered"), "int32"))

"""Official results of American races, put under their names from two public compilations.

`python -m tools.build_datasets.collections.united_states_official FOLDER` reads the CSV files
named in `FILES` from one folder and writes what the builder reads, beside this module.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pandas as pd

from tools.build_datasets.collections.united_states_places import race_names
from tools.build_datasets.files import read_raw, require, write_table

PATH = Path(__file__).with_suffix(".parquet")
FILES = {
    "president": "election_results_presidential.csv",
    "senate": "election_results_senate.csv",
    "governor": "election_results_gubernatorial.csv",
    "generic": "election_results_generichouse.csv",
    "house": "1976-2022-house.csv",
    "earlier": "1976-2020-president.csv",
}
FIRST, LAST = 1998, 2021
MIN_PERCENT = 5.0  # who got less is left out, unless among the two in front
ONE_ROW = ["race_id", "candidate_id", "ballot_party", "ranked_choice_round", "votes"]
# Clinton in South Carolina 1992: 479,514 votes by the FEC, 39.88 %; the compilation has 525,514
CORRECTED = {("us1992/president/sc", "Clinton, Bill"): 479_514}
# the compilation has the count of the press; certified by the State Board of Elections
CORRECTED |= {("us2021/governor/va", "Glenn Youngkin"): 1_663_158}
CORRECTED |= {("us2021/governor/va", "Terry R. McAuliffe"): 1_599_470}
STAGES = {"general": "", "recall": "_special", "runoff": "_runoff", "jungle primary": "_open"}


def read_official() -> pd.DataFrame:
    """Kept rows: election, candidate (name), party, votes, percent, source_key."""
    return read_raw(PATH)


def extract(folder: Path) -> pd.DataFrame:
    """Everybody with at least `MIN_PERCENT` of a race, and the two in front of it."""
    parts = [_fivethirtyeight(folder, office) for office in ("president", "senate", "governor")]
    parts += [_generic(folder), _house(folder), _earlier(folder)]
    rows = pd.concat(parts, ignore_index=True)
    for (election, name), votes in CORRECTED.items():
        rows.loc[rows["election"].eq(election) & rows["candidate"].eq(name), "votes"] = votes
    by = ["election", "source_key", "candidate"]
    whole = rows.groupby("election")["votes"].transform("sum")
    rows["percent"] = (100 * rows["votes"] / whole).round(3)
    rows = rows[rows["candidate"].ne("") & rows["votes"].gt(0)]
    rows = rows.sort_values([*by, "votes", "party"], ascending=[True, True, True, False, True])
    rows["percent"] = rows.groupby(by)["percent"].transform("sum").round(3)
    rows["votes"] = rows.groupby(by)["votes"].transform("sum")
    major = rows["party"].isin(["DEM", "REP"])
    label = rows["party"].where(major).groupby([rows[name] for name in by]).transform("first")
    rows["party"] = label.fillna(rows.groupby(by)["party"].transform("first"))
    rows = rows.drop_duplicates(by)
    place = rows.groupby("election")["votes"].rank(ascending=False, method="first")
    rows = rows[(place <= 2) | (rows["percent"] >= MIN_PERCENT)]
    columns = ["election", "candidate", "party", "votes", "percent", "source_key"]
    return rows[columns].sort_values(["election", "party", "candidate"], ignore_index=True)


def _fivethirtyeight(folder: Path, office: str) -> pd.DataFrame:
    raw = read_raw(folder / FILES[office]).drop_duplicates(ONE_ROW)  # Alabama 2000 is there twice
    cycle = raw["cycle"].astype(int)
    raw = raw[raw["stage"].isin(list(STAGES)) & cycle.between(FIRST, LAST)]
    raw = raw[raw["ranked_choice_round"].fillna("1").isin(["1", "1.0"]) & raw["votes"].notna()]
    special = raw["special"].eq("true").map({True: "_special", False: ""})
    special = special.where(raw["stage"].ne("recall"), "")
    suffix = special + raw["stage"].map(STAGES)
    names = race_names(raw["cycle"], office, raw["state_abbrev"].fillna(""), suffix)
    return _frame(names, raw["candidate_name"], raw["ballot_party"], raw["votes"], "results_538")


def _generic(folder: Path) -> pd.DataFrame:
    raw = read_raw(folder / FILES["generic"])
    raw = raw[raw["cycle"].astype(int).between(FIRST, LAST)]
    names = race_names(raw["cycle"], "house")
    people = raw["candidate_name"].where(raw["candidate_name"].isna(), "All " + raw["ballot_party"])
    return _frame(names, people, raw["ballot_party"], raw["votes"], "results_538")


def _house(folder: Path) -> pd.DataFrame:
    raw = pd.read_csv(folder / FILES["house"], dtype=str, encoding="latin-1", keep_default_na=False)
    raw = raw[raw["year"].astype(int).between(FIRST, LAST) & raw["special"].eq("FALSE")]
    raw = raw[raw["runoff"].ne("TRUE")]
    number = raw["district"].astype(int).clip(lower=1).astype(str)
    names = race_names(raw["year"], "house", raw["state_po"] + "-" + number)
    people = raw["candidate"].where(~raw["candidate"].str.contains("BLANK|UNDER ?VOTE|OVER ?VOTE"))
    return _frame(names, people.str.title(), raw["party"], raw["candidatevotes"], "results_medsl")


def _earlier(folder: Path) -> pd.DataFrame:
    raw = read_raw(folder / FILES["earlier"])
    raw = raw[raw["year"].astype(int) < 2000]
    names = race_names(raw["year"], "president", raw["state_po"])
    people = raw["candidate"].str.title()
    return _frame(names, people, raw["party_simplified"], raw["candidatevotes"], "results_medsl")


def _frame(
    names: list[str], people: pd.Series, parties: pd.Series, votes: pd.Series, source: str
) -> pd.DataFrame:
    party = parties.fillna("").str.upper()
    major = party.str.contains("DEMOCRAT").map({True: "DEM", False: ""})
    major = major.where(~party.str.contains("REPUBLICAN"), "REP")
    short = party.where(party.str.len().between(1, 3), "OTH")
    return pd.DataFrame(
        {
            "election": names,
            "candidate": people.fillna("").str.strip().to_numpy(),
            "party": major.where(major.ne(""), short).to_numpy(),
            "votes": votes.astype(float).astype(int).to_numpy(),
            "source_key": source,
        }
    )


if __name__ == "__main__":
    require(len(sys.argv) == 2, "united_states_official", "name the folder with the raw files")
    write_table(extract(Path(sys.argv[1])), PATH)

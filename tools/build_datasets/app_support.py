"""Volunteers by group, and the margins of the electorate that they can be weighted to."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from tools.build_datasets.areas import AGES_KNOWN
from tools.build_datasets.cards import Part, part
from tools.build_datasets.elections import CLOSING, Election, person
from tools.build_datasets.files import GATHERED, read_raw, require
from tools.build_datasets.ratings import BALLOT_DAY, BALLOT_HELD, BALLOT_KNOWN
from tools.build_datasets.ratings_2022 import RECORD

FEWEST = 5  # people in a count that crosses opinion with a group
EVERYBODY = "all"
CROSSED_2017 = "digital/selfselected_online_approvals_by_declared_vote_2017.csv"
FINALISTS_2022 = GATHERED / "fr2022_vote_imag_finalists_by_vote.csv"
GROUPS_2022 = "many/selfselected/fr2022_vote_imag_votes_by_group.csv"
POPULATION = "covariates/cov_age_sex_departement_2012_2017.parquet"
AGES = {"18-29": "18-29", "30-39": "30-39", "40-49": "40-49", "50-59": "50-59"}
AGES |= {"60-69": "60-69", "+70": "70+"}
SEXES = {"f": "women", "h": "men"}
BAND = 5  # years of an age band of the population
GROUPS = ["age", "sex", "past_vote"]
KEY = ["source", "round", "day", "account_age_days", *GROUPS, "candidate"]


def build(source: Path, election: Election) -> Part:
    """`inputs/app_support.csv` and `inputs/quotas.csv`."""
    of_the_vote = election.year == 2017
    support = _of_2017(source, election) if of_the_vote else _of_2022(source, election)
    require(bool(support["users"].ge(FEWEST).all()), "app_support", f"a count below {FEWEST}")
    margins = [_first_votes(election)] if of_the_vote else _margins(source, election)
    return part(
        "app_support",
        {
            "inputs/app_support.csv": support.sort_values(KEY),
            "inputs/quotas.csv": pd.concat(margins).sort_values(["variable", "group"]),
        },
        fewest=FEWEST,
    )


def _rows(table: pd.DataFrame, **same: str | int | pd.Timestamp) -> pd.DataFrame:
    known = {"account_age_days": 0, **dict.fromkeys(GROUPS, EVERYBODY), **same}
    found = table.assign(**{name: one for name, one in known.items() if name not in table.columns})
    return found.assign(votes=found["users"])


def _of_2017(source: Path, election: Election) -> pd.DataFrame:
    raw = read_raw(source / CROSSED_2017).astype({"approvals": int})
    table = pd.DataFrame(
        {
            "past_vote": raw["declared_vote"].map(election.slug_of),
            "candidate": raw["approved_candidate"].map(person),
            "users": raw["approvals"],
        }
    )
    table = table[table["candidate"].isin(election.ballot(2)) & table["users"].ge(FEWEST)]
    return _rows(
        table,
        source="voter_autrement",
        round=2,
        day=BALLOT_DAY,
        published_on=BALLOT_KNOWN,
        available_on=BALLOT_HELD,
    )


def _of_2022(source: Path, election: Election) -> pd.DataFrame:
    raw = read_raw(FINALISTS_2022).astype({"approvals": int})
    runoff = pd.DataFrame(
        {
            "past_vote": election.slugs_of(raw["official_vote"]),
            "candidate": raw["candidate"].map(person),
            "users": raw["approvals"],
        }
    )
    # answers of 21 April are the last
    last = pd.Timestamp("2022-04-21")
    held = last + pd.Timedelta(days=1)
    rows = _rows(
        runoff, source="vote_imag", round=2, day=last, published_on=RECORD, available_on=held
    )
    return pd.concat([rows, _by_group(source, election)], ignore_index=True)


def _by_group(source: Path, election: Election) -> pd.DataFrame:
    raw = read_raw(source / GROUPS_2022).astype({"n": int})
    raw = raw[raw["official_vote"].str.contains(" ")]  # a name, not an abstention
    choice = election.slugs_of(raw["official_vote"])
    frames = []
    for variable, name, groups in (("age", "age", AGES), ("gender", "sex", SEXES)):
        mine = raw["variable"].eq(variable) & raw["group"].isin(groups)
        frames.append(
            pd.DataFrame(
                {
                    name: raw.loc[mine, "group"].map(groups),
                    "candidate": choice[mine],
                    "users": raw.loc[mine, "n"],
                }
            )
        )
    return _rows(
        pd.concat(frames, ignore_index=True).fillna({"age": EVERYBODY, "sex": EVERYBODY}),
        source="vote_imag_groups",
        round=1,
        day=election.vote_on[1],
        published_on=RECORD,
        available_on=RECORD,
    )


def _first_votes(election: Election) -> pd.DataFrame:
    votes = election.rounds[election.rounds["round"].eq(1)]
    return pd.DataFrame(
        {
            "variable": "past_vote",
            "group": votes["candidate"],
            "share": (votes["votes"] / votes["votes"].sum()).round(6),
            "published_on": election.vote_on[1] + CLOSING,
            "source": "official votes of the first round",
        }
    )


def _margins(source: Path, election: Election) -> list[pd.DataFrame]:
    """First votes; and age and sex of those of 18 and above on 1 January 2017."""
    raw = read_raw(source / POPULATION)
    raw = raw[raw["year"].eq(2017)]
    start = raw["age_band"].str.extract(r"^(\d+)", expand=False).astype(int)
    # of those from 15 to 19 two years of five
    grown = start.ge(20) + start.eq(15) * 2 / BAND
    people = raw.assign(grown=raw["population"] * grown, sex=raw["sex"].map(_sex))
    ends = [18, 30, 40, 50, 60, 70, 200]
    people["age"] = pd.cut(start.clip(lower=18), ends, right=False, labels=list(AGES.values()))
    frames = [_first_votes(election)]
    for name in ("age", "sex"):
        found = people.groupby(name, observed=True)["grown"].sum()
        frames.append(
            pd.DataFrame(
                {
                    "variable": name,
                    "group": found.index.astype(str),
                    "share": (found / found.sum()).round(6).to_numpy(),
                    "published_on": pd.Timestamp(AGES_KNOWN),
                    "source": "INSEE, population on 1 January 2017, 18 and above",
                }
            )
        )
    return frames


def _sex(word: str) -> str:
    return "women" if str(word).lower()[:1] in {"f", "w"} else "men"

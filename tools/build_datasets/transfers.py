"""Transfers between the rounds, and how groups voted, both as surveys told."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from tools.build_datasets import polls
from tools.build_datasets.cards import Part, part
from tools.build_datasets.elections import Election, person
from tools.build_datasets.files import GATHERED, read_raw, require, slug

TO_NOBODY = frozenset(["abstention", "blank_null", "not_expressed"])
HOURS = {"2017-04-23": 23, "2017-05-07": 20}
UNDATED = pd.Timestamp("2017-12-31T12:00:00")
GROUPS = {
    "ouvriers": "manual_workers",
    "employes": "employees",
    "professions_intermediaires": "intermediate",
    "cadres": "managers",
    "retraites": "retired",
}
SEEN_2022 = GATHERED / "fr2022_transfers.csv"
KEY = ["survey", "published_on", "kind", "from_candidate", "to"]


def build(source: Path, election: Election) -> Part:
    """`inputs/transfers.csv` and `outcome/vote_by_group.csv` of 2017."""
    raw = read_raw(source / "surveys/vote_transfers_2017_r1_to_r2.csv")
    table = pd.DataFrame(
        {
            "survey": raw["survey"].str.replace(r"[ (].*", "", regex=True).map(slug),
            "published_on": raw["published_on"].map(_moment),
            "kind": raw["kind"],
            "from_candidate": raw["from_candidate"],
            "to": raw["to"],
            "share": (raw["share_pct"].astype(float) / 100).round(5),
            "basis": raw["status"],
            "source": raw["source_url"],
        }
    ).replace({"survey": {"ph": "chataignon"}})
    table = _checked(table, election, most=1.005)
    return part(
        "transfers_2017",
        {
            "inputs/transfers.csv": table,
            "outcome/vote_by_group.csv": _groups(source, election),
        },
        kinds=", ".join(f"{kind} {n}" for kind, n in table.groupby("kind").size().items()),
    )


def build_2022(source: Path, election: Election) -> Part:
    """`inputs/transfers.csv` of 2022: what runoff polls published of voters of round 1."""
    return transfers_2022(election, polls.build(source, election).tables["inputs/polls.csv"])


def transfers_2022(election: Election, polled: pd.DataFrame) -> Part:
    """The same, from the table of polls, which has institutes and moments."""
    raw = read_raw(SEEN_2022)
    voted = raw[raw["from_candidate"].ne("Abstention")]
    runoff = polled[polled["round"] == 2].drop_duplicates("poll_id")
    runoff = runoff.assign(id="20" + runoff["poll_id"].str.extract(r"_r2_(.+)_\d+$")[0])
    told = voted.merge(runoff[["id", "institute"]].drop_duplicates(), on="id", how="left")
    require(bool(told["institute"].notna().all()), "transfers", "a survey is not among the polls")
    table = pd.DataFrame(
        {
            "survey": told["institute"].map(slug) + "_" + told["id"].str.extract(r"^20(.+)_")[0],
            "published_on": pd.to_datetime(told["seen_on"]),
            "kind": "pre_vote_intention",
            "from_candidate": told["from_candidate"].map(person),
            "to": ["not_expressed" if to == "Abstention" else person(to) for to in told["to"]],
            "share": (told["share_pct"].astype(float) / 100).round(5),
            "basis": "quoted",
            "source": "nsppolls/nsppolls reports.csv " + told["id"],
        }
    )
    return part(
        "transfers_2022",
        {"inputs/transfers.csv": _checked(table, election, most=1.015)},
        n_cells=len(table),
        n_polls=told["id"].nunique(),
        n_abstained=len(raw) - len(voted),
    )


def _checked(table: pd.DataFrame, election: Election, *, most: float) -> pd.DataFrame:
    """Transfers in order, refused where a cell is told twice or fits nobody."""
    table = table.sort_values(KEY, ignore_index=True)
    require(not table.duplicated(KEY).any(), "transfers", "a cell occurs twice")
    require(set(table["from_candidate"]) <= set(election.ballot(1)), "transfers", "unknown origin")
    targets = set(election.ballot(2)) | TO_NOBODY
    require(set(table["to"]) <= targets, "transfers", f"a target is not one of {sorted(targets)}")
    sums = table.groupby(KEY[:4])["share"].sum()
    require(bool((sums <= most).all()), "transfers", f"shares sum to over 1: {sums.max()}")
    return table


def _moment(day: str) -> pd.Timestamp:
    if len(day) == 4:
        return UNDATED
    return pd.Timestamp(day) + pd.Timedelta(hours=HOURS.get(day, 12))


def _groups(source: Path, election: Election) -> pd.DataFrame:
    raw = read_raw(source / "surveys/vote_by_group_2017_r1.csv")
    address = raw["source_url"].where(raw["source_url"] != "same").ffill()
    survey = raw["source"].where(~raw["source"].str.startswith("same")).ffill()
    table = pd.DataFrame(
        {
            "variable": raw["variable"],
            "group": raw["group"].replace(GROUPS),
            "candidate": raw["candidate"],
            "share": (raw["share_pct"].astype(float) / 100).round(5),
            "source": survey + "; " + address,
        }
    )
    key = ["variable", "group", "candidate"]
    require(not table.duplicated(key).any(), "vote by group", "a cell occurs twice")
    require(
        set(table["candidate"]) <= set(election.ballot(1)), "vote by group", "unknown candidate"
    )
    return table.sort_values(key, ignore_index=True)

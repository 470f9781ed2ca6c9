"""Transfers between the rounds, and how groups voted, both as surveys told."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from tools.build_datasets.cards import Part
from tools.build_datasets.elections import Election, person
from tools.build_datasets.files import read_raw, require, slug

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
SEEN_2022 = Path(__file__).parent / "gathered/fr2022_transfers.csv"
COLUMNS = {
    "survey": "institute or author",
    "published_on": "local time from which the figure was public",
    "kind": "pre_vote_intention, post_vote_survey or ecological_estimate",
    "from_candidate": "slug, vote in round 1",
    "to": "slug, abstention, blank_null or not_expressed (not told apart)",
    "share": "fraction of the voters of `from_candidate`",
    "basis": "quoted, or complement of the quoted figures",
    "source": "where it stands",
}
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
    groups = _groups(source, election)
    kinds = ", ".join(f"{kind} {n}" for kind, n in table.groupby("kind").size().items())
    return Part(
        tables={"inputs/transfers.csv": table, "outcome/vote_by_group.csv": groups},
        columns={
            "inputs/transfers.csv": COLUMNS,
            "outcome/vote_by_group.csv": {
                "variable": "age, sex, occupation or household_income",
                "group": "group of that variable",
                "candidate": "slug",
                "share": "fraction of the group's valid votes in round 1",
                "source": "survey and where it is quoted",
            },
        },
        sources=[
            "Transfers: surveys of Ipsos, Ifop, Elabe, Odoxa, OpinionWay and Harris as quoted in "
            "the press; estimates from polling stations by Ph. Chataignon.",
            "Vote by group: Ipsos/Sopra Steria, as quoted in the press.",
        ],
        licences=["Surveys: published facts."],
        quirks=[
            f"Transfers: {kinds}. Many surveys publish only some cells.",
            "Vote by group: measured at the vote, hence an outcome. Most cells are unpublished.",
        ],
        published_on=[
            "Transfers: noon of the day of publication; 23:00 on the evening of round 1; 20:00 of "
            f"round 2 for the survey published as the polling stations closed; {UNDATED:%Y-%m-%d} "
            "for estimates of unknown day in 2017."
        ],
    )


def build_2022(election: Election, polls: pd.DataFrame) -> Part:
    """`inputs/transfers.csv` of 2022: what runoff polls published of voters of round 1.

    Parameters
    ----------
    election : Election
    polls : pandas.DataFrame
        The table of polls built, for institutes and moments.
    """
    raw = read_raw(SEEN_2022)
    voted = raw[raw["from_candidate"].ne("Abstention")]
    runoff = polls[polls["round"] == 2].drop_duplicates("poll_id")
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
    return Part(
        tables={"inputs/transfers.csv": _checked(table, election, most=1.015)},
        columns={"inputs/transfers.csv": COLUMNS},
        sources=["Transfers: runoff polls as compiled by NSPPolls (reports.csv)."],
        licences=["nsppolls/nsppolls: MIT."],
        quirks=[
            f"Transfers: {len(table)} cells of {told['id'].nunique()} runoff polls, in which "
            "abstention, blank ballots and no answer are one cell (`not_expressed`); whole "
            "percents, so a group may sum to 1.01. Cells of people who had abstained "
            f"({len(raw) - len(voted)}) are left out, as are surveys made on the day of the vote "
            "and ecological estimates, of which no open table was found.",
        ],
        published_on=[
            "Transfers: the minute by which the history of the compilation held the cell; all of "
            "them lie before the silence of the runoff. Three cells that were first entered "
            "wrongly are given as corrected, at their first minute."
        ],
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

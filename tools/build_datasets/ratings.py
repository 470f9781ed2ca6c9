"""Ratings: approval published by an app, and by a self-selected online ballot."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from tools.build_datasets.cards import Part, part
from tools.build_datasets.elections import Election, person
from tools.build_datasets.files import read_raw, require, require_equal

BALLOT_KNOWN = pd.Timestamp("2018-03-14")
BALLOT_DAY = pd.Timestamp("2017-04-22")  # the last day counted
BALLOT_HELD = BALLOT_DAY + pd.Timedelta(days=1)
BALLOT_DECLARED = 25050
NOON = pd.Timedelta(hours=12)
CROSSED = "digital/selfselected_online_approvals_by_declared_vote_2017.csv"
RATING = ["source", "round", "day", "candidate"]  # what tells one from another
CLAIMS = "digital/published_predictions_2017.csv"


def build(source: Path, election: Election) -> Part:
    """`inputs/ratings.csv`, `inputs/online_ballot.csv`, `outcome/approvals_by_vote.csv` of 2017."""
    crossed = _approvals_by_vote(source, election)
    ballot = _ballot(source, election, crossed)
    table = pd.concat(
        [_app(source, election), approvals(ballot, "doi:10.5281/zenodo.1199544")], ignore_index=True
    )
    table["n"] = table["n"].astype("Int64")
    app = table[table["source"] == "gov"]
    return part(
        "ratings_2017",
        {
            "inputs/ratings.csv": table.sort_values(RATING),
            "inputs/online_ballot.csv": ballot,
            "outcome/approvals_by_vote.csv": crossed,
        },
        2017,
        n_of_app=len(app),
        n_days=app["day"].nunique(),
        n_declared=int(ballot["declared_votes"].sum()),
        n_ballots=int(ballot["ballots"].iloc[0]),
    )


def _app(source: Path, election: Election) -> pd.DataFrame:
    raw = read_raw(source / CLAIMS)
    raw = raw[raw["publisher"].str.startswith("GOV") & raw["quantity"].eq("favourable %")]
    day = pd.to_datetime(raw["date_iso"])
    return pd.DataFrame(
        {
            "source": "gov",
            "round": 1,
            "day": day,
            "candidate": raw["candidate"].map(election.slug_of),
            "favourable": (raw["share_pct"].astype(float) / 100).round(5),
            "unfavourable": float("nan"),
            "n": pd.NA,
            "published_on": day + NOON,
            "available_on": day,
            "provenance": raw["source_url"],
        }
    )


def _approvals_by_vote(source: Path, election: Election) -> pd.DataFrame:
    raw = read_raw(source / CROSSED).astype({"ballots": int, "approvals": int})
    groups = raw.groupby("declared_vote")["ballots"]
    require(bool((groups.nunique() == 1).all()), "online ballot", "ballots differ within a group")
    within = raw["approvals"] <= raw["ballots"]
    require(bool(within.all()), "online ballot", "more approvals than ballots")
    table = pd.DataFrame(
        {
            "declared_vote": raw["declared_vote"].map(election.slug_of),
            "ballots": raw["ballots"],
            "candidate": raw["approved_candidate"].map(person),
            "approvals": raw["approvals"],
        }
    )
    pairs = pd.MultiIndex.from_product([election.ballot(1)] * 2)
    found = pd.MultiIndex.from_frame(table[["declared_vote", "candidate"]])
    require(set(found) == set(pairs), "online ballot", "not every vote and candidate once")
    require(found.is_unique, "online ballot", "a vote and candidate twice")
    return table.sort_values(["declared_vote", "candidate"])


def _ballot(source: Path, election: Election, crossed: pd.DataFrame) -> pd.DataFrame:
    votes = read_raw(source / "digital" / "selfselected_online_declared_votes_2017.csv")
    declared = votes.assign(candidate=votes["candidate"].map(election.slug_of))
    counts = declared.set_index("candidate")["declared_votes"].astype(int)
    require_equal(int(counts.sum()), BALLOT_DECLARED, "online ballot: declared votes")
    approvals = crossed.groupby("candidate")["approvals"].sum()
    require(set(approvals.index) == set(counts.index), "online ballot", "two sets of candidates")
    return pd.DataFrame(
        {
            "source": "voter_autrement",
            "day": BALLOT_DAY,
            "candidate": sorted(counts.index),
            "declared_votes": counts.sort_index().to_numpy(),
            "approvals": approvals.sort_index().to_numpy(),
            "ballots": int(crossed.groupby("declared_vote")["ballots"].first().sum()),
            "published_on": BALLOT_KNOWN,
            "available_on": BALLOT_HELD,
        }
    )


def approvals(ballot: pd.DataFrame, provenance: str) -> pd.DataFrame:
    """The approvals of an online ballot as ratings of the first round."""
    return pd.DataFrame(
        {
            "source": ballot["source"],
            "round": 1,
            "day": ballot["day"],
            "candidate": ballot["candidate"],
            "favourable": (ballot["approvals"] / ballot["ballots"]).round(5),
            "unfavourable": float("nan"),
            "n": ballot["ballots"],
            "published_on": ballot["published_on"],
            "available_on": ballot["available_on"],
            "provenance": provenance,
        }
    )

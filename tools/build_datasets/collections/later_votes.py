"""Votes after June 2023, whose polls and counts lie in `tables/later_*` with their sources."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from tools.build_datasets.collections.ballots import NEXT_MORNING
from tools.build_datasets.collections.institutes import spellings
from tools.build_datasets.collections.parliament_polls import LAG
from tools.build_datasets.files import TABLES, read_raw

VOTES, CANDIDATES = TABLES / "later_votes.csv", TABLES / "later_candidates.csv"
POLLS = TABLES / "later_polls.parquet"
COUNTS = "official_counts"  # `source_key` of the register and of outcomes


def with_later_votes(
    collection: str, tables: Mapping[str, pd.DataFrame], modes: Mapping[str, str] | None = None
) -> dict[str, pd.DataFrame]:
    """The tables of a collection with the rows of its later votes behind them.

    Parameters
    ----------
    collection : str
        Name of the folder.
    tables : mapping of str to pandas.DataFrame
        By name.
    modes : mapping of str to str, optional
        How institutes ask, where a collection says so.

    Examples
    --------
    >>> frame = pd.DataFrame({"election": ["de2021"]})
    >>> tables = dict.fromkeys(["elections", "candidates", "outcomes", "polls"], frame)
    >>> with_later_votes("germany", tables)["elections"]["election"].tolist()
    ['de2021', 'de2025']
    """
    votes = read_raw(VOTES).astype({"round": int, "n_advance": int})
    votes = votes[votes["collection"].eq(collection)].drop(columns="collection")
    of_collection = votes["election"].unique()
    counts = read_raw(CANDIDATES).astype({"round": int, "votes": int})
    counts = counts[counts["election"].isin(of_collection)]
    valid = counts.groupby(["election", "round"])["votes"].transform("sum")
    outcomes = counts[["election", "round", "candidate", "votes"]]
    sums = counts.groupby(["election", "round"])["votes"].sum().rename("valid_votes")
    vote_on = pd.to_datetime(votes["vote_on"])
    polls = read_raw(POLLS)
    polls = polls[polls["election"].isin(of_collection)]
    later = {
        "elections": votes.join(sums, on=["election", "round"]).assign(
            vote_on=vote_on, known_at=vote_on + NEXT_MORNING, ranked=True, source_key=COUNTS
        ),
        "candidates": counts.assign(incumbent=counts["incumbent"].eq("yes")).drop(columns="votes"),
        "outcomes": outcomes.assign(share=counts["votes"] / valid, source_key=COUNTS),
        "polls": _polls(polls, spellings(collection), modes or {}),
    }
    both = {name: [tables[name], rows.dropna(axis=1, how="all")] for name, rows in later.items()}
    return {**tables, **{name: pd.concat(pair, ignore_index=True) for name, pair in both.items()}}


def _polls(
    rows: pd.DataFrame, spelling: Mapping[str, str], modes: Mapping[str, str]
) -> pd.DataFrame:
    """Rows with a moment of publication: as stated, or by the rule of Europe Elects."""
    institute = rows["institute"].astype(object).replace(dict(spelling))
    stated = rows["published_on"].notna()
    return rows.assign(
        institute=institute,
        mode=institute.map(modes),
        published_on=rows["published_on"].fillna(rows["fieldwork_end"] + LAG),
        basis=stated.map({True: "stated", False: "rule"}),
        rolling=False,
    )

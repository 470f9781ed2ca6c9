"""Sixty votes outside France beside a second source, as `tests/data/test_second_source.py` asks.

The votes are drawn by a hash of their names: an election that is added later takes the place of one
of them at most. What the second source says stands in `second_source.csv`, typed or copied from
the address of its row: votes where it counts them, else percent. Shares are compared among the
candidates whom it names.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import pandas as pd

from bench.core.errors import DataError
from bench.data.election import load_election
from tools.register import every_election

CSV = Path(__file__).with_suffix(".csv")
SEED = 60
DRAWN = 60
LEFT_OUT = ("FR", "XT")  # France is checked elsewhere; XT is the toy country


def drawn(names: list[str], count: int = DRAWN, seed: int = SEED) -> list[str]:
    """The first names by the SHA-256 of seed and name.

    Examples
    --------
    >>> first = drawn(["de2021#1", "gb2015#1", "us1936#1"], 2)
    >>> set(first) <= set(drawn(["de2021#1", "gb2015#1", "us1936#1", "it2018#1"], 3))
    True
    """

    def by_hash(name: str) -> str:
        return hashlib.sha256(f"{seed}/{name}".encode()).hexdigest()

    return sorted(names, key=by_hash)[:count]


def population() -> list[str]:
    """Every shipped vote outside France, as `election#round`."""
    every = every_election()
    votes = every[~every["country"].isin(LEFT_OUT)]
    return [f"{row.election}#{row.round}" for row in votes.itertuples()]


def second_source() -> pd.DataFrame:
    """What the second sources say: one row per vote and candidate."""
    return pd.read_csv(CSV, dtype={"votes": "Int64"})


def compared(vote: str, rows: pd.DataFrame) -> pd.DataFrame:
    """Our outcome of a vote beside the second source's, by candidate.

    Returns
    -------
    pandas.DataFrame
        Columns vote, candidate, ours, theirs (votes, or missing), points (of share, theirs less
        ours), source.
    """
    election, round_number = vote.split("#")
    outcome = load_election(election).outcome(int(round_number))
    rows = rows.set_index("candidate")
    sizes = rows["votes"].astype(float).fillna(rows["percent"])
    shares = outcome.share.reindex(sizes.index)
    if shares.isna().any():
        raise DataError(f"{CSV.name}: {vote} names who did not stand: {list(sizes.index)}")
    return pd.DataFrame(
        {
            "vote": vote,
            "ours": outcome.votes.reindex(sizes.index),
            "theirs": rows["votes"].astype(float),
            "points": 100 * (sizes / sizes.sum() - shares / shares.sum()),
            "source": rows["source"],
        }
    ).reset_index()

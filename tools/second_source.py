"""Sixty votes outside France beside a second source: `python -m tools.second_source`.

The votes are drawn by a hash of their names: an election that is added later takes the place of one
of them at most. What the second source says stands in `second_source.csv`, typed or copied from
the address of its row: votes where it counts them, else percent. Shares are compared among the
candidates whom it names. The command prints what differs, and the votes without a second source.
"""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

import pandas as pd

from bench.data.collection import every_election
from bench.data.election import load_election

CSV = Path(__file__).with_suffix(".csv")
SEED = 60
DRAWN = 60
NOT_ASKED = ("FR", "XT")  # France is checked elsewhere; XT is the toy country
ROUNDING = 0.05  # points; some outcomes and some second sources are known to a tenth


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
    asked = every[~every["country"].isin(NOT_ASKED)]
    return [f"{row.election}#{row.round}" for row in asked.itertuples()]


def second_source() -> pd.DataFrame:
    """What the second sources say: one row per vote and candidate."""
    return pd.read_csv(CSV, dtype={"votes": "Int64"})


def compared(vote: str, theirs: pd.DataFrame) -> pd.DataFrame:
    """Our outcome of a vote beside the second source's, by candidate.

    Returns
    -------
    pandas.DataFrame
        Columns vote, candidate, ours, theirs (votes, or missing), points (of share, theirs less
        ours), source.
    """
    election, round_number = vote.split("#")
    outcome = load_election(election).outcome(int(round_number))
    theirs = theirs.set_index("candidate")
    said = theirs["votes"].astype(float).fillna(theirs["percent"])
    ours = outcome.share.reindex(said.index)
    if ours.isna().any():
        raise SystemExit(f"{CSV.name}: {vote} names who did not stand: {list(said.index)}")
    return pd.DataFrame(
        {
            "vote": vote,
            "ours": outcome.votes.reindex(said.index),
            "theirs": theirs["votes"].astype(float),
            "points": 100 * (said / said.sum() - ours / ours.sum()),
            "source": theirs["source"],
        }
    ).reset_index()


def main() -> int:
    """Print the differences, and what has no second source."""
    names = population()
    votes = drawn(names)
    table = second_source()
    by_vote = dict(list(table.groupby(table["election"] + "#" + table["round"].astype(str))))
    found = [vote for vote in votes if vote in by_vote]
    rows = pd.concat([compared(vote, by_vote[vote]) for vote in found], ignore_index=True)
    counted = rows.dropna(subset=["ours", "theirs"])
    other = counted[counted["ours"] != counted["theirs"]]
    far = rows[rows["points"].abs() > ROUNDING]
    missing = [vote for vote in votes if vote not in by_vote]
    print(f"{len(votes)} of {len(names)} votes outside France, drawn with seed {SEED}")
    print(f"second source: {len(found)}; none found: {len(missing)} {' '.join(missing)}".rstrip())
    print(
        f"votes counted by both: {counted['vote'].nunique()}, of which "
        f"{counted['vote'].nunique() - other['vote'].nunique()} equal to the vote"
    )
    print(
        f"shares more than {ROUNDING} points apart: {far['vote'].nunique()}; "
        f"the largest difference: {rows['points'].abs().max():.2f} points"
    )
    listed = rows.loc[other.index.union(far.index)]
    columns = {
        "vote": listed["vote"] + " " + listed["candidate"],
        "ours": listed["ours"].map("{:,.0f}".format),
        "theirs": listed["theirs"].map("{:,.0f}".format),
        "points": listed["points"].map("{:+.3f}".format),
        "source": listed["source"],
    }
    print(pd.DataFrame(columns).to_string(index=False))
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Print or write every shipped poll with its outcome, the votes, or institutes over many votes.

Without --to it prints what there is by country; columns: docs/atlas.md.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

import pandas as pd

from bench.core.errors import ConfigError
from bench.core.write import refuse_unwritable, write_csv, write_parquet
from bench.data.atlas import TABLES, atlas
from bench.metrics.institutes import institutes

WRITERS: dict[str, Callable[[Path, pd.DataFrame], Path]] = {
    ".csv": write_csv,
    ".parquet": write_parquet,
}
INSTITUTES = "institutes"
DIGITS = 3


def main(arguments: list[str]) -> int:
    """Print a table, or write it to a file."""
    parser = argparse.ArgumentParser(prog="bench atlas", description=__doc__)
    parser.add_argument(
        "table",
        nargs="?",
        choices=[*TABLES, INSTITUTES],
        help="a row per poll and candidate (the default of --to), per vote, or per institute",
    )
    parser.add_argument("--country", default="", help="only votes of a country: fr, de, us …")
    parser.add_argument("--election", default="", help="only one election, by its name: fr2017")
    parser.add_argument("--to", type=Path, help="a .csv or .parquet that is written")
    requested = parser.parse_args(arguments)
    if requested.to is not None:
        if requested.to.suffix not in WRITERS:
            raise ConfigError(f"--to is '{requested.to}'; accepted: a file in .csv or .parquet")
        refuse_unwritable(requested.to.parent, "--to")
    chosen = {"country": requested.country, "election": requested.election}
    if requested.table == INSTITUTES:
        rows = institutes(atlas(**chosen)).round(DIGITS)
    elif requested.table or requested.to:
        rows = atlas(requested.table or "polls", **chosen)
    else:
        rows = _by_country(atlas("votes", **chosen))
    if requested.to is None:
        print(rows.to_string(index=False, na_rep=""))
    else:
        print(f"{len(rows):,} rows: {WRITERS[requested.to.suffix](requested.to, rows)}")
    return 0


def _by_country(votes: pd.DataFrame) -> pd.DataFrame:
    by_kind = votes.groupby(["country", "kind"], as_index=False)
    first, last = ("vote_on", "min"), ("vote_on", "max")
    return by_kind.agg(votes=("election", "size"), polls=("n_polls", "sum"), first=first, last=last)

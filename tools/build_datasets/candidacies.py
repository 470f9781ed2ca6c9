"""Who went out of the race before a vote, and when: primaries lost, withdrawals, the final list."""

from __future__ import annotations

import pandas as pd

from tools.build_datasets.cards import Part, part
from tools.build_datasets.elections import LIST_PAGES, LISTED_ON, Election
from tools.build_datasets.files import DAY_END, GATHERED, read_raw, require

OUT = GATHERED / "candidacies.csv"
"""Who went out on which day and why, and the page that says so."""

NONE_FOUND = "none found"

YEARS = (2012, *LISTED_ON)
"""Elections whose withdrawals are dated; of 2012 all are, and none needs the day of the list."""


def build(election: Election) -> Part:
    """The table `candidacies.csv` of an election whose slates are asked about."""
    ballot = set(election.ballot(1))
    table = read_raw(OUT)
    table = table[table["year"].eq(str(election.year))].drop(columns=["year", "why"])
    dated = set(table["candidate"])
    tested = set(election.people["candidate"])
    require(not dated & ballot, election.key, f"out, and on the ballot: {sorted(dated & ballot)}")
    require(dated <= tested, election.key, f"out, and never tested: {sorted(dated - tested)}")
    listed_on = LISTED_ON.get(election.year, "")
    unlisted = pd.DataFrame(
        {
            "candidate": list(tested - ballot - dated),
            "day": listed_on,
            "source": LIST_PAGES.get(election.year, NONE_FOUND),
        }
    )
    table = pd.concat([table, unlisted])
    table = table.assign(
        status="withdrawn", published_on=pd.to_datetime(table["day"]) + DAY_END, basis="rule"
    )
    table = table.drop(columns="day").sort_values(["published_on", "candidate"])
    return part(
        "candidacies",
        {"candidacies.csv": table},
        election.year,
        listed_on=listed_on,
        n_unfound=int(table["source"].eq(NONE_FOUND).sum()),
        n_rows=len(table),
    )

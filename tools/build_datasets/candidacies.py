"""Who went out of the race before a vote, and when: primaries lost, withdrawals, the final list."""

from __future__ import annotations

import pandas as pd

from tools.build_datasets.cards import Part, part
from tools.build_datasets.elections import LISTED_ON, Election
from tools.build_datasets.files import require

DAY_END = pd.Timedelta(hours=23, minutes=59)
OUT: dict[int, dict[str, tuple[str, ...]]] = {
    2017: {
        "2016-07-05 declined": ("hulot",),
        "2016-10-19 primary of the ecologists, first round": ("duflot",),
        "2016-11-20 primary of the right, first round": ("le_maire", "sarkozy"),
        "2016-11-27 primary of the right, second round": ("juppe",),
        "2016-12-01 declined": ("hollande",),
        "2017-01-22 primary of the left, first round": ("montebourg", "peillon", "pinel"),
        "2017-01-29 primary of the left, second round": ("valls",),
        "2017-02-22 withdrew for Macron": ("bayrou",),
        "2017-02-23 withdrew for Hamon": ("jadot",),
    },
    2022: {
        "2021-09-19 primary of the ecologists, first round": ("piolle",),
        "2021-09-28 primary of the ecologists, second round": ("rousseau",),
        "2021-11-04 not admitted to the congress of the right": ("payre",),
        "2021-12-02 congress of the right, first round": ("barnier", "bertrand", "juvin"),
        "2021-12-04 congress of the right, second round": ("ciotti",),
        "2022-01-19 withdrew": ("montebourg",),
        "2022-02-18 withdrew": ("philippot",),
        "2022-03-02 withdrew": ("taubira",),
    },
}
"""Day and reason, and who: as the press of the day reported it."""


def build(election: Election) -> Part:
    """The table `candidacies.csv` of an election whose slates are asked about."""
    ballot = set(election.ballot(1))
    rows = [
        (who, *words.split(" ", 1))
        for words, people in OUT[election.year].items()
        for who in people
    ]
    dated = {who for who, *_ in rows}
    tested = set(election.people["candidate"])
    require(not dated & ballot, election.key, f"out, and on the ballot: {sorted(dated & ballot)}")
    require(dated <= tested, election.key, f"out, and never tested: {sorted(dated - tested)}")
    listed_on = LISTED_ON[election.year]
    rows += [(who, listed_on, "not on the list of candidates") for who in tested - ballot - dated]
    table = pd.DataFrame(rows, columns=["candidate", "day", "source"])
    table = table.assign(
        status="withdrawn", published_on=pd.to_datetime(table["day"]) + DAY_END, basis="rule"
    )
    table = table.drop(columns="day").sort_values(["published_on", "candidate"])
    return part("candidacies", {"candidacies.csv": table}, election.year, listed_on=listed_on)

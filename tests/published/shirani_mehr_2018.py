"""Errors of American polls by kind of race, beside those of the atlas."""

from __future__ import annotations

from functools import cache, partial

import numpy as np
import pandas as pd

import bench
from tests.published.figure import Figure

PRINTED = {"senate": "3.7", "governor": "3.9", "president": "2.5"}
"""Root mean square error of the shares of two parties in the last three weeks, in points."""

LAST_DAYS = 21
YEARS = (1998, 2014)
_SOURCE = (
    "Shirani-Mehr, Rothschild, Goel and Gelman (2018), doi:10.1080/01621459.2018.1448823: "
    "github.com/stanford-policylab/polling-errors @ 02475af, results/logged_results.tsv"
)
WIDER = (
    "the atlas has Louisiana's open primaries, races that their list lacks, and all of 2014, of "
    "which they have 67 polls for the Senate"
)
BECAUSE = {"senate": WIDER}


def figures() -> list[Figure]:
    """List the error of polls of states by what was elected.

    Theirs are 4,221 polls of 608 races, those before 2014 from the same compilation as ours.
    """
    return [
        Figure(
            f"American polls, {kind}: root mean square error in the last three weeks, in points",
            printed,
            _SOURCE,
            partial(error_of, kind),
            because=BECAUSE.get(kind, ""),
        )
        for kind, printed in PRINTED.items()
    ]


def error_of(kind: str) -> float:
    """The root mean square error of one side of two, which is that of the other.

    Unit: percentage points.
    """
    polls = state_polls()
    return float(100 * np.sqrt(polls.loc[polls["kind"].eq(kind), "error"].pow(2).mean()))


@cache
def state_polls() -> pd.DataFrame:
    """One row per poll of a state: president, Senate or governor, in the years of the paper."""
    polls = bench.atlas(country="US")
    is_nation = polls["election"].str.fullmatch(r"us\d{4}/president")
    polls = polls[
        polls["kind"].isin(list(PRINTED))
        & polls["vote_on"].dt.year.between(*YEARS)
        & polls["days_before"].le(LAST_DAYS)
        & ~is_nation
    ]
    return polls.drop_duplicates("poll_id")

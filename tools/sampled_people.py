"""Make `bench/data/sampled_people.csv` anew: `python -m tools.sampled_people`."""

from __future__ import annotations

import math

import pandas as pd

from bench.data.election import load_election
from bench.data.slates import SAMPLED, part_of_samples, sampled_slates

SEASONS = ("fr2012", "fr2017")
"""Whose polls tested people who did not stand. fr2022 is left to check what these teach; of 2002
and 2007 the compilations hold hardly anybody who did not stand, so they teach nothing."""

DAYS = range(60, 241, 30)
"""Before the vote, at which the samples are read."""


def sampled_people() -> pd.DataFrame:
    """A row per season, moment and person: the part of the samples that test him or her.

    Returns
    -------
    pandas.DataFrame
        season (year), country, kind, known_at (of the outcome), days, candidate, n_samples, part
        (0 to 1), stood.
    """
    moments = []
    for season in map(load_election, SEASONS):
        vote = season.rounds[1]
        for days in DAYS:
            slates = sampled_slates(season, 1, vote.vote_on - pd.Timedelta(days=days))
            people = part_of_samples(slates).rename_axis("candidate").reset_index(name="part")
            moments.append(
                people.assign(
                    season=vote.vote_on.year,
                    country=season.country,
                    kind=season.kind,
                    known_at=vote.known_at,
                    days=days,
                    n_samples=round(math.fsum(entry.votes for entry in slates)),
                    stood=people["candidate"].isin(vote.candidates),
                )
            )
    columns = ["season", "country", "kind", "known_at", "days", "candidate", "n_samples"]
    return pd.concat(moments)[[*columns, "part", "stood"]].reset_index(drop=True)


if __name__ == "__main__":
    sampled_people().to_csv(
        SAMPLED, index=False, date_format="%Y-%m-%dT%H:%M:%S", float_format="%.9g"
    )

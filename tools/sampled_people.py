"""Whom samples of earlier seasons tested, and who stood: for `python -m tools.past_errors`."""

from __future__ import annotations

import math

import pandas as pd

from bench.data.columns import KNOWN
from bench.data.election import load_election
from bench.data.slates import part_of_samples, sampled_slates

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
        As `sampled_people` of `bench.data.columns.KNOWN`.
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
                    published_on=vote.known_at,
                    days=days,
                    n_samples=round(math.fsum(entry.votes for entry in slates)),
                    stood=people["candidate"].isin(vote.candidates),
                )
            )
    rows = pd.concat(moments)[list(KNOWN["sampled_people"].columns)]
    return rows.round({"part": 9}).reset_index(drop=True)

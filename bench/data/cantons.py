"""Cantons: which communes vote together for the council of their département."""

from __future__ import annotations

import pandas as pd

from bench.core import paths
from bench.data.election import Election
from bench.data.files import read_csv


def cantons_of(election: Election, communes: pd.Series) -> pd.Series | None:
    """The canton of every commune at the first round, or None if they are not known.

    Communes that are split among several cantons form one of their own, as the national
    statistical institute has it, and so do communes that belong to none (Paris, those of the
    métropole de Lyon, Martinique, Guyane and the collectivities overseas) and the posts abroad.

    Parameters
    ----------
    election : Election
        French, with `datasets/france/cantons_{year}.csv` for the year of its first round.
    communes : pandas.Series
        INSEE codes.
    """
    year = election.round(1).vote_on.year
    path = paths.datasets() / "france" / f"cantons_{year}.csv"
    if election.country != "FR" or not path.is_file():
        return None
    known = read_csv(path).set_index("commune")["canton"]
    return communes.map(known).fillna(communes).rename("canton")

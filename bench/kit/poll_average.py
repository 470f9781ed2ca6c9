"""The national level from polls: one weighted average for every method that starts from polls."""

from __future__ import annotations

import numpy as np
import pandas as pd

from bench.contract.errors import Abstain
from bench.contract.evidence import Evidence
from bench.kit.poll_table import pattern, poll_table


def poll_average(evidence: Evidence, half_life_days: float) -> pd.Series:
    """Shares of all candidates by the polls of this round, weighted by respondents and age.

    Parameters
    ----------
    evidence : Evidence
        With the table `polls`.
    half_life_days : float
        A poll this many days older than the latest counts half.

    Returns
    -------
    pandas.Series [C]
        Sums to 1; a candidate whom no poll lists is NaN and has what is left (if anything).

    Raises
    ------
    Abstain
        If there is no poll yet.
    """
    polls = evidence["polls"]
    if polls.empty:
        raise Abstain("no poll of this ballot was public yet")
    table = poll_table(polls, evidence.candidates, evidence.vote_on)
    usual = pattern(table, half_life_days)
    share = pd.Series(usual, index=list(evidence.candidates))
    total = float(np.nansum(usual))
    return share / total if total > 1 or share.notna().all() else share

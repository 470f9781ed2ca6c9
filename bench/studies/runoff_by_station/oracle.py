"""What transfers estimated from both rounds would have forecast: a mark to aim at, no forecast."""

from __future__ import annotations

import numpy as np
import pandas as pd

from bench.data.election import rounds_of_runoff
from bench.data.margins import margins_of_rounds
from bench.data.stations import station_codes
from bench.models.ecological_inference import estimate
from bench.studies.runoff_by_station.runoff import Runoff

HINDSIGHT = {"everywhere": "one table for all stations", "by_departement": "one per département"}


def hindsight(runoff: Runoff, by: str) -> tuple[pd.Series, pd.Series]:
    """Shares by station, and by vote of the first round, from transfers known afterwards.

    The transfers are those of the outcome. Each row of the table (candidates and who chose none)
    is applied to the station's first round; abstention and blank votes drop out.

    Parameters
    ----------
    runoff : Runoff
        The vote.
    by : str
        ``everywhere`` (one table) or ``by_departement`` (one each).

    Returns
    -------
    (pandas.Series [U], pandas.Series [R])
        The winner's share of the votes for the two finalists: by station, and by row over all
        stations together.
    """
    margins = margins_of_rounds(runoff.task.election)
    rows, columns = margins.rows.to_numpy(), margins.columns.to_numpy()
    finalists = list(rounds_of_runoff(runoff.task.election)[1].candidates)
    to = [list(margins.columns).index(name) for name in finalists]
    first = finalists.index(runoff.candidate)
    groups = None if by == "everywhere" else margins.keys["departement"].to_numpy()
    found = estimate(rows, columns, groups=groups, unit_tables=groups is not None)
    if groups is None:
        votes = rows @ found.profile[:, to]
    else:
        assert found.units is not None
        votes = np.zeros((len(rows), 2))
        for group in np.unique(groups):
            mine = groups == group
            table = found.units[mine].sum(axis=0)  # [R, K]
            total = table.sum(axis=1, keepdims=True)
            profile = np.divide(table, total, out=np.zeros_like(table), where=total > 0)
            votes[mine] = rows[mine] @ profile[:, to]
    share = pd.Series(votes[:, first] / votes.sum(axis=1), index=station_codes(margins.keys))
    went = found.table[:, to]
    rates = pd.Series(went[:, first] / went.sum(axis=1), index=list(margins.rows))
    return share, rates

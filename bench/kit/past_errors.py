"""This file holds how far polls of other votes were from the outcome, horizon by horizon."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bench.kit.log_ratio import closed
from bench.kit.poll_mean import PollMean, poll_mean
from bench.kit.poll_table import poll_table

HORIZONS_DAYS = (2, 5, 10, 20, 35, 60, 100, 150, 200, 300)
WINDOW_DAYS = 21
HALF_LIFE_DAYS = 2.0


@dataclass(frozen=True)
class PastError:
    """What polls said of one vote at one horizon, and what came."""

    election: str
    round: int
    polled: PollMean  # categories with a share: candidates, and those whom no poll lists as one
    outcome: NDArray[np.float64]  # [K]


def past_errors(past_polls: pd.DataFrame, outcomes: pd.DataFrame) -> list[PastError]:
    """Compare poll averages with outcomes, vote by vote, at fixed days before the vote.

    Parameters
    ----------
    past_polls : DataFrame
        Polls of other votes, with ``election`` and ``round``.
    outcomes : DataFrame
        Their outcomes; rows with a ``level`` other than ``national`` are not read.

    Returns
    -------
    list of PastError
        For every vote and horizon with a poll within the three weeks before it; horizons that
        rest on the same latest poll count once.
    """
    national = outcomes[outcomes["level"] == "national"]
    votes = dict(list(national.groupby(["election", "round"], sort=True)))
    rows: list[PastError] = []
    for key, polls in past_polls.groupby(["election", "round"], sort=True):
        if key not in votes:
            continue
        election, round_ = key
        outcome = votes[key].sort_values("candidate")
        official = outcome["share"].to_numpy(dtype=float)
        vote_on = pd.Timestamp(outcome["vote_on"].iloc[0])
        table = poll_table(polls, outcome["candidate"].astype(str).tolist(), vote_on)
        latest = -1.0
        for horizon in HORIZONS_DAYS:
            near = (table.days >= horizon) & (table.days < horizon + WINDOW_DAYS)
            if not near.any() or table.days[near].min() == latest:
                continue
            part = table.take(near)
            latest = part.days.min()
            mean = poll_mean(part, HALF_LIFE_DAYS)
            named = np.asarray(~np.isnan(part.share).all(axis=0))
            share, came = _merge(mean.share, named), _merge(official, named)
            polled = PollMean(share, mean.days, mean.respondents, mean.institutes)
            rows.append(PastError(str(election), int(str(round_)), polled, came))
    return rows


def _merge(share: NDArray[np.float64], named: NDArray[np.bool_]) -> NDArray[np.float64]:
    pieces = share[named] if named.all() else np.append(share[named], share[~named].sum())
    return closed(pieces)

"""What quota polls and random polls share: the published rows of a series of polls."""

from __future__ import annotations

import numpy as np
import pandas as pd

from bench.core.arrays import FloatArray
from bench.core.evidence import BatchTable
from bench.simulation.calibration import Facts


def published(
    facts: Facts, candidates: tuple[str, ...], share: FloatArray, *, mode: str, rounding: float
) -> BatchTable:
    """Rows of the table `polls` from estimates.

    Parameters
    ----------
    facts : Facts
        Its calendar has K polls.
    candidates : tuple of str
        C slugs.
    share : numpy.ndarray [B, K, C]
        Estimates, fractions.
    mode : str
        How people were asked.
    rounding : float
        Step to which shares are printed (0.005 is half a point); 0 for none.
    """
    calendar = facts.calendar.reset_index(drop=True)
    polls = pd.DataFrame(
        {
            "poll_id": [f"simulated_{k:03d}" for k in range(len(calendar))],
            "round": facts.round,
            "institute": calendar["institute"],
            "sponsor": "",
            "mode": mode,
            "fieldwork_start": calendar["fieldwork_start"],
            "fieldwork_end": calendar["fieldwork_end"],
            "published_on": calendar["published_on"],
            "basis": "rule",
            "sample_size": calendar["respondents"],
            "sample_expressed": calendar["respondents"],
            "base": "certain_to_vote",
            "rolling": False,
            "source": "simulated",
            "election": "",
        }
    )
    rows = polls.merge(pd.DataFrame({"candidate": list(candidates)}), how="cross")
    if rounding > 0:
        share = np.round(share / rounding) * rounding
    return BatchTable(rows=rows, values={"share": share.reshape(len(share), -1)})


def systematic(
    rng: np.random.Generator, n: FloatArray, share: FloatArray, n_replicates: int
) -> FloatArray:
    """Whole numbers of interviews per quota cell, each within one of ``n * share``.

    Parameters
    ----------
    rng : numpy.random.Generator
    n : numpy.ndarray [K]
        Interviews per poll.
    share : numpy.ndarray [R] or [B, R]
        Quotas, summing to 1.
    n_replicates : int

    Returns
    -------
    numpy.ndarray [B, K, R]
        Sums over R to n.
    """
    share = np.broadcast_to(share, (n_replicates, share.shape[-1]))
    edges = np.cumsum(share, axis=-1)
    edges[:, -1] = 1.0
    start = rng.random((n_replicates, len(n), 1))
    upper = np.floor(edges[:, None, :] * n[None, :, None] + start)
    return np.diff(upper, axis=-1, prepend=0.0)

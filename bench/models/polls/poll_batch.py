"""The polls of many replicates as arrays, arranged once."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bench.core.batch import EvidenceBatch
from bench.models.polls.poll_table import PollTable, poll_table, whole_ballots

FloatArray = NDArray[np.float64]


def poll_batch(batch: EvidenceBatch) -> tuple[PollTable, FloatArray]:
    """The polls as `bench.models.polls.poll_table` arranges them, and the shares of every replicate.

    Returns
    -------
    tuple
        The table of the mean replicate, and shares [B, J, C], NaN where unlisted.
    """
    rows, value = batch["polls"].rows, batch["polls"].values["share"]
    table = poll_table(
        rows.assign(share=value.mean(axis=0)), batch.candidates, batch.evidence.vote_on
    )
    poll = pd.Index(table.poll_id).get_indexer(pd.Index(rows["poll_id"].astype(str)))
    person = pd.Index(batch.candidates).get_indexer(pd.Index(rows["candidate"]))
    listed, others = (poll >= 0) & (person >= 0), (poll >= 0) & (person < 0)
    share = np.full((len(value), len(table), len(batch.candidates)), np.nan)
    share[:, poll[listed], person[listed]] = value[:, listed]
    if others.any():
        dropped = np.zeros(share.shape[:2])
        np.add.at(dropped.T, poll[others], value[:, others].T)
        share /= (1.0 - dropped)[:, :, None]
    return table, share


def whole_ballots_batch(table: PollTable, share: FloatArray) -> FloatArray:
    """`bench.models.polls.poll_table.whole_ballots` of every replicate [B, J, C]."""
    if not np.isnan(share).any():
        return np.asarray(share / share.sum(axis=2, keepdims=True))
    return np.stack([whole_ballots(replace(table, share=one)) for one in share])

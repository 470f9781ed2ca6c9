"""This file holds the polls of many replicates as arrays, arranged once."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from bench.contract.batch import EvidenceBatch
from bench.kit.poll_table import PollTable, poll_table, whole_ballots

FloatArray = NDArray[np.float64]


def poll_batch(batch: EvidenceBatch) -> tuple[PollTable, FloatArray]:
    """The polls as `bench.kit.poll_table` arranges them, and the shares of every replicate.

    Returns
    -------
    tuple
        A table whose own shares mean nothing, and shares [B, J, C], NaN where unlisted.
    """
    polls = batch["polls"]
    numbered = polls.rows.assign(share=np.arange(1.0, len(polls.rows) + 1))
    table = poll_table(numbered, batch.candidates, batch.evidence.vote_on)
    unlisted = np.isnan(table.share)
    at = np.where(unlisted, 1, table.share).astype(np.int64) - 1
    share = polls.values["share"][:, at]
    return table, np.where(unlisted, np.nan, share)


def whole_ballots_batch(table: PollTable, share: FloatArray) -> FloatArray:
    """`bench.kit.poll_table.whole_ballots` of every replicate [B, J, C]."""
    if not np.isnan(share).any():
        return np.asarray(share / share.sum(axis=2, keepdims=True))
    return np.stack([whole_ballots(replace(table, share=one)) for one in share])

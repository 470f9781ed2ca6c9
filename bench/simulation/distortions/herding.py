"""Institutes that publish what the others have published."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd
from typing_extensions import override

from bench.core.evidence import BatchTable, EvidenceBatch
from bench.simulation.distortions import TableDistortion


@dataclass(frozen=True, kw_only=True)
class Herding(TableDistortion):
    """Every poll is pulled by the weight `dose` towards the mean of those published just before it.

    ``published_k = (1 - dose) own_k + dose mean(published_j …)`` in the order of publication, over
    the polls of the `window_days` before, as published; a candidate whom none of these names, and
    the first poll, stay as they are.
    """

    unit: ClassVar[str] = "weight of the others"
    kind: ClassVar[str] = "bias"
    touches: ClassVar[frozenset[str]] = frozenset({"polls"})
    most: ClassVar[float] = 1

    window_days: float

    @override
    def distort_table(
        self, table: BatchTable, dose: float, batch: EvidenceBatch, rng: np.random.Generator
    ) -> BatchTable:
        # polls also name people who did not stand
        rows, names = table.rows, pd.Index(table.rows["candidate"].unique())
        candidate = names.get_indexer(pd.Index(rows["candidate"]))
        polls = rows.drop_duplicates("poll_id").sort_values(["published_on", "poll_id"])
        day = polls["published_on"].to_numpy()
        share = table.values["share"].copy()
        published = np.full((len(polls), batch.size, len(names)), np.nan)
        for k, poll in enumerate(polls["poll_id"]):
            at = np.flatnonzero((rows["poll_id"] == poll).to_numpy())
            before = published[:k][day[k] - day[:k] <= pd.Timedelta(days=self.window_days)]
            is_named = ~np.isnan(before)
            number = is_named.sum(axis=0)[:, candidate[at]]
            total = np.where(is_named, before, 0.0).sum(axis=0)[:, candidate[at]]
            mean = total / np.maximum(number, 1)
            pulled = (1 - dose) * share[:, at] + dose * mean
            share[:, at] = np.where(number > 0, pulled, share[:, at])
            published[k][:, candidate[at]] = share[:, at]
        return table.with_values(share=share)

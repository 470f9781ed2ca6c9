"""Institutes that lean their own way in everything they publish."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd
from typing_extensions import override

from bench.core.evidence import BatchTable, EvidenceBatch
from bench.simulation.distortions import TableDistortion, log_weight


@dataclass(frozen=True, kw_only=True)
class PublishedHouseEffect(TableDistortion):
    """Published shares times log weights, one per candidate and institute, the same in all polls.

    Normal with a standard deviation that moves a candidate at 20 % by `dose` points; what a poll
    gives to all candidates together stays the same.
    """

    unit: ClassVar[str] = "percentage points (SD, at 20 %)"
    kind: ClassVar[str] = "bias"
    touches: ClassVar[frozenset[str]] = frozenset({"polls"})

    @override
    def distort_table(
        self, table: BatchTable, dose: float, batch: EvidenceBatch, rng: np.random.Generator
    ) -> BatchTable:
        rows = table.rows
        # polls also name people who did not stand: each has a lean too
        off_ballot = sorted(set(rows["candidate"]) - set(batch.candidates))
        names = [*batch.candidates, *off_ballot]
        candidate = pd.Index(names).get_indexer(pd.Index(rows["candidate"]))
        institute, institutes = pd.factorize(rows["institute"], sort=True)
        error = rng.standard_normal((batch.size, len(institutes), len(names)))
        share = table.values["share"]
        moved = share * np.exp(log_weight(dose) * error[:, institute, candidate])
        poll = pd.factorize(rows["poll_id"])[0]
        member = np.zeros((len(rows), poll.max() + 1))
        member[np.arange(len(rows)), poll] = 1
        total = moved @ member
        scale = np.divide(share @ member, total, out=np.ones_like(total), where=total > 0)
        return table.with_values(share=moved * scale[:, poll])

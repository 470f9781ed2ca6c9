"""Polls that are published only when they please."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from typing_extensions import override

from bench.core.evidence import BatchTable, EvidenceBatch
from bench.simulation.distortions import TableDistortion, poll_rows


@dataclass(frozen=True, kw_only=True)
class SelectivePublication(TableDistortion):
    """Of ``1 + dose`` equal polls the one that shows the beneficiary highest is published.

    The fraction `partisan` of the polls has such a client, in the order of their names. The
    unpublished ones are drawn around the published one with the noise of its own sample.
    """

    unit: ClassVar[str] = "unpublished polls per published one"
    kind: ClassVar[str] = "manipulation"
    touches: ClassVar[frozenset[str]] = frozenset({"polls"})

    beneficiary: str
    partisan: float

    @override
    def distort_table(
        self, table: BatchTable, dose: float, batch: EvidenceBatch, rng: np.random.Generator
    ) -> BatchTable:
        hidden = round(dose)
        if hidden == 0:
            return table
        rows, share = table.rows, table.values["share"].copy()
        polls = list(poll_rows(rows))
        for at, answered in polls[: round(self.partisan * len(polls))]:
            served = np.flatnonzero((rows["candidate"].iloc[at] == self.beneficiary).to_numpy())
            if not len(served):
                continue
            n = int(answered)
            own = share[:, at]
            total = own.sum(axis=1, keepdims=True)
            around = np.repeat((own / total)[:, None, :], hidden, axis=1)
            unpublished = rng.multinomial(n, around) / n * total[:, None, :]
            every = np.concatenate([own[:, None, :], unpublished], axis=1)
            best = every[:, :, served[0]].argmax(axis=1)
            share[:, at] = every[np.arange(batch.size), best]
        return table.with_values(share=share)

"""Institutes that publish what the others have published."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from typing_extensions import override

from bench.contract import ConfigError
from bench.contract.batch import EvidenceBatch
from bench.simulate.distortions import EvidenceDistortion


@dataclass(frozen=True, kw_only=True)
class Herding(EvidenceDistortion):
    """Every poll is pulled by the weight `dose` towards the mean of those published before it.

    ``published_k = (1 - dose) own_k + dose mean(published_1 … published_{k-1})`` in the order of
    publication; the first poll stays as it is.
    """

    unit: ClassVar[str] = "weight of the others"
    kind: ClassVar[str] = "bias"
    touches: ClassVar[frozenset[str]] = frozenset({"polls"})

    @override
    def spoil_evidence(
        self, batch: EvidenceBatch, dose: float, rng: np.random.Generator
    ) -> EvidenceBatch:
        if dose > 1:
            raise ConfigError(f"dose {dose} of herding; accepted: at most 1 (a weight)")
        if "polls" not in batch.tables or batch["polls"].rows.empty:
            return batch
        table = batch["polls"]
        rows = table.rows
        code = np.asarray([list(batch.candidates).index(c) for c in rows["candidate"]])
        first = rows.drop_duplicates("poll_id").sort_values(["known_on", "poll_id"])
        share = table.values["share"].copy()
        total = np.zeros((batch.size, len(batch.candidates)))
        count = np.zeros(len(batch.candidates))
        for poll in first["poll_id"]:
            at = np.flatnonzero((rows["poll_id"] == poll).to_numpy())
            c = code[at]
            if (count[c] > 0).all():
                share[:, at] = (1 - dose) * share[:, at] + dose * total[:, c] / count[c]
            total[:, c] += share[:, at]
            count[c] += 1
        return batch.with_tables(polls=table.with_values(share=share))

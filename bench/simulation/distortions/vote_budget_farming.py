"""Users who earn more votes than others, and spend them on one candidate."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from typing_extensions import override

from bench.core.arrays import FloatArray
from bench.core.evidence import BatchTable, EvidenceBatch
from bench.simulation.accounts import add_ratings
from bench.simulation.distortions import EvidenceDistortion


@dataclass(frozen=True, kw_only=True)
class VoteBudgetFarming(EvidenceDistortion):
    """The fraction `active` of a candidate's users each earns `dose` extra votes.

    The votes become favourable ratings of the beneficiary and points in `app_support`; nobody
    joins, so the number of users stays the same.
    """

    unit: ClassVar[str] = "extra votes per farming user"
    kind: ClassVar[str] = "manipulation"
    touches: ClassVar[frozenset[str]] = frozenset({"ratings", "app_support"})

    beneficiary: str
    active: float
    assumed_raters: float
    assumed_users: float

    @override
    def distort_evidence(
        self, batch: EvidenceBatch, dose: float, rng: np.random.Generator
    ) -> EvidenceBatch:
        attacked: dict[str, BatchTable] = {}
        users: float | FloatArray = self.assumed_users
        if "app_support" in batch.tables and not batch["app_support"].rows.empty:
            table = batch["app_support"]
            columns = np.flatnonzero((table.rows["candidate"] == self.beneficiary).to_numpy())
            votes = table.values["votes"].copy()
            earned = table.values["users"][:, columns] * self.active * dose
            votes[:, columns] += np.round(earned)
            attacked["app_support"] = table.with_values(votes=votes)
            users = table.values["users"][:, columns].sum(axis=1)
        if "ratings" in batch.tables:
            extra = {self.beneficiary: users * self.active * dose}
            attacked["ratings"] = add_ratings(batch["ratings"], extra, {}, self.assumed_raters)
        return batch.with_tables(**attacked)

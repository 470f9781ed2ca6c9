"""Supporters of one candidate who install the app together and rate together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from typing_extensions import override

from bench.core.evidence import BatchTable, EvidenceBatch
from bench.simulation.accounts import add_ballots, add_duels, add_ratings, add_support
from bench.simulation.distortions import EvidenceDistortion


@dataclass(frozen=True, kw_only=True)
class AppBrigading(EvidenceDistortion):
    """`dose` accounts rate the beneficiary well, some rivals badly, and name him their choice.

    Each has `budget` ratings: one for the beneficiary, and of the others the fraction `hostility`
    against rivals, all alike; the rest is not used. Where the app asks duels, each is shown
    `budget` of them, chosen by the app if `duels_by_lot`. `profile` and `arrival` say how they
    hide: see `bench.simulation.accounts`.
    """

    unit: ClassVar[str] = "accounts"
    kind: ClassVar[str] = "manipulation"
    touches: ClassVar[frozenset[str]] = frozenset(
        {"ratings", "duels", "app_support", "online_ballot"}
    )

    beneficiary: str
    budget: float
    hostility: float
    profile: str
    arrival: str
    assumed_raters: float
    duels_by_lot: bool

    @override
    def distort_evidence(
        self, batch: EvidenceBatch, dose: float, rng: np.random.Generator
    ) -> EvidenceBatch:
        accounts = float(round(dose))
        attacked: dict[str, BatchTable] = {}
        if "ratings" in batch.tables:
            rivals = [name for name in batch.candidates if name != self.beneficiary]
            against = accounts * self.hostility * (self.budget - 1) / len(rivals)
            attacked["ratings"] = add_ratings(
                batch["ratings"],
                {self.beneficiary: accounts},
                dict.fromkeys(rivals, against),
                self.assumed_raters,
            )
        if "duels" in batch.tables:
            attacked["duels"] = add_duels(
                batch["duels"], self.beneficiary, accounts * self.budget, self.duels_by_lot
            )
        if "app_support" in batch.tables:
            attacked["app_support"] = add_support(
                batch["app_support"],
                self.beneficiary,
                accounts,
                1.0,
                self.profile,
                self.arrival,
                rng,
            )
        if "online_ballot" in batch.tables:
            attacked["online_ballot"] = add_ballots(
                batch["online_ballot"], self.beneficiary, accounts
            )
        return batch.with_tables(**attacked)

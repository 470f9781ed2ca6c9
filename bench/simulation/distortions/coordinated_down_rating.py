"""Accounts that do nothing but rate one candidate badly."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from typing_extensions import override

from bench.core.evidence import BatchTable, EvidenceBatch
from bench.simulation.accounts import add_ratings
from bench.simulation.distortions import TableDistortion


@dataclass(frozen=True, kw_only=True)
class CoordinatedDownRating(TableDistortion):
    """`dose` accounts rate every target unfavourable and name nobody their choice."""

    unit: ClassVar[str] = "accounts"
    kind: ClassVar[str] = "manipulation"
    touches: ClassVar[frozenset[str]] = frozenset({"ratings"})

    targets: tuple[str, ...]
    assumed_raters: float

    @override
    def distort_table(
        self, table: BatchTable, dose: float, batch: EvidenceBatch, rng: np.random.Generator
    ) -> BatchTable:
        against = dict.fromkeys(self.targets, float(round(dose)))
        return add_ratings(table, {}, against, self.assumed_raters)

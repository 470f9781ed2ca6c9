"""Paid accounts that people write for, a few posts a day."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from typing_extensions import override

from bench.core.evidence import BatchTable, EvidenceBatch
from bench.simulation.accounts import add_posts
from bench.simulation.distortions import TableDistortion, refuse_unknown


@dataclass(frozen=True, kw_only=True)
class Astroturf(TableDistortion):
    """`dose` accounts praise the beneficiary and blame each target, a few posts a day.

    Each writes `praise` favourable posts about the beneficiary and `blame` unfavourable ones about
    every other target per day measured. That is far from what machines write, so that a cap per
    author does not see them: counts of authors grow by the accounts.
    """

    unit: ClassVar[str] = "accounts"
    kind: ClassVar[str] = "manipulation"
    touches: ClassVar[frozenset[str]] = frozenset({"buzz"})

    beneficiary: str
    targets: tuple[str, ...]
    praise: float
    blame: float
    sources: tuple[str, ...]

    @override
    def distort_table(
        self, table: BatchTable, dose: float, batch: EvidenceBatch, rng: np.random.Generator
    ) -> BatchTable:
        refuse_unknown("candidate", (self.beneficiary, *self.targets), batch.candidates)
        accounts = float(round(dose))
        campaigns = dict.fromkeys(self.targets, ("negative", self.blame))
        campaigns[self.beneficiary] = ("positive", self.praise)
        for candidate, (tone, posts) in campaigns.items():
            # whoever writes less than one post a day is an author on some days only
            authors = accounts * min(posts, 1.0)
            table = add_posts(table, self.sources, candidate, tone, accounts * posts, authors)
        return table

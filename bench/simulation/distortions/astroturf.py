"""Paid accounts that people write for, a few posts a day."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from typing_extensions import override

from bench.core import ConfigError
from bench.core.errors import did_you_mean
from bench.core.evidence import BatchTable, EvidenceBatch
from bench.simulation.distortions import TableDistortion

POSTS = ("mentions", "tweets")
AUTHORS = ("authors",)


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
        for name in (self.beneficiary, *self.targets):
            if name not in batch.candidates:
                raise ConfigError(f"no candidate '{name}' ({did_you_mean(name, batch.candidates)})")
        accounts = float(round(dose))
        rows, value = table.rows, table.values["value"].copy()
        ours = rows["source"].isin(self.sources) if self.sources else rows["source"].notna()
        campaigns = [(self.beneficiary, "positive", self.praise)]
        rivals = [target for target in self.targets if target != self.beneficiary]
        campaigns += [(target, "negative", self.blame) for target in rivals]
        for candidate, tone, posts in campaigns:
            here = ours & rows["candidate"].eq(candidate)
            written = (here & rows["measure"].isin((*POSTS, tone))).to_numpy()
            spoke = (here & rows["measure"].isin((*AUTHORS, f"authors_{tone}"))).to_numpy()
            value[:, written] += accounts * posts
            # whoever writes less than one post a day is an author on some days only
            value[:, spoke] += accounts * min(posts, 1.0)
        return table.with_values(value=value)
